from matching.errors import BadValue, KetnoiError, NotFound, shortened


def test_a_bad_value_names_the_field_the_rule_and_the_value() -> None:
    error = BadValue("at least 1", 0, "k")
    assert str(error) == "k must be at least 1, got '0'"
    assert (error.field, error.rule, error.value) == ("k", "at least 1", "0")


def test_a_bad_value_can_be_caught_as_the_product_s_own_error_or_as_a_value_error() -> None:
    assert isinstance(BadValue("short", "x"), KetnoiError)
    assert isinstance(BadValue("short", "x"), ValueError)
    assert not isinstance(NotFound("no fund"), ValueError)


def test_a_value_as_long_as_the_limit_is_quoted_whole_and_one_longer_is_cut() -> None:
    assert shortened("x" * 80) == repr("x" * 80)
    assert shortened("x" * 81) == repr("x" * 80 + "…") + " (81 characters)"
