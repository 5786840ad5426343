"""Grow boosted trees over the features of `models.features.view` (LightGBM: Ke et al. 2017)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.vocabulary import Label, Outcome
from models.examples import Examples


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """How trees are grown; docs/decisions/0019-learned-ranking.md gives the measurements.

    Attributes
    ----------
    least : rows of a leaf.
    features : share of the features that a tree may use.
    shrinkage : L2 penalty on the values of leaves.
    """

    rounds: int = 150
    leaves: int = 15
    rate: float = 0.06
    least: int = 200
    features: float = 0.35
    shrinkage: float = 10.0
    bins: int = 63
    seed: int = 0


def grow(examples: Examples, sample: float, settings: TreeSettings = TreeSettings()) -> str:
    """Learn who invested among the candidates of first rounds; return the trees as LightGBM writes them.

    Parameters
    ----------
    sample : the share of unlabelled rows that the examples hold; those kept stand for the rest.
    """
    import lightgbm

    told = {
        "objective": "binary",
        "num_leaves": settings.leaves,
        "learning_rate": settings.rate,
        "min_data_in_leaf": settings.least,
        "feature_fraction": settings.features,
        "lambda_l2": settings.shrinkage,
        "max_bin": settings.bins,
        "seed": settings.seed,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    hit, weight = targets(examples, sample)
    rows = lightgbm.Dataset(examples.matrix, hit, weight=weight, params=told)
    return str(lightgbm.train(told, rows, settings.rounds).model_to_string())


def targets(examples: Examples, sample: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return 1 for an investor and 0 for another candidate, and their weights, shape (n,) both.

    A round of n investors weighs sqrt(n), lest a few large ones decide; the unlabelled rows stand for those
    that were not drawn.
    """
    hit = examples.labelled(Outcome.INVESTS, Label.POSITIVE)
    investors = np.maximum(np.bincount(examples.query[hit], minlength=len(examples.queries)), 1)
    weight = np.where(hit, investors[examples.query] ** -0.5, 1 / sample)
    return hit.astype(np.float64), weight
