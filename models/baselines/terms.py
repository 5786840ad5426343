"""Words and tags of profiles as sparse rows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matching.market import Floats, Ints
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

    def known(self, terms: Iterable[str]) -> Ints:
        """Return the columns of the known terms, each once."""
        return np.array([self.column_of[t] for t in dict.fromkeys(terms) if t in self.column_of], np.int64)

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
    """Unit rows of weighed terms: their products are cosines (Salton and Buckley 1988).

    Attributes
    ----------
    by_term : the companies' rows, transposed: shape (n_terms, n_companies).
    """

    vocabulary: Vocabulary
    weight: Floats
    by_term: sparse.csr_array

    @classmethod
    def over(cls, told: Sequence[Sequence[str]]) -> "TfIdf":
        """Learn the weights from the terms of a market's companies."""
        vocabulary = Vocabulary.of(told)
        marks = vocabulary.marks(told)
        weight = rarity(marks)
        rows = unit_rows(sparse.csr_array(marks @ sparse.diags_array(weight.astype(np.float32))))
        return cls(vocabulary, weight, sparse.csr_array(rows.T))

    def cosines(self, told: Sequence[Sequence[str]]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
        """Compare profiles with all companies, shape (len(told), n_companies)."""
        found = np.zeros((len(told), self.by_term.shape[1]), np.float32)
        begin, companies, share = self.by_term.indptr, self.by_term.indices, self.by_term.data
        for row, terms in zip(found, told, strict=True):
            columns = self.vocabulary.known(terms)
            gains = (self.weight[columns] / np.linalg.norm(self.weight[columns])).astype(np.float32)
            for column, gain in zip(columns, gains, strict=True):
                at = slice(begin[column], begin[column + 1])
                np.add.at(row, companies[at], gain * share[at])
        return found
