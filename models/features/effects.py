"""Effects on the log odds of a yes of who is asked and of what it is asked about, fitted together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize
from scipy.special import expit, logit

from matching.market import Floats, Ints

USUAL_RATE = 0.30
"""Share of introductions that investors accept, where nothing is known (PRODUCT's starting prior)."""

USUAL_WEIGHT = 20.0
"""Answers' worth of the usual rate."""


@dataclass(frozen=True)
class Effect:
    """What a property of a startup adds to the log odds of a yes, by who answers.

    Attributes
    ----------
    at : number of each property.
    keys : of each pair of answerer and property that occurs, answerer x properties + property, rising.
    lifts : of each such pair, shape of `keys`.
    """

    at: dict[str, int]
    keys: Ints
    lifts: Floats

    def of(self, told: frozenset[str], who: Ints) -> Floats:
        """Tell the effects on a startup with these properties, shape (len(who),); NaN where none is known."""
        known = np.array([self.at[name] for name in sorted(told) if name in self.at], np.int64)
        if not len(known):
            return np.full(len(who), np.nan)
        wanted = who[:, None] * len(self.at) + known
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        lifts = np.where(self.keys[place] == wanted, self.lifts[place], 0.0)
        found: Floats = lifts.sum(axis=1) / len(told)
        return found


@dataclass(frozen=True)
class Group:
    """What may have an effect: who answers, beside what it is that is answered; one entry an answer.

    A startup with several properties is one answer, spread over them.

    Attributes
    ----------
    who : a number.
    weight : answers' worth of no effect.
    """

    who: Ints
    told: Sequence[frozenset[str]]
    weight: float


def fit_effects(groups: Sequence[Group], yes: Floats) -> tuple[float, list[Effect]]:
    """Fit all effects at once, each drawn towards 0, and the log odds without any.

    Logistic regression with crossed random effects of known variance, at its mode (penalised
    quasi-likelihood: Breslow and Clayton 1993). A weight of w answers is a variance of
    1 / (w USUAL_RATE (1 - USUAL_RATE)).

    Parameters
    ----------
    yes : 1 for each answer that is one, shape (n_answers,).
    """
    marked = [_mark(group) for group in groups]
    design = sp.hstack([sp.csr_array(np.ones((len(yes), 1))), *(marks for _, _, marks in marked)]).tocsr()
    sizes = [marks.shape[1] for _, _, marks in marked]
    weights = np.repeat([USUAL_WEIGHT, *(group.weight for group in groups)], [1, *sizes])
    found = _mode(design, yes, weights * USUAL_RATE * (1 - USUAL_RATE))
    parts = np.split(found[1:], np.cumsum(sizes)[:-1])
    effects = [Effect(at, keys, part) for (at, keys, _), part in zip(marked, parts, strict=True)]
    return float(found[0] + logit(USUAL_RATE)), effects


def _mark(group: Group) -> tuple[dict[str, int], Ints, sp.csr_array]:
    """Give numbers to properties and to the pairs that occur, and mark these by answer."""
    at = {name: column for column, name in enumerate(sorted(frozenset().union(*group.told)))}
    sizes = np.array([len(names) for names in group.told], np.int64)
    row = np.repeat(np.arange(len(sizes)), sizes)
    column = np.array([at[name] for names in group.told for name in sorted(names)], np.int64)
    keys, number = np.unique(group.who[row] * max(1, len(at)) + column, return_inverse=True)
    marks = sp.csr_array((1 / np.repeat(sizes, sizes), (row, number)), (len(sizes), len(keys)))
    return at, keys, marks


def _mode(design: sp.csr_array, yes: Floats, precision: Floats) -> Floats:
    """Find the weights of the greatest posterior, shape (width,), in units of log odds above the usual."""
    base, across = logit(USUAL_RATE), design.T.tocsr()

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = base + design @ weights
        value = np.sum(np.logaddexp(0, odds) - yes * odds) + precision @ weights**2 / 2
        return float(value), across @ (expit(odds) - yes) + precision * weights

    start = np.zeros(design.shape[1])
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"gtol": 1e-4, "maxiter": 500})
    return np.asarray(best.x, np.float64)
