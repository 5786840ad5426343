"""Vectors of tags and of cities, learned from who invested: those that the same funds like lie together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import svds

from matching.market import Floats
from models.baselines.terms import Vocabulary

FEW = 1.0
"""Companies with a term at which its vector has .7 of full length: rare terms are known badly."""

TINY = 1e-9
"""A shorter vector is rounding alone, and has no direction."""


@dataclass(frozen=True)
class LearnedVectors:
    """A vector for each term, shape (n_terms, rank); its length tells how well the term is known."""

    vocabulary: Vocabulary
    rows: Floats

    @classmethod
    def of(
        cls, told: Sequence[Sequence[str]], holdings: sparse.csr_array, rank: int, *, centred: bool = False
    ) -> "LearnedVectors":
        """Factor the table of terms and funds by a truncated SVD (latent semantics: Deerwester et al. 1990).

        Its cells are the square roots of weighed deals, by the rarity of the fund: one that likes
        everything tells nothing.

        Parameters
        ----------
        told : terms of each company.
        holdings : weights of deals by company and fund, shape (n_companies, n_funds), not below 0.
        rank : the most columns; there are fewer where there are fewer terms or funds.
        centred : take the mean over companies out, so that unlike terms point apart.
        """
        vocabulary = Vocabulary.of(told)
        marks = vocabulary.marks(told)
        table = sparse.csr_array(marks.T @ holdings).astype(np.float64)
        table = table[:, np.unique(table.indices)]  # a fund without a deal changes no bit
        table.data = np.sqrt(table.data)
        terms_of_fund = np.bincount(table.indices, minlength=table.shape[1])
        table = sparse.csr_array(
            table @ sparse.diags_array(np.log((1 + table.shape[0]) / (1 + terms_of_fund)))
        )
        n = np.bincount(marks.indices, minlength=len(vocabulary)).astype(np.float64)
        known = np.sqrt(n / (n + FEW))[:, None]
        rows = _unit(_scores(table, rank)) * known
        if centred:
            rows = _unit(rows - n @ rows / max(1.0, n.sum())) * known
        return cls(vocabulary, rows)

    def mean(self, told: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
        """Average the vectors of each profile's known terms, shape (len(told), rank); zeros where none is."""
        found = np.zeros((len(told), self.rows.shape[1]), np.float32)
        for row, terms in zip(found, told, strict=True):
            known = self.vocabulary.known(terms)
            if len(known):
                row[:] = self.rows[known].mean(axis=0)
        return found


def _scores(table: sparse.csr_array, rank: int) -> Floats:
    """Return the left singular vectors times their values, at most `rank` of them."""
    if not table.count_nonzero():  # where every fund likes every term; ARPACK refuses a table of zeros
        return np.zeros((table.shape[0], rank))
    smallest = min(table.shape)
    if smallest <= rank + 1:
        left, values, _ = np.linalg.svd(table.toarray(), full_matrices=False)
        return np.asarray((left * values)[:, :rank])
    left, values, _ = svds(table, k=rank, v0=np.ones(smallest))
    return np.asarray(left * values)


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.where(length > TINY, rows / np.maximum(length, TINY), 0.0))
