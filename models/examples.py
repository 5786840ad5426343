"""Examples to learn from: features as they would have been served, labels as they are known today."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from matching.bitsets import positions
from matching.dates import DAYS_PER_YEAR, months_before
from matching.knowledge import as_asked
from matching.market import Ints, profile_vectors
from matching.pairs import Pairs
from matching.protocols import VectorStore
from matching.rank import PriorRanker, Ranker
from matching.records import Startup
from matching.vocabulary import Dropped, Feature, Kind, Label, Outcome
from models.history import Asked, History
from models.questions import NOTHING, Labels, Ledger, Question
from models.snapshots import Snapshot, snapshots
from models.windows import CANDIDATE_YEARS

Pool = Callable[[Pairs], Ints]
"""Chooses the candidate funds of a startup, as rows of its Market."""

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
    matrix : the features, shape (n, len(Feature)).
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
    matrix: npt.NDArray[np.floating]
    labels: Codes
    dropped: Mapping[Dropped, int]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.query)

    def labelled(self, outcome: Outcome, *labels: Label) -> npt.NDArray[np.bool_]:
        """Tell which rows have one of `labels` for an outcome, shape (n,)."""
        codes = [positions(Label)[label] for label in labels]
        return np.isin(self.labels[:, positions(Outcome)[outcome]], codes)

    def of_kind(self, kind: Kind) -> npt.NDArray[np.bool_]:
        """Tell which rows are of a kind, shape (n,)."""
        same: npt.NDArray[np.bool_] = self.kind == positions(Kind)[kind]
        return same


def recently_active(pairs: Pairs) -> Ints:
    """Choose all funds with a dated deal in the CANDIDATE_YEARS before the Market's day."""
    deals, as_of = pairs.market.deals, pairs.market.as_of
    days = (as_of - months_before(as_of, 12 * CANDIDATE_YEARS)).days
    recent = deals.fund[deals.dated & (np.rint(deals.age_years * DAYS_PER_YEAR) <= days)]
    return np.flatnonzero(np.bincount(recent, minlength=len(pairs.market.funds)))


def best(n: int, ranker: Ranker | None = None) -> Pool:
    """Choose the `n` recently active funds that a ranker (the prior) puts first, with all that tie."""
    chosen = ranker or PriorRanker()

    def pool(pairs: Pairs) -> Ints:
        rows = recently_active(pairs)
        if len(rows) <= n:
            return rows
        scores = chosen.predict(pairs.matrix(rows))
        return np.array(rows[scores >= np.partition(scores, -n)[-n]])

    return pool


def build_examples(
    history: History,
    vectors: VectorStore,
    days: Sequence[date],
    as_of: date,
    *,
    pool: Pool = recently_active,
    keep_truth: bool = False,
    dtype: npt.DTypeLike = np.float64,
) -> Iterator[Examples]:
    """Build the examples of each snapshot in turn, so that one block at a time is in memory.

    An introduction is one row, with the features of its fund. A first round (the earliest day with a dated
    deal) is a candidate set: its investors are positive for `invests`, the rest of the pool is unlabelled.
    The startup is taken as its profile stood on the evening of the day itself, for a startup first seen
    that day has no earlier one; all else is what was known at the start of the snapshot. A startup funded
    before counts in its investors' activity and popularity like any other company.

    Parameters
    ----------
    days : the snapshots, rising; each answers for the days up to the next, the last up to `as_of`.
    as_of : the day of training: labels are what was known at its start.
    pool : candidates of a first round; of introductions there are no others.
    keep_truth : give investors outside the pool a row as well; they are counted as dropped either way.
    dtype : of the matrix.

    Raises
    ------
    BadValue
        If the days do not rise, or one is not before `as_of`.
    """
    ledger = Ledger(history.knowledge(as_of), as_of)
    for snapshot in snapshots(history, vectors, days, as_of):
        yield _Block(snapshot, vectors, pool, keep_truth).examples(ledger, history, dtype)


class _Block:
    """Gathers the rows of one snapshot."""

    def __init__(self, snapshot: Snapshot, vectors: VectorStore, pool: Pool, keep_truth: bool) -> None:
        self._snapshot, self._market = snapshot, snapshot.market
        self._vectors, self._pool, self._keep_truth = vectors, pool, keep_truth
        self._dropped: Counter[Dropped] = Counter()

    def examples(self, ledger: Ledger, history: History, dtype: npt.DTypeLike) -> Examples:
        day = self._market.as_of
        told = ledger.between(day, self._snapshot.until, self._dropped)
        asked = self._known(told, history.profiles((question.startup_id, question.day) for question in told))
        texts = profile_vectors([startup for _, startup in asked], self._vectors)
        rows: list[Ints] = []
        labels: list[Codes] = []
        matrices = []
        for (question, startup), text in zip(asked, texts, strict=True):
            pairs = Pairs.of(startup, text, self._market)
            rows.append(self._rows(question, pairs))
            labels.append(_codes(question, rows[-1], self._market.funds.row_of))
            matrices.append(pairs.matrix(rows[-1]).astype(dtype))
        sizes = [len(chosen) for chosen in rows]
        return Examples(
            queries=tuple(startup for _, startup in asked),
            fund_ids=tuple(fund.fund_id for fund in self._market.funds.records),
            query=np.repeat(np.arange(len(asked)), sizes),
            fund=np.concatenate([np.zeros(0, np.int64), *rows]),
            kind=np.repeat(np.array([positions(Kind)[q.kind] for q, _ in asked], np.int8), sizes),
            snapshot=np.full(sum(sizes), day, "datetime64[D]"),
            day=np.repeat(np.array([question.day for question, _ in asked], "datetime64[D]"), sizes),
            matrix=np.concatenate([np.zeros((0, len(Feature)), dtype), *matrices]),
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

    def _rows(self, question: Question, pairs: Pairs) -> Ints:
        row_of = self._market.funds.row_of
        truth = np.array([row_of[id_] for id_ in question.answers if id_ in row_of], np.int64)
        self._dropped[Dropped.FUND_UNKNOWN] += len(question.answers) - len(truth)
        if question.kind is Kind.INTRODUCTION:
            return np.sort(truth)
        pool = self._pool(pairs)
        self._dropped[Dropped.OUTSIDE_POOL] += len(np.setdiff1d(truth, pool))
        introduced = [row_of[id_] for id_ in question.introduced if id_ in row_of]
        return np.setdiff1d(np.union1d(pool, truth) if self._keep_truth else pool, introduced)


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
