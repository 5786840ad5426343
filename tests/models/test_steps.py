from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.chances import Chance
from matching.errors import BadValue
from matching.records import Introduction, IntroductionEvent
from matching.vocabulary import IntroductionStatus as Status
from matching.vocabulary import PassReason
from models.steps import STEPS, Steps, StepSettings, outcomes

OPENED = date(2024, 1, 1)
LATER = date(2026, 1, 1)
SURE = Chance(1.0, 1.0, 1.0)


def one(*events: tuple[Status, int, PassReason | None], fund_id: str = "f") -> Introduction:
    return Introduction(
        introduction_id="i",
        startup_id="s",
        fund_id=fund_id,
        opened_on=OPENED,
        events=tuple(
            IntroductionEvent(status=status, at=OPENED + timedelta(days=days), reason=reason)
            for status, days, reason in events
        ),
    )


OK = (Status.INVESTOR_OK, 5, None)


@pytest.mark.parametrize(
    ("introduction", "days", "wanted"),
    [
        (one(), 900, "...."),
        (one((Status.INVESTOR_DECLINED, 5, PassReason.FIT)), 900, "...."),
        (one(OK), 45, "...."),
        (one(OK), 46, "n..."),
        (one(OK, (Status.NO_SHOW, 20, None)), 30, "n..."),
        (one(OK, (Status.WITHDRAWN, 20, None)), 900, "...."),
        (one(OK, (Status.MET, 20, None)), 120, "y..."),
        (one(OK, (Status.MET, 20, None)), 121, "yn.."),
        (one(OK, (Status.MET, 20, None), (Status.PASSED, 40, PassReason.TEAM)), 50, "yn.."),
        (one(OK, (Status.MET, 20, None), (Status.PASSED, 40, PassReason.TIMING)), 900, "y..."),
        (one(OK, (Status.TERM_SHEET, 100, None)), 100, "n..."),  # that day is not known yet
        (one(OK, (Status.TERM_SHEET, 100, None)), 101, "yyy."),
        (one((Status.INVESTED, 300, None)), 400, "yyyy"),
    ],
)
def test_a_step_is_taken_missed_or_open(introduction: Introduction, days: int, wanted: str) -> None:
    found = outcomes(introduction, OPENED + timedelta(days=days))
    assert found.tolist() == [[c == "y", c == "n"] for c in wanted]


def test_without_introductions_the_priors_are_all_there_is() -> None:
    steps = Steps.counted([], LATER, StepSettings())
    assert [chance.probability for chance in steps.chances("f")] == pytest.approx([0.80, 0.15, 0.35, 0.70])
    assert steps.of_fund("f").sum(axis=1) == pytest.approx([20] * 4)
    whole = steps.whole("f", Chance(0.30, 0.30, 0.30))
    assert whole.probability == pytest.approx(0.30 * 0.80 * 0.15 * 0.35 * 0.70)


def test_counts_move_the_market_and_then_the_fund() -> None:
    met = [one(OK, (Status.MET, 20, None), fund_id="f")] * 10
    steps = Steps.counted([*met, *[one(OK, fund_id="g")] * 10], LATER, StepSettings())
    assert steps.every[0].tolist() == [16 + 10, 4 + 10]
    mean = 26 / 40
    assert steps.of_fund("f")[0] == pytest.approx([20 * mean + 10, 20 * (1 - mean)])
    assert steps.of_fund("g")[0] == pytest.approx([20 * mean, 20 * (1 - mean) + 10])
    assert steps.of_fund("elsewhere")[0] == pytest.approx([20 * mean, 20 * (1 - mean)])


def test_the_whole_chain_has_the_interval_of_many_draws() -> None:
    steps = Steps.counted([], LATER, StepSettings(weight=60, fund_weight=60))
    rng = np.random.default_rng(0)
    a, b = steps.of_fund("f").T
    draws = rng.beta(a, b, size=(200_000, 4)).prod(axis=1)
    whole = steps.whole("f", SURE)
    assert whole.probability == pytest.approx(draws.mean(), rel=0.01)
    assert [whole.low, whole.high] == pytest.approx(np.quantile(draws, [0.025, 0.975]), rel=0.05)


def test_a_step_is_told_once_more_is_known_of_it_than_the_prior_weighs() -> None:
    met, unmet = one(OK, (Status.MET, 20, None)), one(OK)
    assert Steps.counted([unmet] * 20, LATER, StepSettings()).after_yes("f") == {}
    told = Steps.counted([*[unmet] * 10, *[met] * 11], LATER, StepSettings()).after_yes("elsewhere")
    assert list(told) == [Status.MET]
    assert told[Status.MET].probability == pytest.approx((16 + 11) / (20 + 21))
    invested = one((Status.INVESTED, 300, None))
    told = Steps.counted([invested] * 21, LATER, StepSettings()).after_yes("elsewhere")
    assert list(told) == [Status.MET, Status.INVESTED]
    priors = np.array([0.80, 0.15, 0.35, 0.70])
    assert told[Status.INVESTED].probability == pytest.approx(np.prod((20 * priors + 21) / 41))
    assert told[Status.INVESTED].low < told[Status.INVESTED].probability < told[Status.MET].probability


@given(st.floats(1e-4, 1), st.floats(0, 0.3), st.floats(0, 0.3))
def test_the_chain_is_no_likelier_than_its_parts(middle: float, below: float, above: float) -> None:
    accepts = Chance(middle, max(0.0, middle - below), min(1.0, middle + above))
    steps = Steps.counted([], LATER, StepSettings())
    whole = steps.whole("f", accepts)
    assert 0 <= whole.low <= whole.probability <= whole.high <= 1
    assert whole.probability <= min([middle, *(chance.probability for chance in steps.chances("f"))])
    assert len(steps.chances("f")) == len(STEPS)


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("means", lambda: StepSettings(means=(0.8, 0.0, 0.3, 0.7))),
        ("weight", lambda: StepSettings(weight=0.0)),
        ("fund_weight", lambda: StepSettings(fund_weight=-1.0)),
    ],
)
def test_a_prior_out_of_its_range_is_refused(field: str, settings: Callable[[], StepSettings]) -> None:
    with pytest.raises(BadValue, match=field):
        settings()
