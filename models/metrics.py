"""Measures of a ranking and of the chances shown with it; the definitions are ACCURACY's protocol.

Means are over reachable queries: those with a true fund among the candidates. A startup's fate is one
observation, so intervals resample startups (the bootstrap: Efron 1979).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.market import Floats, Ints
from models.judging import NOBODY, SHOWN, Judged

RESAMPLES = 2_000
DRAWN_AT_ONCE = 1 << 18
"""Entries resampled at a time: a few MB."""

BINS = 10
"""Bins of equal numbers of shown funds, over which a calibration error is averaged."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval over resampled startups; of the `n` values it is taken over."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class PerQuery:
    """Measures of each reachable query, shape (n_reachable,); `row` is its number among all queries."""

    row: Ints
    recall_10: Floats
    recall_50: Floats
    ndcg_10: Floats
    mrr: Floats


@dataclass(frozen=True)
class Exposure:
    """How the first SHOWN places are spread over the candidates.

    Attributes
    ----------
    coverage : share of the candidates that are shown to anyone.
    gini : 0 where all are shown equally often, 1 where one takes all (Gini 1912).
    """

    coverage: float
    gini: float


@dataclass(frozen=True)
class Calibration:
    """Whether the chances shown mean what they say, over the shown funds of all queries.

    Attributes
    ----------
    ece : mean distance of chance and frequency over BINS bins of equal mass (Naeini et al. 2015).
    ece_perfect : 95 % range of the same for a perfectly calibrated model of these chances.
    skill : 1 - Brier / Brier of always saying the base rate (Brier 1950); NaN where nothing varies.
    abstained : share of shown funds without a chance.
    n : shown funds with one.
    """

    ece: float
    ece_perfect: tuple[float, float]
    skill: float
    mean_chance: float
    base_rate: float
    abstained: float
    n: int


def per_query(judged: Judged) -> PerQuery:
    """Measure each query with a reachable true fund."""
    row = np.flatnonzero(judged.n_reachable)
    n = judged.n_reachable[row]
    by_place = np.argsort(judged.place, kind="stable")  # sums in the order of ids would differ in a bit
    gain = np.where(judged.place < SHOWN, 1 / np.log2(judged.place + 2), 0.0)
    ideal = np.cumsum(1 / np.log2(np.arange(SHOWN) + 2))
    best = np.full(len(judged.n_true), np.inf)
    np.minimum.at(best, judged.query, judged.place)
    return PerQuery(
        row=row,
        recall_10=found_within(judged, 10)[row] / n,
        recall_50=found_within(judged, 50)[row] / n,
        ndcg_10=np.bincount(judged.query[by_place], gain[by_place], len(judged.n_true))[row]
        / ideal[np.minimum(n, SHOWN) - 1],
        mrr=1 / (best[row] + 1),
    )


def found_within(judged: Judged, k: int) -> Ints:
    """Count the true funds of each query in the first `k` places, shape (n_queries,)."""
    return np.bincount(judged.query[judged.place < k], minlength=len(judged.n_true))


def pool_recall(judged: Judged, k: int) -> float:
    """Return the share of all reachable true funds that the first `k` hold: what a re-ranker could find."""
    return float(found_within(judged, k).sum() / max(1, judged.n_reachable.sum()))


def recall_of_all(judged: Judged, k: int) -> float:
    """Return the share of all true funds, unreachable ones too, in the first `k` places."""
    return float(found_within(judged, k).sum() / max(1, judged.n_true.sum()))


def exposure(judged: Judged) -> Exposure:
    """Measure how the shown places are spread."""
    counts = np.bincount(judged.shown[judged.shown != NOBODY], minlength=judged.n_candidates)
    return Exposure(float(np.count_nonzero(counts) / max(1, judged.n_candidates)), gini(counts))


def gini(counts: Ints) -> float:
    """Return the Gini coefficient of non-negative counts, 0 where there is nothing.

    >>> gini(np.array([3, 3, 3])), gini(np.array([0, 0, 0, 9]))
    (0.0, 0.75)
    """
    n, total = len(counts), float(counts.sum())
    if not total:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ np.sort(counts) / (n * total))


def calibration(judged: Judged) -> Calibration | None:
    """Measure the chances shown; None where none was."""
    there = judged.shown != NOBODY
    told = there & ~np.isnan(judged.chance)
    if not told.any():
        return None
    chance, hit = judged.chance[told], judged.hit[told]
    base = float(hit.mean())
    spread = base * (1 - base)
    brier = float(np.mean((chance - hit) ** 2))
    return Calibration(
        ece=_ece(chance, hit),
        ece_perfect=_ece_if_perfect(chance),
        skill=1 - brier / spread if spread else np.nan,
        mean_chance=float(chance.mean()),
        base_rate=base,
        abstained=1 - len(chance) / int(there.sum()),
        n=len(chance),
    )


def reliability(judged: Judged) -> list[tuple[float, float, int]]:
    """Return mean chance, frequency and number of the shown funds by bin, lowest chances first."""
    told = (judged.shown != NOBODY) & ~np.isnan(judged.chance)
    chance, hit = judged.chance[told], judged.hit[told]
    return [(float(chance[b].mean()), float(hit[b].mean()), len(b)) for b in _bins(chance)]


def _bins(chance: Floats) -> list[Ints]:
    """Cut the order of chances into BINS of equal numbers."""
    parts = np.array_split(np.argsort(chance, kind="stable"), BINS)
    return [part for part in parts if len(part)]


def _ece(chance: Floats, hit: npt.NDArray[np.bool_]) -> float:
    gaps = (len(b) * abs(chance[b].mean() - hit[b].mean()) for b in _bins(chance))
    return float(sum(gaps) / len(chance))


def _ece_if_perfect(chance: Floats, draws: int = 200) -> tuple[float, float]:
    outcomes = np.random.default_rng(0).random((draws, len(chance))) < chance
    low, high = np.percentile([_ece(chance, hit) for hit in outcomes], [2.5, 97.5])
    return float(low), float(high)


def mean_interval(values: Floats, level: float = 0.95) -> Interval:
    """Return the mean and its interval, resampling entries; give paired differences for a paired one."""
    if not len(values):
        return Interval(np.nan, np.nan, np.nan, 0)
    rng, n = np.random.default_rng(0), len(values)
    rows = max(1, DRAWN_AT_ONCE // n)
    sizes = [min(rows, RESAMPLES - done) for done in range(0, RESAMPLES, rows)]
    means = [values[rng.integers(n, size=(size, n))].mean(axis=1) for size in sizes]
    low, high = np.percentile(np.concatenate(means), [50 - 50 * level, 50 + 50 * level])
    return Interval(float(values.mean()), float(low), float(high), n)
