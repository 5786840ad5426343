"""What the chance of an acceptance is learned from: the prior's features, past answers, lifts of deals."""

from dataclasses import dataclass

import numpy as np

from matching.market import Floats, Ints, Market
from matching.pairs import Pairs
from matching.rank import PriorRanker
from matching.vocabulary import PLAIN_FEATURES, Feature
from models.features import answers, lifts
from models.features.answers import Answers
from models.features.columns import Column
from models.features.lenses import Weights
from models.features.lifts import Lifts

_UNITS = {
    Feature.THESIS: "log(1 + sum of exponentials above unrelated)",
    Feature.PORTFOLIO: "log(1 + kernel sum)",
    Feature.ACTIVITY: "log(1 + deals)",
    Feature.POPULARITY: "log(1 + companies)",
}
_OF = "deals, profiles"
_UNSURE = {Feature.ACTIVITY, Feature.POPULARITY}
PRIOR_COLUMNS = tuple(
    Column(
        feature.value,
        _UNITS.get(feature, "lift"),
        feature,
        int(feature not in _UNSURE),
        source="deals, profiles",
    )
    for feature in PLAIN_FEATURES
)
COLUMNS: tuple[Column, ...] = (*PRIOR_COLUMNS, *answers.COLUMNS, *lifts.COLUMNS)

FIT = np.array([column not in answers.COLUMNS for column in COLUMNS])
"""Which of COLUMNS tell how well the two fit, whatever was answered."""

PRIOR_GAIN = 0.3
EFFECT_GAIN = 0.75
"""Log odds of a yes for one unit of the prior's score, and for one of an effect of past answers, where
nothing has been learned yet; past effects do not hold in full."""

LIFT_GAINS = (0.5, 0.3)
"""Log odds of a yes for one unit of each lift, which is a log: a fund answers less by it than it invests."""

EXPECTED = np.array(
    [
        *PRIOR_GAIN * PriorRanker().weights,
        *(EFFECT_GAIN * (column in answers.EFFECTS) for column in answers.COLUMNS),
        *LIFT_GAINS,
    ]
)
"""Weights of COLUMNS before anything is learned."""

PRECISION = np.where(FIT, 300.0, 10.0)
"""How strongly they are drawn to EXPECTED. Pairs are introduced because they fit, so that answers show little
of what fit is worth: its weights are held thirty times as fast."""


@dataclass(frozen=True)
class PairView:
    """COLUMNS of the funds of one Market; a View for introductions, for which it needs no candidates."""

    answers: Answers
    lifts: Lifts
    width: int = len(COLUMNS)

    @classmethod
    def of(cls, market: Market) -> "PairView":
        """Learn what answers and deals the Market knows."""
        return cls(Answers.of(market), Lifts.of(market))

    def beside(self, pairs: Pairs) -> "PairSeen":
        """Look at the funds beside a startup."""
        return PairSeen(self, pairs, self.lifts.weights(pairs.startup))


@dataclass(frozen=True)
class PairSeen:
    """The funds beside one startup."""

    view: PairView
    pairs: Pairs
    weights: Weights

    @property
    def pool(self) -> Ints:
        """All eligible funds."""
        return self.pairs.eligible

    def matrix(self, rows: Ints) -> Floats:
        """Compute COLUMNS, shape (len(rows), len(COLUMNS)); NaN is unknown."""
        told, liked = self.view.answers.matrix(self.pairs, rows), self.view.lifts.matrix(self.weights, rows)
        return np.hstack([self.pairs.matrix(rows), told, liked])


def by_reason(parts: Floats) -> Floats:
    """Sum the parts of COLUMNS by what they are told as, shape (n, len(COLUMNS)) to (n, len(Feature)).

    One column after another: a sum over an axis adds up one row in another order than many.
    """
    found, places = np.zeros((len(parts), len(Feature))), list(Feature)
    for at, column in enumerate(COLUMNS):
        if column.reason is not None:
            found[:, places.index(column.reason)] += parts[:, at]
    return found
