"""What a fund is asked by a link, what it may answer, and the step of an introduction that its answer is."""

from dataclasses import dataclass, replace
from enum import StrEnum

from matching.errors import BadValue
from matching.vocabulary import CLOSED_STATUSES, FundStatus, PassGroup, PassReason
from matching.vocabulary import IntroductionStatus as Status

LONGEST_NOTE = 1_000


class Question(StrEnum):
    """What a link asks: whether to be introduced to a startup, or whether what the fund says still holds."""

    INTRODUCTION = "introduction"
    FUND = "fund"


class Reply(StrEnum):
    """What a fund answers: the first three to an introduction, the others about itself."""

    YES = "yes"
    NOT_NOW = "not_now"
    NO = "no"
    CONFIRM = "confirm"
    PAUSE = "pause"


REPLIES = {
    Question.INTRODUCTION: (Reply.YES, Reply.NOT_NOW, Reply.NO),
    Question.FUND: (Reply.CONFIRM, Reply.PAUSE),
}
REASONS = {
    Reply.NOT_NOW: tuple(reason for reason in PassReason if reason.group is PassGroup.CAPACITY),
    Reply.NO: tuple(reason for reason in PassReason if reason.group is not PassGroup.CAPACITY),
}
"""Reasons that an answer may have: "not now" is a pass for want of capacity, no word on the startup."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer to a question; build it with `answer_to`.

    Attributes
    ----------
    note : the fund's own words, for whoever runs the introduction.
    monthly_capacity : introductions it takes in a month from now on; None leaves what was said before.
    """

    reply: Reply
    reason: PassReason | None = None
    note: str = ""
    monthly_capacity: int | None = None

    @property
    def step(self) -> Status:
        """The step of an introduction that the answer is."""
        return Status.INVESTOR_OK if self.reply is Reply.YES else Status.INVESTOR_DECLINED


def status_after(reply: Reply, status: FundStatus | None) -> FundStatus:
    """Tell the status of a fund that confirms, and so invests now, or pauses; else what it was.

    >>> status_after(Reply.PAUSE, FundStatus.DEPLOYING), status_after(Reply.CONFIRM, FundStatus.RAISING)
    (<FundStatus.INACTIVE: 'inactive'>, <FundStatus.RAISING: 'raising'>)
    """
    if reply is Reply.CONFIRM:
        return FundStatus.DEPLOYING if status is None or status in CLOSED_STATUSES else status
    return status if status is not None and status in CLOSED_STATUSES else FundStatus.INACTIVE


def answer_to(question: Question, answer: Answer) -> Answer:
    """Check an answer; "not now" without a reason is one for want of capacity.

    Raises
    ------
    BadValue
        If it is no answer to the question, or its reason is none of that answer.
    """
    if answer.reply not in REPLIES[question]:
        raise BadValue(f"one of {', '.join(REPLIES[question])}", answer.reply, "answer")
    if answer.reply is Reply.NOT_NOW and answer.reason is None:
        answer = replace(answer, reason=PassReason.CAPACITY)
    reasons = REASONS.get(answer.reply, ())
    if reasons and answer.reason not in reasons:
        raise BadValue(f"one of {', '.join(reasons)}", answer.reason or "", "reason")
    if not reasons and answer.reason:
        raise BadValue(f"left out with the answer {answer.reply}", answer.reason, "reason")
    _require_fitting(question, answer)
    return answer


def _require_fitting(question: Question, answer: Answer) -> None:
    about_fund = question is Question.FUND
    if len(answer.note) > LONGEST_NOTE or not answer.note.isprintable() or (about_fund and answer.note):
        rule = "left out here" if about_fund else f"0 to {LONGEST_NOTE:,} printable characters"
        raise BadValue(rule, answer.note, "note")
    if not about_fund and answer.monthly_capacity is not None:
        raise BadValue("left out here", answer.monthly_capacity, "monthly_capacity")
