import pytest

from matching.records import Fund, Sentence, Startup
from matching.vocabulary import Language

ENGLISH = "We lead the seed rounds of software companies in Vietnam and its neighbours."
OTHER = "Our partners have built and sold such companies themselves before."
VIETNAMESE = "Chúng tôi đầu tư vào các công ty công nghệ tài chính ở giai đoạn hạt giống."


@pytest.mark.parametrize(
    ("startup", "texts"),
    [
        (Startup(), ()),
        (Startup(description=" Pays\x00bills ", description_vi="Trả hoá đơn"), ("Pays bills", "Trả hoá đơn")),
        (Startup(description="\n", description_vi="Trả hoá đơn", tags=("e-wallet",)), ("Trả hoá đơn",)),
        (Startup(tags=("e-wallet", "payments")), ("e-wallet; payments",)),
        (Startup(tags=("",)), ()),
    ],
)
def test_a_startup_is_embedded_by_its_descriptions_else_by_its_tags(
    startup: Startup, texts: tuple[str, ...]
) -> None:
    assert startup.texts == texts


def test_a_thesis_is_told_sentence_by_sentence_english_first() -> None:
    fund = Fund(fund_id="f", thesis_vi=VIETNAMESE, thesis=f"{ENGLISH} {OTHER}")
    assert fund.sentences == (
        Sentence(text=ENGLISH, language=Language.EN),
        Sentence(text=OTHER, language=Language.EN),
        Sentence(text=VIETNAMESE, language=Language.VI),
    )
    assert Fund(fund_id="f").sentences == ()
