"""The investors of the companies that are alike in what they do, where they are and what they raise.

A product kernel (Nadaraya 1964, Watson 1964): likenesses multiply, so that their exponents add.
"""

from collections.abc import Callable, Sequence
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
    silent_stage : gain of a company that does not tell its stage, where the query does not either.
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
    silent_stage: float = 0.5
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
class Coded:
    """One field of companies as numbers; 0 is unknown."""

    code_of: dict[str, int]
    codes: npt.NDArray[np.int32]

    @classmethod
    def of(cls, values: Sequence[str]) -> "Coded":
        """Give each value a number, 0 to an empty one."""
        code_of = {value: at for at, value in enumerate(sorted({*values} - {""}), 1)}
        return cls(code_of, np.array([code_of.get(value, 0) for value in values], np.int32))

    def same(self, value: str) -> npt.NDArray[np.bool_]:
        """Tell which companies have a value; none has an unknown one."""
        return np.asarray(self.codes == self.code_of.get(value, -1))

    @property
    def unknown(self) -> npt.NDArray[np.bool_]:
        """Tell which companies do not tell it."""
        return np.asarray(self.codes == 0)


FIELDS: tuple[Callable[[Startup], str], ...] = (
    lambda startup: startup.country or "",
    lambda startup: startup.place,
    lambda startup: startup.stage_told or startup.stage or "",
)
"""Country, place, and the stage in its own word, "" where unknown."""


@dataclass(frozen=True)
class Exponent:
    """The exponent of the kernel between queries and all companies of a market."""

    settings: ProductKernel
    tfidf: TfIdf
    tags: LearnedVectors
    cities: LearnedVectors
    company_tags: Matrix
    company_cities: Matrix
    fields: tuple[Coded, ...]

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
            fields=tuple(Coded.of([field(c) for c in companies]) for field in FIELDS),
        )

    def __call__(self, queries: Sequence[Startup]) -> Matrix:
        """Weigh every company, shape (n_queries, n_companies); the nearest one of a query weighs 1."""
        exponent = self.exponents(queries)
        found: Matrix = np.exp(exponent - exponent.max(axis=1, keepdims=True))
        return found

    def words(self, queries: Sequence[Startup]) -> Matrix:
        """Compare words and tags, shape (n_queries, n_companies)."""
        return self.tfidf.cosines([words(query) for query in queries])

    def exponents(self, queries: Sequence[Startup]) -> Matrix:
        """Add up the likenesses, shape (n_queries, n_companies)."""
        return self.topic(queries, self.words(queries)) + self.site(queries)

    def topic(self, queries: Sequence[Startup], words: Matrix) -> Matrix:
        """Add up the likenesses in what companies do; `words` are those of `self.words`."""
        told = self.tags.mean([tags(query) for query in queries])
        gain = self.settings
        found = np.float32(gain.words) * words
        return np.asarray(found + np.float32(gain.tags) * (told @ self.company_tags.T))

    def site(self, queries: Sequence[Startup]) -> Matrix:
        """Add up the likenesses in where companies are and in what they raise."""
        gain = self.settings
        gains = (
            (gain.country, 0.0, 0.0),
            (gain.city, gain.unknown_city, 0.0),
            (gain.stage, gain.unknown_stage, gain.silent_stage),
        )
        cities = self.cities.mean([places(query) for query in queries])
        found = np.float32(gain.cities) * (cities @ self.company_cities.T)
        for row, query in zip(found, queries, strict=True):
            for told, held, (match, unknown, silent) in zip(FIELDS, self.fields, gains, strict=True):
                value = told(query)
                row += np.float32(match) * held.same(value)
                row += np.float32(unknown if value else silent) * held.unknown
        return np.asarray(found)


GRID = (
    ProductKernel(),
    ProductKernel(syndicate=0.5),
    ProductKernel(half_life=3.0),
    ProductKernel(words=0.6, tags=1.0),
    ProductKernel(words=1.2, tags=1.4),
    ProductKernel(cities=1.5),
)
