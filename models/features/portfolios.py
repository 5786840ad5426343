"""Portfolios: for each fund the companies it backed, and what its deals with them weigh."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from matching.market import Floats, Ints, Market
from models.baselines.deals import DealWeight, holdings

HALF_LIVES = (1.0, 5.0)
"""Years: what a fund does of late, and what it does at all."""

LASTING = 2.0
"""The half-life of channels, in years."""

FOLLOW_ON, SYNDICATE = 0.3, 0.33

Weights = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Entries:
    """The companies of some funds, those of one fund after those of another.

    Attributes
    ----------
    company : rows of companies, shape (n_entries,).
    age : of the newest deal with them, in years, shape (n_entries,).
    weight : of the deals with them, shape (len(HALF_LIVES), n_entries).
    start : where the companies of each fund begin, shape (n_funds,); `size` : how many there are.
    """

    company: Ints
    age: Floats
    weight: Weights
    start: Ints
    size: Ints

    def sums(self, values: npt.NDArray[np.floating]) -> Floats:
        """Add up values by fund, shape (..., n_entries) to (..., n_funds); 0 for a fund without a company."""
        return self._reduce(np.add, values, 0.0)

    def largest(self, values: npt.NDArray[np.floating]) -> Floats:
        """Take the largest value of each fund, NaN for a fund without a company."""
        return self._reduce(np.maximum, values, np.nan)

    def _reduce(self, how: np.ufunc, values: npt.NDArray[np.floating], nothing: float) -> Floats:
        found = np.full((*values.shape[:-1], len(self.start)), nothing)
        some = self.size > 0
        if some.any():
            found[..., some] = how.reduceat(values, self.start[some], axis=-1)
        return found


@dataclass(frozen=True)
class Portfolios:
    """The deals of a Market by fund.

    Attributes
    ----------
    start, company, age, weight : as in `Entries`, of all funds; `start` has one entry more.
    of_company : sum of the weights of each company's deals, shape (len(HALF_LIVES), n_companies).
    lasting : weights with a half-life of LASTING, shape (n_funds, n_companies).
    """

    start: Ints
    company: Ints
    age: Floats
    weight: Weights
    of_company: Floats
    lasting: sparse.csr_array

    @classmethod
    def of(cls, market: Market) -> Self:
        """Sort the deals of a Market."""
        tables = [_table(market, years) for years in HALF_LIVES]
        by_fund = [sparse.csc_array(table) for table in tables]
        deals, n = market.deals, max(1, len(market.companies))
        fund = np.repeat(np.arange(len(market.funds)), np.diff(by_fund[0].indptr))
        newest = np.full(len(fund), np.inf)
        entry = np.searchsorted(fund * n + by_fund[0].indices, deals.fund * n + deals.company)
        np.minimum.at(newest, entry, deals.age_years)
        return cls(
            start=by_fund[0].indptr.astype(np.int64),
            company=by_fund[0].indices.astype(np.int64),
            age=newest,
            weight=np.stack([table.data for table in by_fund]).astype(np.float32),
            of_company=np.array([table.sum(axis=1) for table in tables], np.float64),
            lasting=sparse.csr_array(_table(market, LASTING).T),
        )

    def entries(self, rows: Ints) -> Entries:
        """Gather the companies of the funds `rows`."""
        begin, size = self.start[rows], self.start[rows + 1] - self.start[rows]
        start = np.cumsum(size) - size
        at = np.arange(int(size.sum())) + np.repeat(begin - start, size)
        return Entries(self.company[at], self.age[at], self.weight[:, at], start, size)


def _table(market: Market, half_life: float) -> sparse.csr_array:
    return holdings(market, DealWeight(half_life, FOLLOW_ON, SYNDICATE).of(market))
