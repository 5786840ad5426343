"""What is served, as a method among others: the gates, then a ranker."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.engine import Engine
from matching.market import Floats, Market
from matching.protocols import VectorStore
from matching.rank import PriorRanker, Ranker
from matching.records import Startup
from matching.vocabulary import CAPACITY, Gate

NOT_HELD = CAPACITY | {Gate.FUND_NOT_DEPLOYING}


@dataclass(frozen=True)
class Served:
    """The list of `batch`; a fund that a gate keeps out is on no list here either.

    Monthly caps are not held: they depend on who was introduced just before, not on who would invest. Nor
    is a fund's status: the first import tells that of its own day, for all days before.
    """

    ranker: Ranker = field(default_factory=PriorRanker)

    @property
    def name(self) -> str:
        """The ranker's name."""
        return self.ranker.name

    def fit(self, market: Market, vectors: VectorStore) -> "Serving":
        """Take the Market into service."""
        return Serving(Engine(market, self.ranker, vectors, NOT_HELD))


@dataclass(frozen=True)
class Serving:
    """An engine that is asked for all its scores."""

    engine: Engine

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score every fund for every query, shape (len(queries), n_funds), -inf where a gate keeps it out."""
        width = len(self.engine.market.funds)
        return np.array([self.engine.scores(query) for query in queries]).reshape(len(queries), width)
