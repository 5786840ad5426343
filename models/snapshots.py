"""Snapshots: the days that training looks back to, and the Market of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from matching.dates import months_before
from matching.errors import BadValue
from matching.market import Market, build_market
from matching.protocols import VectorStore
from models.history import History

LONGEST_MONTHS = 6
"""Finer windows are allowed: a longer one lets a Market grow stale before its last question."""


@dataclass(frozen=True)
class Snapshot:
    """A Market, and the day that its window ends before: it answers for [market.as_of, until)."""

    market: Market
    until: date


def snapshot_days(since: date, before: date, months: int = LONGEST_MONTHS) -> tuple[date, ...]:
    """Return the days `months`, twice `months`, ... before `before`, not earlier than `since`, oldest first.

    Counted back from the end, so that every window is whole.

    Raises
    ------
    BadValue
        If `months` is not from 1 to LONGEST_MONTHS.

    >>> [str(day) for day in snapshot_days(date(2020, 2, 29), date(2021, 8, 31))]
    ['2020-02-29', '2020-08-31', '2021-02-28']
    """
    if not 1 <= months <= LONGEST_MONTHS:
        raise BadValue(f"from 1 to {LONGEST_MONTHS}", months, "months")
    days: list[date] = []
    while (day := months_before(before, months * (len(days) + 1))) >= since:
        days.append(day)
    return tuple(reversed(days))


def snapshots(history: History, vectors: VectorStore, days: Sequence[date], end: date) -> Iterator[Snapshot]:
    """Build the Market of each day, one at a time; the last window ends before `end`.

    Raises
    ------
    BadValue
        If the days do not rise, or one is not before `end`.
    """
    borders = (*days, end)
    if any(day >= later for day, later in pairwise(borders)):
        raise BadValue("rising days before the day of training", ", ".join(map(str, borders)), "snapshots")
    for day, until in pairwise(borders):
        yield Snapshot(build_market(history.knowledge(day), day, vectors), until)
