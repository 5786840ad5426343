"""What an evaluation or a training run may ask of the records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from matching.knowledge import Knowledge, known_before
from matching.records import Startup


class History(Protocol):
    """The records with their dates and versions."""

    def knowledge(self, as_of: date | None) -> Knowledge:
        """Return all that was known at the start of `as_of`; everything, where it is None."""

    def profiles(self, on: Mapping[str, date]) -> Mapping[str, Startup]:
        """Return each startup of `on` as it was told by the end of its day; unknown ids are left out.

        A startup that was first told later is given in its first version.
        """


@dataclass(frozen=True)
class Remembered:
    """A history held in memory, each startup and fund in one version."""

    facts: Knowledge

    def knowledge(self, as_of: date | None) -> Knowledge:
        """Return all that was known at the start of `as_of`."""
        return known_before(self.facts, as_of)

    def profiles(self, on: Mapping[str, date]) -> Mapping[str, Startup]:
        """Return the startups of `on`."""
        return {s.startup_id: s for s in self.facts.startups if s.startup_id in on}
