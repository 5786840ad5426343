import pytest

from data.glossary import Glossary, Reading, Term, by_name, lookup_key
from matching.errors import BadValue


def term(code: str, *names: str) -> Term[str]:
    return Term(code, (code, code), (code, *names), Reading((code,)))


def glossary() -> Glossary[str]:
    names = by_name([term("red", "đỏ", "crimson"), term("blue", "xanh dương"), term("black and white")])
    return Glossary(lambda text: names.get(lookup_key(text)))


def test_codes_are_listed_once_in_the_order_read() -> None:
    assert glossary()(["blue", "Đỏ", "crimson"]).codes == ("blue", "red")


def test_a_text_with_joints_is_first_looked_up_whole() -> None:
    assert glossary().read("Black and White").codes == ("black and white",)


@pytest.mark.parametrize(
    "text",
    [
        "red/blue",
        "red, blue",
        "red and blue",
        "đỏ và xanh dương",
        "red & blue",
        "red - blue",
        "red – blue",
        "red、blue",
        "red (blue)",
        "(red) [blue]",
        "red（blue）",
        "red (red/blue)",
    ],
)
def test_parts_are_read_when_the_whole_is_unknown(text: str) -> None:
    assert glossary().read(text) == Reading(("red", "blue"))


def test_what_stands_in_brackets_may_be_a_name_with_joints() -> None:
    assert glossary().read("red (black and white)").codes == ("red", "black and white")


def test_a_hyphen_within_a_word_parts_nothing() -> None:
    assert glossary().read("red-blue").not_understood == ("red-blue",)


def test_a_text_of_which_a_part_is_unknown_is_read_and_reported_whole() -> None:
    assert glossary().read("red/mauve") == Reading(("red",), (), ("red/mauve",))


@pytest.mark.parametrize("text", ["mauve", "金融", "!!!", "/", "and"])
def test_an_unknown_text_is_reported_as_given(text: str) -> None:
    assert glossary().read(text) == Reading((), (), (text,))


@pytest.mark.parametrize("text", ["", " ", "\t\n"])
def test_an_empty_text_is_understood_as_nothing(text: str) -> None:
    assert glossary().read(text) == Reading()


def test_only_one_code_is_a_single_answer() -> None:
    assert [Reading(codes).only for codes in ((), ("red",), ("red", "blue"))] == [None, "red", None]


def test_a_name_of_two_terms_is_refused_naming_both() -> None:
    with pytest.raises(BadValue, match=r"not of both 'red' and 'rose', got 'Crim-son'"):
        by_name([term("red", "crimson"), term("rose", "Crim-son")])


def test_a_name_repeated_within_a_term_is_harmless() -> None:
    assert set(by_name([term("red", "RED", "Red")])) == {"red"}


def test_a_name_without_letters_is_refused() -> None:
    with pytest.raises(BadValue, match=r"taxonomy name of 'red' must be a text with letters or digits"):
        by_name([term("red", "—")])
