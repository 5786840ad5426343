from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.dates import end_of_period
from matching.knowledge import Knowledge, as_asked, known_before, today_of
from matching.records import Deal, Fund, Introduction, IntroductionEvent, Override, Startup
from matching.vocabulary import Gate, IntroductionStatus
from tests.matching.worlds import QUICK, TODAY, deals, funds, questions, startups, worlds, years_ago

DAY = date(2024, 5, 1)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def known(
    *,
    first_seen_on: date | None = None,
    verified_on: date | None = None,
    announced_on: date | None = None,
    as_of: date | None = DAY,
) -> tuple[bool, bool, bool]:
    """Tell whether a startup, a fund and the deal between them are known on `as_of`."""
    found = known_before(
        Knowledge(
            (Startup(startup_id="s", first_seen_on=first_seen_on),),
            (Fund(fund_id="f", verified_on=verified_on),),
            (Deal(startup_id="s", fund_id="f", announced_on=announced_on),),
        ),
        as_of,
    )
    return bool(found.startups), bool(found.funds), bool(found.deals)


@pytest.mark.parametrize(("announced_on", "told"), [(BEFORE, True), (DAY, False), (AFTER, False)])
def test_a_deal_is_known_from_the_day_after_and_brings_both_its_sides(announced_on: date, told: bool) -> None:
    assert known(announced_on=announced_on) == (told, told, told)


@pytest.mark.parametrize(
    ("text", "as_of", "told"),
    [
        ("2023", date(2023, 12, 31), False),
        ("2023", date(2024, 1, 1), True),
        ("2024-02", date(2024, 2, 29), False),
        ("2024-02", date(2024, 3, 1), True),
    ],
)
def test_a_partial_date_is_known_when_its_period_has_ended(text: str, as_of: date, told: bool) -> None:
    assert known(announced_on=end_of_period(text), as_of=as_of) == (told, told, told)


def test_its_own_date_decides_before_that_of_the_first_deal() -> None:
    assert known(first_seen_on=AFTER, announced_on=BEFORE) == (False, True, False)
    assert known(verified_on=AFTER, announced_on=BEFORE) == (True, False, False)
    assert known(first_seen_on=BEFORE, verified_on=BEFORE, announced_on=AFTER) == (True, True, False)
    assert known(first_seen_on=DAY, verified_on=DAY, announced_on=None) == (False, False, False)


def test_the_first_deal_of_several_counts_wherever_it_stands() -> None:
    told = tuple(Deal(startup_id="s", fund_id="f", announced_on=day) for day in (AFTER, BEFORE, DAY))
    world = Knowledge((Startup(startup_id="s"),), (Fund(fund_id="f"),), told)
    assert known_before(world, DAY) == Knowledge(world.startups, world.funds, told[1:2])


def test_what_knows_no_date_is_used_without_as_of_and_left_out_with_it() -> None:
    assert known(as_of=None) == (True, True, True)
    assert known() == (False, False, False)
    assert known(first_seen_on=BEFORE, verified_on=BEFORE) == (True, True, False)


def test_a_deal_needs_both_its_sides_with_and_without_as_of() -> None:
    deal = Deal(startup_id="s", fund_id="f", announced_on=BEFORE)
    for as_of in (None, DAY):
        assert known_before(Knowledge((), (Fund(fund_id="f"),), (deal,)), as_of).deals == ()
        assert known_before(Knowledge((Startup(startup_id="s"),), (), (deal,)), as_of).deals == ()


@pytest.mark.parametrize(("founded_on", "told"), [(BEFORE, BEFORE), (DAY, None), (AFTER, None)])
def test_a_founding_date_yet_to_come_is_unknown(founded_on: date, told: date | None) -> None:
    startup = Startup(startup_id="s", first_seen_on=BEFORE, founded_on=founded_on)
    assert known_before(Knowledge((startup,), (), ()), DAY).startups == (replace(startup, founded_on=told),)
    assert known_before(Knowledge((startup,), (), ()), None).startups == (startup,)


@st.composite
def with_later_facts(draw: st.DrawFn) -> tuple[Knowledge, Knowledge, date]:
    """A world, the same with facts dated on or after a day, and that day."""
    world = draw(worlds())
    day = draw(st.sampled_from([years_ago(age) for age in (-1, 0, 0.7, 2, 4)]))
    later = st.sampled_from([day, day + timedelta(days=1), day + timedelta(days=900)])
    new_startup, new_fund = draw(startups("later s")), draw(funds("later f"))
    startup_ids = [s.startup_id for s in (*world.startups, new_startup)]
    fund_ids = [f.fund_id for f in (*world.funds, new_fund)]
    new_deals = draw(st.lists(deals(startup_ids, fund_ids), max_size=5))
    more = Knowledge(
        (*world.startups, replace(new_startup, first_seen_on=draw(later))),
        (replace(new_fund, verified_on=draw(later)), *world.funds),
        (*(replace(deal, announced_on=draw(later)) for deal in new_deals), *world.deals),
    )
    return world, more, day


@QUICK
@given(with_later_facts())
def test_facts_dated_on_or_after_a_day_change_nothing_known_before_it(
    told: tuple[Knowledge, Knowledge, date],
) -> None:
    world, more, day = told
    assert known_before(more, day) == known_before(world, day)


@QUICK
@given(questions())
def test_what_is_known_on_a_day_is_known_ever_after(question: tuple[Knowledge, Startup]) -> None:
    world, _ = question
    early, late = known_before(world, years_ago(2)), known_before(world, TODAY)
    assert {s.startup_id for s in early.startups} <= {s.startup_id for s in late.startups}
    assert {f.fund_id for f in early.funds} <= {f.fund_id for f in late.funds}
    assert set(early.deals) <= set(late.deals)


def introduced(opened_on: date | None, *events: date) -> Knowledge:
    """A startup that is known long since, a fund without a date, and an introduction between them."""
    steps = tuple(IntroductionEvent(status=IntroductionStatus.MET, at=day) for day in events)
    one = Introduction(introduction_id="i", startup_id="s", fund_id="f", opened_on=opened_on, events=steps)
    seen = Startup(startup_id="s", first_seen_on=date(2000, 1, 1))
    return Knowledge((seen,), (Fund(fund_id="f"),), (), (one,))


@pytest.mark.parametrize(
    ("opened_on", "events", "known", "told"),
    [
        (BEFORE, (BEFORE, DAY, AFTER), True, 1),
        (BEFORE, (), True, 0),
        (DAY, (BEFORE,), False, 0),
        (AFTER, (), False, 0),
        (None, (BEFORE, AFTER), True, 1),
        (None, (DAY,), False, 0),
        (None, (), False, 0),
    ],
)
def test_an_introduction_is_known_from_its_opening_and_brings_its_fund(
    opened_on: date | None, events: tuple[date, ...], known: bool, told: int
) -> None:
    found = known_before(introduced(opened_on, *events), DAY)
    assert [len(one.events) for one in found.introductions] == [told] * known
    assert bool(found.funds) is known


def test_an_introduction_brings_no_startup_and_needs_both_its_sides() -> None:
    world = introduced(BEFORE)
    undated = replace(world, startups=(Startup(startup_id="s"),))
    assert known_before(undated, DAY).introductions == ()
    for as_of in (None, DAY):
        assert known_before(replace(world, startups=()), as_of).introductions == ()
        assert known_before(replace(world, funds=()), as_of).introductions == ()
    assert known_before(world, None) == world


@pytest.mark.parametrize(("decided_on", "holds"), [(BEFORE, True), (DAY, False), (AFTER, False)])
def test_an_override_holds_from_the_day_after_it_was_decided(decided_on: date, holds: bool) -> None:
    override = Override(startup_id="s", fund_id="f", gate=Gate.COUNTRY, reason="met", decided_on=decided_on)
    world = Knowledge((), (), (), overrides=(override,))
    assert known_before(world, DAY).overrides == ((override,) if holds else ())
    assert known_before(world, None).overrides == (override,)


@pytest.mark.parametrize(("founded_on", "known_of_it"), [(BEFORE, BEFORE), (DAY, None), (AFTER, None)])
def test_a_question_was_not_founded_on_the_day_it_is_asked_on_or_later(
    founded_on: date, known_of_it: date | None
) -> None:
    asking = Startup(founded_on=founded_on)
    assert as_asked(asking, DAY).founded_on == known_of_it
    assert as_asked(asking, None) is asking


@pytest.mark.parametrize(
    ("newest", "asked_on"),
    [
        (date(2024, 5, 1), DAY),  # today
        (date(2023, 5, 2), DAY),  # 365 days ago
        (date(2023, 5, 1), date(2023, 5, 2)),  # 366 days ago
        (date(2013, 12, 12), date(2013, 12, 13)),
    ],
)
def test_an_archive_is_asked_on_the_day_after_its_last_fact(newest: date, asked_on: date) -> None:
    seen = Startup(startup_id="s", first_seen_on=newest)
    old = Deal(startup_id="s", fund_id="f", announced_on=date(2010, 1, 1))
    for world in (
        Knowledge((seen,), (Fund(fund_id="f"),), (old,)),
        Knowledge((), (Fund(fund_id="f", verified_on=newest),), (old,)),
        Knowledge((), (), (old, replace(old, announced_on=newest))),
        introduced(newest),
        introduced(None, newest),
    ):
        first_seen = tuple(
            s if s is seen else replace(s, first_seen_on=date(2000, 1, 1)) for s in world.startups
        )
        assert today_of(replace(world, startups=first_seen), DAY) == asked_on


def test_what_is_dated_later_than_today_or_not_at_all_makes_no_archive() -> None:
    future = Deal(startup_id="s", fund_id="f", announced_on=AFTER)
    assert today_of(Knowledge((), (), (future,)), DAY) == DAY
    assert today_of(Knowledge((), (Fund(fund_id="f"),), ()), DAY) == DAY
    old = replace(future, announced_on=date(2013, 12, 12))
    assert today_of(Knowledge((), (), (future, old)), DAY) == date(2013, 12, 13)
