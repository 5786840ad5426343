"""Why a fund is kept off a list: each gate it failed, and the smallest change that clears it."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

import numpy as np

from matching.explain import Case
from matching.gates import latest_standing, near_stages
from matching.records import Deal, Fund, Override, Startup
from matching.vocabulary import Gate, Stage


@dataclass(frozen=True)
class GateFailure:
    """A gate that keeps a fund off the list.

    Attributes
    ----------
    distance : the smallest change of the startup's side that clears it: US dollars for TICKET (positive:
        ask for more), steps for STAGE; None where there is no such measure.
    deals : what the fund already holds, for ALREADY_INVESTED and COMPETITOR.
    since, until : the last step of an introduction, and the first day the pair may be suggested again.
    taken : introductions of this month that the fund has taken already, for AT_CAPACITY.
    """

    gate: Gate
    distance: float | None = None
    deals: tuple[Deal, ...] = ()
    since: date | None = None
    until: date | None = None
    taken: int = 0


def gate_failures(case: Case, row: int) -> tuple[GateFailure, ...]:
    """Explain each gate that fund `row` failed."""
    fund = case.market.funds.records[row]
    return tuple(_failure(case, fund, failed, row) for failed in case.gated.failures(row))


def _failure(case: Case, fund: Fund, failed: Gate, row: int) -> GateFailure:
    if failed is Gate.TICKET:
        return GateFailure(failed, distance=_ticket_distance(case.startup, fund))
    if failed is Gate.STAGE:
        return GateFailure(failed, distance=_stage_distance(case.startup, fund))
    if failed is Gate.ALREADY_INVESTED:
        return GateFailure(failed, deals=_deals_with(case, row, {case.startup.startup_id}))
    if failed is Gate.COMPETITOR:
        return GateFailure(failed, deals=_deals_with(case, row, case.startup.exclusions))
    if failed is Gate.AT_CAPACITY:
        return GateFailure(failed, taken=int(case.market.funds.taken[row]))
    if failed in {Gate.ALREADY_INTRODUCED, Gate.COOLING_DOWN}:
        stands = latest_standing(case.startup, fund, case.market)
        return GateFailure(failed, since=stands.since, until=stands.until) if stands else GateFailure(failed)
    return GateFailure(failed)


def _deals_with(case: Case, row: int, startup_ids: Set[str]) -> tuple[Deal, ...]:
    deals = case.market.deals
    mine = (deals.records[at] for at in np.flatnonzero(deals.fund == row))
    return tuple(deal for deal in mine if deal.startup_id in startup_ids)


def lifted(case: Case, row: int) -> tuple[Override, ...]:
    """Return the overrides by which fund `row` passes."""
    fund, gates = case.market.funds.records[row], case.gated.lifts(row)
    mine = case.market.overrides.get(case.startup.startup_id, ())
    return tuple(o for o in mine if o.fund_id == fund.fund_id and o.gate in gates)


def _ticket_distance(startup: Startup, fund: Fund) -> float:
    asked = startup.raising_usd or 0.0
    if fund.ticket_min_usd is not None and asked < fund.ticket_min_usd:
        return fund.ticket_min_usd - asked
    return (fund.ticket_max_usd or 0.0) - asked


def _stage_distance(startup: Startup, fund: Fund) -> float:
    """Count the steps to the nearest stage from which the gate lets the startup pass."""
    here = list(Stage).index(startup.stage) if startup.stage else 0
    passing = [step - here for step, stage in enumerate(Stage) if near_stages(stage) & fund.stages]
    return min(passing, key=lambda steps: (abs(steps), -steps))
