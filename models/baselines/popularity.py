"""The funds that made most deals, whatever the query."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matching.market import Floats, Market
from matching.protocols import VectorStore
from matching.records import Startup
from models.baselines.deals import DealWeight, holdings, own_rows
from models.judging import NOBODY


@dataclass(frozen=True)
class Popularity:
    """Counts the deals of each fund.

    Attributes
    ----------
    half_life : years after which a deal counts half; None where age does not matter.
    """

    half_life: float | None = None

    @property
    def name(self) -> str:
        """The name of its family: with or without age."""
        return "popularity" if self.half_life is None else "recent popularity"

    def fit(self, market: Market, vectors: VectorStore) -> "Counted":
        """Count."""
        return Counted(market, holdings(market, DealWeight(self.half_life).of(market)))


@dataclass(frozen=True)
class Counted:
    """The weights of deals by company and fund."""

    market: Market
    holdings: sparse.csr_array

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score each fund by its deals, those in the query's own company left out."""
        all_of_them = np.asarray(self.holdings.sum(axis=0), np.float64)
        scores = np.tile(all_of_them, (len(queries), 1))
        own = own_rows(queries, self.market)
        known = np.flatnonzero(own != NOBODY)
        scores[known] -= self.holdings[own[known]].toarray()
        return scores


GRID = (Popularity(),)
RECENT_GRID = tuple(Popularity(years) for years in (2.0, 1.0, 0.5))
