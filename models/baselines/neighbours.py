"""Score funds by the companies they backed that are like the query."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from matching.market import Floats, Market
from matching.records import Startup
from models.baselines.deals import own_rows
from models.judging import NOBODY

TIE = 1e-5
"""Weights in float32 that differ by a smaller share may be equal."""

Likeness = Callable[[Sequence[Startup]], npt.NDArray[np.float32]]
"""Weighs every company of a market for every query, shape (n_queries, n_companies), not below 0."""


@dataclass(frozen=True)
class Neighbours:
    """Sums, for each fund, the likeness of the companies it backed.

    Attributes
    ----------
    holdings : weights of deals by company and fund, shape (n_companies, n_funds).
    nearest : how many companies count for a query, with those that tie with the last; None is all.
    """

    market: Market
    likeness: Likeness
    holdings: sparse.csr_array
    nearest: int | None = None

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score every fund, shape (len(queries), n_funds); a query's own company is left out."""
        if not queries or not len(self.market.companies):
            return np.zeros((len(queries), len(self.market.funds)))
        weight = self.likeness(queries)
        own = own_rows(queries, self.market)
        known = np.flatnonzero(own != NOBODY)
        weight[known, own[known]] = 0.0
        return np.asarray(only_nearest(weight, self.nearest) @ self.holdings, np.float64)


def only_nearest(weight: npt.NDArray[np.float32], n: int | None) -> npt.NDArray[np.float32]:
    """Keep the `n` largest of each row and those that tie with the last of them; the others become 0.

    What rounding sets apart still ties, or the order of records would decide which of them stay.
    """
    if n is None or n >= weight.shape[1]:
        return weight
    least = np.partition(weight, -n, axis=1)[:, -n, None]
    return np.where(weight >= least * np.float32(1 - TIE), weight, np.float32(0))
