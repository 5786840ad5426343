"""What an evaluation compares: a method is fitted to one Market, then scores its funds for any profile."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from matching.market import Floats, Market
from matching.protocols import VectorStore
from matching.records import Startup


class Scorer(Protocol):
    """A method that was fitted to one Market."""

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score every fund for every query, shape (len(queries), len(market.funds)).

        Higher is better; -inf keeps a fund off the list. The deals of a query's own company are never
        evidence for it; what was learned from all companies may know them (at a cold start it has none).
        """


@runtime_checkable
class TellsChances(Protocol):
    """A scorer whose scores stand for chances."""

    def chances(self, scores: Floats) -> Floats:
        """Tell the chances, of the same shape as the scores; NaN is "not enough history"."""


class Method(Protocol):
    """A way to rank funds with all its settings."""

    @property
    def name(self) -> str:
        """Name of the method: alike for all settings that are tuned against each other."""

    def fit(self, market: Market, vectors: VectorStore) -> Scorer:
        """Learn from what `market` knows, and from nothing else."""
