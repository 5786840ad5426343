import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.errors import BadValue
from models.forest import MOST_LEAVES, Forest

WIDTH = 6


def grown(seed: int, leaves: int, rounds: int, *, n: int = 400) -> tuple["lightgbm.Booster", np.ndarray]:
    """Trees over random numbers with NaN, infinities, a constant column, and one that is NaN throughout."""
    lot = np.random.default_rng(seed)
    matrix = lot.normal(size=(n, WIDTH))
    matrix[lot.random(matrix.shape) < 0.1] = np.nan
    matrix[lot.random(matrix.shape) < 0.05] = np.inf
    matrix[lot.random(matrix.shape) < 0.05] = -np.inf
    matrix[:, 3], matrix[:, 4] = 7, np.nan
    matrix[:, 5] = lot.integers(0, 3, n)  # knows no NaN, and has zeros
    target = (np.nan_to_num(matrix[:, 0], posinf=3, neginf=-3) + lot.normal(size=n) > 0).astype(float)
    told = {
        "objective": "binary", "num_leaves": leaves, "min_data_in_leaf": 2, "verbose": -1, "seed": seed,
        "num_threads": 1, "deterministic": True, "force_row_wise": True, "min_sum_hessian_in_leaf": 0,
    }  # fmt: skip
    return lightgbm.train(told, lightgbm.Dataset(matrix, target, params=told), rounds), matrix


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 9), st.sampled_from([2, 3, 16, 17, 33, MOST_LEAVES]), st.integers(1, 12))
def test_scores_are_those_of_lightgbm_bit_for_bit(seed: int, leaves: int, rounds: int) -> None:
    booster, matrix = grown(seed, leaves, rounds)
    rows = np.vstack(
        [matrix, np.full((1, WIDTH), np.nan), np.zeros((1, WIDTH)), np.full((1, WIDTH), -np.inf)]
    )
    forest = Forest.read(booster.model_to_string())
    assert forest.scores(rows).tobytes() == np.asarray(booster.predict(rows, raw_score=True)).tobytes()


def test_a_row_has_the_same_bits_alone_and_among_others() -> None:
    booster, matrix = grown(1, 15, 60)
    forest = Forest.read(booster.model_to_string())
    every = forest.scores(matrix)
    alone = np.concatenate([forest.scores(matrix[at : at + 1]) for at in range(50)])
    assert alone.tobytes() == every[:50].tobytes()
    assert forest.scores(matrix[:0]).shape == (0,)
    single = matrix.astype(np.float32)
    assert forest.scores(single).tobytes() == forest.scores(single.astype(np.float64)).tobytes()


def test_numbers_in_float32_next_to_a_threshold_fall_on_the_same_side_of_it() -> None:
    booster, _ = grown(1, 15, 60)
    forest = Forest.read(booster.model_to_string())
    nearest = forest.threshold[np.abs(forest.threshold) < 1e30].astype(np.float32)
    around = np.concatenate([np.nextafter(nearest, np.float32(way)) for way in (-np.inf, np.inf)] + [nearest])
    rows = np.repeat(around[:, None], WIDTH, axis=1)
    assert forest.scores(rows).tobytes() == forest.scores(rows.astype(np.float64)).tobytes()


def test_a_tree_of_one_leaf_says_the_same_of_everybody() -> None:
    booster, matrix = grown(0, 4, 1, n=3)  # too few rows for a split
    text = booster.model_to_string()
    assert "num_leaves=1" in text
    forest = Forest.read(text)
    assert forest.scores(matrix).tobytes() == np.asarray(booster.predict(matrix, raw_score=True)).tobytes()
    assert len(set(forest.scores(matrix).tolist())) == 1


def test_one_split_by_hand() -> None:
    text = "\n".join(
        (
            "tree", "", "Tree=0", "num_leaves=2", "num_cat=0", "split_feature=1", "threshold=0.5",
            "decision_type=8", "left_child=-1", "right_child=-2", "leaf_value=3 -4", "", "end of trees",
        )
    )  # fmt: skip
    rows = np.array([[9, 0.5], [9, 0.6], [9, np.nan], [9, -np.inf], [9, np.inf]])
    assert Forest.read(text).scores(rows).tolist() == [3, -4, -4, 3, -4]
    to_the_left = text.replace("decision_type=8", "decision_type=10")
    assert Forest.read(to_the_left).scores(rows).tolist() == [3, -4, 3, 3, -4]
    as_zero = text.replace("decision_type=8", "decision_type=0")  # trained without NaN, which reads as 0
    assert Forest.read(as_zero).scores(rows).tolist() == [3, -4, 3, 3, -4]


def test_more_leaves_than_bits_and_splits_by_category_are_refused() -> None:
    booster, _ = grown(0, 120, 2)
    with pytest.raises(BadValue, match="tree must be of at most 63 leaves, without categories"):
        Forest.read(booster.model_to_string())
    text = grown(0, 4, 1)[0].model_to_string().replace("num_cat=0", "num_cat=1")
    with pytest.raises(BadValue, match="without categories"):
        Forest.read(text)


TOLD = grown(0, 4, 2)[0].model_to_string()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tree",
        TOLD.replace("num_leaves=", "leaves="),
        TOLD.replace("num_leaves=4", "num_leaves=x"),
        TOLD.replace("threshold=", "threshold=a "),
        TOLD.replace("split_feature=", "splits="),
        TOLD.replace("left_child=", "left_child=9 "),
        TOLD.replace("leaf_value=", "leaf_value=\nrest="),
    ],
)
def test_broken_text_is_one_error(text: str) -> None:
    assert text != TOLD
    with pytest.raises(BadValue, match="trees must be the text of LightGBM's trees"):
        Forest.read(text)
