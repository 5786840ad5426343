"""Snapshots: the days that training looks back to, and the Market of each."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from matching.errors import BadValue
from matching.knowledge import Knowledge
from matching.market import Market, build_market
from matching.protocols import VectorStore
from matching.records import Startup

LONGEST_MONTHS = 6
"""Finer windows are allowed: a longer one lets a Market grow stale before its last question."""

History = Callable[[date], Knowledge]
"""What was known at the start of a day; `data.store.Store.knowledge` is one."""

Asked = tuple[str, date]
"""A startup and the day on which something happened to it."""

Profiles = Callable[[Iterable[Asked]], Mapping[Asked, Startup]]
"""The profile of each startup as it was known at the end of its day; without those nobody knew by then."""


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
    while (day := _months_before(before, months * (len(days) + 1))) >= since:
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
        yield Snapshot(build_market(history(day), day, vectors), until)


def profiles_by_day(history: History) -> Profiles:
    """Read profiles out of a history, once for each day that is asked for.

    A store that keeps versions answers faster by itself (`data.store.Store.profiles`).
    """

    def profiles(asked: Iterable[Asked]) -> Mapping[Asked, Startup]:
        wanted: dict[date, set[str]] = {}
        for startup_id, day in asked:
            wanted.setdefault(day, set()).add(startup_id)
        return {
            (startup.startup_id, day): startup
            for day, ids in wanted.items()
            for startup in history(day + timedelta(days=1)).startups
            if startup.startup_id in ids
        }

    return profiles


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
