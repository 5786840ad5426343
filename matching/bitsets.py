"""Sets of stages, sectors and countries as bits, so that a gate is one vectorised AND."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from matching.vocabulary import Sector, Stage

Words = npt.NDArray[np.uint64]
"""Country sets, shape (n, COUNTRY_WORDS): one bit for each possible ISO 3166 alpha-2 code."""

COUNTRY_WORDS = (26 * 26 + 63) // 64


@cache
def positions(vocabulary: type[StrEnum]) -> dict[StrEnum, int]:
    """Return the bit of every member, in the order of the vocabulary."""
    return {member: bit for bit, member in enumerate(vocabulary)}


def bits(members: Iterable[Stage] | Iterable[Sector], vocabulary: type[StrEnum]) -> int:
    """Pack members of a vocabulary into one integer.

    >>> bits({Stage.IDEA, Stage.SEED}, Stage)
    5
    """
    where = positions(vocabulary)
    return sum(1 << where[member] for member in set(members))


def country_bit(alpha2: str) -> int:
    """Return the bit of an ISO 3166 alpha-2 code: AA is 0, ZZ is 675."""
    return (ord(alpha2[0]) - 65) * 26 + ord(alpha2[1]) - 65


def country_words(countries: Iterable[str]) -> Words:
    """Pack alpha-2 codes into COUNTRY_WORDS unsigned words."""
    words = np.zeros(COUNTRY_WORDS, np.uint64)
    for alpha2 in countries:
        word, bit = divmod(country_bit(alpha2), 64)
        words[word] |= np.uint64(1 << bit)
    return words


def has_country(words: Words, alpha2: str) -> npt.NDArray[np.bool_]:
    """Tell for every row of `words`, shape (n, COUNTRY_WORDS), whether it holds the country."""
    word, bit = divmod(country_bit(alpha2), 64)
    held: npt.NDArray[np.bool_] = (words[:, word] >> np.uint64(bit)) & np.uint64(1) != 0
    return held
