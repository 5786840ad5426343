"""All records in memory, for those who look back to many days: each row is read and decoded once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from matching.knowledge import Knowledge, known_before
from matching.records import Deal, Fund, Introduction, Startup

Of = TypeVar("Of", Startup, Fund)

Versions = tuple[tuple[date | None, Of], ...]
"""What was told of one record, oldest first, each from a day on; the first from when it was first seen."""


@dataclass(frozen=True, eq=False)
class Archive:
    """Every version of every record; tells of a day what `Store` does, save overrides: they teach nothing.

    Attributes
    ----------
    startups, funds : by id, in the order of ids.
    """

    startups: Mapping[str, Versions[Startup]]
    funds: Mapping[str, Versions[Fund]]
    deals: tuple[Deal, ...]
    introductions: tuple[Introduction, ...]

    def knowledge(self, as_of: date | None) -> Knowledge:
        """Return all that was known at the start of `as_of`; everything, where it is None."""
        startups, funds = newest(self.startups, as_of), newest(self.funds, as_of)
        return known_before(Knowledge(startups, funds, self.deals, self.introductions), as_of)

    def profiles(self, asked: Iterable[tuple[str, date]]) -> dict[tuple[str, date], Startup]:
        """Return each profile as it was known at the end of its day, of the startups known by then."""
        deals: dict[str, tuple[Deal, ...]] = {}
        for deal in self.deals:
            deals[deal.startup_id] = (*deals.get(deal.startup_id, ()), deal)
        return profiles(self.startups, deals, asked)


def newest(records: Mapping[str, Versions[Of]], as_of: date | None) -> tuple[Of, ...]:
    """Take of each record the newest version that holds before `as_of`, where there is one."""
    found = []
    for versions in records.values():
        holding = [record for since, record in versions if not (since and as_of) or since < as_of]
        found.extend(holding[-1:])
    return tuple(found)


def profiles(
    startups: Mapping[str, Versions[Startup]],
    deals: Mapping[str, tuple[Deal, ...]],
    asked: Iterable[tuple[str, date]],
) -> dict[tuple[str, date], Startup]:
    """Find each profile as it was known at the end of its day; `deals` are those of a startup."""
    found = {}
    for id_, day in asked:
        as_of = day + timedelta(days=1)
        told = newest({id_: startups.get(id_, ())}, as_of)
        for startup in known_before(Knowledge(told, (), deals.get(id_, ())), as_of).startups:
            found[id_, day] = startup
    return found
