from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from matching.gates import gate
from matching.knowledge import Knowledge
from matching.records import Deal, Fund, Override, Startup
from matching.vocabulary import FundStatus, Gate, Sector, Stage
from tests.matching.worlds import QUICK, failed_gates, market_of, questions

ASKING = Startup(
    startup_id="s", country="VN", stage=Stage.SEED, sectors=frozenset({Sector.FINTECH}), raising_usd=200_000
)
FUND = Fund(
    fund_id="f",
    status=FundStatus.DEPLOYING,
    countries=frozenset({"VN", "SG"}),
    stages=frozenset({Stage.SEED}),
    excluded_sectors=frozenset({Sector.GAMING}),
    ticket_min_usd=100_000,
    ticket_max_usd=500_000,
)


def failures(startup: Startup, fund: Fund, *deals: Deal) -> tuple[Gate, ...]:
    return gate(startup, market_of([startup], [fund], deals)).failures(0)


def unknowns(startup: Startup, fund: Fund) -> tuple[Gate, ...]:
    return gate(startup, market_of([startup], [fund])).unknowns(0)


def test_a_pair_that_fits_passes_every_gate_and_none_is_unknown() -> None:
    assert failures(ASKING, FUND) == unknowns(ASKING, FUND) == ()


@pytest.mark.parametrize(
    ("startup", "fund", "failed"),
    [
        (replace(ASKING, opted_out=True), FUND, Gate.STARTUP_OPTED_OUT),
        (replace(ASKING, exclusions=frozenset({"f", "no such fund"})), FUND, Gate.EXCLUDED_BY_STARTUP),
        (ASKING, replace(FUND, status=FundStatus.INACTIVE), Gate.FUND_NOT_DEPLOYING),
        (ASKING, replace(FUND, status=FundStatus.RESERVED), Gate.FUND_NOT_DEPLOYING),
        (ASKING, replace(FUND, status=FundStatus.FULLY_DEPLOYED), Gate.FUND_NOT_DEPLOYING),
        (replace(ASKING, country="TH"), FUND, Gate.COUNTRY),
        (replace(ASKING, stage=Stage.SERIES_B), FUND, Gate.STAGE),
        (replace(ASKING, sectors=frozenset({Sector.GAMING, Sector.AI})), FUND, Gate.EXCLUDED_SECTOR),
        (replace(ASKING, raising_usd=99_999.99), FUND, Gate.TICKET),
        (replace(ASKING, raising_usd=500_000.01), FUND, Gate.TICKET),
        (replace(ASKING, raising_usd=1), replace(FUND, ticket_max_usd=None), Gate.TICKET),
        (replace(ASKING, raising_usd=1e9), replace(FUND, ticket_min_usd=None), Gate.TICKET),
    ],
)
def test_each_gate_fails_alone(startup: Startup, fund: Fund, failed: Gate) -> None:
    assert failures(startup, fund) == (failed,)


@pytest.mark.parametrize(
    ("startup", "fund"),
    [
        (replace(ASKING, exclusions=frozenset({"no such fund"})), FUND),
        (ASKING, replace(FUND, status=FundStatus.RAISING)),
        (replace(ASKING, country="SG"), FUND),
        (replace(ASKING, sectors=frozenset({Sector.AI})), FUND),
        (replace(ASKING, raising_usd=100_000), FUND),
        (replace(ASKING, raising_usd=500_000), FUND),
        (replace(ASKING, raising_usd=1e9), replace(FUND, ticket_max_usd=None)),
        (replace(ASKING, raising_usd=1), replace(FUND, ticket_min_usd=None)),
    ],
)
def test_each_gate_lets_the_nearest_fitting_case_pass(startup: Startup, fund: Fund) -> None:
    assert failures(startup, fund) == ()


def test_a_fund_that_invested_already_is_gated_and_a_co_investor_is_not() -> None:
    other = replace(FUND, fund_id="g")
    market = market_of([ASKING], [FUND, other], [Deal(startup_id="s", fund_id="f")])
    gated = gate(ASKING, market)
    assert gated.failures(0) == (Gate.ALREADY_INVESTED,)
    assert gated.eligible.tolist() == [False, True]
    assert gate(replace(ASKING, startup_id="t"), market).eligible.tolist() == [True, True]


def test_an_opted_out_startup_passes_no_fund() -> None:
    market = market_of([], [FUND, Fund(fund_id="g"), Fund(fund_id="h")])
    assert not gate(Startup(opted_out=True), market).eligible.any()


def test_several_failures_are_all_told_in_the_order_of_the_gates() -> None:
    startup = replace(ASKING, country="TH", raising_usd=1.0, opted_out=True)
    assert failures(startup, FUND) == (Gate.STARTUP_OPTED_OUT, Gate.COUNTRY, Gate.TICKET)


@pytest.mark.parametrize(
    ("asked", "declared", "passes"),
    [
        (Stage.SEED, Stage.PRE_SEED, True),
        (Stage.SEED, Stage.PRE_SERIES_A, True),
        (Stage.SEED, Stage.IDEA, False),
        (Stage.SEED, Stage.SERIES_A, False),
        (Stage.SERIES_A, Stage.SEED, False),
        (Stage.IDEA, Stage.GROWTH, False),
        (Stage.SERIES_B, Stage.GROWTH, False),
        (Stage.SERIES_C, Stage.GROWTH, True),
        (Stage.SERIES_D_PLUS, Stage.GROWTH, True),
        (Stage.GROWTH, Stage.GROWTH, True),
        (Stage.GROWTH, Stage.SERIES_D_PLUS, True),
        (Stage.GROWTH, Stage.SERIES_C, False),
    ],
)
def test_a_stage_one_step_away_passes_two_fail_and_growth_means_series_c_and_after(
    asked: Stage, declared: Stage, passes: bool
) -> None:
    failed = failures(replace(ASKING, stage=asked), replace(FUND, stages=frozenset({declared})))
    assert failed == (() if passes else (Gate.STAGE,))


MISFIT = Startup(
    startup_id="s", country="TH", stage=Stage.GROWTH, sectors=frozenset({Sector.GAMING}), raising_usd=1.0
)
CLOSED = replace(FUND, status=FundStatus.INACTIVE)
FAILED_BY_MISFIT = {
    Gate.FUND_NOT_DEPLOYING,
    Gate.COUNTRY,
    Gate.STAGE,
    Gate.EXCLUDED_SECTOR,
    Gate.TICKET,
}


def test_the_misfit_fails_every_gate_that_a_field_can_decide() -> None:
    assert set(failures(MISFIT, CLOSED)) == FAILED_BY_MISFIT


@pytest.mark.parametrize(
    ("startup", "fund", "unknown"),
    [
        (replace(MISFIT, country=None), CLOSED, Gate.COUNTRY),
        (replace(MISFIT, stage=None), CLOSED, Gate.STAGE),
        (replace(MISFIT, sectors=frozenset()), CLOSED, Gate.EXCLUDED_SECTOR),
        (replace(MISFIT, raising_usd=None), CLOSED, Gate.TICKET),
        (MISFIT, replace(CLOSED, status=None), Gate.FUND_NOT_DEPLOYING),
        (MISFIT, replace(CLOSED, countries=frozenset()), Gate.COUNTRY),
        (MISFIT, replace(CLOSED, stages=frozenset()), Gate.STAGE),
        (MISFIT, replace(CLOSED, ticket_min_usd=None, ticket_max_usd=None), Gate.TICKET),
        (MISFIT, replace(CLOSED, not_understood=frozenset({"status"})), Gate.FUND_NOT_DEPLOYING),
        (MISFIT, replace(CLOSED, not_understood=frozenset({"countries"})), Gate.COUNTRY),
        (MISFIT, replace(CLOSED, not_understood=frozenset({"stages"})), Gate.STAGE),
    ],
)
def test_an_unknown_field_never_fails_its_gate_and_is_told_as_unknown(
    startup: Startup, fund: Fund, unknown: Gate
) -> None:
    assert set(failures(startup, fund)) == FAILED_BY_MISFIT - {unknown}
    assert unknowns(startup, fund) == (unknown,)


def test_a_fund_that_excludes_no_sector_keeps_nobody_out_for_its_sector() -> None:
    assert failures(ASKING, replace(FUND, excluded_sectors=frozenset())) == ()


WINE = replace(ASKING, sectors=frozenset({Sector.FOODTECH}), subsectors=frozenset({"alcohol"}))
DRY = replace(
    FUND, excluded_subsectors=frozenset({"alcohol", "tobacco"}), partly_excluded=frozenset({Sector.FOODTECH})
)


@pytest.mark.parametrize(
    ("startup", "failed", "unknown"),
    [
        (WINE, (Gate.EXCLUDED_SECTOR,), ()),
        (replace(WINE, subsectors=frozenset({"restaurants"})), (), ()),
        (replace(WINE, subsectors=frozenset()), (), (Gate.EXCLUDED_SECTOR,)),
        (ASKING, (), ()),
    ],
)
def test_a_fund_that_excludes_a_part_of_a_sector_keeps_out_that_part_alone(
    startup: Startup, failed: tuple[Gate, ...], unknown: tuple[Gate, ...]
) -> None:
    assert (failures(startup, DRY), unknowns(startup, DRY)) == (failed, unknown)


def test_a_partly_understood_exclusion_still_holds_and_is_unknown_where_it_does_not_hit() -> None:
    fund = replace(FUND, not_understood=frozenset({"excluded_sectors"}))
    assert unknowns(ASKING, fund) == (Gate.EXCLUDED_SECTOR,)
    assert failures(ASKING, fund) == ()
    gaming = replace(ASKING, sectors=frozenset({Sector.GAMING}))
    assert failures(gaming, fund) == (Gate.EXCLUDED_SECTOR,)
    assert unknowns(gaming, fund) == ()


def test_a_startup_and_a_fund_that_tell_nothing_pass_with_all_they_lack_unknown() -> None:
    assert failures(Startup(), Fund(fund_id="f")) == ()
    assert unknowns(Startup(), Fund(fund_id="f")) == (
        Gate.FUND_NOT_DEPLOYING,
        Gate.COUNTRY,
        Gate.STAGE,
        Gate.TICKET,
    )


def test_a_market_without_funds_gates_none() -> None:
    assert gate(ASKING, market_of()).eligible.tolist() == []


def test_a_fund_that_backs_a_declared_competitor_is_held_and_no_other() -> None:
    rival, other = Startup(startup_id="rival", sectors=ASKING.sectors), Startup(startup_id="other")
    held = [Deal(startup_id="rival", fund_id="f"), Deal(startup_id="other", fund_id="g")]
    world = [ASKING, rival, other], [FUND, replace(FUND, fund_id="g")], held
    assert gate(ASKING, market_of(*world)).failures(0) == ()
    declares = gate(replace(ASKING, exclusions=frozenset({"rival"})), market_of(*world))
    assert (declares.failures(0), declares.failures(1)) == ((Gate.COMPETITOR,), ())


def test_exclusions_are_unknown_only_for_a_fund_that_has_some() -> None:
    tells_nothing = replace(ASKING, sectors=frozenset())
    assert unknowns(tells_nothing, FUND) == (Gate.EXCLUDED_SECTOR,)
    assert unknowns(tells_nothing, replace(FUND, excluded_sectors=frozenset())) == ()


def test_an_excluded_id_of_a_fund_and_a_startup_alike_means_the_fund() -> None:
    asking = replace(ASKING, exclusions=frozenset({"f"}))
    twin, deal = Startup(startup_id="f"), Deal(startup_id="f", fund_id="g")
    gated = gate(asking, market_of([asking, twin], [FUND, replace(FUND, fund_id="g")], [deal]))
    assert (gated.failures(0), gated.failures(1)) == ((Gate.EXCLUDED_BY_STARTUP,), ())


def override(gate: Gate, fund_id: str = "f", startup_id: str = "s") -> Override:
    return Override(
        startup_id=startup_id, fund_id=fund_id, gate=gate, reason="met in person", decided_on=date(2024, 1, 1)
    )


def test_an_override_lifts_its_gate_for_its_pair_alone() -> None:
    abroad = replace(ASKING, country="TH", raising_usd=1)
    lifted = [
        override(Gate.COUNTRY),
        override(Gate.TICKET, fund_id="g"),
        override(Gate.TICKET, startup_id="t"),
    ]
    gated = gate(abroad, market_of([abroad], [FUND, replace(FUND, fund_id="h")], overrides=lifted))
    assert (gated.failures(0), gated.lifts(0)) == ((Gate.TICKET,), (Gate.COUNTRY,))
    assert (gated.failures(1), gated.lifts(1)) == ((Gate.COUNTRY, Gate.TICKET), ())


def test_an_override_of_a_gate_that_passes_lifts_nothing() -> None:
    gated = gate(ASKING, market_of([ASKING], [FUND], overrides=[override(Gate.COUNTRY)]))
    assert (gated.failures(0), gated.lifts(0)) == ((), ())


@pytest.mark.parametrize("rule", [Gate.STARTUP_OPTED_OUT, Gate.EXCLUDED_BY_STARTUP])
def test_nobody_overrides_what_the_startup_decided(rule: Gate) -> None:
    unwilling = replace(ASKING, opted_out=True, exclusions=frozenset({"f"}))
    gated = gate(unwilling, market_of([unwilling], [FUND], overrides=[override(rule)]))
    assert rule in gated.failures(0)


@QUICK
@given(questions())
def test_the_gates_over_all_funds_equal_the_rules_applied_pair_by_pair(
    question: tuple[Knowledge, Startup],
) -> None:
    world, asking = question
    gated = gate(asking, market_of(world.startups, world.funds, world.deals))
    for row, fund in enumerate(world.funds):
        assert set(gated.failures(row)) == failed_gates(asking, fund, world.deals)
        assert not set(gated.failures(row)) & set(gated.unknowns(row))
