"""Boosted trees on the columns of a pair, kept as the text that LightGBM writes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.market import Bools, Floats
from models.forest import Forest

SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.7,
    "lambda_l2": 10.0,
    "monotone_constraints_method": "advanced",
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 0,
    "verbosity": -1,
}
ROUNDS = 150


@dataclass(frozen=True)
class Trees:
    """Gradient-boosted trees (LightGBM: Ke et al. 2017); NaN goes its own way."""

    text: str

    @cached_property
    def _forest(self) -> Forest:
        return Forest.read(self.text)

    @classmethod
    def fit(cls, matrix: Floats, accepted: Bools, counts: Floats, directions: list[int]) -> "Trees":
        """Grow trees whose log odds never fall with a column of direction +1, nor rise with one of -1.

        Parameters
        ----------
        counts : how often each row counts, shape (n,).
        """
        import lightgbm

        data = lightgbm.Dataset(matrix, accepted.astype(np.float64), weight=counts)
        settings = SETTINGS | {"monotone_constraints": directions}
        return cls(lightgbm.train(settings, data, ROUNDS).model_to_string())

    def odds(self, matrix: Floats) -> Floats:
        """Tell log odds, shape (n,)."""
        return self._forest.scores(matrix)

    def parts(self, matrix: Floats) -> Floats:
        """Tell how much lower the odds were with a column unknown, by itself, shape of `matrix`."""
        whole, found = self.odds(matrix), np.zeros(matrix.shape)
        for column in range(matrix.shape[1]):
            without = matrix.copy()
            without[:, column] = np.nan
            found[:, column] = whole - self.odds(without)
        return found
