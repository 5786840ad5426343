"""Which pairs were introduced at all: a model of the choice that all known answers have gone through."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matching.market import Floats
from models.logistic import newton
from models.pair_columns import COLUMNS, FIT

DISTANCE_GAIN = 0.2
"""Log odds of a yes that a pair loses for each unit of log odds of being introduced that it lacks."""

RARE = 0.01
"""Share of the introduced below whose odds of it there is nothing to compare a pair with."""

ROUNDING = 1e-9
"""So that pairs alike are alike."""

PRECISION = 1.0
"""Of the weights of standardised columns, drawn to 0."""


@dataclass(frozen=True, eq=False)
class Exposure:
    """The log odds that a startup is introduced to a fund, linear in what speaks for their fit.

    Managers know more than is written down: an unlikely pair that they do introduce is better than it looks,
    and one that they do not is worse (sample selection: Heckman 1979; the propensity score: Rosenbaum and
    Rubin 1983).

    Attributes
    ----------
    weights : of COLUMNS, shape (len(COLUMNS),).
    usual : log odds of the median introduced pair, but for a constant.
    least : those below which a pair is unlike all but RARE of them.
    """

    weights: Floats
    usual: float
    least: float

    @classmethod
    def fit(cls, introduced: Floats, others: Floats) -> "Exposure":
        """Fit it to introduced pairs and to others that might have been, each of shape (n, len(COLUMNS))."""
        both = np.nan_to_num(np.vstack([introduced, others])) * FIT
        centre, spread = both.mean(axis=0), both.std(axis=0)
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
        design = np.hstack([(both - centre) * scale, np.ones((len(both), 1))])
        targets = np.arange(len(both)) < len(introduced)
        precision = np.append(np.full(len(COLUMNS), PRECISION), 1e-6)
        weights = newton(design, targets.astype(np.float64), precision=precision)[0][:-1] * scale
        odds = cls(weights, 0.0, 0.0).odds(introduced)
        return cls(weights, float(np.median(odds)), float(np.quantile(odds, RARE)) - ROUNDING)

    def odds(self, matrix: Floats) -> Floats:
        """Tell the log odds, but for a constant, shape (n,)."""
        found: Floats = (np.nan_to_num(matrix) * self.weights).sum(axis=1)
        return found

    def offset(self, matrix: Floats) -> Floats:
        """Tell what distance from the introduced adds to the log odds of a yes, at most 0, shape (n,)."""
        found: Floats = DISTANCE_GAIN * np.minimum(0.0, self.odds(matrix) - self.usual)
        return found

    def to_plain(self) -> dict[str, float]:
        """Tell its numbers in values that JSON has."""
        return {"usual": self.usual, "least": self.least}

    @classmethod
    def from_plain(cls, plain: Mapping[str, float], weights: Floats) -> "Exposure":
        """Read what `to_plain` told."""
        return cls(weights, float(plain["usual"]), float(plain["least"]))
