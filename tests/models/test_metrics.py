"""Every measure on cases small enough to compute by hand; the reference evaluator where it is there."""

from collections.abc import Sequence
from dataclasses import replace
from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.judging import NOBODY, SHOWN, Judged
from models.metrics import (
    calibration,
    exposure,
    found_within,
    gini,
    mean_interval,
    per_query,
    pool_recall,
    recall_of_all,
    reliability,
)

UNREACHABLE = -1


def judged_of(places: Sequence[Sequence[int | None]], n_candidates: int = 60) -> Judged:
    """One entry a true fund: its place, None where it is on no list, UNREACHABLE where no candidate."""
    query = np.array([at for at, row in enumerate(places) for _ in row], np.int64)
    told = [place for row in places for place in row]
    place = np.array([np.inf if p is None or p == UNREACHABLE else p for p in told], np.float64)
    fund = np.array(
        [NOBODY if p == UNREACHABLE else at % n_candidates for at, p in enumerate(told)], np.int64
    )
    n = len(places)
    shown = np.tile(np.arange(SHOWN), (n, 1))
    hit = np.zeros((n, SHOWN), np.bool_)
    for at, p in zip(query, place, strict=True):
        if p < SHOWN:
            hit[at, int(p)] = True
    return Judged(
        n_true=np.bincount(query, minlength=n),
        n_reachable=np.bincount(query[fund != NOBODY], minlength=n),
        n_candidates=n_candidates,
        query=query,
        fund=fund,
        place=place,
        shown=shown,
        hit=hit,
        chance=np.full((n, SHOWN), np.nan),
    )


CASE = judged_of([[0, 12, UNREACHABLE], [UNREACHABLE], [9, 10, 50, None]])


def test_measures_of_each_reachable_query() -> None:
    told = per_query(CASE)
    assert told.row.tolist() == [0, 2]
    assert told.recall_10.tolist() == [1 / 2, 1 / 4]
    assert told.recall_50.tolist() == [2 / 2, 2 / 4]
    assert told.ndcg_10[0] == pytest.approx(1 / (1 + 1 / log2(3)))
    ideal = 1 + 1 / log2(3) + 1 / log2(4) + 1 / log2(5)
    assert told.ndcg_10[1] == pytest.approx((1 / log2(11)) / ideal)
    assert told.mrr.tolist() == [1, 1 / 10]


def test_recall_of_pools_and_of_all_edges() -> None:
    assert found_within(CASE, 11).tolist() == [1, 0, 2]
    assert pool_recall(CASE, 13) == 4 / 6
    assert recall_of_all(CASE, 13) == 4 / 8
    assert recall_of_all(judged_of([]), 10) == pool_recall(judged_of([[UNREACHABLE]]), 10) == 0


def test_a_perfect_and_a_hopeless_list() -> None:
    perfect = per_query(judged_of([[0, 1, 2]]))
    assert [*perfect.recall_10, *perfect.ndcg_10, *perfect.mrr] == [1, 1, 1]
    hopeless = per_query(judged_of([[None]]))
    assert [*hopeless.recall_50, *hopeless.ndcg_10, *hopeless.mrr] == [0, 0, 0]


def test_more_true_funds_than_a_list_shows() -> None:
    told = per_query(judged_of([list(range(12))]))
    assert told.recall_10[0] == 10 / 12
    assert told.ndcg_10[0] == pytest.approx(1)


def test_exposure() -> None:
    shown = np.full((2, SHOWN), NOBODY)
    shown[0, :3], shown[1, :1] = [0, 1, 2], [0]
    told = exposure(replace(judged_of([[0], [0]], n_candidates=4), shown=shown))
    assert told.coverage == 3 / 4
    # counts 0 1 1 2: sum over i of (2i - n - 1) x / (n sum x) = (0*-3 + 1*-1 + 1*1 + 2*3) / 16
    assert told.gini == 6 / 16


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20))
def test_gini_is_half_the_relative_mean_difference(counts: list[int]) -> None:
    values = np.array(counts)
    expected = np.abs(np.subtract.outer(values, values)).mean() / (2 * values.mean()) if values.any() else 0
    assert gini(values) == pytest.approx(expected)


def test_calibration_by_hand() -> None:
    judged = judged_of([[0]])
    chance = np.full((1, SHOWN), np.nan)
    chance[0, :4] = [0.5, 0.1, 0.1, 0.3]
    told = calibration(replace(judged, chance=chance))
    assert told is not None
    # fewer funds than bins: each is a bin of its own
    assert told.ece == pytest.approx((0.5 + 0.1 + 0.1 + 0.3) / 4)
    brier = (0.25 + 0.01 + 0.01 + 0.09) / 4
    assert told.skill == pytest.approx(1 - brier / (0.25 * 0.75))
    assert [told.mean_chance, told.base_rate, told.n] == pytest.approx([0.25, 0.25, 4])
    assert told.abstained == pytest.approx(6 / 10)


def test_chances_that_are_right_are_inside_the_perfect_range_and_boasting_ones_are_not() -> None:
    rng = np.random.default_rng(5)
    inside, found = 0, []
    for _ in range(40):
        chance = rng.uniform(0.02, 0.3, (300, SHOWN))
        judged = replace(judged_of([[None]] * 300), chance=chance, hit=rng.random(chance.shape) < chance)
        told = calibration(judged)
        assert told is not None
        inside += told.ece_perfect[0] <= told.ece <= told.ece_perfect[1]
        found.append(told)
    assert inside >= 33, "38 of 40 are expected"
    boasting = calibration(replace(judged, chance=np.minimum(judged.chance * 2, 1)))
    assert boasting is not None
    assert boasting.ece > 2 * boasting.ece_perfect[1]
    assert np.mean([told.skill for told in found]) > 0 > boasting.skill


def test_reliability_is_told_by_bins_of_equal_numbers() -> None:
    chance = np.linspace(0.01, 0.9, 400).reshape(40, SHOWN)
    judged = replace(judged_of([[0]] * 40), chance=chance)
    bins = reliability(judged)
    assert [n for _, _, n in bins] == [40] * 10
    assert bins[0][0] == pytest.approx(chance.ravel()[:40].mean())
    assert [rate for _, rate, _ in bins] == [4 / 40] * 10  # one hit a row of ten, four rows a bin


def test_no_chance_and_no_variation() -> None:
    assert calibration(judged_of([[0]])) is None
    never = calibration(replace(judged_of([[None]]), chance=np.full((1, SHOWN), 0.1)))
    assert never is not None and np.isnan(never.skill) and never.ece == pytest.approx(0.1)
    assert reliability(judged_of([[0]])) == []


def test_the_interval_of_a_mean() -> None:
    values = np.array([0.0, 1.0] * 200)
    told = mean_interval(values)
    assert (told.mean, told.n) == (0.5, 400)
    half = 1.96 * 0.5 / np.sqrt(400)
    assert told.low == pytest.approx(0.5 - half, abs=0.006)
    assert told.high == pytest.approx(0.5 + half, abs=0.006)
    assert mean_interval(np.full(3, 0.2)) == mean_interval(np.full(3, 0.2))
    assert mean_interval(np.zeros(0)).n == 0


def test_an_interval_of_nothing_says_nothing() -> None:
    told = mean_interval(np.zeros(0))
    assert np.isnan([told.mean, told.low, told.high]).all()
