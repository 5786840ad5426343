"""The funds that invest beside the investors of the companies that are alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

from matching.market import Floats, Ints, Market
from matching.protocols import VectorStore
from matching.records import Startup
from models.baselines.bm25 import Bm25Neighbours
from models.baselines.deals import DealWeight, holdings
from models.baselines.neighbours import Neighbours

MOST_FUNDS = 8_000
"""Funds with the most deals that take part: the inverse of their table costs the cube of their number."""


@dataclass(frozen=True)
class EaseNeighbours:
    """Spreads the investors of a query's neighbours by a linear autoencoder of portfolios (EASE: Steck 2019).

    Attributes
    ----------
    shrinkage : the ridge penalty, in companies.
    neighbours : who is alike; their investors stand in for those that a new startup does not have yet.
    """

    shrinkage: float = 100.0
    neighbours: Bm25Neighbours = field(default_factory=lambda: Bm25Neighbours(200, 4.0))
    name: str = "EASE"

    def fit(self, market: Market, vectors: VectorStore) -> "Spread":
        """Solve for the weights between funds."""
        found = self.neighbours.fit(market, vectors)
        weight = DealWeight(self.neighbours.half_life).of(market)
        held = holdings(market, weight)
        counts = np.asarray(held.sum(axis=0)).ravel()
        funds = np.sort(np.argsort(-counts, kind="stable")[:MOST_FUNDS])
        return Spread(found, funds, _between(held[:, funds], self.shrinkage))


@dataclass(frozen=True)
class Spread:
    """Weights between the funds that take part, shape (n, n)."""

    neighbours: Neighbours
    funds: Ints
    weights: npt.NDArray[np.float32]

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score every fund, shape (len(queries), n_funds)."""
        scores = self.neighbours.scores(queries)
        told = scores[:, self.funds].astype(np.float32)
        scores[:, self.funds] += told @ self.weights
        return scores


def _between(held: sparse.csr_array, shrinkage: float) -> npt.NDArray[np.float32]:
    """Solve EASE: minus the inverse Gram matrix over its diagonal, with zeros on its own."""
    gram = (held.T @ held).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += shrinkage
    inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    weights[np.diag_indices_from(weights)] = 0
    return np.asarray(weights, np.float32)


GRID = tuple(EaseNeighbours(shrinkage) for shrinkage in (100.0, 10.0, 1.0))
