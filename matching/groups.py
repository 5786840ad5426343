"""Entries of a table by a number that they share: the deals of each fund, say."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Groups:
    """Entries by group.

    Attributes
    ----------
    entries : those of one group after those of another, rising within a group.
    start : where each group begins among them, and where the last one ends, shape (n_groups + 1,).
    """

    entries: Ints
    start: Ints

    @classmethod
    def by(cls, group: Ints, n: int) -> Self:
        """Sort entries by their group, one of `n`, shape (n_entries,)."""
        start = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=n))]).astype(np.int64)
        return cls(np.argsort(group, kind="stable").astype(np.int64), start)

    def of(self, group: int) -> Ints:
        """List the entries of one group."""
        return self.entries[self.start[group] : self.start[group + 1]]

    def of_all(self, groups: Ints) -> Ints:
        """List the entries of several groups, those of one after those of another."""
        begin = self.start[groups]
        size = self.start[groups + 1] - begin
        before = np.cumsum(size) - size
        at = np.arange(int(size.sum())) + np.repeat(begin - before, size)
        return np.asarray(self.entries[at])
