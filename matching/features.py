"""Features of a (startup, fund) pair: the one function that serving and training share.

Each is 0 where nothing is known, positive where it speaks for the fund, negative where against.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.bitsets import bits, has_country, positions
from matching.candidates import Retrieved
from matching.columns import FundColumns
from matching.market import Bools, Floats, Ints, Market
from matching.records import Startup
from matching.tallies import Tally
from matching.vocabulary import PLAIN_FEATURES, Feature, Sector, Stage

DECLARED = 0.5
"""What a declared match adds to, and a declared mismatch takes from, the track record's lift."""

SHRINKAGE = 3.0
"""Companies' worth of the market's own share that a fund's share is drawn towards."""


@dataclass(frozen=True)
class Track:
    """What the deals of each fund say about one property of the query, shape (n_funds,).

    Attributes
    ----------
    n : companies (or deals) that have the property.
    of : companies (or deals) of which the property is known.
    lift : share of `n` in `of`, shrunk towards the market's share, minus that share.
    """

    n: Floats
    of: Floats
    lift: Floats


@dataclass(frozen=True)
class Counts:
    """All that is counted for one query: tracks by property and the fund's activity."""

    sector: Track
    stage: Track
    country: Track
    recent: Floats
    companies: Floats


def count(startup: Startup, market: Market) -> Counts:
    """Count, for every fund, how often it did what the query asks for.

    The startup's own company is on no track: what it is itself says nothing of what a fund likes.
    """
    tracks, own = market.tracks, market.company_row.get(startup.startup_id)
    held = deals = np.zeros(0, np.int64)
    if own is not None:
        held, deals = market.holdings.by_company.of(own), market.deals.by_company.of(own)
    sector = country = stage = None
    if startup.sectors:
        sector = np.flatnonzero(tracks.sector_sets & bits(startup.sectors, Sector)).tolist()
    if startup.country is not None:
        country = [tracks.country_code[c] for c in {startup.country} & tracks.country_code.keys()]
    if startup.stage is not None:
        stage = [positions(Stage)[startup.stage]]
    return Counts(
        sector=_track(tracks.sector, sector, held),
        stage=_track(tracks.stage, stage, deals),
        country=_track(tracks.country, country, held),
        recent=tracks.recent,
        companies=tracks.companies,
    )


def features(startup: Startup, market: Market, retrieved: Retrieved, counts: Counts, rows: Ints) -> Floats:
    """Compute the feature matrix of the funds `rows`, shape (len(rows), len(PLAIN_FEATURES))."""
    columns = {
        Feature.THESIS: np.log1p(retrieved.thesis[rows]),
        Feature.PORTFOLIO: np.log1p(retrieved.portfolio[rows]),
        Feature.SECTOR: counts.sector.lift[rows] + _declared_sector(startup, market.funds, rows),
        Feature.STAGE: counts.stage.lift[rows] + _declared_stage(startup, market.funds, rows),
        Feature.COUNTRY: counts.country.lift[rows] + _declared_country(startup, market.funds, rows),
        Feature.TICKET: _ticket(startup, market.funds, rows),
        Feature.ACTIVITY: np.log1p(counts.recent[rows]),
        Feature.POPULARITY: np.log1p(counts.companies[rows]),
    }
    return np.stack([columns[feature] for feature in PLAIN_FEATURES], axis=1)


def _track(tally: Tally, codes: Sequence[int] | None, own: Ints) -> Track:
    """Count the entries with the values `codes`; where the query tells none, nothing is counted."""
    if codes is None:
        nothing = np.zeros(len(tally.of))
        return Track(nothing, nothing, nothing)
    n, of = tally.count(codes, own)
    base = n.sum() / max(1.0, of.sum())
    return Track(n, of, (n + SHRINKAGE * base) / (of + SHRINKAGE) - base)


def _declared(match: Bools, told: Bools) -> Floats:
    """Count a match for the fund, and a mismatch against it where the field is understood as a whole."""
    return np.where(match, DECLARED, np.where(told, -DECLARED, 0.0))


def _declared_sector(startup: Startup, funds: FundColumns, rows: Ints) -> Floats:
    asked = bits(startup.sectors, Sector)
    return _declared(funds.sectors[rows] & asked != 0, funds.sectors_told[rows] & (asked != 0))


def _declared_stage(startup: Startup, funds: FundColumns, rows: Ints) -> Floats:
    """Count only the declared stage itself, where the gate lets one step either way pass."""
    asked = 0 if startup.stage is None else bits({startup.stage}, Stage)
    return _declared(funds.stages[rows] & asked != 0, funds.stages_told[rows] & (asked != 0))


def _declared_country(startup: Startup, funds: FundColumns, rows: Ints) -> Floats:
    if startup.country is None:
        return np.zeros(len(rows))
    return _declared(has_country(funds.countries, startup.country)[rows], funds.countries_told[rows])


def _ticket(startup: Startup, funds: FundColumns, rows: Ints) -> Floats:
    """Score 1 for an ask inside a range known at both ends, half where one end is known, 0 outside."""
    if startup.raising_usd is None:
        return np.zeros(len(rows))
    asked, low, high = startup.raising_usd, funds.ticket_min[rows], funds.ticket_max[rows]
    outside = (asked < low) | (asked > high)
    return np.where(outside, 0.0, 0.5 * ((asked >= low).astype(np.float64) + (asked <= high)))
