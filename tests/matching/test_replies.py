import pytest

from matching.errors import BadValue
from matching.replies import REASONS, REPLIES, Answer, Question, Reply, answer_to, status_after
from matching.vocabulary import CLOSED_STATUSES, FundStatus, PassGroup, PassReason
from matching.vocabulary import IntroductionStatus as Status

INTRODUCTION, FUND = Question


def test_every_reply_answers_one_question_and_every_reason_goes_with_one_reply() -> None:
    assert sorted(sum(REPLIES.values(), ())) == sorted(Reply)
    assert sorted(sum(REASONS.values(), ())) == sorted(PassReason)


@pytest.mark.parametrize(
    ("reply", "reason", "step", "told"),
    [
        (Reply.YES, None, Status.INVESTOR_OK, None),
        (Reply.NOT_NOW, None, Status.INVESTOR_DECLINED, PassReason.CAPACITY),
        (Reply.NOT_NOW, PassReason.TIMING, Status.INVESTOR_DECLINED, PassReason.TIMING),
        (Reply.NO, PassReason.THESIS, Status.INVESTOR_DECLINED, PassReason.THESIS),
        (Reply.NO, PassReason.TEAM, Status.INVESTOR_DECLINED, PassReason.TEAM),
    ],
)
def test_an_answer_is_a_step_with_its_reason(
    reply: Reply, reason: PassReason | None, step: Status, told: PassReason | None
) -> None:
    answer = answer_to(INTRODUCTION, Answer(reply=reply, reason=reason, note="Thanks"))
    assert (answer.step, answer.reason, answer.note) == (step, told, "Thanks")


def test_not_now_never_counts_against_the_startup() -> None:
    assert {reason.group for reason in REASONS[Reply.NOT_NOW]} == {PassGroup.CAPACITY}
    assert {reason.group for reason in REASONS[Reply.NO]} == {PassGroup.FIT, PassGroup.QUALITY}


@pytest.mark.parametrize(
    ("question", "answer", "field"),
    [
        (INTRODUCTION, Answer(reply=Reply.CONFIRM), "answer"),
        (FUND, Answer(reply=Reply.YES), "answer"),
        (INTRODUCTION, Answer(reply=Reply.NO), "reason"),
        (INTRODUCTION, Answer(reply=Reply.NO, reason=PassReason.TIMING), "reason"),
        (INTRODUCTION, Answer(reply=Reply.NOT_NOW, reason=PassReason.TEAM), "reason"),
        (INTRODUCTION, Answer(reply=Reply.YES, reason=PassReason.TEAM), "reason"),
        (FUND, Answer(reply=Reply.PAUSE, reason=PassReason.TIMING), "reason"),
        (INTRODUCTION, Answer(reply=Reply.YES, note="x" * 1_001), "note"),
        (INTRODUCTION, Answer(reply=Reply.YES, note="a\r\nSet-Cookie: x=1"), "note"),
        (FUND, Answer(reply=Reply.CONFIRM, note="hello"), "note"),
        (INTRODUCTION, Answer(reply=Reply.YES, monthly_capacity=2), "monthly_capacity"),
    ],
)
def test_what_does_not_answer_the_question_is_refused_by_its_field(
    question: Question, answer: Answer, field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        answer_to(question, answer)
    assert refused.value.field == field


@pytest.mark.parametrize("status", [None, *FundStatus])
def test_who_confirms_invests_and_who_pauses_does_not(status: FundStatus | None) -> None:
    confirmed, paused = status_after(Reply.CONFIRM, status), status_after(Reply.PAUSE, status)
    assert confirmed not in CLOSED_STATUSES and paused in CLOSED_STATUSES
    told_already = status is not None
    assert (status in (confirmed, paused)) == told_already
