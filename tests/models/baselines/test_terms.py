from math import log, sqrt

import numpy as np
import pytest
from scipy import sparse

from matching.records import Startup
from models.baselines.terms import TfIdf, Vocabulary, rarity, tags, unit_rows, words

VIETNAMESE = Startup(tags=("Thanh toán", "AI"), description="We pay.", description_vi="Ví điện tử ĐÀ NẴNG")
CHINESE = Startup(tags=("人工智能", "移动支付"))


def test_tags_are_kept_whole() -> None:
    assert tags(VIETNAMESE) == ["thanh toán", "ai"]
    assert tags(CHINESE) == ["人工智能", "移动支付"]


def test_words_are_tags_and_the_words_of_tags_and_of_both_descriptions() -> None:
    of_texts = ["we", "pay", "ví", "điện", "tử", "đà", "nẵng"]
    assert words(VIETNAMESE) == ["thanh toán", "ai", "thanh", "toán", "ai", *of_texts]
    assert words(CHINESE) == ["人工智能", "移动支付"] * 2
    assert words(Startup()) == []


def test_a_vocabulary_counts_and_marks_the_terms_it_knows() -> None:
    vocabulary = Vocabulary.of([["b", "a", "b"], ["c"]])
    assert vocabulary.column_of == {"a": 0, "b": 1, "c": 2}
    asked = [["b", "unknown", "b", "a"], [], ["unknown"]]
    assert vocabulary.counts(asked).toarray().tolist() == [[1, 2, 0], [0, 0, 0], [0, 0, 0]]
    assert vocabulary.marks(asked).toarray().tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_unit_rows() -> None:
    rows = unit_rows(sparse.csr_array(np.array([[3, 4], [0, 0]], np.float32)))
    assert rows.toarray() == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))


def test_the_rarity_of_a_term_in_all_two_and_one_of_three_profiles() -> None:
    marks = Vocabulary.of([["a", "b", "c"]]).marks([["a"], ["a", "b"], ["a", "b", "c"]])
    assert rarity(marks) == pytest.approx([1, 1 + log(4 / 3), 1 + log(4 / 2)])


def test_cosines_of_three_profiles() -> None:
    tfidf = TfIdf.over([["a", "b"], ["a"], ["c", "a", "c"]])
    # a weighs 1, b and c 1 + log 2: (1, 1.69, 0) / 1.97, (1, 0, 0) and (1, 0, 1.69) / 1.97
    length = sqrt(1 + (1 + log(2)) ** 2)
    expected = [[1, 1 / length, 1 / length**2], [0, 0, (1 + log(2)) / length], [0, 0, 0]]
    assert tfidf.cosines([["b", "unknown", "a"], ["c"], ["unknown"]]) == pytest.approx(np.array(expected))
