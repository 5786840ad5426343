from dataclasses import replace

import numpy as np
import pytest

from models.features.view import COLUMNS
from models.linear import FAR, Linear, OneColumn
from models.training import SAMPLE
from models.trees import grow, targets
from tests.models.lessons import blocks

WIDTH = len(COLUMNS)
BLOCK = blocks()[-1]


def test_a_score_is_a_sum_over_standardised_features_and_an_unknown_one_is_the_mean() -> None:
    zeros = np.zeros(WIDTH)
    mean, scale, weights = zeros.copy(), np.ones(WIDTH), zeros.copy()
    mean[:2], scale[:2], weights[:2] = (1, 10), (2, 5), (3, -1)
    model = Linear(mean, scale, weights, 0.5)
    rows = np.zeros((4, WIDTH), np.float32)
    rows[:, 0], rows[:, 1] = (3, 1, np.nan, 1_000), (10, 20, np.nan, 10)
    # 3 x (3 - 1) / 2; -(20 - 10) / 5; nothing known; 3 x FAR
    assert model.scores(rows).tolist() == [3 + 0.5, -2 + 0.5, 0.5, 3 * FAR + 0.5]


def test_one_column_is_told_as_it_is() -> None:
    rows = np.arange(2 * WIDTH, dtype=np.float32).reshape(2, WIDTH)
    name = COLUMNS[5].name
    assert OneColumn(name).scores(rows).tolist() == [5, WIDTH + 5]


def test_a_regression_finds_the_column_that_decides() -> None:
    lot = np.random.default_rng(0)
    matrix = lot.normal(size=BLOCK.matrix.shape).astype(np.float32)
    hit, _ = targets(BLOCK, SAMPLE)
    matrix[:, 7] = np.where(hit == 1, 1, -1) + 0.5 * lot.normal(size=len(hit))
    matrix[lot.random(matrix.shape) < 0.1] = np.nan
    fitted = Linear.fit(replace(BLOCK, matrix=matrix), SAMPLE)
    assert int(np.argmax(np.abs(fitted.weights))) == 7 and fitted.weights[7] > 0
    scores = fitted.scores(matrix)
    assert scores[hit == 1].mean() > scores[hit == 0].mean() + 1


def test_a_constant_and_an_unknown_column_weigh_nothing_and_do_not_warn() -> None:
    matrix = BLOCK.matrix.copy()
    matrix[:, 3], matrix[:, 4] = 2, np.nan
    fitted = Linear.fit(replace(BLOCK, matrix=matrix), SAMPLE)
    assert fitted.weights[[3, 4]].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert np.isfinite(fitted.scores(matrix)).all()


def test_the_same_examples_give_the_same_bits() -> None:
    one, other = (Linear.fit(BLOCK, SAMPLE) for _ in range(2))
    assert (one.weights.tobytes(), one.intercept) == (other.weights.tobytes(), other.intercept)
    assert grow(BLOCK, SAMPLE) == grow(BLOCK, SAMPLE)


def test_targets_weigh_rounds_by_the_root_of_their_size_and_stand_for_what_was_not_drawn() -> None:
    hit, weight = targets(BLOCK, 0.25)
    assert set(hit.tolist()) == {0, 1}
    assert (weight[hit == 0] == 4).all()
    for query in np.unique(BLOCK.query)[:10]:
        mine = (BLOCK.query == query) & (hit == 1)
        assert weight[mine].sum() == pytest.approx(mine.sum() ** 0.5)
