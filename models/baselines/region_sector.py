"""The funds that made most deals in the query's region and sectors, with wider regions to fall back on."""

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
from models.baselines.terms import Vocabulary, places, tags


@dataclass(frozen=True)
class RegionSector:
    """Counts deals in companies of the same country, more where a tag or the city is the same too.

    Attributes
    ----------
    country, city : what a company weighs that shares the country, and that shares the city and a tag; one
        that shares the country and a tag weighs 1, any other ANY.
    half_life, follow_on, syndicate : of deals, see `DealWeight`.
    """

    country: float = 0.3
    city: float = 10.0
    half_life: float = 2.0
    follow_on: float = 0.3
    syndicate: float = 0.33
    name: str = "region x sector"

    def fit(self, market: Market, vectors: VectorStore) -> Neighbours:
        """Sort the companies by country, city and tag."""
        weight = DealWeight(self.half_life, self.follow_on, self.syndicate).of(market)
        return Neighbours(market, Shared.of(self, market), holdings(market, weight))


ANY = 0.002


@dataclass(frozen=True)
class Shared:
    """Weighs companies by what they share with a query."""

    settings: RegionSector
    told: tuple[Vocabulary, ...]
    companies: tuple[sparse.csr_array, ...]

    @classmethod
    def of(cls, settings: RegionSector, market: Market) -> "Shared":
        """Mark country, place and tags of every company."""
        told = [[part(c) for c in market.companies] for part in PARTS]
        vocabularies = tuple(map(Vocabulary.of, told))
        marks = tuple(v.marks(terms) for v, terms in zip(vocabularies, told, strict=True))
        return cls(settings, vocabularies, marks)

    def __call__(self, queries: Sequence[Startup]) -> npt.NDArray[np.float32]:
        """Weigh every company, shape (n_queries, n_companies)."""
        country, city, tag = (
            (v.marks([part(q) for q in queries]) @ marks.T).toarray() > 0
            for v, part, marks in zip(self.told, PARTS, self.companies, strict=True)
        )
        country |= np.array([query.country is None for query in queries])[:, None]  # no mismatch
        s = self.settings
        weight = ANY + s.country * country + (country & tag) + s.city * (city & tag)
        return np.asarray(weight, np.float32)


def _country(startup: Startup) -> list[str]:
    return [startup.country] if startup.country else []


PARTS = (_country, places, tags)

GRID = tuple(
    RegionSector(country, city) for country, city in ((0.3, 10.0), (0.3, 5.0), (0.3, 20.0), (0.2, 10.0))
)
