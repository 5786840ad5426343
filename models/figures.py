"""The figures of one method over all tests, and the counts of the tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass

import numpy as np

from models.evaluation import Trial
from models.judging import Judged
from models.methods import Method
from models.metrics import (
    Calibration,
    Interval,
    PerQuery,
    calibration,
    exposure,
    mean_interval,
    per_query,
    pool_recall,
    recall_of_all,
    reliability,
)
from models.pooling import pooled
from models.retrained import Retrained
from models.served import Released, Served
from models.slices import slices
from models.windows import Questions, Window

POOLS = (100, 200, 400, 800, 1_600)
"""Sizes of the pool that a re-ranker could be given."""

ENOUGH_IN_SLICE = 10
"""Below so many observations a slice is counted, not measured."""

PERFECT_DRAWS = 2_000
"""Draws of what perfectly calibrated chances would have led to."""


ENGINES = (Served, Released, Retrained)
"""Methods that rank with the engine; all others are baselines."""


@dataclass(frozen=True, slots=True)
class Counts:
    """One test in numbers: queries and those with a true fund among the candidates; edges likewise.

    `unknown` startups were left out: nobody knew them yet on the day of their round.
    """

    window: Window
    queries: int
    reachable: int
    edges: int
    edges_reachable: int
    candidates: int
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """The setting a method had on one test, and recall@10 of every setting it was chosen from."""

    setting: str
    tuned: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """Shown funds of like chance: how often they invested, and the 95 % range if the chance were right."""

    chance: float
    frequency: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class SliceFigure:
    """Recall@10 of one slice, `n` observations; None where they are too few."""

    dimension: str
    value: str
    n: int
    recall_10: Interval | None


@dataclass(frozen=True)
class MethodFigures:
    """One method over the queries of all tests.

    Attributes
    ----------
    all_10, all_50 : share of all true edges, unreachable ones too, in the first 10 and 50 places.
    coverage, gini : mean over the tests that have a query; NaN without one.
    pool : share of the reachable edges among the first k, by k of POOLS.
    by_window : recall@10 of each test.
    choices : one a test.
    seconds : fitting and ranking, summed over the tests; the one figure that differs from run to run.
    slices : of the method served and the best baseline; empty for the others.
    """

    name: str
    served: bool
    recall_10: Interval
    recall_50: Interval
    ndcg_10: Interval
    mrr: Interval
    all_10: float
    all_50: float
    coverage: float
    gini: float
    pool: Mapping[int, float]
    calibration: Calibration | None
    reliability: tuple[Bin, ...]
    by_window: tuple[Interval, ...]
    choices: tuple[Choice, ...]
    seconds: float
    slices: tuple[SliceFigure, ...] = ()


def counts(questions: Questions) -> Counts:
    """Count a test."""
    truths = [questions.truth[query.startup_id] for query in questions.queries]
    return Counts(
        window=questions.window,
        queries=len(questions.queries),
        reachable=questions.reachable,
        edges=sum(map(len, truths)),
        edges_reachable=sum(len(truth & questions.candidates) for truth in truths),
        candidates=len(questions.candidates),
        unknown=questions.unknown,
    )


def measure(trials: Sequence[Trial], name: str) -> tuple[MethodFigures, PerQuery]:
    """Measure one method over the queries of all tests; also return the measures of each query."""
    results = [trial.results[name] for trial in trials]
    _, judged = pooled(trials, name)
    queries = per_query(judged)
    spread = [exposure(result.judged) for result in results if len(result.judged.n_true)]
    figures = MethodFigures(
        name=name,
        served=isinstance(results[0].method, ENGINES),
        recall_10=mean_interval(queries.recall_10),
        recall_50=mean_interval(queries.recall_50),
        ndcg_10=mean_interval(queries.ndcg_10),
        mrr=mean_interval(queries.mrr),
        all_10=recall_of_all(judged, 10),
        all_50=recall_of_all(judged, 50),
        coverage=_mean([exposed.coverage for exposed in spread]),
        gini=_mean([exposed.gini for exposed in spread]),
        pool={k: pool_recall(judged, k) for k in POOLS},
        calibration=calibration(judged),
        reliability=_bins(judged),
        by_window=tuple(mean_interval(per_query(result.judged).recall_10) for result in results),
        choices=tuple(Choice(setting_of(result.method), result.tuned) for result in results),
        seconds=sum(result.seconds for result in results),
    )
    return figures, queries


def setting_of(method: Method) -> str:
    """Tell a method's settings, those of its fields that are plain values; empty where it has none."""
    if not is_dataclass(method):
        return ""
    values = {field.name: getattr(method, field.name) for field in fields(method) if field.name != "name"}
    plain = (f"{key}={value}" for key, value in values.items() if isinstance(value, str | int | float))
    return ", ".join(plain)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else np.nan


def _bins(judged: Judged) -> tuple[Bin, ...]:
    """Draw for each bin how often its funds would invest if every chance were right."""
    rng = np.random.default_rng(0)
    found = []
    for chance, frequency, n in reliability(judged):
        low, high = np.percentile(rng.binomial(n, chance, PERFECT_DRAWS) / n, [2.5, 97.5])
        found.append(Bin(chance, frequency, float(low), float(high), n))
    return tuple(found)


def measure_slices(trials: Sequence[Trial], name: str) -> tuple[SliceFigure, ...]:
    """Measure one method on every slice of the queries of all tests."""
    questions, judged = pooled(trials, name)
    return tuple(
        SliceFigure(
            found.dimension,
            found.value,
            found.recall_10.n,
            found.recall_10 if found.recall_10.n >= ENOUGH_IN_SLICE else None,
        )
        for found in slices(questions, judged, per_query(judged))
    )
