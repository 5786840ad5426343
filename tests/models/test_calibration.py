import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit

from matching.market import Bools, Floats
from models.calibration import LEAST_HITS, Sigmoid


def drawn(n: int, slope: float, intercept: float, seed: int = 0) -> tuple[Floats, Bools]:
    rng = np.random.default_rng(seed)
    scores = rng.normal(3, 2, n)
    return scores, rng.random(n) < expit(intercept + slope * scores)


def fitted(scores: Floats, hits: Bools, share: float = 1.0) -> Sigmoid:
    found = Sigmoid.fit(scores, hits, share)
    assert found is not None
    return found


def test_the_slope_and_intercept_that_outcomes_were_drawn_by_are_found() -> None:
    found = fitted(*drawn(200_000, 0.8, -3))
    assert found.slope == pytest.approx(0.8, abs=0.02)
    assert found.intercept == pytest.approx(-3, abs=0.06)


def test_the_fit_is_the_minimum_that_another_optimiser_finds() -> None:
    scores, hits = drawn(400, 0.5, -2)
    n = hits.sum()
    targets = np.where(hits, (n + 1) / (n + 2), 1 / (400 - n + 2))

    def loss(weights: Floats) -> float:
        odds = weights[1] + weights[0] * scores
        return float(np.sum(np.logaddexp(0, odds) - targets * odds))

    found = fitted(scores, hits)
    wanted = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}).x
    assert (found.slope, found.intercept) == pytest.approx(tuple(wanted), abs=1e-5)


def test_two_scores_by_hand() -> None:
    """40 of 100 and 80 of 100: the chance of each is the mean of Platt's targets there."""
    scores = np.repeat([0.0, 1.0], 100)
    hits = np.concatenate([np.arange(100) < 40, np.arange(100) < 80])
    high, low = 121 / 122, 1 / 82
    wanted = np.array([0.4 * high + 0.6 * low, 0.8 * high + 0.2 * low])
    found = fitted(scores, hits)
    assert found.chances(np.array([0.0, 1.0])) == pytest.approx(wanted, abs=1e-9)
    # the information of a binomial: the variance of the log odds of 100 is 1 / (100 p (1 - p))
    variance = 1 / (100 * wanted * (1 - wanted))
    assert found.covariance[1][1] == pytest.approx(variance[0])
    assert found.covariance[0][0] == pytest.approx(variance.sum())
    assert found.covariance[0][1] == pytest.approx(-variance[0])
    half = 1.96 * np.sqrt(variance)
    odds = logit(wanted)
    wide = expit(np.stack([odds - half, odds + half], axis=1))
    assert found.intervals(np.array([0.0, 1.0])) == pytest.approx(wide, abs=1e-4)


def test_intervals_hold_the_true_chance_nineteen_times_in_twenty() -> None:
    at = np.array([1.0, 3.0, 6.0])
    true = expit(-2 + 0.5 * at)
    held = np.zeros(3)
    for seed in range(300):
        low, high = fitted(*drawn(400, 0.5, -2, seed)).intervals(at).T
        held += (low <= true) & (true <= high)
    assert np.all(np.abs(held / 300 - 0.95) < 0.04)


def test_scores_that_speak_against_the_outcome_tell_the_base_rate_alone() -> None:
    scores, hits = drawn(1_000, 0.8, -3)
    found = fitted(-scores, hits)
    assert found.slope == 0
    assert found.chances(np.array([-5.0, 5.0])) == pytest.approx(hits.mean(), abs=2e-3)
    low, high = found.intervals(np.array([0.0]))[0]
    assert low < hits.mean() < high
    assert found.intervals(np.array([9.0])).tolist() == found.intervals(np.array([0.0])).tolist()


def test_one_score_for_all_tells_the_base_rate_alone() -> None:
    hits = np.arange(100) < 40
    assert fitted(np.full(100, 7.0), hits).slope == 0


@pytest.mark.parametrize(
    ("hits", "misses", "told"),
    [
        (LEAST_HITS, LEAST_HITS, True),
        (LEAST_HITS - 1, 500, False),
        (500, LEAST_HITS - 1, False),
        (0, 0, False),
    ],
)
def test_a_short_history_tells_nothing(hits: int, misses: int, told: bool) -> None:
    outcome = np.arange(hits + misses) < hits
    assert (Sigmoid.fit(outcome.astype(np.float64), outcome) is not None) == told


def test_scores_that_tell_hits_and_misses_apart_keep_chances_off_0_and_1() -> None:
    hits = np.arange(100) < 50
    found = fitted(np.where(hits, 1.0, 0.0), hits)
    assert found.chances(np.array([0.0, 1.0])) == pytest.approx([1 / 52, 51 / 52], abs=1e-6)


def test_a_share_scales_chances_and_intervals() -> None:
    scores, hits = drawn(500, 0.5, -2)
    whole, half = fitted(scores, hits), fitted(scores, hits, 0.5)
    assert half.chances(scores) == pytest.approx(whole.chances(scores) / 2)
    assert half.intervals(scores) == pytest.approx(whole.intervals(scores) / 2)


@given(
    st.integers(0, 2**32 - 1),
    st.floats(-5, 5),
    st.floats(1e-3, 1e3),
    st.floats(-1e3, 1e3),
)
def test_chances_never_fall_and_do_not_hang_on_the_unit_of_scores(
    seed: int, slope: float, unit: float, shift: float
) -> None:
    scores, hits = drawn(300, slope, -slope * 3, seed)
    found, other = fitted(scores, hits), fitted(scores * unit + shift, hits)
    steps = np.linspace(scores.min() - 5, scores.max() + 5, 50)
    chances, intervals = found.chances(steps), found.intervals(steps)
    assert np.all(np.diff(chances) >= 0)
    assert np.all((intervals[:, 0] <= chances) & (chances <= intervals[:, 1]))
    assert np.all((intervals >= 0) & (intervals <= 1))
    assert other.chances(steps * unit + shift) == pytest.approx(chances, abs=1e-5)


def test_it_comes_back_from_json() -> None:
    found = fitted(*drawn(500, 0.5, -2), share=0.7)
    assert Sigmoid.from_plain(json.loads(json.dumps(found.to_plain()))) == found
