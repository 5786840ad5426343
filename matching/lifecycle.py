"""The state machine of an introduction: which step may be taken next, live.

Imported histories need only be in the order of time; what is done in this system goes step by step.
"""

from collections.abc import Iterable, Sequence

from matching.vocabulary import IntroductionStatus as Status

_ALWAYS = frozenset({Status.WITHDRAWN})
_STOPS = _ALWAYS | {Status.PASSED, Status.ON_HOLD}

_NEXT: dict[Status | None, frozenset[Status]] = {
    None: frozenset({Status.SUGGESTED, Status.SHORTLISTED, Status.FOUNDER_ASKED}),
    Status.SUGGESTED: _ALWAYS | {Status.SHORTLISTED, Status.FOUNDER_ASKED},
    Status.SHORTLISTED: _ALWAYS | {Status.FOUNDER_ASKED},
    Status.FOUNDER_ASKED: _ALWAYS | {Status.FOUNDER_OK, Status.FOUNDER_DECLINED, Status.EXPIRED_NO_REPLY},
    Status.FOUNDER_OK: _ALWAYS | {Status.INVESTOR_ASKED, Status.ON_HOLD},
    Status.INVESTOR_ASKED: _ALWAYS | {Status.INVESTOR_OK, Status.INVESTOR_DECLINED, Status.EXPIRED_NO_REPLY},
    Status.INVESTOR_OK: _ALWAYS | {Status.INTRODUCED, Status.ON_HOLD},
    Status.INTRODUCED: _STOPS | {Status.MEETING_SET},
    Status.MEETING_SET: _STOPS | {Status.MET, Status.NO_SHOW},
    Status.NO_SHOW: _STOPS | {Status.MEETING_SET},
    Status.MET: _STOPS | {Status.MEETING_SET, Status.DUE_DILIGENCE},
    Status.DUE_DILIGENCE: _STOPS | {Status.TERM_SHEET},
    Status.TERM_SHEET: _STOPS | {Status.INVESTED},
}
"""A meeting may be set again after one; what is not a key ends the introduction, two apart (`next_steps`)."""

_LATE = {
    Status.FOUNDER_ASKED: frozenset({Status.FOUNDER_OK, Status.FOUNDER_DECLINED}),
    Status.INVESTOR_ASKED: frozenset({Status.INVESTOR_OK, Status.INVESTOR_DECLINED}),
}
"""Answers that still count after an ask has expired."""


def next_steps(taken: Sequence[Status]) -> frozenset[Status]:
    """Return the steps that may follow those taken so far, oldest first; none where it is over.

    An introduction on hold goes on where it stood. After an ask that expired an answer may still come.

    >>> print(*sorted(next_steps([Status.FOUNDER_ASKED, Status.FOUNDER_OK])))
    investor_asked on_hold withdrawn
    >>> print(*sorted(next_steps([Status.INTRODUCED, Status.ON_HOLD])))
    meeting_set passed withdrawn
    """
    if not taken:
        return _NEXT[None]
    last = taken[-1]
    if last is Status.ON_HOLD:
        return next_steps([step for step in taken if step is not Status.ON_HOLD]) - {Status.ON_HOLD}
    if last is Status.EXPIRED_NO_REPLY:
        return _ALWAYS | _LATE.get(_asked(taken), frozenset())
    return _NEXT.get(last, frozenset())


def _asked(taken: Iterable[Status]) -> Status:
    """Return the ask that was not answered; an imported history may not tell it."""
    asks = [step for step in taken if step in _LATE]
    return asks[-1] if asks else Status.INVESTOR_ASKED
