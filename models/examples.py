"""Examples to learn from: features as they would have been served, labels as they are known today."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np
import numpy.typing as npt

from matching.bitsets import positions
from matching.dates import DAYS_PER_YEAR, months_before
from matching.knowledge import as_asked
from matching.market import Ints, Market, profile_vectors
from matching.pairs import Pairs
from matching.protocols import VectorStore
from matching.rank import PriorRanker
from matching.records import Startup
from matching.vocabulary import PLAIN_FEATURES, Dropped, Kind, Label, Outcome
from models.history import Asked, History
from models.questions import NOTHING, Labels, Ledger, Question
from models.snapshots import Snapshot, snapshots
from models.windows import CANDIDATE_YEARS

Matrix = npt.NDArray[np.floating]
Codes = npt.NDArray[np.int8]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Examples:
    """One entry a row: a fund beside a startup, as of a snapshot.

    Attributes
    ----------
    queries : the startups, as asked on the snapshot; sectors not yet read from text.
    fund_ids : what `fund` counts.
    query : position in `queries`; the rows of one query are one candidate set.
    fund : position in `fund_ids`.
    kind : code of `Kind`.
    snapshot, day : when the features were known; when it was introduced, or its round announced.
    matrix : the features, shape (n, width of the View).
    labels : codes of `Label`, shape (n, len(Outcome)).
    dropped : pairs of this window that give no row, by reason.
    """

    queries: tuple[Startup, ...]
    fund_ids: tuple[str, ...]
    query: Ints
    fund: Ints
    kind: Codes
    snapshot: Days
    day: Days
    matrix: Matrix
    labels: Codes
    dropped: Mapping[Dropped, int]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.query)

    def labelled(self, outcome: Outcome, *labels: Label) -> npt.NDArray[np.bool_]:
        """Tell which rows have one of `labels` for an outcome, shape (n,)."""
        codes = [positions(Label)[label] for label in labels]
        return np.isin(self.labels[:, positions(Outcome)[outcome]], codes)

    def before(self, day: date) -> "Examples":
        """Keep the rows of introductions and rounds before a day."""
        kept = self.day < np.datetime64(day)
        rows = {name: getattr(self, name)[kept] for name in _BY_ROW}
        return replace(self, **rows)

    def of_kind(self, kind: Kind) -> npt.NDArray[np.bool_]:
        """Tell which rows are of a kind, shape (n,)."""
        same: npt.NDArray[np.bool_] = self.kind == positions(Kind)[kind]
        return same


class Seen(Protocol):
    """The funds beside one startup: which are candidates, and their features."""

    @property
    def pool(self) -> Ints:
        """The candidates among the eligible funds, as rising rows of the Market."""

    def matrix(self, rows: Ints) -> Matrix:
        """Compute the features of funds, shape (len(rows), width of the View)."""


class View(Protocol):
    """What is seen of the funds of one Market."""

    @property
    def width(self) -> int:
        """Number of features."""

    def beside(self, pairs: Pairs) -> Seen:
        """Look at the funds beside a startup."""


See = Callable[[Market], View]
"""Looks at a Market, and learns from it what its View needs."""


@dataclass(frozen=True)
class PlainView:
    """The features of the prior.

    Attributes
    ----------
    best : how many funds the prior chooses, with all that tie; None is all of them.
    """

    best: int | None = None
    width: int = len(PLAIN_FEATURES)

    def beside(self, pairs: Pairs) -> "PlainSeen":
        """Look at the funds beside a startup."""
        return PlainSeen(pairs, self.best)


@dataclass(frozen=True)
class PlainSeen:
    """The funds beside one startup, in the features of the prior."""

    pairs: Pairs
    best: int | None

    @property
    def pool(self) -> Ints:
        """The best by the prior."""
        rows, n = self.pairs.eligible, self.best
        if n is None or len(rows) <= n:
            return rows
        scores = PriorRanker().beside(self.pairs).scores(rows)
        return np.array(rows[scores >= np.partition(scores, -n)[-n]])

    def matrix(self, rows: Ints) -> Matrix:
        """Compute PLAIN_FEATURES."""
        return self.pairs.matrix(rows)


_BY_ROW = ("query", "fund", "kind", "snapshot", "day", "matrix", "labels")


def recently_active(market: Market) -> Ints:
    """Choose all funds with a dated deal in the CANDIDATE_YEARS before the Market's day."""
    deals, as_of = market.deals, market.as_of
    days = (as_of - months_before(as_of, 12 * CANDIDATE_YEARS)).days
    recent = deals.fund[deals.dated & (np.rint(deals.age_years * DAYS_PER_YEAR) <= days)]
    return np.flatnonzero(np.bincount(recent, minlength=len(market.funds)))


def build_examples(
    history: History,
    vectors: VectorStore,
    days: Sequence[date],
    as_of: date,
    *,
    see: See = lambda market: PlainView(),
    kinds: Set[Kind] = frozenset(Kind),
    keep_truth: bool = False,
    sample: float = 1.0,
    others: int = 0,
    dtype: npt.DTypeLike = np.float64,
) -> Iterator[Examples]:
    """Build the examples of each snapshot in turn, so that one block at a time is in memory.

    An introduction is one row, with the features of its fund; beside it stand `others` that it was not made
    to. A first round (the earliest day with a dated deal) is a candidate set: its investors are positive for
    `invests`, the rest of the pool is unlabelled. The startup is taken as its profile stood on the evening of
    the day itself, for a startup first seen that day has no earlier one; all else is what was known at the
    start of the snapshot. A startup funded before counts in its investors' activity and popularity like any
    other company.

    Parameters
    ----------
    days : the snapshots, rising; each answers for the days up to the next, the last up to `as_of`.
    as_of : the day of training: labels are what was known at its start.
    see : what is seen of each Market; the recently active funds are eligible for a first round, and its pool
        are its candidates. An introduction has no others.
    kinds : what is asked for.
    keep_truth : give investors outside the pool a row as well; they are counted as dropped either way.
    sample : share of the pool's unlabelled rows that are kept, by lot.
    others : funds drawn by lot for each startup and day that has introductions, as unlabelled rows.
    dtype : of the matrix.

    Raises
    ------
    BadValue
        If the days do not rise, or one is not before `as_of`.
    """
    ledger = Ledger(history.knowledge(as_of), as_of)
    for snapshot in snapshots(history, vectors, days, as_of):
        block = _Block(snapshot, vectors, see(snapshot.market), keep_truth, sample, others)
        yield block.examples(ledger, history, kinds, dtype)


class _Block:
    """Gathers the rows of one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        vectors: VectorStore,
        view: View,
        keep_truth: bool,
        sample: float,
        others: int,
    ) -> None:
        self._snapshot, self._market, self._others = snapshot, snapshot.market, others
        self._vectors, self._view, self._keep_truth, self._sample = vectors, view, keep_truth, sample
        self._eligible = recently_active(snapshot.market)
        self._lot = np.random.default_rng(snapshot.market.as_of.toordinal())
        self._dropped: Counter[Dropped] = Counter()

    def examples(self, ledger: Ledger, history: History, kinds: Set[Kind], dtype: npt.DTypeLike) -> Examples:
        day = self._market.as_of
        told = ledger.between(day, self._snapshot.until, self._dropped, kinds)
        asked = self._known(told, history.profiles((question.startup_id, question.day) for question in told))
        texts = profile_vectors([startup for _, startup in asked], self._vectors)
        rows: list[Ints] = []
        labels: list[Codes] = []
        matrices = []
        for (question, startup), text in zip(asked, texts, strict=True):
            seen = self._view.beside(Pairs.of(startup, text, self._market, self._eligible))
            rows.append(self._rows(question, seen))
            labels.append(_codes(question, rows[-1], self._market.funds.row_of))
            matrices.append(seen.matrix(rows[-1]).astype(dtype))
        sizes = [len(chosen) for chosen in rows]
        return Examples(
            queries=tuple(startup for _, startup in asked),
            fund_ids=tuple(fund.fund_id for fund in self._market.funds.records),
            query=np.repeat(np.arange(len(asked)), sizes),
            fund=np.concatenate([np.zeros(0, np.int64), *rows]),
            kind=np.repeat(np.array([positions(Kind)[q.kind] for q, _ in asked], np.int8), sizes),
            snapshot=np.full(sum(sizes), day, "datetime64[D]"),
            day=np.repeat(np.array([question.day for question, _ in asked], "datetime64[D]"), sizes),
            matrix=np.concatenate([np.zeros((0, self._view.width), dtype), *matrices]),
            labels=np.concatenate([np.zeros((0, len(Outcome)), np.int8), *labels]),
            dropped=dict(+self._dropped),
        )

    def _known(
        self, told: Sequence[Question], found: Mapping[Asked, Startup]
    ) -> list[tuple[Question, Startup]]:
        asked = []
        for question in told:
            startup = found.get((question.startup_id, question.day))
            if startup is None:
                self._dropped[Dropped.STARTUP_UNKNOWN] += len(question.answers)
            else:
                asked.append((question, as_asked(startup, self._market.as_of)))
        return asked

    def _rows(self, question: Question, seen: Seen) -> Ints:
        row_of = self._market.funds.row_of
        truth = np.array([row_of[id_] for id_ in question.answers if id_ in row_of], np.int64)
        self._dropped[Dropped.FUND_UNKNOWN] += len(question.answers) - len(truth)
        if question.kind is Kind.INTRODUCTION:
            drawn = self._lot.integers(0, max(1, len(row_of)), self._others if row_of else 0)
            return np.union1d(truth, drawn)
        pool = seen.pool
        outside = np.setdiff1d(truth, pool)
        self._dropped[Dropped.OUTSIDE_POOL] += len(outside)
        introduced = [row_of[id_] for id_ in question.introduced if id_ in row_of]
        unlabelled = np.setdiff1d(pool, truth)
        kept = unlabelled[self._lot.random(len(unlabelled)) < self._sample]
        positive = truth if self._keep_truth else np.intersect1d(truth, pool)
        return np.setdiff1d(np.union1d(kept, positive), introduced)


def _codes(question: Question, rows: Ints, row_of: Mapping[str, int]) -> Codes:
    """Write down the labels of one question, shape (len(rows), len(Outcome))."""
    found = np.tile(_coded(NOTHING), (len(rows), 1))
    for fund_id, labels in question.answers.items():
        found[rows == row_of.get(fund_id, -1)] = _coded(labels)
    return found


def _coded(labels: Labels) -> Codes:
    return np.array([positions(Label)[label] for label in labels], np.int8)


def stacked(blocks: Iterable[Examples]) -> Examples:
    """Put blocks below each other.

    Raises
    ------
    ValueError
        If there is no block.
    """
    told = list(blocks)
    funds = {id_: at for at, id_ in enumerate(dict.fromkeys(id_ for b in told for id_ in b.fund_ids))}
    first = np.cumsum([0, *(len(block.queries) for block in told)])
    dropped: Counter[Dropped] = Counter()
    for block in told:
        dropped.update(block.dropped)
    return Examples(
        queries=tuple(startup for block in told for startup in block.queries),
        fund_ids=tuple(funds),
        query=np.concatenate([block.query + start for block, start in zip(told, first, strict=False)]),
        fund=np.concatenate(
            [np.array([funds[id_] for id_ in block.fund_ids], np.int64)[block.fund] for block in told]
        ),
        kind=np.concatenate([block.kind for block in told]),
        snapshot=np.concatenate([block.snapshot for block in told]),
        day=np.concatenate([block.day for block in told]),
        matrix=np.concatenate([block.matrix for block in told]),
        labels=np.concatenate([block.labels for block in told]),
        dropped=dict(dropped),
    )
