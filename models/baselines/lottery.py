"""Funds in any order: what no method may fall below."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.market import Floats, Market
from matching.protocols import VectorStore
from matching.records import Startup


@dataclass(frozen=True)
class Lottery:
    """Draws a score for every pair."""

    name: str = "random"

    def fit(self, market: Market, vectors: VectorStore) -> "Drawn":
        """Learn nothing."""
        return Drawn(len(market.funds))


@dataclass(frozen=True)
class Drawn:
    """Gives all funds one score: the judge lets equal ones fall by lot."""

    n_funds: int

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score every fund alike, shape (len(queries), n_funds)."""
        return np.zeros((len(queries), self.n_funds))


GRID = (Lottery(),)
