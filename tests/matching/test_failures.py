from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.candidates import retrieve
from matching.explain import (
    Case,
)
from matching.failures import GateFailure, gate_failures
from matching.features import count
from matching.gates import gate
from matching.knowledge import Knowledge
from matching.market import lay_out, profile_vectors
from matching.protocols import VectorStore
from matching.records import Deal, Fund, Introduction, IntroductionEvent, Startup
from matching.vocabulary import FundStatus, Gate, PassReason, Sector, Stage
from matching.vocabulary import IntroductionStatus as Status
from tests.matching.worlds import (
    ASKING,
    FIXED,
    MONEY,
    QUICK,
    QUIET,
    TODAY,
    stage_fits,
)


def case_of(startup: Startup, world: Knowledge, vectors: VectorStore = FIXED) -> Case:
    market = lay_out(world, TODAY, vectors)
    retrieved = retrieve(startup, profile_vectors([startup], vectors)[0], market)
    return Case(startup, market, retrieved, count(startup, market), gate(startup, market))


def failures(startup: Startup, fund: Fund, *deals: Deal) -> tuple[GateFailure, ...]:
    companies = (replace(startup, startup_id="s"),) if deals else ()
    return gate_failures(case_of(startup, Knowledge(companies, (fund,), deals)), 0)


def test_a_fund_that_passes_has_no_failure() -> None:
    assert failures(ASKING, MONEY) == ()


def test_what_a_fund_already_holds_is_told() -> None:
    asking = replace(ASKING, startup_id="s")
    held = [Deal(startup_id="s", fund_id="money", stage=stage) for stage in (Stage.SEED, Stage.SERIES_A)]
    assert failures(asking, MONEY, *held) == (GateFailure(Gate.ALREADY_INVESTED, deals=tuple(held)),)


@pytest.mark.parametrize(
    ("fund", "failed"),
    [
        (replace(MONEY, status=FundStatus.INACTIVE), Gate.FUND_NOT_DEPLOYING),
        (replace(MONEY, countries=frozenset({"SG"})), Gate.COUNTRY),
        (replace(MONEY, excluded_sectors=frozenset({Sector.FINTECH})), Gate.EXCLUDED_SECTOR),
    ],
)
def test_a_gate_without_a_measure_has_no_distance(fund: Fund, failed: Gate) -> None:
    assert failures(ASKING, fund) == (GateFailure(failed),)


@pytest.mark.parametrize(
    ("raising", "distance"), [(60_000, 40_000), (0, 100_000), (700_000, -200_000), (500_001, -1)]
)
def test_the_ticket_distance_is_what_to_ask_for_more_or_less(raising: float, distance: float) -> None:
    asked = replace(ASKING, raising_usd=raising)
    assert failures(asked, MONEY) == (GateFailure(Gate.TICKET, distance=distance),)


@pytest.mark.parametrize(
    ("asked", "declared", "distance"),
    [
        (Stage.SERIES_B, {Stage.SEED}, -2),
        (Stage.IDEA, {Stage.SERIES_A}, 3),
        (Stage.SERIES_A, {Stage.GROWTH}, 2),  # Series C passes a fund that says growth
        (Stage.GROWTH, {Stage.SERIES_C}, -1),
        (Stage.PRE_SERIES_A, {Stage.IDEA, Stage.PRE_SEED, Stage.SERIES_C}, -1),
        (Stage.SEED, {Stage.IDEA, Stage.SERIES_A}, 1),  # as near either way: onwards
    ],
)
def test_the_stage_distance_is_the_steps_to_the_nearest_stage_that_passes(
    asked: Stage, declared: set[Stage], distance: int
) -> None:
    fund = replace(MONEY, stages=frozenset(declared))
    assert failures(replace(ASKING, stage=asked), fund) == (GateFailure(Gate.STAGE, distance=distance),)


DOLLARS = st.integers(0, 10**9).map(float)


@QUICK
@given(DOLLARS, st.tuples(DOLLARS, DOLLARS).map(sorted), st.sampled_from(["low", "high", "both"]))
def test_the_ticket_distance_clears_the_gate_and_no_smaller_change_does(
    raising: float, ends: list[float], known: str
) -> None:
    fund = replace(
        QUIET,
        ticket_min_usd=None if known == "high" else ends[0],
        ticket_max_usd=None if known == "low" else ends[1],
    )
    asked = replace(ASKING, raising_usd=raising)
    for failure in failures(asked, fund):
        assert failure.gate is Gate.TICKET
        assert failure.distance
        assert failures(replace(asked, raising_usd=raising + failure.distance), fund) == ()
        short = raising + failure.distance * (1 - 1e-6)
        assert [left.gate for left in failures(replace(asked, raising_usd=short), fund)] == [Gate.TICKET]


@QUICK
@given(st.sampled_from(Stage), st.frozensets(st.sampled_from(Stage), min_size=1, max_size=2))
def test_the_stage_distance_clears_the_gate_and_no_smaller_change_does(
    asked: Stage, declared: frozenset[Stage]
) -> None:
    fund, ladder = replace(QUIET, stages=declared), list(Stage)
    here = ladder.index(asked)
    for failure in failures(replace(ASKING, stage=asked), fund):
        assert failure.gate is Gate.STAGE
        assert failure.distance
        steps = int(failure.distance)
        assert failures(replace(ASKING, stage=ladder[here + steps]), fund) == ()
        nearer = [stage for step, stage in enumerate(ladder) if abs(step - here) < abs(steps)]
        assert not any(stage_fits(stage, declared) for stage in nearer)


def introduction(*events: tuple[Status, int, PassReason | None], fund_id: str = "money") -> Introduction:
    """Open an introduction 100 days ago, with events so many days ago."""
    return Introduction(
        introduction_id="i",
        startup_id="s",
        fund_id=fund_id,
        opened_on=TODAY - timedelta(days=100),
        events=tuple(
            IntroductionEvent(status=status, at=TODAY - timedelta(days=ago), reason=reason)
            for status, ago, reason in events
        ),
    )


def after(*introductions: Introduction, fund: Fund = MONEY) -> tuple[GateFailure, ...]:
    asking = replace(ASKING, startup_id="s")
    world = Knowledge((asking,), (fund,), (), introductions=introductions)
    return gate_failures(case_of(asking, world), 0)


@pytest.mark.parametrize(
    "status",
    [
        Status.FOUNDER_ASKED,
        Status.INVESTOR_ASKED,
        Status.INTRODUCED,
        Status.MET,
        Status.ON_HOLD,
        Status.INVESTED,
    ],
)
def test_a_pair_that_is_under_way_is_not_suggested_again(status: Status) -> None:
    last = TODAY - timedelta(days=30)
    assert after(introduction((status, 30, None))) == (GateFailure(Gate.ALREADY_INTRODUCED, since=last),)


def test_an_introduction_without_events_is_under_way_and_one_only_suggested_is_none() -> None:
    (failure,) = after(introduction())
    assert (failure.gate, failure.since) == (Gate.ALREADY_INTRODUCED, TODAY - timedelta(days=100))
    assert after(introduction((Status.SHORTLISTED, 5, None))) == ()


@pytest.mark.parametrize(
    ("status", "reason", "days"),
    [
        (Status.PASSED, PassReason.THESIS, 365),
        (Status.INVESTOR_DECLINED, PassReason.TRACTION, 180),
        (Status.PASSED, PassReason.NO_DRY_POWDER, 90),
        (Status.PASSED, None, 180),
        (Status.EXPIRED_NO_REPLY, None, 90),
        (Status.WITHDRAWN, None, 90),
    ],
)
def test_an_answer_cools_down_as_long_as_its_reason_lasts(
    status: Status, reason: PassReason | None, days: int
) -> None:
    (failure,) = after(introduction((Status.INVESTOR_ASKED, days + 9, None), (status, days - 1, reason)))
    assert failure == GateFailure(
        Gate.COOLING_DOWN, since=TODAY - timedelta(days=days - 1), until=TODAY + timedelta(days=1)
    )
    assert after(introduction((Status.INVESTOR_ASKED, days + 9, None), (status, days, reason))) == ()


def test_the_newest_introduction_of_the_pair_decides_and_another_fund_s_does_not() -> None:
    old = introduction((Status.PASSED, 500, PassReason.FIT))
    new = introduction((Status.INVESTOR_ASKED, 3, None))
    assert [failure.gate for failure in after(old, new)] == [Gate.ALREADY_INTRODUCED]
    assert after(old) == ()


def test_a_fund_that_took_its_cap_this_month_is_left_alone_until_the_next() -> None:
    this_month = [
        Introduction(introduction_id=f"i{n}", startup_id="x", fund_id="money", opened_on=TODAY)
        for n in range(2)
    ]
    last_month = replace(this_month[0], introduction_id="old", opened_on=TODAY - timedelta(days=32))
    capped = replace(MONEY, monthly_capacity=2)
    assert after(*this_month, fund=capped) == (GateFailure(Gate.AT_CAPACITY, taken=2),)
    assert after(this_month[0], last_month, fund=capped) == ()
    assert after(*this_month) == ()
