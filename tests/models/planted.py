"""Histories of years, drawn by a known rule, for the tests of what is learned from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from matching.knowledge import Knowledge
from matching.market import Floats, Market
from matching.protocols import VectorStore
from matching.records import Deal, Fund, Startup
from models.history import Remembered

COUNTRIES = ("VN", "SG", "ID", "TH", "MY", "PH")
YEARS = range(2014, 2022)
FUNDS_EACH = 4


def by_country(n_a_year: int = 60, seed: int = 0) -> Knowledge:
    """Startups of six countries a year, each backed on one day by two of its country's four funds."""
    rng = np.random.default_rng(seed)
    startups, deals = [], []
    for year in YEARS:
        for number in range(n_a_year):
            country = COUNTRIES[rng.integers(len(COUNTRIES))]
            id_ = f"s-{year}-{number:03}"
            day = date(year, 1 + int(rng.integers(12)), 1 + int(rng.integers(28)))
            startups.append(
                Startup(startup_id=id_, name=f"Startup {id_}", country=country, first_seen_on=day)
            )
            for fund in rng.permutation(FUNDS_EACH)[:2]:
                deals.append(Deal(startup_id=id_, fund_id=f"{country}-{fund}", announced_on=day))
    funds = [Fund(fund_id=f"{c}-{at}", name=f"Fund {c} {at}") for c in COUNTRIES for at in range(FUNDS_EACH)]
    return Knowledge(tuple(startups), tuple(funds), tuple(deals))


def history(n_a_year: int = 60) -> Remembered:
    """Remember such a market."""
    return Remembered(by_country(n_a_year))


@dataclass(frozen=True)
class ByCountry:
    """Scores a fund by its deals in the query's country, times `sign`."""

    sign: float = 1.0
    name: str = "by country"

    def fit(self, market: Market, vectors: VectorStore) -> "CountryCounts":
        """Count."""
        return CountryCounts(market, self.sign)


@dataclass(frozen=True)
class CountryCounts:
    """Counts of a market."""

    market: Market
    sign: float

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score by counts."""
        held, n = self.market.holdings, len(self.market.funds)
        told = self.market.company_countries[held.company]
        rows = [np.bincount(held.fund[told == (q.country or "")], minlength=n) for q in queries]
        return self.sign * np.array(rows, np.float64).reshape(len(queries), n)
