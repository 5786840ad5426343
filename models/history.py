"""What an evaluation or a training run may ask of the records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from matching.knowledge import Knowledge, known_before
from matching.records import Startup

Asked = tuple[str, date]
"""A startup and the day on which something happened to it."""


class History(Protocol):
    """The records with their dates and versions; `data.store.Store` is one."""

    def knowledge(self, as_of: date | None) -> Knowledge:
        """Return all that was known at the start of `as_of`; everything, where it is None."""

    def profiles(self, asked: Iterable[Asked]) -> Mapping[Asked, Startup]:
        """Return each profile as it was known at the end of its day, of the startups known by then."""


@dataclass(frozen=True)
class Remembered:
    """A history held in memory, each startup and fund in one version."""

    facts: Knowledge

    def knowledge(self, as_of: date | None) -> Knowledge:
        """Return all that was known at the start of `as_of`."""
        return known_before(self.facts, as_of)

    def profiles(self, asked: Iterable[Asked]) -> Mapping[Asked, Startup]:
        """Return the profiles that were known."""
        return profiles_by_day(self, asked)


@dataclass(frozen=True)
class Until:
    """A history as if it had ended before `day`."""

    history: History
    day: date

    def knowledge(self, as_of: date | None) -> Knowledge:
        """Return what was known at the start of `as_of`, and of `day`."""
        return self.history.knowledge(min(as_of or self.day, self.day))

    def profiles(self, asked: Iterable[Asked]) -> Mapping[Asked, Startup]:
        """Return the profiles that were known."""
        return profiles_by_day(self, asked)


def profiles_by_day(history: History, asked: Iterable[Asked]) -> dict[Asked, Startup]:
    """Read profiles out of a history's knowledge, once for each day that is asked for."""
    wanted: dict[date, set[str]] = {}
    for startup_id, day in asked:
        wanted.setdefault(day, set()).add(startup_id)
    return {
        (startup.startup_id, day): startup
        for day, ids in wanted.items()
        for startup in history.knowledge(day + timedelta(days=1)).startups
        if startup.startup_id in ids
    }
