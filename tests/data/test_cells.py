import unicodedata
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import cells
from data.cells import MAX_LABEL, MAX_TEXT, Broken, Understood, Words, begin_of_period
from data.terms import taxonomy
from matching.text import normalise
from matching.vocabulary import Sector, Stage

GETTERS = ("id", "ids", "text", "label", "name", "website", "date", "money", "count", "boolean", "items")
SECTORS = Words(lambda: taxonomy().sectors, several=True)
STAGES = Words(lambda: taxonomy().stages)


def taken(getter: str, value: str) -> object:
    return getattr(cells, f"read_{getter}")(value)


def refused(getter: str, value: str) -> str:
    with pytest.raises(Broken) as broken:
        taken(getter, value)
    return str(broken.value)


@pytest.mark.parametrize("value", ["2021-03-31", "2020-02-29", "2021-03", "2021", "0001"])
def test_dates_are_taken_as_they_are_written(value: str) -> None:
    assert taken("date", value) == value


@pytest.mark.parametrize(
    "value",
    [
        "31/02/2021",
        "31/03/2021",
        "2021-02-30",
        "2021-02-29",
        "2021-13",
        "2021-00",
        "2021-05-00",
        "2021-3-1",
        "0000",
        "21",
        "20210331",
        "2021-03-31T00:00",
        "May 2021",
    ],
)
def test_dates_that_are_none_are_refused(value: str) -> None:
    assert refused("date", value) == "be an ISO date (2021, 2021-03 or 2021-03-31) that exists"


@pytest.mark.parametrize(
    ("value", "amount"),
    [("0", 0), ("5", 5), ("+5", 5), ("2.50", 2.5), ("1e6", 1e6), ("1E+6", 1e6), ("1000000000000", 1e12)],
)
def test_amounts(value: str, amount: float) -> None:
    assert taken("money", value) == amount


@pytest.mark.parametrize(
    "value",
    [
        "-1",
        "1000000000001",
        "inf",
        "nan",
        "1e309",
        "1,000",
        "1.000.000",
        "1_000",
        "1 000",
        "USD 5",
        "$5",
        "5m",
        ".",
        "0x10",
    ],
)
def test_what_is_no_amount_is_refused(value: str) -> None:
    assert refused("money", value) == (
        "be US dollars from 0 to 1,000,000,000,000, in digits without separators"
    )


@pytest.mark.parametrize(("value", "count"), [("0", 0), ("7", 7), ("007", 7), ("999999", 999_999)])
def test_counts(value: str, count: int) -> None:
    assert taken("count", value) == count


@pytest.mark.parametrize("value", ["-1", "1.0", "1e3", "1000000", "two", "²", "٣"])
def test_what_is_no_count_is_refused(value: str) -> None:
    assert refused("count", value) == ("be a whole number from 0 to 999999")


@pytest.mark.parametrize(
    ("values", "meaning"),
    [
        (["true", "TRUE", "1", "yes", "Yes", "có", "CÓ"], True),
        (["false", "False", "0", "no", "NO", "không", "Không"], False),
    ],
)
def test_booleans_in_both_languages_and_spellings(values: list[str], meaning: bool) -> None:
    for value in values:
        for form in ("NFC", "NFD"):
            assert taken("boolean", unicodedata.normalize(form, value)) is meaning


@pytest.mark.parametrize("value", ["maybe", "2", "t", "y", "true false"])
def test_what_is_neither_true_nor_false_is_refused(value: str) -> None:
    assert refused("boolean", value).startswith("be true or false")


@pytest.mark.parametrize("value", ["a", "9pay", "cb13:waywire", "quỹ-đầu-tư", "x" * 200])
def test_ids_are_taken_as_they_are(value: str) -> None:
    assert taken("id", value) == value


@pytest.mark.parametrize(
    "value", ["", "two words", "a\tb", "a\u00a0b", "a\u200bb", "qu\u0303y", "a;b", "a,b", "a\0b", "x" * 201]
)
def test_ids_that_would_not_stay_whole_are_refused(value: str) -> None:
    assert refused("id", value).startswith("be an id of 1 to 200 visible characters")


def test_a_list_of_ids_is_sorted_and_without_repetition() -> None:
    assert taken("ids", "fund-b; fund-a;;fund-b;") == "fund-a;fund-b"


def test_a_list_with_one_bad_id_is_refused() -> None:
    assert refused("ids", "fund-a;fund b") == "be ids separated by semicolons"


@pytest.mark.parametrize(
    "value",
    [
        "example.com",
        "http://example.com",
        "HTTPS://Example.com/a?b=c:d",
        "example.com:8080/x",
        "việt.vn",
        "example.com?from=ketnoi",
    ],
)
def test_web_addresses(value: str) -> None:
    assert taken("website", value) == value


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)//a.vn",
        "java\nscript:alert(1)",
        "data:text/html,x.y",
        "ftp://example.com",
        "//example.com",
        "https://",
        "example",
        "me@example.com",
        "https://user:word@example.com",
        "example.com and more",
    ],
)
def test_what_is_no_web_address_is_refused(value: str) -> None:
    assert refused("website", value).startswith("be a web address")


@pytest.mark.parametrize(("getter", "limit"), [("text", MAX_TEXT), ("label", MAX_LABEL)])
def test_a_text_at_its_limit_is_taken_and_one_above_refused(getter: str, limit: int) -> None:
    assert taken(getter, "x" * limit) == "x" * limit
    assert refused(getter, "x" * (limit + 1)) == f"have at most {limit:,} characters, not {limit + 1:,}"


@pytest.mark.parametrize("control", ["\0", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\ud800"])
def test_control_characters_are_refused(control: str) -> None:
    assert refused("text", f"a{control}b") == "hold no control characters"


def test_tabs_and_line_breaks_are_no_control_characters() -> None:
    assert taken("text", "one\ttwo\r\n\n  three  four \n") == "one two\nthree four"


def test_decomposed_text_is_composed() -> None:
    text = "Nền tảng thanh toán số"
    assert taken("text", unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("value", ["", "\u200b", "\ufeff \u200e"])
def test_a_required_text_must_show_something(value: str) -> None:
    assert refused("name", value) == "not be empty"


def test_words_are_read_through_the_taxonomy() -> None:
    assert STAGES.understand("Vòng hạt giống") == Understood(Stage.SEED)
    assert STAGES("early stage") is None


def test_words_not_understood_are_told_and_no_fault() -> None:
    assert SECTORS.understand("fintech; zzq ;") == Understood(Sector.FINTECH, ("zzq",))


def test_a_list_of_words_does_not_depend_on_their_order() -> None:
    expected = ";".join(sorted([Sector.EDTECH, Sector.FINTECH]))
    for value in ("fintech;giáo dục", "giáo dục;fintech", "Edtech ; FinTech;;edtech"):
        assert SECTORS(value) == expected


def test_codes_are_plain_texts_which_every_database_driver_takes() -> None:
    assert type(STAGES("seed")) is str


@pytest.mark.parametrize(
    ("text", "begin"), [("2021", (2021, 1, 1)), ("2021-03", (2021, 3, 1)), ("2021-03-31", (2021, 3, 31))]
)
def test_a_period_begins_on_its_first_day(text: str, begin: tuple[int, int, int]) -> None:
    assert begin_of_period(text) == date(*begin)


def test_items_keep_their_words_and_their_order() -> None:
    assert taken("items", " Ví  điện tử ;; Thanh toán") == "Ví điện tử;Thanh toán"


@given(st.sampled_from(GETTERS), st.text())
def test_no_text_makes_a_getter_fail(getter: str, value: str) -> None:
    with suppress(Broken):
        taken(getter, value.strip())


@given(st.text(st.characters(exclude_categories=["C"])))
def test_a_text_taken_is_normalised_line_by_line(value: str) -> None:
    found = taken("text", value.strip())
    assert found == "\n".join(filter(None, map(normalise, value.strip().splitlines())))
    assert isinstance(found, str)
    assert [normalise(line) for line in found.split("\n")] == found.split("\n")


@given(st.floats(0, 1e12))
def test_every_amount_within_the_limits_is_read_back(amount: float) -> None:
    assert taken("money", repr(amount)) == amount


def test_a_text_is_measured_as_it_is_stored() -> None:
    assert refused("word", "\ufb2c" * 100) == "have at most 200 characters, not 300"


def test_no_amount_is_less_than_nothing() -> None:
    assert repr(taken("money", "-0")) == "0.0"
