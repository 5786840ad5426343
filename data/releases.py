"""The model registry: releases of a ranker, which one is champion, and how it came to be.

A release is written once; a decision about it (promoted, retired, rolled back) is one transaction with
its event, so every process that reads the database sees the same champion.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from difflib import get_close_matches
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update

from data.audit import CLI, AuditAction, note
from data.database import Lock, reading, writing
from data.moments import utc
from data.overrides import MAX_REASON
from data.tables import release as table
from data.tables import release_event as events
from matching.errors import BadValue, NotFound, NotReady, Stale
from matching.vocabulary import ReleaseEvent, ReleaseStatus

_TOLD = [column for column in table.c if column is not table.c.artefact]


@dataclass(frozen=True)
class Release:
    """What is told of a release, without its artefact.

    Attributes
    ----------
    data_until : only facts dated before this day were learned from.
    kind : the ranker that reads the artefact.
    synthetic : whether it was learned from an invented market.
    checksum : SHA-256 of the artefact.
    metrics : figures of the backtest, as plain JSON.
    settings : what was chosen in training, as plain JSON.
    promoted_at : when it last became champion; None where it never did.
    """

    release_id: str
    created_at: datetime
    data_until: date
    kind: str
    synthetic: bool
    checksum: str
    metrics: Mapping[str, Any]
    settings: Mapping[str, Any]
    status: ReleaseStatus
    promoted_at: datetime | None


@dataclass(frozen=True)
class StoredRelease:
    """A release with its artefact, whose checksum was verified."""

    release: Release
    artefact: bytes = field(repr=False)


@dataclass(frozen=True)
class Decision:
    """One line of the history of the registry."""

    release_id: str
    event: ReleaseEvent
    at: datetime
    reason: str


class Releases:
    """The releases in a database; every time that is stored is an argument, in any time zone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def register(
        self,
        artefact: bytes,
        *,
        kind: str,
        data_until: date,
        synthetic: bool,
        metrics: Mapping[str, Any],
        settings: Mapping[str, Any],
        at: datetime,
    ) -> Release:
        """Store a new candidate; its id is the day of `at` and a counter.

        Raises
        ------
        BadValue
            If `metrics` or `settings` hold what JSON cannot say, not-a-number among it.
        """
        _require_json(metrics, "metrics")
        _require_json(settings, "settings")
        day = f"{at.astimezone(UTC):%Y-%m-%d}-"
        with writing(self._engine, Lock.RELEASES) as connection:
            of_day = select(func.count()).where(table.c.release_id.startswith(day, autoescape=True))
            release_id = f"{day}{connection.execute(of_day).scalar_one() + 1}"
            connection.execute(
                insert(table).values(
                    release_id=release_id,
                    created_at=at.astimezone(UTC),
                    data_until=data_until,
                    kind=kind,
                    synthetic=synthetic,
                    checksum=sha256(artefact).hexdigest(),
                    artefact=artefact,
                    metrics=dict(metrics),
                    settings=dict(settings),
                    status=ReleaseStatus.CANDIDATE.value,
                )
            )
            return _find(connection, release_id)

    def champion_id(self) -> str:
        """Return the id of the champion, "" where there is none."""
        with self._engine.connect() as connection:
            return _champion_id(connection)

    def champion(self, as_of: date | None = None) -> StoredRelease | None:
        """Return the release that answers a question asked at the start of `as_of`.

        It is the champion, unless that has learned from facts of `as_of` or later: then the newest
        champion before it that has not. A release that was rolled back does not come into question.

        Returns
        -------
        StoredRelease or None
            None where no release may score, which leaves the prior.

        Raises
        ------
        BadValue
            If its artefact is not the one registered.
        """
        with reading(self._engine) as connection:
            until = {one.release_id: one.data_until for one in _releases(connection)}
            for release_id in reversed(_reigns(connection)):
                if as_of is None or until[release_id] <= as_of:
                    return _read(connection, release_id)
        return None

    def list(self) -> tuple[Release, ...]:
        """List all releases, newest first."""
        with self._engine.connect() as connection:
            return _releases(connection)

    def get(self, release_id: str) -> Release:
        """Find a release.

        Raises
        ------
        NotFound
            If there is none of this id; it names ids that look alike.
        """
        with self._engine.connect() as connection:
            return _find(connection, release_id)

    def read(self, release_id: str) -> StoredRelease:
        """Find a release with its artefact.

        Raises
        ------
        NotFound
            If there is none of this id.
        BadValue
            If its artefact is not the one registered.
        """
        with reading(self._engine) as connection:
            return _read(connection, release_id)

    def history(self, release_id: str | None = None) -> tuple[Decision, ...]:
        """List the decisions about one release, or about all, oldest first."""
        query = select(events).order_by(events.c.event_id)
        if release_id is not None:
            query = query.where(events.c.release_id == release_id)
        with self._engine.connect() as connection:
            return tuple(
                Decision(row["release_id"], ReleaseEvent(row["event"]), utc(row["at"]), row["reason"])
                for row in connection.execute(query).mappings()
            )

    def promote(
        self, release_id: str, reason: str, at: datetime, *, actor: str = CLI, seen: str | None = None
    ) -> Release:
        """Make a release champion, in place of the one that is; nothing happens where it is already.

        Parameters
        ----------
        seen : the champion that is to be replaced, "" for none; None stands for any.

        Raises
        ------
        NotFound
            If there is none of this id.
        BadValue
            If its artefact is not the one registered, or the reason is too long.
        Stale
            If another than `seen` is champion.
        """
        with writing(self._engine, Lock.RELEASES) as connection:
            _require_seen(connection, seen)
            chosen = _read(connection, release_id).release
            if chosen.status is not ReleaseStatus.CHAMPION:
                _succeed(connection, ReleaseEvent.RETIRED, release_id, reason, at)
                note(connection, at, actor, AuditAction.PROMOTED, f"release/{release_id}")
            return _find(connection, release_id)

    def rollback(
        self, reason: str, at: datetime, *, actor: str = CLI, seen: str | None = None
    ) -> Release | None:
        """Take the champion back; the one before it is champion again.

        Parameters
        ----------
        seen : the champion that is to be taken back, "" for none; None stands for any.

        Returns
        -------
        Release or None
            The champion now; None where there was none before, which leaves the prior.

        Raises
        ------
        NotReady
            If there is no champion.
        BadValue
            If the artefact of the one before is not the one registered, or the reason is too long.
        Stale
            If another than `seen` is champion.
        """
        with writing(self._engine, Lock.RELEASES) as connection:
            _require_seen(connection, seen)
            reigns = _reigns(connection)
            if not reigns:
                raise NotReady("no release is champion: there is nothing to roll back")
            before = _read(connection, reigns[-2]).release.release_id if reigns[1:] else None
            _succeed(connection, ReleaseEvent.ROLLED_BACK, before, reason, at)
            note(connection, at, actor, AuditAction.ROLLED_BACK, f"release/{reigns[-1]}", to=before)
            return _find(connection, before) if before else None


def _require_seen(connection: Connection, seen: str | None) -> None:
    champion = _champion_id(connection)
    if seen not in (None, champion):
        raise Stale("the champion", champion)


def _champion_id(connection: Connection) -> str:
    query = select(table.c.release_id).where(table.c.status == ReleaseStatus.CHAMPION.value)
    return connection.execute(query).scalar() or ""


def _succeed(
    connection: Connection, ending: ReleaseEvent, release_id: str | None, reason: str, at: datetime
) -> None:
    """End the reign of the champion, if there is one, and begin that of `release_id`, if it is given."""
    if len(reason) > MAX_REASON or not reason.isprintable():
        raise BadValue(f"at most {MAX_REASON:,} printable characters", reason, "reason")
    at, reigns = at.astimezone(UTC), table.c.status == ReleaseStatus.CHAMPION.value
    told = [
        (champion, ending)
        for champion in connection.execute(select(table.c.release_id).where(reigns)).scalars()
    ]
    connection.execute(update(table).where(reigns).values(status=ReleaseStatus.RETIRED.value))
    if release_id is not None:
        told.append((release_id, ReleaseEvent.PROMOTED))
        chosen = update(table).where(table.c.release_id == release_id)
        connection.execute(chosen.values(status=ReleaseStatus.CHAMPION.value, promoted_at=at))
    for who, event in told:
        connection.execute(
            insert(events).values(release_id=who, event=event.value, at=at, reason=reason.strip())
        )


def _reigns(connection: Connection) -> list[str]:
    """List the champions in the order of their reigns, without those rolled back: the last one is champion.

    A rollback is told by two events, of the one taken back and of the one that reigns again.
    """
    reigns: list[str] = []
    query = select(events.c.release_id, events.c.event).order_by(events.c.event_id)
    for release_id, event in connection.execute(query):
        if event == ReleaseEvent.ROLLED_BACK:
            reigns.pop()
        elif event == ReleaseEvent.PROMOTED and reigns[-1:] != [release_id]:
            reigns.append(release_id)
    return reigns


def _releases(connection: Connection) -> tuple[Release, ...]:
    query = select(*_TOLD).order_by(table.c.created_at.desc(), table.c.release_id.desc())
    return tuple(_release(row) for row in connection.execute(query).mappings())


def _find(connection: Connection, release_id: str) -> Release:
    known = {one.release_id: one for one in _releases(connection)}
    if release_id in known:
        return known[release_id]
    alike = get_close_matches(release_id, known, n=3)
    hint = f"; did you mean {' or '.join(alike)}?" if alike else ""
    raise NotFound(f"RELEASE must be the id of a release, got {release_id!r}{hint}")


def _read(connection: Connection, release_id: str) -> StoredRelease:
    found = _find(connection, release_id)
    query = select(table.c.artefact).where(table.c.release_id == release_id)
    artefact = bytes(connection.execute(query).scalar_one())
    checksum = sha256(artefact).hexdigest()
    if checksum != found.checksum:
        rule = f"as it was registered (SHA-256 {found.checksum})"
        raise BadValue(rule, checksum, f"the artefact of release {release_id}")
    return StoredRelease(found, artefact)


def _release(row: RowMapping) -> Release:
    told = dict(row)
    told["created_at"] = utc(told["created_at"])
    told["promoted_at"] = utc(told["promoted_at"]) if told["promoted_at"] else None
    told["status"] = ReleaseStatus(told["status"])
    return Release(**told)


def _require_json(told: Mapping[str, Any], field: str) -> None:
    try:
        json.dumps(told, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadValue("plain JSON values", error, field) from None
