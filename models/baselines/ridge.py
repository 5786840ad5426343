"""A linear map from profiles to funds, learned by ridge regression (Hoerl and Kennard 1970).

Its prediction is a weighted sum of past companies' investors, so that it stands beside the kernels as one
more likeness: the weight of a company is that of the equivalent smoother.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from matching.market import Floats, Market
from matching.protocols import VectorStore
from matching.records import Startup
from models.baselines.deals import DealWeight, holdings
from models.baselines.neighbours import Neighbours
from models.baselines.terms import Vocabulary, tags

LEAST = 4
"""Companies a term needs: one that is rarer tells the map nothing that holds."""

TAG, TAG_IN_COUNTRY = "tag", "tag in country"
WEIGHT = {TAG: 0.6, TAG_IN_COUNTRY: 0.5}
"""What a term weighs by its kind; all others weigh 1."""


@dataclass(frozen=True)
class RidgeMap:
    """Predicts investors from tags, place and stage, and from pairs of them.

    Attributes
    ----------
    penalty : on the square of a coefficient, in companies.
    half_life : years after which a past company counts half.
    follow_on, syndicate : of deals, see `DealWeight`.
    """

    penalty: float = 75.0
    half_life: float = 2.0
    follow_on: float = 0.3
    syndicate: float = 0.33
    name: str = "ridge map"

    def fit(self, market: Market, vectors: VectorStore) -> Neighbours:
        """Solve the normal equations."""
        weight = DealWeight(None, self.follow_on, self.syndicate).of(market)
        return Neighbours(market, Smoother.of(self, market), holdings(market, weight))


Term = tuple[str, ...]
"""Its kind, and its values."""


def terms(startup: Startup) -> list[Term]:
    """List what the map reads of a profile: its tags, country, place and stage, and pairs of them."""
    country, place = startup.country or "", startup.place
    stage, told = startup.stage_told or startup.stage or "", tags(startup)
    fields = ("country", country), ("place", place), ("stage", stage)
    pairs = ("stage in country", country, stage), ("stage in place", place, stage)
    known = [term for term in (*fields, *pairs) if all(term)]
    crossed = [(TAG_IN_COUNTRY, country, tag) for tag in told if country]
    return [("every",), *known, *((TAG, tag) for tag in told), *crossed]


@dataclass(frozen=True)
class Smoother:
    """Weighs companies as the map does: D X (X' D X + penalty)^-1 x, which may be negative.

    Attributes
    ----------
    rows : weighed terms of each company times its age weight, shape (n_companies, n_terms).
    inverse : of the penalised Gram matrix, its rows weighed as the terms are, shape (n_terms, n_terms).
    """

    vocabulary: Vocabulary
    rows: sparse.csr_array
    inverse: npt.NDArray[np.float32]

    @classmethod
    def of(cls, settings: RidgeMap, market: Market) -> "Smoother":
        """Learn from the companies of a market."""
        told = [list(map("\0".join, terms(company))) for company in market.companies]
        vocabulary = _frequent(told)
        kinds = [term.partition("\0")[0] for term in vocabulary.column_of]
        weight = np.array([WEIGHT.get(kind, 1.0) for kind in kinds])
        marks = sparse.csr_array(vocabulary.marks(told) @ sparse.diags_array(weight))
        weighed = sparse.csr_array(sparse.diags_array(_recency(market, settings.half_life)) @ marks)
        gram = np.asarray((marks.T @ weighed).toarray(), np.float64)
        gram[np.diag_indices_from(gram)] += settings.penalty
        inverse = weight[:, None] * linalg.inv(gram, overwrite_a=True, check_finite=False)
        return cls(vocabulary, weighed.astype(np.float32), inverse.astype(np.float32))

    def __call__(self, queries: Sequence[Startup]) -> npt.NDArray[np.float32]:
        """Weigh every company, shape (n_queries, n_companies)."""
        asked = [self.vocabulary.known(map("\0".join, terms(query))) for query in queries]
        solved = np.array([self.inverse[known].sum(axis=0) for known in asked], np.float32)
        return np.asarray((self.rows @ solved.reshape(len(queries), len(self.inverse)).T).T)


def _recency(market: Market, half_life: float) -> Floats:
    """Weigh each company by the age of its newest deal."""
    newest = np.full(len(market.companies), np.inf)
    np.minimum.at(newest, market.deals.company, market.deals.age_years)
    return np.asarray(0.5 ** (newest / half_life))


def _frequent(told: Sequence[Sequence[str]]) -> Vocabulary:
    everything = Vocabulary.of(told)
    n = np.bincount(everything.marks(told).indices, minlength=len(everything))
    return Vocabulary.of([[term for term, at in everything.column_of.items() if n[at] >= LEAST]])


GRID = (RidgeMap(), RidgeMap(150.0), RidgeMap(40.0))
