import pytest

from data.funnel import pass_reasons, statuses
from matching.vocabulary import IntroductionStatus, PassReason


def test_every_status_and_reason_is_read_by_its_code() -> None:
    for status in IntroductionStatus:
        assert statuses().read(status).codes == (status,)
    for reason in PassReason:
        assert pass_reasons().read(reason).codes == (reason,)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("passed", IntroductionStatus.PASSED),
        ("Declined", IntroductionStatus.INVESTOR_DECLINED),
        ("FUNDED", IntroductionStatus.INVESTED),
        ("no-reply", IntroductionStatus.EXPIRED_NO_REPLY),
        ("Due diligence", IntroductionStatus.DUE_DILIGENCE),
        ("da gap", IntroductionStatus.MET),
        ("Đã hẹn gặp", IntroductionStatus.MEETING_SET),
        ("loved it", None),
    ],
)
def test_words_for_a_status(text: str, status: IntroductionStatus | None) -> None:
    assert statuses().read(text).only == status


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("too early", [PassReason.STAGE]),
        ("No dry powder", [PassReason.NO_DRY_POWDER]),
        ("định giá", [PassReason.TERMS]),
        ("team, market", [PassReason.TEAM, PassReason.MARKET]),
        ("not now", [PassReason.CAPACITY]),
    ],
)
def test_words_for_a_reason(text: str, reasons: list[PassReason]) -> None:
    assert list(pass_reasons().read(text).codes) == reasons
