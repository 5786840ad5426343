from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import spearmanr

from matching.chances import Chance
from matching.market import build_market
from matching.pairs import Pairs
from matching.rank import PriorRanker
from matching.vocabulary import Rung
from models.acceptance import Acceptance
from models.acceptance_training import (
    Forecasts,
    climb,
    fit_linear,
    fit_trees,
    forecast,
    learn,
    log_losses,
    prior,
    train,
)
from models.history import Remembered
from models.pair_columns import COLUMNS, EXPECTED
from models.rows import Rows
from tests.matching.worlds import HashedVectors
from tests.models.answered import BEGIN, END, FUNDS, answered, odds, startup

VECTORS = HashedVectors()


@cache
def learned(n_startups: int, rule: bool = True) -> Acceptance | None:
    return learn(Remembered(answered(n_startups, rule=rule)), VECTORS, BEGIN, END)


def drawn(n: int, weight: float, seed: int = 0) -> Rows:
    """Rows of which the column of the fund's own effect alone tells something."""
    rng = np.random.default_rng(seed)
    matrix = np.zeros((n, len(COLUMNS)))
    at = [column.name for column in COLUMNS].index("fund")
    matrix[:, at] = rng.normal(size=n)
    days = np.datetime64(BEGIN) + np.arange(n) * 700 // n
    accepted = rng.random(n) < expit(weight * matrix[:, at] - 1)
    return Rows(matrix, accepted, rng.random(n) < 0.1, days, np.arange(n), np.zeros(n))


NOBODY = np.zeros((0, len(COLUMNS)))


def test_chances_follow_the_rule_that_answers_were_drawn_by() -> None:
    found = learned(400)
    assert found is not None
    assert found.rung is Rung.LOGISTIC
    market = build_market(Remembered(answered(400)).knowledge(END), END, VECTORS)
    ranker = found.on(market)
    told: list[Chance | None] = []
    true: list[float] = []
    for sector in range(3):
        asking = startup(9_999, sector, date(2023, 12, 1))
        pairs = Pairs.of(asking, np.zeros(VECTORS.width, np.float32), market)
        rows = np.array([market.funds.row_of[f"f-{fund:02}"] for fund in range(FUNDS)])
        told += ranker.beside(pairs).chances(rows, np.zeros(FUNDS))
        true += [float(expit(odds(fund, sector))) for fund in range(FUNDS)]
    chances = np.array([chance.probability for chance in told if chance])
    assert len(chances) == len(true)
    assert spearmanr(chances, true).statistic > 0.8
    assert np.mean(np.abs(chances - true)) < 0.1


def test_a_fund_never_asked_has_a_chance_near_the_usual_one() -> None:
    found = learned(400)
    assert found is not None
    market = build_market(Remembered(answered(400)).knowledge(END), END, VECTORS)
    pairs = Pairs.of(startup(9_999, 0, END), np.zeros(VECTORS.width, np.float32), market)
    (chance,) = (
        found.on(market).beside(pairs).chances(np.array([market.funds.row_of[f"f-{FUNDS:02}"]]), np.zeros(1))
    )
    assert chance is not None
    assert chance.low < found.base_rate + 0.1
    assert chance.high > found.base_rate - 0.1


def test_where_answers_are_alike_nothing_is_taught() -> None:
    found = learned(120, rule=False)
    assert found is not None
    assert found.rung is Rung.LOGISTIC
    assert not found.taught


@pytest.mark.parametrize("n_startups", [0, 1, 12])
def test_too_few_answers_tell_no_chance(n_startups: int) -> None:
    assert learned(n_startups) is None


def test_no_snapshot_fits_into_a_short_time() -> None:
    assert learn(Remembered(answered(40)), VECTORS, date(2023, 12, 15), END) is None


def test_the_prior_s_weights_rank_as_the_prior() -> None:
    features = np.random.default_rng(0).normal(size=(50, 8))
    matrix = np.hstack([features, np.full((50, len(COLUMNS) - 8), np.nan)])
    scores = PriorRanker().parts(features).sum(axis=1)
    assert np.argsort(prior().odds(matrix)).tolist() == np.argsort(scores).tolist()


def test_without_rows_the_weights_are_what_was_expected() -> None:
    none = drawn(10, 1.0).take(np.zeros(0, np.int64))
    assert fit_linear(1.0, none).weights == pytest.approx(EXPECTED)


def test_weights_come_nearer_to_the_truth_with_rows() -> None:
    at = [column.name for column in COLUMNS].index("fund")
    weights = [fit_linear(1.0, drawn(n, 1.5)).weights[at] for n in (20, 4_000)]
    assert weights[1] == pytest.approx(1.5, abs=0.15)
    assert EXPECTED[at] < weights[0] < weights[1]


def test_what_is_added_beforehand_is_not_learned_again() -> None:
    rows = drawn(4_000, 1.5)
    at = [column.name for column in COLUMNS].index("fund")
    known = replace(rows, offset=1.5 * rows.matrix[:, at])
    assert fit_linear(1.0, known).weights[at] == pytest.approx(0, abs=0.15)


def test_silence_that_counts_nothing_is_as_if_it_were_not_there() -> None:
    rows = drawn(300, 1.0)
    without = rows.take(np.flatnonzero(~rows.silent))
    assert fit_linear(0.0, rows).weights == pytest.approx(fit_linear(1.0, without).weights, abs=1e-6)


def test_trees_are_tried_from_enough_rows_and_keep_directions() -> None:
    few, many = drawn(400, 1.0), drawn(3_000, 1.0)
    assert Rung.BOOSTED not in forecast(few, 1.0).odds
    assert Rung.BOOSTED in forecast(many, 1.0).odds
    rising = np.zeros((60, len(COLUMNS)))
    rising[:, [column.name for column in COLUMNS].index("fund")] = np.linspace(-3, 3, 60)
    assert np.all(np.diff(fit_trees(1.0, many).odds(rising)) >= 0)


def test_the_logistic_is_taken_whether_or_not_it_forecasts_better() -> None:
    rows = drawn(600, 1.0)
    judged = np.arange(600)
    true = 1.0 * rows.matrix.sum(axis=1) - 1
    flat = np.full(600, -1.0)
    rung, trial = climb(rows, Forecasts(judged, {Rung.PRIOR: flat, Rung.LOGISTIC: true}))
    assert rung is Rung.LOGISTIC
    assert trial["steps"][0]["better"]
    gains = log_losses(flat, rows.accepted) - log_losses(true, rows.accepted)
    assert trial["steps"][0]["gain"] == pytest.approx(gains.mean())
    rung, trial = climb(rows, Forecasts(judged, {Rung.PRIOR: true, Rung.LOGISTIC: flat}))
    assert rung is Rung.LOGISTIC
    assert not trial["steps"][0]["better"]


def test_trees_have_to_be_surely_better() -> None:
    rows = drawn(600, 1.0)
    true = rows.matrix.sum(axis=1) - 1
    hardly = true + np.where(np.arange(600) == 0, 1e-6 * (2 * rows.accepted - 1), 0.0)
    odds = {Rung.PRIOR: np.full(600, -1.0), Rung.LOGISTIC: true, Rung.BOOSTED: hardly}
    rung, trial = climb(rows, Forecasts(np.arange(600), odds))
    assert trial["steps"][1]["gain"] > 0
    assert rung is Rung.LOGISTIC
    surely, _ = climb(rows, Forecasts(np.arange(600), odds | {Rung.BOOSTED: 20.0 * rows.accepted - 10}))
    assert surely is Rung.BOOSTED


def test_the_log_loss_by_hand() -> None:
    told = log_losses(np.array([0.0, np.log(3), np.log(3)]), np.array([True, True, False]))
    assert told == pytest.approx([np.log(2), np.log(4 / 3), np.log(4)])


def test_the_same_rows_train_the_same_bytes() -> None:
    rows = drawn(600, 1.5)
    first, second = train(rows, NOBODY), train(rows, NOBODY)
    assert first is not None
    assert second is not None
    assert first.to_artefact().to_bytes() == second.to_artefact().to_bytes()
