"""What is served, as a method among others: the gates, then a ranker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from matching.engine import Engine
from matching.market import Floats, Market
from matching.protocols import VectorStore
from matching.rank import PriorRanker, Trained
from matching.records import Startup
from matching.vocabulary import CAPACITY, Gate
from models.calibrated_prior import CalibratedPriorRanker
from models.learned_ranker import BEHIND, Learned
from models.over_market import OverMarket

NOT_HELD = CAPACITY | {Gate.FUND_NOT_DEPLOYING}


@dataclass(frozen=True)
class Served:
    """The list of `batch`; a fund that a gate keeps out is on no list here either.

    Monthly caps are not held: they depend on who was introduced just before, not on who would invest. Nor
    is a fund's status: the first import tells that of its own day, for all days before.
    """

    trained: Trained = field(default_factory=PriorRanker)

    @property
    def name(self) -> str:
        """The name of what was trained."""
        return self.trained.name

    def fit(self, market: Market, vectors: VectorStore) -> "Serving":
        """Take the Market into service."""
        return Serving(Engine(market, self.trained.on(market), vectors, NOT_HELD))


@dataclass(frozen=True)
class Released:
    """The list of whichever release is in force on the day of a Market.

    Attributes
    ----------
    trained : what the release of a day has learned, the prior where there is none.
    """

    trained: Callable[[date], Trained]
    name: str = "release"

    def fit(self, market: Market, vectors: VectorStore) -> "Serving":
        """Take the Market into service."""
        return Served(self.trained(market.as_of)).fit(market, vectors)


@dataclass(frozen=True)
class Serving:
    """An engine that is asked for all its scores."""

    engine: Engine

    def chances(self, scores: Floats) -> Floats:
        """Tell the chances that scores stand for, of the same shape; NaN is "not enough history"."""
        ranker = self.engine.ranker
        told = ranker.trained if isinstance(ranker, OverMarket) else ranker
        sigmoid = told.sigmoid if isinstance(told, CalibratedPriorRanker | Learned) else None
        if sigmoid is None:
            return np.full(scores.shape, np.nan)
        return np.where(scores > BEHIND / 2, sigmoid.chances(scores), np.nan)

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score every fund for every query, shape (len(queries), n_funds), -inf where a gate keeps it out."""
        width = len(self.engine.market.funds)
        return np.array([self.engine.scores(query) for query in queries]).reshape(len(queries), width)
