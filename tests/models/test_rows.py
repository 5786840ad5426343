import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.bitsets import positions
from matching.records import Startup
from matching.vocabulary import Kind, Label, Outcome
from models.examples import Examples
from models.rows import FOLDS, Rows

DAY = np.datetime64("2024-01-01")


def rows(days: list[int], startups: list[int]) -> Rows:
    n = len(days)
    order = np.argsort(days, kind="stable")
    return Rows(
        matrix=np.zeros((n, 1)),
        accepted=np.zeros(n, np.bool_),
        silent=np.zeros(n, np.bool_),
        day=(DAY + np.array(days, "timedelta64[D]"))[order],
        startup=np.array(startups)[order],
        offset=np.zeros(n),
    )


def examples(labels: list[Label], startups: list[str], days: list[int]) -> Examples:
    n = len(labels)
    codes = np.zeros((n, len(Outcome)), np.int8)
    codes[:, positions(Outcome)[Outcome.ACCEPTS]] = [positions(Label)[label] for label in labels]
    return Examples(
        queries=tuple(Startup(startup_id=id_) for id_ in startups),
        fund_ids=("f",),
        query=np.arange(n),
        fund=np.zeros(n, np.int64),
        kind=np.full(n, positions(Kind)[Kind.INTRODUCTION], np.int8),
        snapshot=np.full(n, DAY),
        day=DAY + np.array(days, "timedelta64[D]"),
        matrix=np.arange(n, dtype=np.float64)[:, None],
        labels=codes,
        dropped={},
    )


def test_rows_are_what_was_answered_or_silent_by_day() -> None:
    found = Rows.of(examples(list(Label), ["a", "b", "a", "b", "a", "a"], [5, 4, 3, 2, 1, 0]))
    assert found.matrix[:, 0].tolist() == [3, 1, 0]  # silent, negative, positive
    assert found.accepted.tolist() == [False, False, True]
    assert found.silent.tolist() == [True, False, False]
    assert found.startup.tolist() == [1, 1, 0]
    assert found.take(np.array([2, 0])).matrix[:, 0].tolist() == [0, 3]


def test_folds_know_what_was_closed_before_them() -> None:
    found = list(rows([*range(0, 100, 10)], [*range(10)]).folds())
    judged = [fold[1].tolist() for fold in found]
    assert judged == [[5], [6], [7], [8], [9]]
    assert found[0][0].tolist() == [0, 1, 2]  # day 30 is open until day 51, which is no day before 50
    assert found[4][0].tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_no_rows_have_no_folds() -> None:
    assert list(rows([], []).folds()) == []


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9)), min_size=1, max_size=60))
def test_no_fold_looks_ahead_or_shares_a_startup(told: list[tuple[int, int]]) -> None:
    found = rows([day for day, _ in told], [startup for _, startup in told])
    folds = list(found.folds())
    assert 1 <= len(folds) <= FOLDS
    judged = np.concatenate([part for _, part in folds])
    assert len(np.unique(judged)) == len(judged) >= len(told) // 2
    for known, part in folds:
        assert not set(found.startup[known]) & set(found.startup[part])
        if len(known):
            assert found.day[known].max() + np.timedelta64(21, "D") < found.day[part].min()
