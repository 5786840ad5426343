from itertools import product
from string import ascii_uppercase

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.bitsets import COUNTRY_WORDS, bits, country_bit, country_words, has_country, positions
from matching.vocabulary import Gate, Sector, Stage
from tests.matching.worlds import QUICK

CODES = ["".join(pair) for pair in product(ascii_uppercase, repeat=2)]


def test_members_are_packed_in_the_order_of_the_vocabulary() -> None:
    assert bits((), Stage) == 0
    assert bits([Stage.IDEA], Stage) == 1
    assert bits([Stage.GROWTH, Stage.GROWTH], Stage) == 2**8
    assert bits(Sector, Sector) == 2 ** len(Sector) - 1


def test_every_bit_set_fits_a_signed_64_bit_integer() -> None:
    assert max(len(Stage), len(Sector), len(Gate)) < 63
    assert list(positions(Gate).values()) == list(range(len(Gate)))


def test_every_country_code_has_its_own_bit() -> None:
    assert (country_bit("AA"), country_bit("AZ"), country_bit("BA"), country_bit("ZZ")) == (0, 25, 26, 675)
    assert [country_bit(code) for code in CODES] == list(range(676))
    assert COUNTRY_WORDS == 11


@pytest.mark.parametrize("code", ["AA", "CL", "CM", "VN", "ZZ"])
def test_a_country_alone_sets_one_bit(code: str) -> None:
    words = country_words([code])
    assert sum(int(word).bit_count() for word in words) == 1
    assert [held for held in CODES if has_country(words[None], held)[0]] == [code]


@QUICK
@given(st.lists(st.frozensets(st.sampled_from(CODES), max_size=5), max_size=4), st.sampled_from(CODES))
def test_has_country_agrees_with_the_sets(countries: list[frozenset[str]], asked: str) -> None:
    words = np.array([country_words(held) for held in countries], np.uint64).reshape(-1, COUNTRY_WORDS)
    assert has_country(words, asked).tolist() == [asked in held for held in countries]
