"""The investors of the companies that are alike in what they do, where they are and what they raise.

A product kernel (Nadaraya 1964, Watson 1964): likenesses multiply, so that their exponents add.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.market import Market
from matching.protocols import VectorStore
from matching.records import Startup
from models.baselines.deals import DealWeight, holdings
from models.baselines.learned import LearnedVectors
from models.baselines.neighbours import Neighbours
from models.baselines.terms import TfIdf, places, tags, words

TAG_RANK, CITY_RANK = 8, 64
Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ProductKernel:
    """Weighs a company by exp of a weighted sum of likenesses, the nearest ones alone.

    Attributes
    ----------
    words : gain of one unit of the cosine of words and tags.
    tags, cities : gain of one unit of the product of learned vectors.
    city, country, stage : gain of the same one.
    unknown_city, unknown_stage : gain of a company that does not tell it, where the query does: between a
        match and a mismatch.
    nearest : companies that count.
    half_life, follow_on, syndicate : of deals, see `DealWeight`.
    """

    words: float = 0.8
    tags: float = 0.5
    cities: float = 2.0
    city: float = 0.7
    country: float = 5.1
    stage: float = 0.9
    unknown_city: float = 0.5
    unknown_stage: float = 0.3
    nearest: int = 1_000
    half_life: float = 2.0
    follow_on: float = 0.3
    syndicate: float = 0.33
    name: str = "product kernel"

    def fit(self, market: Market, vectors: VectorStore) -> Neighbours:
        """Learn the vectors of tags and cities."""
        weight = DealWeight(self.half_life, self.follow_on, self.syndicate).of(market)
        return Neighbours(market, Exponent.of(self, market), holdings(market, weight), self.nearest)


@dataclass(frozen=True)
class Fields:
    """One value a company: country, place and stage, "" where unknown."""

    country: npt.NDArray[np.str_]
    city: npt.NDArray[np.str_]
    stage: npt.NDArray[np.str_]

    @classmethod
    def of(cls, startups: Sequence[Startup]) -> "Fields":
        """Read the fields."""
        return cls(
            np.array([s.country or "" for s in startups], np.str_),
            np.array([s.place for s in startups], np.str_),
            np.array([s.stage or "" for s in startups], np.str_),
        )


@dataclass(frozen=True)
class Exponent:
    """The exponent of the kernel between queries and all companies of a market."""

    settings: ProductKernel
    tfidf: TfIdf
    tags: LearnedVectors
    cities: LearnedVectors
    company_tags: Matrix
    company_cities: Matrix
    fields: Fields

    @classmethod
    def of(cls, settings: ProductKernel, market: Market) -> "Exponent":
        """Learn from a market's companies and deals."""
        companies = market.companies
        counted = holdings(market, np.ones(len(market.deals.fund)))
        told, placed = [tags(c) for c in companies], [places(c) for c in companies]
        tag_vectors = LearnedVectors.of(told, counted, TAG_RANK)
        city_vectors = LearnedVectors.of(placed, counted, CITY_RANK, centred=True)
        return cls(
            settings=settings,
            tfidf=TfIdf.over([words(c) for c in companies]),
            tags=tag_vectors,
            cities=city_vectors,
            company_tags=tag_vectors.mean(told),
            company_cities=city_vectors.mean(placed),
            fields=Fields.of(companies),
        )

    def __call__(self, queries: Sequence[Startup]) -> Matrix:
        """Weigh every company, shape (n_queries, n_companies); the nearest one of a query weighs 1."""
        exponent = self.exponents(queries)
        found: Matrix = np.exp(exponent - exponent.max(axis=1, keepdims=True))
        return found

    def exponents(self, queries: Sequence[Startup]) -> Matrix:
        """Add up the likenesses, shape (n_queries, n_companies)."""
        gain, asked, held = self.settings, Fields.of(queries), self.fields
        found = np.float32(gain.words) * self.tfidf.cosines([words(q) for q in queries])
        found += np.float32(gain.tags) * (self.tags.mean([tags(q) for q in queries]) @ self.company_tags.T)
        cities = self.cities.mean([places(q) for q in queries])
        found += np.float32(gain.cities) * (cities @ self.company_cities.T)
        for said, of, match, unknown in (
            (asked.country, held.country, gain.country, 0.0),
            (asked.city, held.city, gain.city, gain.unknown_city),
            (asked.stage, held.stage, gain.stage, gain.unknown_stage),
        ):
            known = (said != "")[:, None]
            found += np.float32(match) * (known & (said[:, None] == of))
            found += np.float32(unknown) * (known & (of == ""))
        return found


GRID = (
    ProductKernel(),
    ProductKernel(syndicate=0.5),
    ProductKernel(half_life=3.0),
    ProductKernel(words=0.6, tags=1.0),
    ProductKernel(words=1.2, tags=1.4),
    ProductKernel(cities=1.5),
)
