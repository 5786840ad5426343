"""Learn the chance of an acceptance from introductions, and climb only as high as they carry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from scipy.special import logit

from matching.market import Bools, Floats, Ints
from matching.protocols import VectorStore
from matching.vocabulary import Kind, Label, Outcome, Rung
from models.acceptance import Acceptance, Linear, Odds, with_constant
from models.acceptance_trees import Trees
from models.calibration import LEAST_HITS, Sigmoid
from models.examples import build_examples, stacked
from models.exposure import Exposure
from models.features.effects import USUAL_RATE
from models.history import History
from models.logistic import newton
from models.metrics import Interval, mean_interval
from models.pair_columns import COLUMNS, EXPECTED, PRECISION, PRIOR_COLUMNS, PairView
from models.rows import Rows
from models.snapshots import snapshot_days

INTERCEPT_PRECISION = 1e-3
BOOSTED_FROM = 3_000
"""Rows below which trees are not tried."""

SNAPSHOT_MONTHS = 3
"""Between snapshots: the load and the answers of half a year ago say little of today's."""

OTHERS = 5
"""Funds, for each startup and day, that are compared with those it was introduced to."""

SURE = 0.9
"""The interval of a gain that has to lie above 0."""

SILENCE = 1.0
"""How much of a no an ask without an answer is while weights are learned, from 0 to 1."""

Fit = Callable[[Rows], Odds]


@dataclass(frozen=True, eq=False)
class Forecasts:
    """What models forecast that knew only what was closed by then.

    Attributes
    ----------
    judged : positions of the rows that were forecast, shape (n,).
    odds : log odds by rung, each of shape (n,).
    """

    judged: Ints
    odds: Mapping[Rung, Floats]


def learn(
    history: History, vectors: VectorStore, since: date, as_of: date, silence: float = SILENCE
) -> Acceptance | None:
    """Learn from the introductions opened from `since` on that were known at the start of `as_of`.

    Returns
    -------
    None where there is too little history to tell a chance.
    """
    days = snapshot_days(since, as_of, SNAPSHOT_MONTHS)
    if not days:
        return None
    kinds = frozenset({Kind.INTRODUCTION})
    blocks = build_examples(history, vectors, days, as_of, see=PairView.of, kinds=kinds, others=OTHERS)
    examples = stacked(blocks)
    others = examples.matrix[examples.labelled(Outcome.INVESTS, Label.UNLABELLED)]
    return train(Rows.of(examples), np.asarray(others, np.float64), silence)


def train(rows: Rows, others: Floats, silence: float = SILENCE) -> Acceptance | None:
    """Choose a rung, fit it to all rows, and its chances to what it had forecast of rows it did not know.

    Silence counts as not accepted for the chance, whatever it counts for the weights.

    Parameters
    ----------
    others : COLUMNS of pairs that were not introduced, shape (n, len(COLUMNS)).

    Returns
    -------
    None with fewer than LEAST_HITS accepted rows, or others.
    """
    if min(rows.accepted.sum(), (~rows.accepted).sum()) < LEAST_HITS:
        return None
    exposure = Exposure.fit(rows.matrix, others)
    rows = replace(rows, offset=exposure.offset(rows.matrix))
    found = forecast(rows, silence)
    rung, trial = climb(rows, found)
    linear = fit_linear(silence, rows)
    return Acceptance(
        rung=rung,
        linear=linear,
        trees=fit_trees(silence, rows) if rung is Rung.BOOSTED else None,
        exposure=exposure,
        farthest=float(linear.variances(rows.matrix).max()),
        sigmoid=Sigmoid.drawn(found.odds[rung], rows.accepted[found.judged]),
        base_rate=float(rows.accepted.mean()),
        trial=trial,
    )


def climb(rows: Rows, found: Forecasts) -> tuple[Rung, dict[str, Any]]:
    """Take the logistic rung, and trees if their forecasts surely beat its own.

    The logistic is drawn to the prior so strongly that it need not first be shown to be better: from few
    answers that cannot be shown. Trees are not drawn: a one-sided test of the gain in log loss at 5 %,
    resampling startups: the lower end of its 90 % interval is above 0.

    Returns
    -------
    The rung, and in plain values what was compared, the logistic with the prior too.
    """
    hits, startup = rows.accepted[found.judged], rows.startup[found.judged]
    losses = {rung: log_losses(odds, hits) for rung, odds in found.odds.items()}
    taken, steps = Rung.LOGISTIC, []
    for rung, over in ((Rung.LOGISTIC, Rung.PRIOR), (Rung.BOOSTED, Rung.LOGISTIC)):
        if rung not in losses or not len(hits):
            continue
        gain = by_startup(losses[over] - losses[rung], startup)
        better = gain.low > 0 if rung is Rung.BOOSTED else gain.mean > 0
        taken = rung if better else taken
        steps.append(
            {"rung": rung, "over": over, "loss": float(losses[rung].mean()), "better": better}
            | {"gain": gain.mean, "low": gain.low, "high": gain.high}
        )
    counted = {"rows": len(rows), "accepted": int(rows.accepted.sum()), "silent": int(rows.silent.sum())}
    return taken, counted | {"judged": len(hits), "steps": steps}


def forecast(rows: Rows, silence: float) -> Forecasts:
    """Let every rung forecast the folds of `rows` that have enough before them to learn from."""
    folds = [fold for fold in rows.folds() if rows.accepted[fold[0]].sum() >= LEAST_HITS]
    folds = [(known, judged) for known, judged in folds if (~rows.accepted[known]).sum() >= LEAST_HITS]
    judged = np.concatenate([np.zeros(0, np.int64), *(judged for _, judged in folds)])

    def out_of_time(fit: Fit) -> Floats:
        told = [fit(rows.take(known)).odds(rows.matrix[judged]) for known, judged in folds]
        return np.concatenate([np.zeros(0), *told])

    odds = {
        Rung.PRIOR: out_of_time(scaled_prior),
        Rung.LOGISTIC: out_of_time(partial(fit_linear, silence)) + rows.offset[judged],
    }
    if len(rows) >= BOOSTED_FROM:
        odds[Rung.BOOSTED] = out_of_time(partial(fit_trees, silence))
    return Forecasts(judged, odds)


def prior() -> Linear:
    """Rank as the prior does, by weights that no answer has touched."""
    weights = np.where(np.arange(len(COLUMNS)) < len(PRIOR_COLUMNS), EXPECTED, 0.0)
    return Linear(weights, float(logit(USUAL_RATE)), np.zeros((len(COLUMNS) + 1,) * 2))


def scaled_prior(rows: Rows) -> Linear:
    """Scale the prior's score to log odds by two numbers."""
    one = prior()
    sigmoid = Sigmoid.fit(one.odds(rows.matrix), rows.accepted)
    if sigmoid is None:
        return one
    return Linear(
        one.weights * sigmoid.slope, sigmoid.intercept + sigmoid.slope * one.intercept, one.covariance
    )


def fit_linear(silence: float, rows: Rows) -> Linear:
    """Fit weights that are drawn towards EXPECTED."""
    mean = np.append(EXPECTED, logit(USUAL_RATE))
    precision = np.append(PRECISION, INTERCEPT_PRECISION)
    targets, counts = rows.accepted.astype(np.float64), _counts(rows, silence)
    design = with_constant(rows.matrix)
    weights, covariance = newton(design, targets, counts, mean, precision, rows.offset)
    return Linear(weights[:-1], float(weights[-1]), covariance)


def fit_trees(silence: float, rows: Rows) -> Trees:
    """Grow trees; they know nothing of the prior but its features and their directions."""
    directions = [column.direction for column in COLUMNS]
    return Trees.fit(rows.matrix, rows.accepted, _counts(rows, silence), directions)


def log_losses(odds: Floats, hits: Bools) -> Floats:
    """Tell the log loss of each forecast, shape (n,)."""
    found: Floats = np.logaddexp(0, odds) - hits * odds
    return found


def by_startup(gains: Floats, startup: Ints) -> Interval:
    """Return the mean gain of a row with its interval over resampled startups."""
    _, number = np.unique(startup, return_inverse=True)
    sums = np.bincount(number, gains).astype(np.float64)
    return mean_interval(sums * (len(sums) / max(1, len(gains))), SURE)


def _counts(rows: Rows, silence: float) -> Floats:
    return np.where(rows.silent, silence, 1.0)
