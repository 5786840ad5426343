from datetime import date, timedelta

import pytest

from matching.labels import label
from matching.records import Introduction, IntroductionEvent
from matching.vocabulary import IntroductionStatus as Status
from matching.vocabulary import Label, Outcome, PassReason

OPENED = date(2024, 1, 10)
LATE = date(2030, 1, 1)
P, N, U = Label.POSITIVE, Label.NEGATIVE, Label.UNINFORMATIVE
SILENT, CENSORED = Label.SILENT, Label.CENSORED
Step = tuple[Status, int] | tuple[Status, int, PassReason]


def introduced(*steps: Step, opened_on: date | None = OPENED) -> Introduction:
    """An introduction with its steps, each some days after OPENED."""
    events = tuple(
        IntroductionEvent(status=step[0], at=days_after(step[1]), reason=step[2] if len(step) == 3 else None)
        for step in steps
    )
    return Introduction(introduction_id="i", startup_id="s", fund_id="f", opened_on=opened_on, events=events)


def days_after(days: int) -> date:
    return OPENED + timedelta(days=days)


def labels(introduction: Introduction, as_of: date = LATE) -> tuple[Label, Label]:
    """The label of `accepts` and that of `invests`."""
    return label(introduction, Outcome.ACCEPTS, as_of), label(introduction, Outcome.INVESTS, as_of)


ASKED = (Status.INVESTOR_ASKED, 1)
OK = (Status.INVESTOR_OK, 3)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        # a bare answer, as a folder of finished introductions holds it
        ([(Status.INVESTED, 0)], (P, P)),
        ([(Status.PASSED, 0)], (N, N)),
        ([(Status.PASSED, 0, PassReason.CAPACITY)], (U, U)),
        # the investor declines
        ([ASKED, (Status.INVESTOR_DECLINED, 3)], (N, N)),
        ([ASKED, (Status.INVESTOR_DECLINED, 3, PassReason.THESIS)], (N, N)),
        ([ASKED, (Status.INVESTOR_DECLINED, 3, PassReason.TEAM)], (N, N)),
        ([ASKED, (Status.INVESTOR_DECLINED, 3, PassReason.NO_DRY_POWDER)], (U, U)),
        # he accepts, and passes later: the introduction was accepted all the same
        ([ASKED, OK, (Status.MET, 20), (Status.PASSED, 30)], (P, N)),
        ([ASKED, OK, (Status.MET, 20), (Status.PASSED, 30, PassReason.TRACTION)], (P, N)),
        ([ASKED, OK, (Status.MET, 20), (Status.PASSED, 30, PassReason.TIMING)], (P, U)),
        ([OK, (Status.TERM_SHEET, 100), (Status.INVESTED, 130)], (P, P)),
        ([OK, (Status.INVESTED, 130), (Status.PASSED, 300)], (P, P)),
        # a step implies those before it
        ([(Status.INTRODUCED, 5)], (P, SILENT)),
        ([(Status.MEETING_SET, 5)], (P, SILENT)),
        ([(Status.NO_SHOW, 5)], (P, SILENT)),
        ([(Status.DUE_DILIGENCE, 5)], (P, SILENT)),
        ([(Status.TERM_SHEET, 5)], (P, SILENT)),
        # what others do says nothing of the investor
        ([(Status.FOUNDER_ASKED, 0), (Status.FOUNDER_DECLINED, 3)], (U, U)),
        ([ASKED, (Status.WITHDRAWN, 5)], (U, U)),
        ([OK, (Status.WITHDRAWN, 5)], (P, U)),
        ([OK, (Status.FOUNDER_DECLINED, 5)], (P, U)),
        # he was never asked
        ([(Status.SUGGESTED, 0)], (U, U)),
        ([(Status.SUGGESTED, 0), (Status.SHORTLISTED, 1), (Status.FOUNDER_OK, 3)], (U, U)),
        # silence
        ([], (SILENT, SILENT)),
        ([ASKED], (SILENT, SILENT)),
        ([ASKED, (Status.EXPIRED_NO_REPLY, 22)], (SILENT, SILENT)),
        ([ASKED, (Status.ON_HOLD, 5)], (SILENT, SILENT)),
        # the last word counts, and a yes more than any
        ([ASKED, (Status.EXPIRED_NO_REPLY, 22), (Status.INVESTOR_OK, 40)], (P, SILENT)),
        ([ASKED, (Status.EXPIRED_NO_REPLY, 22), (Status.INVESTOR_DECLINED, 40)], (N, N)),
        ([(Status.PASSED, 3), (Status.MET, 90)], (P, SILENT)),
        ([(Status.PASSED, 3, PassReason.TIMING), (Status.PASSED, 90, PassReason.FIT)], (N, N)),
        ([(Status.PASSED, 3, PassReason.FIT), (Status.PASSED, 90, PassReason.TIMING)], (U, U)),
        ([(Status.INVESTOR_DECLINED, 3), (Status.INVESTOR_ASKED, 200)], (SILENT, SILENT)),
        ([ASKED, (Status.INVESTOR_DECLINED, 3), (Status.ON_HOLD, 5)], (N, N)),
    ],
)
def test_what_an_old_introduction_says(steps: list[Step], told: tuple[Label, Label]) -> None:
    assert labels(introduced(*steps)) == told


@pytest.mark.parametrize(
    ("as_of", "told"),
    [
        (0, (CENSORED, CENSORED)),
        (3, (CENSORED, CENSORED)),
        (4, (P, CENSORED)),
        (30, (P, CENSORED)),
        (31, (P, N)),
    ],
)
def test_an_answer_counts_from_the_day_after_it_came(as_of: int, told: tuple[Label, Label]) -> None:
    asked = introduced(ASKED, OK, (Status.PASSED, 30))
    assert labels(asked, days_after(as_of)) == told


@pytest.mark.parametrize(
    ("steps", "asked_on"),
    [
        ([], 0),
        ([(Status.ON_HOLD, 9)], 0),
        ([(Status.FOUNDER_OK, 1), (Status.INVESTOR_ASKED, 4)], 4),
        ([(Status.INVESTOR_ASKED, 4), (Status.INVESTOR_DECLINED, 5), (Status.INVESTOR_ASKED, 300)], 300),
    ],
)
def test_silence_is_told_after_21_days_for_an_answer_and_365_for_a_deal(
    steps: list[Step], asked_on: int
) -> None:
    one = introduced(*steps)
    assert labels(one, days_after(asked_on + 21)) == (CENSORED, CENSORED)
    assert labels(one, days_after(asked_on + 22)) == (SILENT, CENSORED)
    assert labels(one, days_after(asked_on + 365)) == (SILENT, CENSORED)
    assert labels(one, days_after(asked_on + 366)) == (SILENT, SILENT)


def test_the_year_of_a_deal_runs_from_the_ask_else_from_the_introduction() -> None:
    for steps, day in (([ASKED, (Status.INTRODUCED, 9)], 1), ([(Status.FOUNDER_OK, 2), (Status.MET, 9)], 0)):
        assert labels(introduced(*steps), days_after(day + 365))[1] is CENSORED
        assert labels(introduced(*steps), days_after(day + 366))[1] is SILENT
    brought = introduced((Status.FOUNDER_OK, 2), (Status.INTRODUCED, 9), (Status.MET, 20))
    assert labels(brought, days_after(9 + 365)) == (P, CENSORED)
    assert labels(brought, days_after(9 + 366)) == (P, SILENT)


def test_an_introduction_without_a_day_of_its_own_begins_with_its_first_event() -> None:
    assert labels(introduced(ASKED, opened_on=None), days_after(22)) == (CENSORED, CENSORED)
    assert labels(introduced(ASKED, opened_on=None), days_after(23)) == (SILENT, CENSORED)


def test_what_is_not_known_yet_has_no_answer_yet() -> None:
    early = introduced((Status.PASSED, -5))
    assert labels(early, OPENED) == (CENSORED, CENSORED)
    assert labels(early, days_after(1)) == (N, N)
    assert labels(introduced(opened_on=None)) == (CENSORED, CENSORED)


@pytest.mark.parametrize("reason", PassReason)
def test_every_reason_of_a_pass_is_a_no_but_those_of_capacity(reason: PassReason) -> None:
    later = {PassReason.CAPACITY, PassReason.TIMING, PassReason.NO_DRY_POWDER, PassReason.BANDWIDTH}
    told = U if reason in later else N
    assert labels(introduced(ASKED, (Status.PASSED, 3, reason))) == (told, told)


@pytest.mark.parametrize("status", Status)
def test_later_events_change_no_earlier_label(status: Status) -> None:
    for day in (2, 5, 30, 400):
        now = introduced(ASKED, (Status.ON_HOLD, 2))
        then = introduced(ASKED, (Status.ON_HOLD, 2), (status, day))
        assert labels(then, days_after(day)) == labels(now, days_after(day))
