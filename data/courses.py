"""Read introductions with all their steps."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Table, and_, func, select

from data import tables
from data.listing import newest
from matching.errors import NotFound
from matching.lifecycle import next_steps
from matching.vocabulary import IntroductionStatus as Status

event, person = tables.introduction_event, tables.introduction_person

NOTE = "note"
"""The column, outside the contract, of what a fund wrote beside its answer."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step taken.

    Attributes
    ----------
    at : as it was told; imported ones may know the month or the year alone.
    note : what a fund wrote beside its answer.
    by : who recorded it: an account's id, `link:` and the id of a link, or the name in a file; "" where
        nobody knows.
    """

    number: int
    status: Status
    at: str
    reason: str
    pass_reason: str | None
    note: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Course:
    """An introduction with all its steps, oldest first."""

    introduction_id: str
    startup_id: str
    fund_id: str
    opened_on: str | None
    released_by: str
    steps: tuple[Step, ...]

    @property
    def legal(self) -> list[Status]:
        """The steps that may follow."""
        return sorted(next_steps([step.status for step in self.steps]))


def find(engine: Engine, introduction_id: str) -> Course:
    """Return an introduction.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    with engine.connect() as connection:
        return required(connection, introduction_id)


def courses(
    engine: Engine,
    *,
    limit: int,
    after: str = "",
    startup_id: str | None = None,
    fund_id: str | None = None,
    status: Status | None = None,
    programs: Collection[str] | None = None,
) -> list[Course]:
    """List introductions in the order of their ids, `limit` from the first behind `after`.

    Parameters
    ----------
    status : the last step taken.
    programs : only of startups in these; None stands for all.
    """
    table = tables.introduction
    query = select(table).where(table.c.introduction_id > after)
    for column, value in ((table.c.startup_id, startup_id), (table.c.fund_id, fund_id)):
        query = query if value is None else query.where(column == value)
    if status is not None:
        query = query.where(_last_status(table) == status.value)
    if programs is not None:
        theirs = newest(tables.startup_version).where(tables.startup_version.c.program_id.in_(programs))
        ids = theirs.with_only_columns(tables.startup_version.c.startup_id)
        query = query.where(table.c.startup_id.in_(ids))
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(table.c.introduction_id).limit(limit)).mappings().all()
        return [_with_steps(connection, row) for row in rows]


def required(connection: Connection, introduction_id: str) -> Course:
    """Return an introduction, within a transaction.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    found = course_of(connection, introduction_id)
    if found is None:
        raise NotFound(f"no introduction {introduction_id!r}")
    return found


def course_of(connection: Connection, introduction_id: str) -> Course | None:
    """Return an introduction, None where there is none of this id."""
    table = tables.introduction
    mine = select(table).where(table.c.introduction_id == introduction_id)
    row = connection.execute(mine).mappings().first()
    return None if row is None else _with_steps(connection, row)


def _with_steps(connection: Connection, row: RowMapping) -> Course:
    id_ = row["introduction_id"]
    same = and_(person.c.introduction_id == event.c.introduction_id, person.c.number == event.c.number)
    steps = select(event, person.c.person).outerjoin_from(event, person, same)
    told = connection.execute(steps.where(event.c.introduction_id == id_).order_by(event.c.number)).mappings()
    releasing = (person.c.introduction_id == id_) & (person.c.number == 0)
    return Course(
        introduction_id=id_,
        startup_id=row["startup_id"],
        fund_id=row["fund_id"],
        opened_on=row["opened_on"],
        released_by=connection.execute(select(person.c.person).where(releasing)).scalar() or "",
        steps=tuple(
            Step(
                number=step["number"],
                status=Status(step["status"]),
                at=step["at"],
                reason=step["reason"],
                pass_reason=step["pass_reason"],
                note=step["extra"].get(NOTE, ""),
                by=step["person"] or "",
            )
            for step in told
        ),
    )


def _last_status(table: Table) -> Any:
    other = event.alias()
    last = select(func.max(other.c.number)).where(other.c.introduction_id == table.c.introduction_id)
    mine = (event.c.introduction_id == table.c.introduction_id) & (event.c.number == last.scalar_subquery())
    return select(event.c.status).where(mine).scalar_subquery()
