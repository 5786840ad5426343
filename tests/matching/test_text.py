import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.text import fold, normalise, sentences
from tests.matching.worlds import QUICK

FIRST = "Chúng tôi đầu tư vào các công ty công nghệ tài chính ở giai đoạn hạt giống."
SECOND = "We lead the seed rounds of software companies in Vietnam and its neighbours."
CHINESE = 2 * "我们在越南和整个东南亚地区投资于早期的金融科技和农业科技初创公司团队"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (unicodedata.normalize("NFD", "Đầu tư hạt giống"), "Đầu tư hạt giống"),
        ("a\x00b", "a b"),
        ("a\u200bb\ufeff", "a b"),
        ("a\u00a0\u3000b\r\n\tc", "a b c"),
        ("Rice 🌾 farm", "Rice 🌾 farm"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("\ud800", ""),
        (" \n\x07 ", ""),
    ],
)
def test_normalise_composes_drops_controls_and_squeezes_spaces(text: str, clean: str) -> None:
    assert normalise(text) == clean


@QUICK
@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@QUICK
@given(st.text(alphabet="ăâêôơưđệốữ hạt 中🌾"))
def test_composed_and_decomposed_text_come_out_alike(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert normalise(decomposed) == normalise(composed)
    assert sentences(decomposed) == sentences(composed)
    assert fold(decomposed) == fold(composed)


@pytest.mark.parametrize(
    ("thesis", "found"),
    [
        ("", ()),
        (" \n ", ()),
        (f"{FIRST} {SECOND}", (FIRST, SECOND)),
        (f"{FIRST}\n\n{SECOND}", (FIRST, SECOND)),
        (f"{CHINESE}。{CHINESE}！{SECOND}", (f"{CHINESE}。", f"{CHINESE}！", SECOND)),
        (f"{SECOND[:-1]}; {FIRST}", (f"{SECOND[:-1]};", FIRST)),
        (f"{SECOND} Hanoi.", (f"{SECOND} Hanoi.",)),
        (f"Hanoi. {SECOND} {FIRST}", (f"Hanoi. {SECOND}", FIRST)),
        ("Hanoi. Hue.", ("Hanoi. Hue.",)),
        ("We invest 1.5 million dollars in series A.", ("We invest 1.5 million dollars in series A.",)),
    ],
)
def test_a_thesis_is_split_at_sentence_ends_and_a_fragment_joins_its_neighbour(
    thesis: str, found: tuple[str, ...]
) -> None:
    assert sentences(thesis) == found


@QUICK
@given(st.text(alphabet="ab .!?\n。中é\x00"))
def test_no_letter_is_lost_between_the_sentences(thesis: str) -> None:
    def letters(text: str) -> list[str]:
        return [character for character in text if character.isalpha()]

    assert letters("".join(sentences(thesis))) == letters(thesis)
    assert all(sentence == normalise(sentence) != "" for sentence in sentences(thesis))


@pytest.mark.parametrize(
    ("label", "folded"),
    [
        ("Đà Nẵng", "da nang"),
        ("ĐỒNG-NAI", "dong nai"),
        ("Thành phố Hồ Chí Minh", "thanh pho ho chi minh"),
        ("Straße", "strasse"),
        ("ＦｉｎＴｅｃｈ", "fintech"),
        ("B2B / SaaS", "b2b saas"),
        ("FinTech™ № 5", "fintechtm no 5"),
        ("教育", "教育"),
        ("--", ""),
    ],
)
def test_fold_drops_case_diacritics_and_punctuation(label: str, folded: str) -> None:
    assert fold(label) == folded


@QUICK
@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
