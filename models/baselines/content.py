"""The investors of the companies whose profiles read most alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.market import Market, profile_vectors
from matching.protocols import FloatMatrix, VectorStore
from matching.records import Startup
from models.baselines.deals import DealWeight, holdings
from models.baselines.neighbours import Likeness, Neighbours
from models.baselines.terms import TfIdf, words


@dataclass(frozen=True)
class ContentNeighbours:
    """Nearest companies by the cosine of their texts.

    Attributes
    ----------
    dense : compare vectors of the encoder, else TF-IDF of words and tags.
    nearest : companies that count.
    sharpness : gain of one unit of cosine in the exponent of a company's weight.
    half_life, follow_on, syndicate : of deals, see `DealWeight`.
    """

    dense: bool = False
    nearest: int = 4_000
    sharpness: float = 2.5
    half_life: float = 2.0
    follow_on: float = 0.5
    syndicate: float = 0.33

    @property
    def name(self) -> str:
        """The name of its family, by what is compared."""
        return "embedding neighbours" if self.dense else "TF-IDF neighbours"

    def fit(self, market: Market, vectors: VectorStore) -> Neighbours:
        """Learn the weights of words."""
        weight = DealWeight(self.half_life, self.follow_on, self.syndicate).of(market)
        return Neighbours(market, self._likeness(market, vectors), holdings(market, weight), self.nearest)

    def _likeness(self, market: Market, vectors: VectorStore) -> Likeness:
        if self.dense:
            return DenseLikeness(market.company_texts, vectors, self.sharpness)
        return SparseLikeness(TfIdf.over([words(c) for c in market.companies]), self.sharpness)


@dataclass(frozen=True)
class DenseLikeness:
    """exp(sharpness (cosine - the query's largest)) of text vectors; 0 for a company without a text."""

    companies: FloatMatrix
    vectors: VectorStore
    sharpness: float

    def __call__(self, queries: Sequence[Startup]) -> npt.NDArray[np.float32]:
        """Weigh every company, shape (n_queries, n_companies)."""
        cosines = profile_vectors(queries, self.vectors) @ self.companies.T
        return _sharpened(cosines, np.asarray(self.companies.any(axis=1)), self.sharpness)


@dataclass(frozen=True)
class SparseLikeness:
    """The same of TF-IDF rows; 0 for a company that shares no term."""

    tfidf: TfIdf
    sharpness: float

    def __call__(self, queries: Sequence[Startup]) -> npt.NDArray[np.float32]:
        """Weigh every company, shape (n_queries, n_companies)."""
        cosines = self.tfidf.cosines([words(query) for query in queries])
        return _sharpened(cosines, cosines > 0, self.sharpness)


def _sharpened(
    cosines: FloatMatrix, told: npt.NDArray[np.bool_], sharpness: float
) -> npt.NDArray[np.float32]:
    largest = cosines.max(axis=1, keepdims=True)
    return np.where(told, np.exp(np.float32(sharpness) * (cosines - largest)), np.float32(0))


GRID = tuple(ContentNeighbours(False, 4_000, sharpness) for sharpness in (2.5, 1.5, 5.0))
DENSE_GRID = tuple(
    ContentNeighbours(True, nearest, sharpness)
    for nearest, sharpness in ((4_000, 20.0), (1_000, 20.0), (4_000, 10.0))
)
