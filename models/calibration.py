"""Chances out of scores: a sigmoid fitted to what came of earlier scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from matching.chances import Chance
from matching.market import Bools, Floats
from models.logistic import newton

LEAST_HITS = 30
"""With fewer hits, or fewer misses, nothing is said of a chance."""

DRAWN = 30.0
"""Precision of the slope and of the intercept where both are known beforehand."""

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Sigmoid:
    """Chance = share / (1 + exp(-(intercept + slope x score))), which never falls as scores rise.

    Attributes
    ----------
    covariance : of (slope, intercept), as ((a, b), (b, c)): how surely the data tell them.
    share : what a chance is scaled by, at most 1: of those who ask, for whom a hit is possible at all.
    """

    slope: float
    intercept: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    share: float = 1.0

    @classmethod
    def drawn(cls, odds: Floats, hits: Bools) -> "Sigmoid":
        """Fit it to log odds that ought to be right as they are: slope and intercept are drawn to 1 and 0.

        So few forecasts change little of them.
        """
        design = np.column_stack([odds, np.ones(len(odds))])
        (slope, intercept), covariance = newton(
            design, hits.astype(np.float64), mean=np.array([1.0, 0.0]), precision=DRAWN
        )
        return cls(max(0.0, float(slope)), float(intercept), _pairs(covariance))

    @classmethod
    def fit(cls, scores: Floats, hits: Bools, share: float = 1.0) -> "Sigmoid | None":
        """Fit by Newton's method; None where there are fewer than LEAST_HITS hits or misses.

        The targets are not 0 and 1 but those of Platt 1999, (hits + 1) / (hits + 2) and 1 / (misses + 2),
        so that the fit is finite even where scores tell hits and misses apart. A slope that would be
        negative is 0: then every score has the chance of the base rate.

        Parameters
        ----------
        scores, hits : what was scored and what came of it, shape (n,).
        """
        n_hits = int(np.count_nonzero(hits))
        n_misses = len(hits) - n_hits
        if min(n_hits, n_misses) < LEAST_HITS:
            return None
        targets = np.where(hits, (n_hits + 1) / (n_hits + 2), 1 / (n_misses + 2))
        centre, scale = float(scores.mean()), float(scores.std())
        if scale > 0:
            design = np.column_stack([(scores - centre) / scale, np.ones(len(scores))])
            (slope, intercept), covariance = newton(design, targets)
            if slope > 0:
                back = np.array([[1 / scale, 0], [-centre / scale, 1]])
                return cls(
                    slope / scale,
                    intercept - slope * centre / scale,
                    _pairs(back @ covariance @ back.T),
                    share,
                )
        (level,), ((variance,),) = newton(np.ones((len(scores), 1)), targets)
        return cls(0.0, float(level), ((0.0, 0.0), (0.0, float(variance))), share)

    def chances(self, scores: Floats) -> Floats:
        """Tell the chances of scores, of the same shape."""
        found: Floats = self.share * expit(self.intercept + self.slope * scores)
        return found

    def intervals(self, scores: Floats, variances: Floats | float = 0.0) -> Floats:
        """Tell the 95 % intervals of the chances, shape (len(scores), 2).

        By the delta method on the log odds: the interval of the expected share of hits at a score, which
        is as wide as the data are few, not that of one outcome.

        Parameters
        ----------
        variances : of the scores themselves, where they were learned.
        """
        odds = self.intercept + self.slope * scores
        (slope, both), (_, level) = self.covariance
        own = slope * scores**2 + 2 * both * scores + level
        wide = Z_95 * np.sqrt(np.maximum(own, 0) + self.slope**2 * variances)
        found: Floats = self.share * expit(np.stack([odds - wide, odds + wide], axis=1))
        return found

    def told(self, scores: Floats) -> list[Chance]:
        """Tell each chance with its interval."""
        cells = zip(self.chances(scores).tolist(), self.intervals(scores).tolist(), strict=True)
        return [Chance(chance, low, high) for chance, (low, high) in cells]

    def to_plain(self) -> dict[str, Any]:
        """Tell it in values that JSON has."""
        return {
            "slope": self.slope,
            "intercept": self.intercept,
            "covariance": [list(row) for row in self.covariance],
            "share": self.share,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Sigmoid":
        """Read what `to_plain` told."""
        covariance = np.array(plain["covariance"], np.float64)
        return cls(
            float(plain["slope"]), float(plain["intercept"]), _pairs(covariance), float(plain["share"])
        )


def _pairs(matrix: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    (a, b), (c, d) = matrix
    return (float(a), float(b)), (float(c), float(d))
