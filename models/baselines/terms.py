"""Words and tags of profiles as sparse rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matching.market import Floats
from matching.records import Startup

_WORD = re.compile(r"\w+")


def tags(startup: Startup) -> list[str]:
    """List the tags of a profile as they are written, in small letters."""
    return [tag.casefold() for tag in startup.tags]


def places(startup: Startup) -> list[str]:
    """List the place of a profile, if it tells one."""
    return [startup.place] if startup.place else []


def words(startup: Startup) -> list[str]:
    """List the tags of a profile and all words of its tags and descriptions, in small letters."""
    text = " ".join((*startup.tags, startup.description, startup.description_vi)).casefold()
    return [*tags(startup), *_WORD.findall(text)]


@dataclass(frozen=True)
class Vocabulary:
    """The terms that occur in a market, each with its column."""

    column_of: dict[str, int]

    @classmethod
    def of(cls, told: Sequence[Sequence[str]]) -> "Vocabulary":
        """Collect the terms of all profiles, in order."""
        return cls({term: at for at, term in enumerate(sorted({t for terms in told for t in terms}))})

    def __len__(self) -> int:
        """Count the terms."""
        return len(self.column_of)

    def counts(self, told: Sequence[Sequence[str]]) -> sparse.csr_array:
        """Count the known terms of each profile, shape (len(told), len(self))."""
        at = [(row, self.column_of[t]) for row, ts in enumerate(told) for t in ts if t in self.column_of]
        rows, columns = np.array(at, np.int64).reshape(-1, 2).T
        shape = (len(told), len(self))
        return sparse.csr_array((np.ones(len(at), np.float32), (rows, columns)), shape=shape)

    def marks(self, told: Sequence[Sequence[str]]) -> sparse.csr_array:
        """Mark the known terms of each profile with 1, shape (len(told), len(self))."""
        return self.counts([list(dict.fromkeys(terms)) for terms in told])


def unit_rows(matrix: sparse.csr_array) -> sparse.csr_array:
    """Scale every row to length 1; a row of zeros stays."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    length[length == 0] = 1
    return sparse.csr_array(sparse.diags_array(1 / length).astype(np.float32) @ matrix)


def rarity(marks: sparse.csr_array) -> Floats:
    """Return the smoothed inverse document frequency of each column (Spaerck Jones 1972)."""
    frequency = np.bincount(marks.indices, minlength=marks.shape[1])
    return np.log((1 + marks.shape[0]) / (1 + frequency)) + 1


@dataclass(frozen=True)
class TfIdf:
    """Unit rows of weighed terms: their products are cosines (Salton and Buckley 1988)."""

    vocabulary: Vocabulary
    weight: Floats
    companies: sparse.csr_array

    @classmethod
    def over(cls, told: Sequence[Sequence[str]]) -> "TfIdf":
        """Learn the weights from the terms of a market's companies."""
        vocabulary = Vocabulary.of(told)
        marks = vocabulary.marks(told)
        weight = rarity(marks)
        return cls(vocabulary, weight, _weighed(marks, weight))

    def cosines(self, told: Sequence[Sequence[str]]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
        """Compare profiles with all companies, shape (len(told), n_companies)."""
        rows = _weighed(self.vocabulary.marks(told), self.weight)
        return np.asarray((rows @ self.companies.T).toarray(), np.float32)


def _weighed(marks: sparse.csr_array, weight: Floats) -> sparse.csr_array:
    return unit_rows(sparse.csr_array(marks @ sparse.diags_array(weight.astype(np.float32))))
