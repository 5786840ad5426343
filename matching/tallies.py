"""How often each fund did what has some property, sorted once for all values of the property."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from matching.groups import Groups

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

UNTOLD = -1
"""Code of an entry that does not tell the property."""


@dataclass(frozen=True)
class Tally:
    """Entries, such as deals, by the fund whose they are and by the value of one property.

    Attributes
    ----------
    fund, code : of each entry; the code of its value, or UNTOLD.
    funds : the fund of each entry that tells the property, by code.
    of : entries of each fund that tell the property, shape (n_funds,).
    """

    fund: Ints
    code: Ints
    funds: Groups
    of: Floats

    @classmethod
    def by(cls, fund: Ints, code: Ints, n_codes: int, n_funds: int) -> Self:
        """Count entries, shape (n_entries,) each."""
        told = np.flatnonzero(code != UNTOLD)
        groups = Groups.by(code[told], n_codes)
        return cls(fund, code, Groups(fund[told][groups.entries], groups.start), counted(fund[told], n_funds))

    def count(self, codes: Iterable[int], without: Ints) -> tuple[Floats, Floats]:
        """Count the entries with one of the values, and those with any, for each fund, shape (n_funds,).

        Parameters
        ----------
        without : entries that are not counted.
        """
        wanted = list(codes)
        none = np.zeros(0, np.int64)
        n = counted(np.concatenate([none, *map(self.funds.of, wanted)]), len(self.of))
        left_out = without[self.code[without] != UNTOLD]
        if not len(left_out):
            return n, self.of
        of = self.of - counted(self.fund[left_out], len(self.of))
        asked = np.zeros(len(self.funds.start) - 1, np.bool_)
        asked[wanted] = True
        return n - counted(self.fund[left_out[asked[self.code[left_out]]]], len(self.of)), of


def counted(fund: Ints, n_funds: int) -> Floats:
    """Count how often each fund row occurs, shape (n_funds,)."""
    return np.bincount(fund, minlength=n_funds).astype(np.float64)
