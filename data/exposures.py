"""The log of what was shown: kept in memory for a moment, written by one thread, so that no answer waits.

A crash loses what was shown in its last second at most. Whose list it was is a keyed hash.
"""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from threading import Event, Lock, Thread
from typing import Any, Self

from sqlalchemy import Engine, insert
from sqlalchemy.exc import SQLAlchemyError

from data.database import writing
from data.service_tables import exposure

WRITE_SECONDS = 0.5
MOST_WAITING = 100_000
"""Rows that may wait; what comes on top while the database cannot write is dropped and counted."""


class ListOf(StrEnum):
    """Whose list something was shown on: funds to a startup, or startups to a fund."""

    STARTUP = "startup"
    FUND = "fund"


class Exposures:
    """Writes exposures while it is entered.

    Parameters
    ----------
    key : what the ids of startups are hashed with.

    Attributes
    ----------
    written : rows that are in the log.
    dropped : rows that were never written.
    """

    def __init__(self, engine: Engine, key: bytes, most: int = MOST_WAITING) -> None:
        self._engine, self._key, self._most = engine, key, most
        self._waiting: list[dict[str, Any]] = []
        self._lock, self._stop = Lock(), Event()
        self._thread = Thread(target=self._run, name="exposures", daemon=True)
        self.written = self.dropped = 0

    def add(self, startup_id: str, fund_ids: Iterable[str], release: str, at: datetime) -> None:
        """Note that a startup's list showed these funds, best first; nothing was left to chance."""
        who = self.hashed(startup_id)
        self._add(ListOf.STARTUP, ((who, fund_id) for fund_id in fund_ids), release, at)

    def add_prospects(self, fund_id: str, startup_ids: Iterable[str], release: str, at: datetime) -> None:
        """Note that a fund's list showed these startups, best first, in the same way."""
        self._add(ListOf.FUND, ((self.hashed(id_), fund_id) for id_ in startup_ids), release, at)

    def _add(self, list_of: ListOf, pairs: Iterable[tuple[str, str]], release: str, at: datetime) -> None:
        told = {"at": at.astimezone(UTC), "list_of": list_of.value, "release": release, "propensity": 1.0}
        rows = [
            {**told, "startup_hash": who, "fund_id": fund_id, "rank": rank}
            for rank, (who, fund_id) in enumerate(pairs, 1)
        ]
        with self._lock:
            if len(self._waiting) + len(rows) > self._most:
                self.dropped += len(rows)
            else:
                self._waiting.extend(rows)

    def hashed(self, startup_id: str) -> str:
        """Return what stands for a startup in the log."""
        return hmac.new(self._key, startup_id.encode(), "sha256").hexdigest()

    def write(self) -> None:
        """Write all that waits; what cannot be written now waits on."""
        with self._lock:
            rows, self._waiting = self._waiting, []
        if not rows:
            return
        try:
            with writing(self._engine) as connection:
                connection.execute(insert(exposure), rows)
        except SQLAlchemyError:
            with self._lock:
                self._waiting = rows + self._waiting
        else:
            self.written += len(rows)

    def __enter__(self) -> Self:
        """Begin to write."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Write the rest, and stop."""
        self._stop.set()
        self._thread.join()
        self.write()
        with self._lock:
            self.dropped += len(self._waiting)

    def _run(self) -> None:
        while not self._stop.wait(WRITE_SECONDS):
            self.write()
