"""Exact search over evidence rows: companies first, thesis sentences behind them, in one FAISS index."""

from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from matching.protocols import FloatMatrix

Rows = npt.NDArray[np.int64]

TIE = 1e-4
"""Products in float32 that differ by less may be equal."""


@dataclass(frozen=True)
class Neighbours:
    """Rows found, nearest first, and the inner product of each with the query."""

    rows: Rows
    products: npt.NDArray[np.float64]


class EvidenceIndex:
    """A flat inner-product index; rows [0, n_companies) are companies, the rest thesis sentences.

    Flat search is exact: to at least 300,000 rows it is fast enough, and deleting a row is building
    the index without it (docs/decisions/0003-exact-search.md).
    """

    def __init__(self, companies: FloatMatrix, sentences: FloatMatrix) -> None:
        self.n_companies, self.n_sentences = len(companies), len(sentences)
        self._rows = np.ascontiguousarray(np.vstack([companies, sentences]), dtype=np.float32)
        self._index = faiss.IndexFlatIP(self._rows.shape[1])
        self._index.add(self._rows)

    @property
    def width(self) -> int:
        """Dimensions of a row."""
        return int(self._rows.shape[1])

    def companies(self, query: FloatMatrix, n: int) -> Neighbours:
        """Find the `n` companies nearest to `query`, shape (1, width), and all that tie with the last."""
        return self._search(query, 0, self.n_companies, n)

    def sentences(self, query: FloatMatrix, n: int) -> Neighbours:
        """Find thesis sentences in the same way; rows are counted from the first sentence."""
        found = self._search(query, self.n_companies, self.n_companies + self.n_sentences, n)
        return Neighbours(found.rows - self.n_companies, found.products)

    def _search(self, query: FloatMatrix, start: int, stop: int, n: int) -> Neighbours:
        n = min(n, stop - start)
        if n <= 0:
            return Neighbours(np.zeros(0, np.int64), np.zeros(0))
        within, selector = faiss.SearchParameters(), faiss.IDSelectorRange(start, stop, True)
        within.sel = selector  # FAISS keeps a bare pointer: `selector` has to outlive the search
        nearest, found = self._index.search(query, min(n + 1, stop - start), params=within)
        rows: Rows = np.sort(found[0])
        if n < stop - start and nearest[0, n - 1] - nearest[0, n] < TIE:
            # rows that tie with the n-th are all found, or their order would decide which
            rows = np.sort(self._index.range_search(query, float(nearest[0, -1]) - TIE, params=within)[2])
        # FAISS sums in another order for another batch; this way a row's product depends on that row alone.
        told = np.flatnonzero(query[0])
        products = (self._rows[rows[:, None], told].astype(np.float64) * query[0, told]).sum(axis=1)
        order = np.argsort(-products, kind="stable")
        order = order[products[order] >= products[order[n - 1]]]
        return Neighbours(rows[order], products[order])
