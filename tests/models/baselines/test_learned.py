import numpy as np
import pytest
from scipy import sparse

from models.baselines.learned import LearnedVectors

# Companies by fund: payments and lending share fund 0, farming has fund 1 to itself.
TOLD = [["pay"], ["lend"], ["pay", "lend"], ["farm"], ["farm"], []]
HELD = sparse.csr_array(np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [1, 1]], np.float32))


def test_terms_that_the_same_funds_like_lie_together() -> None:
    vectors = LearnedVectors.of(TOLD, HELD, rank=8)
    farm, lend, pay = vectors.rows
    assert vectors.vocabulary.column_of == {"farm": 0, "lend": 1, "pay": 2}
    # each has 2 companies, so a product is at most n / (n + 1) = 2 / 3
    assert pay @ pay == pytest.approx(2 / 3)
    assert pay @ lend == pytest.approx(2 / 3)
    assert pay @ farm == pytest.approx(0, abs=1e-9)


def test_centred_vectors_of_unlike_terms_point_apart() -> None:
    farm, lend, pay = LearnedVectors.of(TOLD, HELD, rank=8, centred=True).rows
    assert pay @ lend == pytest.approx(2 / 3)
    assert pay @ farm == pytest.approx(-2 / 3)


def test_a_profile_has_the_mean_of_its_known_terms() -> None:
    vectors = LearnedVectors.of(TOLD, HELD, rank=8)
    farm, _, pay = vectors.rows
    means = vectors.mean([["pay", "farm"], ["pay", "unheard"], ["unheard"], []])
    assert means == pytest.approx(np.array([(pay + farm) / 2, pay, 0 * pay, 0 * pay]), abs=1e-6)


def test_what_is_alike_everywhere_says_nothing_once_centred() -> None:
    held = sparse.csr_array(np.array([[3, 1], [3, 1], [3, 1]], np.float32))
    vectors = LearnedVectors.of([["hue"], ["hue"], ["hue"]], held, rank=8, centred=True)
    assert vectors.rows.tolist() == np.zeros_like(vectors.rows).tolist()


def test_a_truncated_factorisation_keeps_the_products_of_the_strongest_directions() -> None:
    rng = np.random.default_rng(0)
    told = [[f"t{at % 12}"] for at in range(200)]
    fund = rng.integers(0, 40, 200)
    held = sparse.csr_array((np.ones(200, np.float32), (np.arange(200), fund)), shape=(200, 40))
    truncated, whole = (LearnedVectors.of(told, held, rank).rows for rank in (10, 11))
    assert truncated.shape == (12, 10)
    cosine = truncated @ truncated.T - whole @ whole.T
    assert np.abs(cosine).max() < 0.2
    again = LearnedVectors.of(told, held, 10).rows
    assert np.array_equal(truncated, again)


def test_funds_that_like_every_term_tell_nothing() -> None:
    told = [[f"t{at}"] for at in range(6)]
    held = sparse.csr_array(np.ones((6, 5), np.float32))
    vectors = LearnedVectors.of(told, held, rank=2)
    assert vectors.rows.tolist() == [[0, 0]] * 6
    assert vectors.mean([["t1", "unknown"]]).tolist() == [[0, 0]]
