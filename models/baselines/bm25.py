"""The investors of the companies that a search for the query's words finds first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from matching.market import Market
from matching.protocols import VectorStore
from matching.records import Startup
from models.baselines.deals import DealWeight, holdings
from models.baselines.neighbours import Neighbours
from models.baselines.terms import Vocabulary, words

SATURATION, LENGTH = 1.2, 0.75
"""k1 and b of Robertson and Zaragoza (2009), their usual values."""


@dataclass(frozen=True)
class Bm25Neighbours:
    """Nearest companies by BM25 over place, stage, tags and words, each a term.

    Attributes
    ----------
    nearest : companies that count.
    power : of a company's score, its weight.
    half_life, follow_on, syndicate : of deals, see `DealWeight`.
    """

    nearest: int = 1_000
    power: float = 1.5
    half_life: float = 2.0
    follow_on: float = 0.3
    syndicate: float = 0.33
    name: str = "BM25 neighbours"

    def fit(self, market: Market, vectors: VectorStore) -> Neighbours:
        """Index the companies."""
        weight = DealWeight(self.half_life, self.follow_on, self.syndicate).of(market)
        index = Bm25.over([terms(company) for company in market.companies], self.power)
        return Neighbours(market, index, holdings(market, weight), self.nearest)


def terms(startup: Startup) -> list[str]:
    """List all that a search would look for; a field's name keeps its values apart from words."""
    fields = {"country": startup.country, "city": startup.place, "stage": startup.stage}
    return [*words(startup), *(f"{field}:{value}" for field, value in fields.items() if value)]


@dataclass(frozen=True)
class Bm25:
    """The share that each term of a company adds to its score, shape (n_companies, n_terms)."""

    vocabulary: Vocabulary
    companies: sparse.csr_array
    power: float

    @classmethod
    def over(cls, told: Sequence[Sequence[str]], power: float = 1.0) -> "Bm25":
        """Weigh the terms of all companies."""
        vocabulary = Vocabulary.of(told)
        counts = vocabulary.counts(told)
        n, frequency = len(told), np.bincount(counts.indices, minlength=len(vocabulary))
        rarity = np.log1p((n - frequency + 0.5) / (frequency + 0.5))
        length = np.asarray(counts.sum(axis=1)).ravel()
        norm = SATURATION * (1 - LENGTH + LENGTH * length / max(1.0, length.mean() if n else 0.0))
        entry = np.repeat(np.arange(n), np.diff(counts.indptr))
        counts.data = (
            rarity[counts.indices] * counts.data * (SATURATION + 1) / (counts.data + norm[entry])
        ).astype(np.float32)
        return cls(vocabulary, counts, power)

    def __call__(self, queries: Sequence[Startup]) -> npt.NDArray[np.float32]:
        """Score every company, shape (n_queries, n_companies)."""
        asked = self.vocabulary.marks([terms(query) for query in queries])
        return np.asarray((asked @ self.companies.T).toarray() ** np.float32(self.power), np.float32)


GRID = tuple(
    Bm25Neighbours(nearest, power)
    for nearest, power in ((1_000, 1.5), (1_000, 2.0), (1_000, 1.0), (4_000, 1.5))
)
