"""Labels have ages: what an introduction says about its outcome on a day."""

from datetime import date

from matching.records import Introduction, IntroductionEvent
from matching.vocabulary import IntroductionStatus as Status
from matching.vocabulary import Label, Outcome, PassGroup

WINDOW_DAYS = {Outcome.ACCEPTS: 21, Outcome.INVESTS: 365}
"""Days after the ask in which an outcome may still come about; an answer on the last of them is in time."""

_AGREED = frozenset(
    {
        Status.INVESTOR_OK,
        Status.INTRODUCED,
        Status.MEETING_SET,
        Status.MET,
        Status.NO_SHOW,  # whoever stayed away, a meeting had been agreed on
        Status.DUE_DILIGENCE,
        Status.TERM_SHEET,
        Status.INVESTED,
    }
)
_YES = {Outcome.ACCEPTS: _AGREED, Outcome.INVESTS: frozenset({Status.INVESTED})}

_BEFORE_ASKING = frozenset(
    {
        Status.SUGGESTED,
        Status.SHORTLISTED,
        Status.FOUNDER_ASKED,
        Status.FOUNDER_OK,
        Status.FOUNDER_DECLINED,
        Status.WITHDRAWN,
    }
)


def label(introduction: Introduction, outcome: Outcome, as_of: date) -> Label:
    """Tell what is known of an outcome at the start of `as_of`, from the events before that day.

    A yes is positive and stays so: who passes after a meeting has accepted the introduction all the same,
    and each step implies those before it. Otherwise the last step counts: a pass for fit or quality, or
    without a told reason, is negative; one for capacity says "not now" and is uninformative, as are a
    founder's no, a withdrawal, and an introduction that never reached the investor. An ask that was closed
    without a reply is silent. Where the investor still has to decide (`on_hold` and, for `invests`,
    `no_show` leave it so), the row is censored within WINDOW_DAYS of the ask and silent after them.
    """
    if introduction.known_from is None or introduction.known_from >= as_of:
        return Label.CENSORED
    told = [event for event in introduction.events if event.at < as_of and event.status is not Status.ON_HOLD]
    if any(event.status in _YES[outcome] for event in told):
        return Label.POSITIVE
    if told and (closed := _closing(told[-1])):
        return closed
    if told and all(event.status in _BEFORE_ASKING for event in told):
        return Label.UNINFORMATIVE
    open_days = (as_of - _asked_on(introduction.known_from, told)).days
    return Label.CENSORED if open_days <= WINDOW_DAYS[outcome] else Label.SILENT


def _closing(event: IntroductionEvent) -> Label | None:
    """Read a step that ends an introduction without a yes; None for one that leaves it open."""
    if event.status in {Status.INVESTOR_DECLINED, Status.PASSED}:
        later = event.reason is not None and event.reason.group is PassGroup.CAPACITY
        return Label.UNINFORMATIVE if later else Label.NEGATIVE
    if event.status is Status.EXPIRED_NO_REPLY:
        return Label.SILENT
    return Label.UNINFORMATIVE if event.status in {Status.FOUNDER_DECLINED, Status.WITHDRAWN} else None


def _asked_on(opened_on: date, told: list[IntroductionEvent]) -> date:
    """Find the day of the newest ask, else that of the introduction, else when it was opened."""
    asks = [event.at for event in told if event.status is Status.INVESTOR_ASKED]
    introduced = [event.at for event in told if event.status is Status.INTRODUCED]
    return asks[-1] if asks else introduced[0] if introduced else opened_on
