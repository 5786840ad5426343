"""Where an introduction stands on a day: under way, cooling down after an answer, or over."""

from dataclasses import dataclass
from datetime import date, timedelta

from matching.records import Introduction
from matching.vocabulary import IntroductionStatus as Status
from matching.vocabulary import PassGroup

COOL_DOWN_DAYS: dict[PassGroup | None, int] = {
    PassGroup.FIT: 365,
    PassGroup.QUALITY: 180,
    PassGroup.CAPACITY: 90,
    None: 180,
}
"""Days after a pass before the same pair is suggested again: a thesis changes slowly, traction sooner, a full
calendar soonest; None where no reason was told. Set by hand."""

SILENCE_DAYS = 90
"""The same after an ask that nobody answered, a no-show or a withdrawal: no answer is not a no."""

NOT_YET = frozenset({Status.SUGGESTED, Status.SHORTLISTED})
PASSED = frozenset({Status.INVESTOR_DECLINED, Status.PASSED, Status.FOUNDER_DECLINED})
OVER = frozenset({Status.EXPIRED_NO_REPLY, Status.WITHDRAWN, Status.NO_SHOW})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an introduction stands.

    Attributes
    ----------
    under_way : the fund has it before it, or has invested.
    since : the day of its last step.
    until : the first day on which the pair may be suggested again; None while it is under way.
    """

    under_way: bool
    since: date | None
    until: date | None = None


def standing(introduction: Introduction) -> Standing | None:
    """Tell where an introduction stands after its last event; None where it was only suggested."""
    if not introduction.events:
        return Standing(True, introduction.opened_on)
    last = introduction.events[-1]
    if last.status in NOT_YET:
        return None
    if last.status in PASSED:
        days = COOL_DOWN_DAYS[last.reason.group if last.reason else None]
        return Standing(False, last.at, last.at + timedelta(days=days))
    if last.status in OVER:
        return Standing(False, last.at, last.at + timedelta(days=SILENCE_DAYS))
    return Standing(True, last.at)
