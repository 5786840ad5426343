"""Find numbers that know the future: later facts are taken away, and no earlier feature may move by a bit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from matching.vocabulary import Kind
from models.examples import Examples
from models.history import History, Until

Build = Callable[[History], Iterable[Examples]]
"""Builds examples from a history and from nothing else: what it reads past that goes unseen here."""

Asking = tuple[date, Kind, str, date]
"""Snapshot, kind, startup and day of a query."""

Rows = dict[str, tuple[float, ...]]
"""The features of each fund beside a query."""


@dataclass(frozen=True)
class Leak:
    """What later facts changed.

    Attributes
    ----------
    feature : position of the column; None where the fund was beside the query on one side alone, and then
        so are the numbers.
    """

    asking: Asking
    fund_id: str
    feature: int | None = None
    without: float | None = None
    with_later: float | None = None


def first_leak(build: Build, history: History, day: date) -> Leak | None:
    """Build examples with and without the facts of `day` and later; None where no number differs."""
    without = _queries(build(Until(history, day)), day)  # read to its end before the other
    return _first(without, _queries(build(history), day))


def first_difference(without: Iterable[Examples], with_later: Iterable[Examples], day: date) -> Leak | None:
    """Compare two builds bit for bit: the features and the funds of every query of before `day`.

    Labels are left out, for an answer counts when it arrives; and so is a query that one side alone has: a
    fund that becomes known later brings its earlier deals with it, and one of them may be the first round.
    """
    return _first(_queries(without, day), _queries(with_later, day))


def _first(fewer: dict[Asking, Rows], more: dict[Asking, Rows]) -> Leak | None:
    for asking in sorted(fewer.keys() & more.keys()):
        one, other = fewer[asking], more[asking]
        for fund_id in sorted(one.keys() ^ other.keys()):
            return Leak(asking, fund_id)
        for fund_id in sorted(one):
            for at, (a, b) in enumerate(zip(one[fund_id], other[fund_id], strict=True)):
                if a.hex() != b.hex():
                    return Leak(asking, fund_id, at, a, b)
    return None


def _queries(blocks: Iterable[Examples], day: date) -> dict[Asking, Rows]:
    found: dict[Asking, Rows] = {}
    for block in blocks:
        for at in np.flatnonzero(block.day < np.datetime64(day)):
            asking = (
                block.snapshot[at].item(),
                list(Kind)[block.kind[at]],
                block.queries[block.query[at]].startup_id,
                block.day[at].item(),
            )
            rows = found.setdefault(asking, {})
            rows[block.fund_ids[block.fund[at]]] = tuple(block.matrix[at].tolist())
    return found
