"""The hard rules, over all funds at once. A gate that lacks a field is unknown, never failed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from matching.bitsets import bits, has_country, positions
from matching.funnel import Standing, standing
from matching.market import Market
from matching.records import Fund, Startup
from matching.vocabulary import OVERRIDABLE, Gate, Sector, Stage

LATE = frozenset({Stage.SERIES_C, Stage.SERIES_D_PLUS, Stage.GROWTH})

Bools = npt.NDArray[np.bool_]
Packed = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Gated:
    """What the gates said of each fund, as bit sets over `Gate` packed into integers, shape (n,).

    Attributes
    ----------
    failed : gates that keep the fund out.
    unknown : gates that could not be told.
    lifted : gates that it failed, had a person not overridden them.
    """

    failed: Packed
    unknown: Packed
    lifted: Packed

    @property
    def eligible(self) -> Bools:
        """Whether a fund failed no gate."""
        passed: Bools = self.failed == 0
        return passed

    def failures(self, fund_row: int) -> tuple[Gate, ...]:
        """List the gates one fund failed."""
        return _members(int(self.failed[fund_row]))

    def unknowns(self, fund_row: int) -> tuple[Gate, ...]:
        """List the gates that could not be told for one fund."""
        return _members(int(self.unknown[fund_row]))

    def lifts(self, fund_row: int) -> tuple[Gate, ...]:
        """List the gates that were overridden for one fund."""
        return _members(int(self.lifted[fund_row]))


def gate(startup: Startup, market: Market, off: frozenset[Gate] = frozenset()) -> Gated:
    """Hold every gate but those that are `off` against every fund of the market, then lift the overridden."""
    n = len(market.funds)
    failed, unknown = np.zeros(n, np.uint16), np.zeros(n, np.uint16)
    for rule, tell in _RULES.items():
        if rule not in off:
            fails, untold = tell(startup, market)
            failed |= (fails & ~untold) * _bit(rule)
            unknown |= untold * _bit(rule)
    for rule, find in _RULES_OF_FEW.items():
        if rule not in off:
            failed[np.array([*find(startup, market)], np.int64)] |= _bit(rule)
    lifted = failed & _overridden(startup, market)
    return Gated(failed & ~lifted, unknown, lifted)


def _bit(rule: Gate) -> np.uint16:
    return np.uint16(1 << positions(Gate)[rule])


def _overridden(startup: Startup, market: Market) -> Packed:
    packed = np.zeros(len(market.funds), np.uint16)
    for override in market.overrides.get(startup.startup_id, ()):
        if override.gate in OVERRIDABLE and override.fund_id in market.funds.row_of:
            packed[market.funds.row_of[override.fund_id]] |= _bit(override.gate)
    return packed


@cache
def _members(packed: int) -> tuple[Gate, ...]:
    return tuple(Gate(rule) for rule, bit in positions(Gate).items() if packed >> bit & 1)


def _opted_out(startup: Startup, market: Market) -> tuple[Bools, Bools]:
    return np.full(len(market.funds), startup.opted_out), _none(market)


def _none(market: Market) -> Bools:
    return np.zeros(len(market.funds), np.bool_)


def _every(market: Market) -> Bools:
    return np.ones(len(market.funds), np.bool_)


def _not_deploying(_: Startup, market: Market) -> tuple[Bools, Bools]:
    return market.funds.closed, ~market.funds.status_told


def _country(startup: Startup, market: Market) -> tuple[Bools, Bools]:
    if startup.country is None:
        return _none(market), _every(market)
    return ~has_country(market.funds.countries, startup.country), ~market.funds.countries_told


def _stage(startup: Startup, market: Market) -> tuple[Bools, Bools]:
    if startup.stage is None:
        return _none(market), _every(market)
    near = bits(near_stages(startup.stage), Stage)
    return market.funds.stages & near == 0, ~market.funds.stages_told


def near_stages(stage: Stage) -> frozenset[Stage]:
    """Return the declared stages at which a fund may be shown to a startup of `stage`."""
    level = list(Stage).index(stage)
    near = {s for step, s in enumerate(Stage) if abs(step - level) <= 1}
    if stage in LATE:
        near.add(Stage.GROWTH)  # funds that say "growth" mean Series C and all after it
    return frozenset(near)


def _excluded_sector(startup: Startup, market: Market) -> tuple[Bools, Bools]:
    funds, mine = market.funds, bits(startup.sectors, Sector)
    partly = funds.partly_excluded & mine != 0
    fails = funds.excluded_sectors & mine != 0
    for row in np.flatnonzero(partly):
        fails[row] |= bool(funds.records[row].excluded_subsectors & startup.subsectors)
    some = (funds.excluded_sectors | funds.partly_excluded) != 0
    untold = ~funds.exclusions_told | (some & (not startup.sectors)) | (partly & (not startup.subsectors))
    return fails, ~fails & untold


def _ticket(startup: Startup, market: Market) -> tuple[Bools, Bools]:
    low, high = market.funds.ticket_min, market.funds.ticket_max
    if startup.raising_usd is None:
        return _none(market), _every(market)
    fails = (startup.raising_usd < low) | (startup.raising_usd > high)  # NaN compares false
    return fails, np.isnan(low) & np.isnan(high)


def _excluded_by_startup(startup: Startup, market: Market) -> Iterator[int]:
    return (market.funds.row_of[f] for f in startup.exclusions if f in market.funds.row_of)


def _already_invested(startup: Startup, market: Market) -> Iterator[int]:
    return _backers(startup.startup_id, market)


def _competitor(startup: Startup, market: Market) -> Iterator[int]:
    """Hold funds that back a company the startup declared to compete with; likeness alone never does."""
    rivals = (other for other in startup.exclusions if other not in market.funds.row_of)
    return (row for rival in rivals for row in _backers(rival, market))


def _backers(startup_id: str, market: Market) -> Iterator[int]:
    row, held = market.company_row.get(startup_id), market.holdings
    yield from () if row is None else held.fund[held.by_company.of(row)].tolist()


def latest_standing(startup: Startup, fund: Fund, market: Market) -> Standing | None:
    """Tell where the newest introduction of a startup to a fund stands."""
    mine = market.introductions.get(startup.startup_id, ())
    found = [stands for i in mine if i.fund_id == fund.fund_id and (stands := standing(i))]
    return max(found, key=lambda stands: (stands.under_way, stands.since or date.min), default=None)


def _introduced(startup: Startup, market: Market) -> Iterator[int]:
    return (row for row, stands in _standings(startup, market) if stands.under_way)


def _cooling_down(startup: Startup, market: Market) -> Iterator[int]:
    standings = _standings(startup, market)
    return (row for row, stands in standings if stands.until is not None and market.as_of < stands.until)


def _standings(startup: Startup, market: Market) -> Iterator[tuple[int, Standing]]:
    for fund_id in {
        introduction.fund_id for introduction in market.introductions.get(startup.startup_id, ())
    }:
        row = market.funds.row_of[fund_id]
        stands = latest_standing(startup, market.funds.records[row], market)
        if stands is not None:
            yield row, stands


def _at_capacity(_: Startup, market: Market) -> tuple[Bools, Bools]:
    """Keep a fund that took its month's cap; one that tells no cap has none."""
    return market.funds.taken >= market.funds.capacity, _none(market)  # NaN compares false


_RULES: dict[Gate, Callable[[Startup, Market], tuple[Bools, Bools]]] = {
    Gate.STARTUP_OPTED_OUT: _opted_out,
    Gate.FUND_NOT_DEPLOYING: _not_deploying,
    Gate.COUNTRY: _country,
    Gate.STAGE: _stage,
    Gate.EXCLUDED_SECTOR: _excluded_sector,
    Gate.TICKET: _ticket,
    Gate.AT_CAPACITY: _at_capacity,
}
"""Tell of every fund whether it fails, and whether that is unknown."""

_RULES_OF_FEW: dict[Gate, Callable[[Startup, Market], Iterator[int]]] = {
    Gate.EXCLUDED_BY_STARTUP: _excluded_by_startup,
    Gate.ALREADY_INVESTED: _already_invested,
    Gate.COMPETITOR: _competitor,
    Gate.ALREADY_INTRODUCED: _introduced,
    Gate.COOLING_DOWN: _cooling_down,
}
"""List the rows of the funds that fail; it is never unknown."""
