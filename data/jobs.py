"""Jobs: long work that is asked for by an id, and done by a process of its own; one at a time, wherever.

Whoever works on a job says so again and again. A job whose process was not heard of for long is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from data.audit import AuditAction, note
from data.database import Lock, writing
from data.moments import utc
from data.service_tables import job as table
from data.steps import Conflict
from matching.errors import KetnoiError, NotFound

LOST_AFTER = timedelta(minutes=2)
"""Longer than a heartbeat may have to wait for another writer of the database."""

LOST = "its process was not heard of any more"


class JobKind(StrEnum):
    """What a job does."""

    TRAIN = "train"


class JobState(StrEnum):
    """How far a job has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"


ACTIVE = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job.

    Attributes
    ----------
    settings : what was asked for, as plain JSON.
    actor : the account that asked for it.
    heartbeat_at : when its process was last heard of.
    result : what came of it, as plain JSON; empty until it is done.
    error : why it failed, in one line.
    """

    job_id: str
    kind: JobKind
    settings: Mapping[str, Any]
    actor: str
    state: JobState
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime
    finished_at: datetime | None
    result: Mapping[str, Any]
    error: str


class JobUnderWay(KetnoiError):
    """Another job, which is `job`, is queued or running."""

    def __init__(self, job: Job) -> None:
        self.job = job
        super().__init__(f"job {job.job_id!r} is {job.state}, and one is done at a time")


def open_job(
    engine: Engine, job_id: str, kind: JobKind, settings: Mapping[str, Any], *, actor: str, now: datetime
) -> tuple[Job, bool]:
    """Queue a job, unless it is there; tell whether it was not there before.

    Raises
    ------
    Conflict
        If the id is that of a job that does something else.
    JobUnderWay
        If another job is queued or running, and its process was heard of lately.
    """
    with writing(engine, Lock.JOBS) as connection:
        known = _find(connection, job_id, now)
        if known is not None:
            if (known.kind, known.settings) != (kind, settings):
                raise Conflict(f"job {job_id!r} does something else")
            return known, False
        _require_none(connection, now)
        moment = now.astimezone(UTC)
        connection.execute(
            insert(table).values(
                job_id=job_id,
                kind=kind.value,
                settings=dict(settings),
                actor=actor,
                state=JobState.QUEUED.value,
                created_at=moment,
                heartbeat_at=moment,
                result={},
                error="",
            )
        )
        note(connection, now, actor, AuditAction.CREATED, f"job/{job_id}", kind=kind.value, **settings)
        made = _find(connection, job_id, now)
        assert made is not None
        return made, True


def find_job(engine: Engine, job_id: str, now: datetime) -> Job:
    """Find a job as it stands.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    with engine.connect() as connection:
        found = _find(connection, job_id, now)
    if found is None:
        raise NotFound(f"no job {job_id!r}")
    return found


def jobs(engine: Engine, limit: int, now: datetime) -> list[Job]:
    """List the newest jobs, newest first."""
    query = select(table).order_by(table.c.created_at.desc(), table.c.job_id).limit(limit)
    with engine.connect() as connection:
        return [_job(row, now) for row in connection.execute(query).mappings()]


def begin_job(engine: Engine, job_id: str, now: datetime) -> bool:
    """Begin to work on a job; tell whether it was queued, and is nobody else's."""
    moment = now.astimezone(UTC)
    told = {"state": JobState.RUNNING.value, "started_at": moment, "heartbeat_at": moment}
    return _changed(engine, job_id, (JobState.QUEUED,), told)


def beat(engine: Engine, job_id: str, now: datetime) -> bool:
    """Say that a job is worked on; tell whether it still is to be."""
    return _changed(engine, job_id, ACTIVE, {"heartbeat_at": now.astimezone(UTC)})


def end_job(
    engine: Engine,
    job_id: str,
    state: JobState,
    now: datetime,
    *,
    result: Mapping[str, Any] | None = None,
    error: str = "",
) -> bool:
    """End a job that is queued or running; tell whether it was."""
    told = {
        "state": state.value,
        "finished_at": now.astimezone(UTC),
        "result": dict(result or {}),
        "error": error,
    }
    return _changed(engine, job_id, ACTIVE, told)


def _changed(engine: Engine, job_id: str, states: tuple[JobState, ...], told: Mapping[str, Any]) -> bool:
    with writing(engine) as connection:
        return _change(connection, job_id, states, told)


def _change(
    connection: Connection, job_id: str, states: tuple[JobState, ...], told: Mapping[str, Any]
) -> bool:
    mine = (table.c.job_id == job_id) & table.c.state.in_(states)
    return connection.execute(update(table).where(mine).values(**told)).rowcount > 0


def _require_none(connection: Connection, now: datetime) -> None:
    """Refuse a job while there is another; one that is lost is put down as such."""
    for row in connection.execute(select(table).where(table.c.state.in_(ACTIVE))).mappings().all():
        other = _job(row, now)
        if other.state in ACTIVE:
            raise JobUnderWay(other)
        told = {"state": other.state.value, "error": other.error, "finished_at": now.astimezone(UTC)}
        _change(connection, other.job_id, ACTIVE, told)


def _find(connection: Connection, job_id: str, now: datetime) -> Job | None:
    row = connection.execute(select(table).where(table.c.job_id == job_id)).mappings().first()
    return None if row is None else _job(row, now)


def _job(row: RowMapping, now: datetime) -> Job:
    told = dict(row)
    for name in ("created_at", "started_at", "heartbeat_at", "finished_at"):
        told[name] = utc(told[name]) if told[name] else None
    job = Job(**{**told, "kind": JobKind(row["kind"]), "state": JobState(row["state"])})
    if job.state in ACTIVE and now - job.heartbeat_at > LOST_AFTER:
        return replace(job, state=JobState.LOST, error=LOST)
    return job
