import numpy as np
import pytest

from matching.vocabulary import Rung
from models.judging import NOBODY, SHOWN, Judged
from models.ladder import ENOUGH, climb


def judged(places: list[float]) -> Judged:
    """Lists of queries with one true fund each, at the place given."""
    n = len(places)
    return Judged(
        n_true=np.ones(n, np.int64),
        n_reachable=np.ones(n, np.int64),
        n_candidates=50,
        query=np.arange(n),
        fund=np.zeros(n, np.int64),
        place=np.array(places, np.float64),
        shown=np.full((n, SHOWN), NOBODY),
        hit=np.zeros((n, SHOWN), np.bool_),
        chance=np.full((n, SHOWN), np.nan),
    )


def test_it_climbs_to_what_is_surely_better() -> None:
    lists = {
        Rung.PRIOR: judged([5.0] * 120),
        Rung.KERNEL: judged([1.0] * 120),
        Rung.BOOSTED: judged([0.0] * 120),
    }
    rung, steps = climb(lists)
    assert rung is Rung.BOOSTED
    assert [(step.rung, step.against, step.taken) for step in steps] == [
        (Rung.KERNEL, Rung.PRIOR, True),
        (Rung.BOOSTED, Rung.KERNEL, True),
    ]
    assert steps[0].ndcg_10.mean == pytest.approx(1 / np.log2(3) - 1 / np.log2(7))
    assert steps[0].recall_10.mean == 0


@pytest.mark.parametrize(
    "places",
    [
        [5.0] * 120,  # the same
        [9.0] * 120,  # worse
        [0.0, 0.0, 0.0, *[9.0] * 117],  # better for a few
        [0.0] * 60 + [30.0] * 60,  # higher nDCG, lower recall
    ],
)
def test_it_stays_where_that_is_not_sure(places: list[float]) -> None:
    rung, (step,) = climb({Rung.PRIOR: judged([5.0] * 120), Rung.LOGISTIC: judged(places)})
    assert (rung, step.taken, step.against) == (Rung.PRIOR, False, Rung.PRIOR)


def test_a_rung_that_was_not_taken_is_compared_with_no_more() -> None:
    lists = {
        Rung.PRIOR: judged([5.0] * 120),
        Rung.KERNEL: judged([8.0] * 120),
        Rung.LOGISTIC: judged([4.0] * 120),
    }
    rung, steps = climb(lists)
    assert rung is Rung.LOGISTIC
    assert [step.against for step in steps] == [Rung.PRIOR, Rung.PRIOR]


def test_with_no_question_or_no_rival_the_prior_serves() -> None:
    assert climb({Rung.PRIOR: judged([1.0])}) == (Rung.PRIOR, ())
    rung, (step,) = climb({Rung.PRIOR: judged([]), Rung.BOOSTED: judged([])})
    assert (rung, step.taken, step.ndcg_10.n) == (Rung.PRIOR, False, 0)
    mixed = judged([0.0, 40.0])  # one won and one lost
    assert climb({Rung.PRIOR: judged([5.0, 5.0]), Rung.BOOSTED: mixed})[0] is Rung.PRIOR


def test_the_order_of_questions_changes_no_bit() -> None:
    lot = np.random.default_rng(0)
    old, new, order = lot.integers(0, 30, 150), lot.integers(0, 12, 150), lot.permutation(150)
    one = climb({Rung.PRIOR: judged(old.tolist()), Rung.BOOSTED: judged(new.tolist())})
    other = climb({Rung.PRIOR: judged(old[order].tolist()), Rung.BOOSTED: judged(new[order].tolist())})
    assert one == other


@pytest.mark.parametrize(("n", "taken"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_few_questions_leave_the_prior_whatever_they_say(n: int, taken: bool) -> None:
    _, (step,) = climb({Rung.PRIOR: judged([5.0] * n), Rung.KERNEL: judged([0.0] * n)})
    assert step.taken is taken
