"""Features of a (startup, fund) pair: the one function that serving and training share.

Each is 0 where nothing is known, positive where it speaks for the fund, negative where against.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.bitsets import bits, has_country
from matching.candidates import Retrieved
from matching.market import Bools, Floats, Ints, Market
from matching.records import Startup
from matching.vocabulary import PLAIN_FEATURES, Feature, Sector, Stage

DECLARED = 0.5
"""What a declared match adds to, and a declared mismatch takes from, the track record's lift."""

SHRINKAGE = 3.0
"""Companies' worth of the market's own share that a fund's share is drawn towards."""

RECENT_YEARS = 2.0


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
    held, deals = market.holdings, market.deals
    own = market.company_row.get(startup.startup_id, -1)
    other_held, other_deal = held.company != own, deals.company != own
    asked = bits(startup.sectors, Sector)
    sectors = market.company_sectors[held.company]
    countries = market.company_countries[held.company]
    level = -1 if startup.stage is None else list(Stage).index(startup.stage)
    recent = deals.dated & (deals.age_years <= RECENT_YEARS)
    return Counts(
        sector=_track(held.fund, sectors & asked != 0, other_held & (sectors != 0) & (asked != 0), market),
        stage=_track(
            deals.fund, deals.stage == level, other_deal & (deals.stage >= 0) & (level >= 0), market
        ),
        country=_track(
            held.fund, countries == (startup.country or ""), other_held & _told(countries, startup), market
        ),
        recent=_tally(deals.fund[recent], market),
        companies=_tally(held.fund, market),
    )


def features(startup: Startup, market: Market, retrieved: Retrieved, counts: Counts, rows: Ints) -> Floats:
    """Compute the feature matrix of the funds `rows`, shape (len(rows), len(PLAIN_FEATURES))."""
    columns = {
        Feature.THESIS: np.log1p(retrieved.thesis),
        Feature.PORTFOLIO: np.log1p(retrieved.portfolio),
        Feature.SECTOR: counts.sector.lift + _declared_sector(startup, market),
        Feature.STAGE: counts.stage.lift + _declared_stage(startup, market),
        Feature.COUNTRY: counts.country.lift + _declared_country(startup, market),
        Feature.TICKET: _ticket(startup, market),
        Feature.ACTIVITY: np.log1p(counts.recent),
        Feature.POPULARITY: np.log1p(counts.companies),
    }
    return np.stack([columns[feature][rows] for feature in PLAIN_FEATURES], axis=1)


def _track(fund: Ints, has: Bools, told: Bools, market: Market) -> Track:
    n, of = _tally(fund[has & told], market), _tally(fund[told], market)
    base = n.sum() / max(1.0, of.sum())
    return Track(n, of, (n + SHRINKAGE * base) / (of + SHRINKAGE) - base)


def _tally(fund: Ints, market: Market) -> Floats:
    """Count how often each fund row occurs, shape (n_funds,)."""
    return np.bincount(fund, minlength=len(market.funds)).astype(np.float64)


def _told(countries: npt.NDArray[np.str_], startup: Startup) -> Bools:
    told: Bools = (countries != "") & (startup.country is not None)
    return told


def _declared(match: Bools, told: Bools) -> Floats:
    """Count a match for the fund, and a mismatch against it where the field is understood as a whole."""
    return np.where(match, DECLARED, np.where(told, -DECLARED, 0.0))


def _declared_sector(startup: Startup, market: Market) -> Floats:
    asked, said = bits(startup.sectors, Sector), market.funds.sectors
    return _declared(said & asked != 0, market.funds.sectors_told & (asked != 0))


def _declared_stage(startup: Startup, market: Market) -> Floats:
    """Count only the declared stage itself, where the gate lets one step either way pass."""
    asked = 0 if startup.stage is None else bits({startup.stage}, Stage)
    return _declared(market.funds.stages & asked != 0, market.funds.stages_told & (asked != 0))


def _declared_country(startup: Startup, market: Market) -> Floats:
    if startup.country is None:
        return np.zeros(len(market.funds))
    return _declared(has_country(market.funds.countries, startup.country), market.funds.countries_told)


def _ticket(startup: Startup, market: Market) -> Floats:
    """Score 1 for an ask inside a range known at both ends, half where one end is known, 0 outside."""
    if startup.raising_usd is None:
        return np.zeros(len(market.funds))
    asked, low, high = startup.raising_usd, market.funds.ticket_min, market.funds.ticket_max
    outside = (asked < low) | (asked > high)
    return np.where(outside, 0.0, 0.5 * ((asked >= low).astype(np.float64) + (asked <= high)))
