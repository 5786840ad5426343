import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from matching.index import EvidenceIndex, Neighbours
from matching.protocols import FloatMatrix
from tests.matching.worlds import QUICK

Rows = list[list[int]]


@st.composite
def searches(draw: st.DrawFn) -> tuple[FloatMatrix, FloatMatrix, FloatMatrix, int]:
    """Companies, sentences, a query and k; small whole numbers, so that ties abound and sums are exact."""
    width = draw(st.integers(1, 3))
    row = st.lists(st.integers(-1, 1), min_size=width, max_size=width)

    def matrix(told: Rows) -> FloatMatrix:
        return np.array(told, np.float32).reshape(len(told), width)

    companies, sentences = draw(st.lists(row, max_size=12)), draw(st.lists(row, max_size=12))
    return matrix(companies), matrix(sentences), matrix([draw(row)]), draw(st.integers(0, 15))


def holds(found: Neighbours, side: FloatMatrix, query: FloatMatrix, k: int) -> None:
    """Compare with all products in float64: the k best and all that tie with the last, ties by row."""
    products: npt.NDArray[np.float64] = side.astype(np.float64) @ query[0].astype(np.float64)
    ranked = sorted((-product, row) for row, product in enumerate(products.tolist()))
    expected = [(product, row) for product, row in ranked if k and product <= ranked[:k][-1][0]]
    assert list(zip((-found.products).tolist(), found.rows.tolist(), strict=True)) == expected


@QUICK
@given(searches())
def test_search_on_either_side_equals_brute_force_ties_with_the_last_included(
    search: tuple[FloatMatrix, FloatMatrix, FloatMatrix, int],
) -> None:
    companies, sentences, query, k = search
    index = EvidenceIndex(companies, sentences)
    holds(index.companies(query, k), companies, query, k)
    holds(index.sentences(query, k), sentences, query, k)


@QUICK
@given(st.integers(0, 2**32 - 1), st.integers(1, 80), st.integers(1, 90))
def test_products_are_those_of_float64_to_the_last_bit_of_the_rows(seed: int, n: int, k: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(n, 40)).astype(np.float32)
    query = random.normal(size=(1, 40)).astype(np.float32)
    found = EvidenceIndex(rows, rows[:0]).companies(query, k)
    exact = np.array([sum(float(a) * float(b) for a, b in zip(row, query[0], strict=True)) for row in rows])
    np.testing.assert_allclose(found.products, np.sort(exact)[::-1][:k], rtol=0, atol=1e-12)


def test_a_row_s_product_does_not_depend_on_the_other_rows() -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=(200, 33)).astype(np.float32)
    query = random.normal(size=(1, 33)).astype(np.float32)
    alone = EvidenceIndex(rows[7:8], rows[:0]).companies(query, 1).products[0]
    among = EvidenceIndex(rows, rows).companies(query, 200)
    assert among.products[among.rows == 7][0] == alone


def test_all_rows_that_tie_with_the_last_are_found() -> None:
    index = EvidenceIndex(np.array([[2], [1], [0], [1], [1], [1]], np.float32), np.zeros((0, 1), np.float32))
    query = np.array([[1]], np.float32)
    assert index.companies(query, 1).rows.tolist() == [0]
    assert index.companies(query, 2).rows.tolist() == [0, 1, 3, 4, 5]


def test_sides_do_not_mix_and_sentences_are_counted_from_their_first() -> None:
    companies = np.array([[1, 0], [2, 0]], np.float32)
    sentences = np.array([[9, 0]], np.float32)
    index = EvidenceIndex(companies, sentences)
    query = np.array([[1, 0]], np.float32)
    assert index.companies(query, 5).rows.tolist() == [1, 0]
    assert index.sentences(query, 5).rows.tolist() == [0]
    assert (index.n_companies, index.n_sentences, index.width) == (2, 1, 2)
