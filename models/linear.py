"""Linear scores over the features of `models.features.view`: a logistic regression, or one column alone."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from matching.market import Floats
from models.examples import Examples, Matrix
from models.features.view import COLUMNS
from models.trees import targets

STRENGTH = 0.01
"""Inverse of the L2 penalty, as scikit-learn counts it."""

FAR = 4.0
"""Standard deviations past which a feature says no more: where it was never that large it is not trusted."""


@dataclass(frozen=True)
class Linear:
    """A weighted sum of standardised features; an unknown one counts as the mean.

    Attributes
    ----------
    mean, scale, weights : shape (len(COLUMNS),).
    """

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float = 0.0

    @classmethod
    def fit(cls, examples: Examples, sample: float) -> Self:
        """Learn who invested among the candidates of first rounds by logistic regression."""
        from sklearn.linear_model import LogisticRegression

        hit, weight = targets(examples, sample)
        known = np.ma.masked_invalid(examples.matrix)
        mean = np.asarray(known.mean(axis=0, dtype=np.float64).filled(0.0))
        spread = np.asarray(known.std(axis=0, dtype=np.float64).filled(0.0))
        scale = np.where(spread > 0, spread, 1.0)
        rows = _standard(examples.matrix, mean, scale)
        fitted = LogisticRegression(C=STRENGTH, max_iter=500, tol=1e-5).fit(rows, hit, sample_weight=weight)
        return cls(mean, scale, fitted.coef_[0].astype(np.float64), float(fitted.intercept_[0]))

    def scores(self, matrix: Matrix) -> Floats:
        """Return log odds, shape (n, len(COLUMNS)) to (n,)."""
        rows = _standard(matrix, self.mean, self.scale)
        found: Floats = (rows * self.weights).sum(axis=1) + self.intercept
        return found


@dataclass(frozen=True)
class OneColumn:
    """One feature as it is."""

    name: str

    def scores(self, matrix: Matrix) -> Floats:
        """Return it, shape (n,)."""
        return matrix[:, _POSITION[self.name]].astype(np.float64)


_POSITION = {column.name: at for at, column in enumerate(COLUMNS)}


def _standard(matrix: Matrix, mean: Floats, scale: Floats) -> Floats:
    rows = np.clip((matrix - mean) / scale, -FAR, FAR)
    return np.nan_to_num(rows, copy=False)
