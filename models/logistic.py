"""Logistic regression by Newton's method, with a Gaussian prior on the weights."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from matching.market import Floats

STEPS = 100
HALVINGS = 40
TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class _Posterior:
    """What is minimised."""

    design: Floats
    targets: Floats
    counts: Floats
    mean: Floats
    holds: Floats
    offset: Floats

    def odds(self, weights: Floats) -> Floats:
        found: Floats = self.offset + self.design @ weights
        return found

    def loss(self, weights: Floats) -> float:
        odds, off = self.odds(weights), weights - self.mean
        entropy = self.counts @ (np.logaddexp(0, odds) - self.targets * odds)
        return float(entropy + off @ self.holds @ off / 2)

    def slope(self, weights: Floats) -> Floats:
        missed = self.counts * (expit(self.odds(weights)) - self.targets)
        found: Floats = self.design.T @ missed + self.holds @ (weights - self.mean)
        return found

    def hessian(self, weights: Floats) -> Floats:
        chances = expit(self.odds(weights))
        spread = self.counts * chances * (1 - chances)
        found: Floats = self.design.T @ (self.design * spread[:, None]) + self.holds
        return found


def newton(
    design: Floats,
    targets: Floats,
    counts: Floats | None = None,
    mean: Floats | None = None,
    precision: Floats | float = 1e-12,
    offset: Floats | float = 0.0,
) -> tuple[Floats, Floats]:
    """Find the weights of the greatest posterior; a step that does not raise it is halved.

    Minimises the cross entropy plus half of `precision` times the squared distance of the weights to
    `mean`. It does what scikit-learn's LogisticRegression does with a penalty, and draws the weights
    towards something else than 0, each as strongly as is wanted.

    Parameters
    ----------
    design : columns, one of them constant if there is to be an intercept, shape (n, width).
    targets : from 0 to 1, shape (n,).
    counts : how often each row counts, 1 by default, shape (n,).
    mean, precision : of the prior, shape (width,); by default next to none.
    offset : log odds that are added whatever the weights are, shape (n,).

    Returns
    -------
    The weights, shape (width,), and the inverse of the Hessian at them (the covariance of Laplace's
    approximation), shape (width, width).
    """
    start = np.zeros(design.shape[1]) if mean is None else mean
    posterior = _Posterior(
        design,
        targets,
        np.ones(len(design)) if counts is None else counts,
        start,
        np.diag(np.broadcast_to(precision, start.shape)).astype(np.float64),
        np.broadcast_to(offset, len(design)).astype(np.float64),
    )
    weights, least = start, posterior.loss(start)
    for _ in range(STEPS):
        step, size = np.linalg.solve(posterior.hessian(weights), posterior.slope(weights)), 1.0
        for _ in range(HALVINGS):
            if (lower := posterior.loss(weights - size * step)) <= least:
                break
            size /= 2
        else:
            break
        weights, gained, least = weights - size * step, least - lower, lower
        if gained <= TOLERANCE * (1 + abs(least)):
            break
    return weights, np.linalg.inv(posterior.hessian(weights)).astype(np.float64)
