import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from matching.market import Floats
from models.logistic import newton


def test_a_constant_alone_is_the_log_odds_of_the_mean() -> None:
    weights, covariance = newton(np.ones((4, 1)), np.array([1.0, 0, 0, 0]))
    assert weights[0] == pytest.approx(logit(0.25))
    assert covariance[0, 0] == pytest.approx(1 / (4 * 0.25 * 0.75))


def test_counts_are_rows_told_so_many_times() -> None:
    rng = np.random.default_rng(0)
    design, targets = rng.normal(size=(20, 2)), (rng.random(20) < 0.5).astype(np.float64)
    counts = rng.integers(1, 4, 20)
    weighted = newton(design, targets, counts.astype(np.float64))
    repeated = newton(np.repeat(design, counts, axis=0), np.repeat(targets, counts))
    assert weighted[0] == pytest.approx(repeated[0], abs=1e-6)
    assert weighted[1] == pytest.approx(repeated[1], abs=1e-6)


def test_the_posterior_mode_is_what_another_optimiser_finds() -> None:
    rng = np.random.default_rng(1)
    design = np.column_stack([rng.normal(size=(60, 3)), np.ones(60)])
    targets = (rng.random(60) < expit(design @ [1.0, -1, 0, 0.5])).astype(np.float64)
    mean, precision = np.array([0.5, 0.5, 0.5, 0]), np.array([3.0, 1.0, 10.0, 1e-3])

    def loss(weights: Floats) -> float:
        odds = design @ weights
        return float(np.sum(np.logaddexp(0, odds) - targets * odds) + precision @ (weights - mean) ** 2 / 2)

    wanted = minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-8}).x
    assert newton(design, targets, None, mean, precision)[0] == pytest.approx(wanted, abs=1e-5)


def test_without_rows_the_prior_is_all_there_is() -> None:
    mean = np.array([0.3, -1.0])
    weights, covariance = newton(np.zeros((0, 2)), np.zeros(0), None, mean, np.array([2.0, 4.0]))
    assert weights == pytest.approx(mean)
    assert np.diag(covariance) == pytest.approx([0.5, 0.25])
