"""The Ranker protocol, and the prior: hand-set weights that work with no outcome at all."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from matching.market import Floats
from matching.vocabulary import Band, Feature, Outcome


class Ranker(Protocol):
    """Scores rows of the feature matrix, and can say what each column contributed."""

    @property
    def name(self) -> str:
        """Identity of the ranker, shown with every suggestion."""

    @property
    def outcome(self) -> Outcome:
        """The event that its chances are about."""

    def predict(self, matrix: Floats) -> Floats:
        """Score rows, shape (n, len(Feature)) to (n,); higher is better, no probability."""

    def contributions(self, matrix: Floats) -> Floats:
        """Split each score by feature, shape (n, len(Feature)); the rows sum to the scores."""

    def bands(self, scores: Floats) -> list[Band]:
        """Tell how strong the evidence behind each score is."""


_WEIGHTS: dict[Feature, float] = {
    Feature.THESIS: 1.0,
    Feature.PORTFOLIO: 1.0,
    Feature.SECTOR: 0.5,
    Feature.STAGE: 0.5,
    Feature.COUNTRY: 0.5,
    Feature.TICKET: 0.3,
    Feature.ACTIVITY: 0.1,
    Feature.POPULARITY: 0.1,
}
STRONG_FROM = 2.0
MEDIUM_FROM = 1.0


@dataclass(frozen=True)
class PriorRanker:
    """A weighted sum of the features.

    The weights are set by hand; docs/decisions/0006-prior-weights.md gives the measurements.
    """

    weights: Floats = field(default_factory=lambda: np.array([_WEIGHTS[feature] for feature in Feature]))
    name: str = "prior-1"
    outcome: Outcome = Outcome.INVESTS

    def predict(self, matrix: Floats) -> Floats:
        """Score rows, shape (n, len(Feature)) to (n,)."""
        scores: Floats = self.contributions(matrix).sum(axis=1)
        return scores

    def contributions(self, matrix: Floats) -> Floats:
        """Split each score by feature, shape (n, len(Feature))."""
        parts: Floats = matrix * self.weights
        return parts

    def bands(self, scores: Floats) -> list[Band]:
        """Cut scores at STRONG_FROM and MEDIUM_FROM."""
        cuts = [(STRONG_FROM, Band.STRONG), (MEDIUM_FROM, Band.MEDIUM)]
        return [next((band for cut, band in cuts if score >= cut), Band.LOW) for score in scores]
