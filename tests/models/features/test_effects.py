import numpy as np
import pytest
from scipy.special import expit, logit

from models.features.effects import USUAL_RATE, Group, fit_effects

A, B, NOTHING = frozenset({"a"}), frozenset({"b"}), frozenset[str]()
ONE = frozenset({""})


def test_without_answers_nothing_has_an_effect() -> None:
    odds, (effect,) = fit_effects([Group(np.zeros(0, np.int64), [], 8.0)], np.zeros(0))
    assert odds == pytest.approx(logit(USUAL_RATE))
    assert np.isnan(effect.of(ONE, np.arange(3))).all()


def test_the_gradient_at_the_mode_is_zero() -> None:
    """Each effect, times its precision, is the sum of what was answered above what is expected now."""
    who = np.array([0, 0, 0, 1, 1, 2])
    yes = np.array([1.0, 1, 0, 0, 0, 1])
    odds, (own, kind) = fit_effects(
        [Group(who, [ONE] * 6, 8.0), Group(np.zeros(6, np.int64), [A, B, A, A, B, B], 20.0)], yes
    )
    funds = own.of(ONE, np.arange(3))
    of_a, of_b = kind.of(A, np.array([0]))[0], kind.of(B, np.array([0]))[0]
    expected = expit(odds + funds[who] + np.array([of_a, of_b, of_a, of_a, of_b, of_b]))
    unit = USUAL_RATE * (1 - USUAL_RATE)
    left = np.bincount(who, yes - expected)
    assert funds * 8 * unit == pytest.approx(left, abs=1e-3)
    assert of_a * 20 * unit == pytest.approx(float((yes - expected)[[0, 2, 3]].sum()), abs=1e-3)
    assert of_b * 20 * unit == pytest.approx(float((yes - expected)[[1, 4, 5]].sum()), abs=1e-3)


def test_a_fund_of_an_eager_country_is_not_eager_twice() -> None:
    """Ten funds of an eager country answer alike: the country explains it, and each fund hardly differs."""
    who = np.repeat(np.arange(20), 30)
    told = [A if fund < 10 else B for fund in who]
    yes = np.where(who < 10, np.arange(600) % 30 < 15, np.arange(600) % 30 < 6).astype(np.float64)
    _, (own, country) = fit_effects(
        [Group(who, [ONE] * 600, 8.0), Group(np.zeros(600, np.int64), told, 1.0)], yes
    )
    apart = country.of(A, np.array([0]))[0] - country.of(B, np.array([0]))[0]
    alone = own.of(ONE, np.array([0, 19]))
    assert apart + alone[0] - alone[1] == pytest.approx(logit(0.5) - logit(0.2), abs=0.2)
    assert apart > 5 * abs(alone[0] - alone[1])


def test_a_startup_with_two_properties_is_spread_over_them() -> None:
    both = A | B
    _, (effect,) = fit_effects([Group(np.zeros(4, np.int64), [both] * 4, 20.0)], np.ones(4))
    each = effect.of(A, np.array([0]))[0]
    assert each == effect.of(B, np.array([0]))[0] > 0
    assert effect.of(both, np.array([0]))[0] == pytest.approx(each)
    assert effect.of(A | {"unknown"}, np.array([0]))[0] == pytest.approx(each / 2)
    assert np.isnan(effect.of(NOTHING, np.array([0]))[0])
