"""The Ranker protocol, and the prior: hand-set weights that work with no outcome at all."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from matching.market import Floats, Ints
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

    def bands(self, scores: Floats, shown: Ints, investors: float) -> list[Band]:
        """Tell how strong the evidence is for the funds at positions `shown` of all eligible ones.

        `investors` is how many funds of this market a backed company has, on average.
        """


_WEIGHTS: dict[Feature, float] = {
    Feature.THESIS: 0.6,
    Feature.PORTFOLIO: 1.0,
    Feature.SECTOR: 0.5,
    Feature.STAGE: 0.5,
    Feature.COUNTRY: 0.5,
    Feature.TICKET: 0.3,
    Feature.ACTIVITY: 0.1,
    Feature.POPULARITY: 0.1,
}
_BANDS = (Band.LOW, Band.MEDIUM, Band.STRONG)
STRONG_FROM = 0.12
MEDIUM_FROM = 0.04


@dataclass(frozen=True)
class PriorRanker:
    """A weighted sum of the features.

    The weights are set by hand; docs/decisions/0006-prior.md gives the measurements.
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

    def bands(self, scores: Floats, shown: Ints, investors: float) -> list[Band]:
        """Cut at STRONG_FROM and MEDIUM_FROM what would be chances if the weights had been learned.

        The portfolio column is nearly the log of a kernel sum, so a fund's share of the softmax is close
        to its Nadaraya-Watson share of the market's deals with companies like this one; times `investors`
        it reads as a chance, and keeps its scale in markets of different size. It is not calibrated,
        which is why a band is all that is shown of it.
        """
        if not len(scores):
            return []
        share = np.exp(scores - scores.max())
        share *= investors / share.sum()
        return [_BANDS[at] for at in np.searchsorted((MEDIUM_FROM, STRONG_FROM), share[shown], side="right")]
