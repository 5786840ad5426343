"""Introductions as they are worked on: opened once, then taken step by step, each step by its number.

A client that lost an answer sends the same again and gets the same; where two race, the primary key decides.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from data import tables
from data.audit import AuditAction, note
from data.cells import begin_of_period
from data.contract import INTRODUCTION_EVENTS, INTRODUCTIONS, FileContract
from data.courses import Course, course_of, required
from data.database import writing
from data.faults import FileReport
from data.races import settled
from data.records import Invalid
from data.rows import RowReader
from data.versions import raise_version
from matching.errors import BadValue, KetnoiError
from matching.vocabulary import IntroductionStatus as Status

Row = Mapping[str, Any]


class Conflict(KetnoiError):
    """What is recorded already speaks against it; `legal` are the steps that do not, where it was a step."""

    def __init__(self, text: str, legal: Collection[Status] | None = None) -> None:
        self.legal = None if legal is None else sorted(legal)
        super().__init__(text)


def open_introduction(
    engine: Engine, introduction_id: str, startup_id: str, fund_id: str, *, actor: str, now: datetime
) -> tuple[Course, bool]:
    """Open an introduction of a startup that is there; tell whether it was not open before.

    Raises
    ------
    Invalid
        If the id is none.
    BadValue
        If there is no such fund.
    Conflict
        If the id is that of another introduction.
    """
    told = {"introduction_id": introduction_id, "startup_id": startup_id, "fund_id": fund_id}
    row = _read(INTRODUCTIONS, {**told, "opened_on": now.date().isoformat()})

    def write() -> tuple[Course, bool]:
        with writing(engine) as connection:
            found = course_of(connection, introduction_id)
            if found is not None:
                if (found.startup_id, found.fund_id) != (startup_id, fund_id):
                    raise Conflict(f"introduction {introduction_id!r} is of another pair")
                return found, False
            if (
                connection.execute(select(tables.fund).where(tables.fund.c.fund_id == fund_id)).first()
                is None
            ):
                raise BadValue("an id of funds", fund_id, "fund_id")
            connection.execute(insert(tables.introduction).values(**row, recorded_at=now))
            note(connection, now, actor, AuditAction.CREATED, f"introduction/{introduction_id}")
            raise_version(connection)
            return required(connection, introduction_id), True

    return settled(write)


def take_step(
    engine: Engine, introduction_id: str, number: int, told: Mapping[str, str], *, actor: str, now: datetime
) -> tuple[Course, bool]:
    """Take a step of an introduction that is there; tell whether it was not taken before.

    Who takes the step INVESTOR_ASKED has released the introduction.

    Parameters
    ----------
    number : that of the step, counted from 1: the next one, or one already taken, with the same content.
    told : its `status`, `reason` and `at`; without `at` it is of today.

    Raises
    ------
    NotFound
        If there is no such introduction.
    Invalid, BadValue
        If a value breaks a rule, such as that of a day in the future.
    Conflict
        If a step of this number says something else, or this one may not be taken now.
    """
    row = step_row(introduction_id, told, now)

    def write() -> tuple[Course, bool]:
        with writing(engine) as connection:
            course = required(connection, introduction_id)
            if number <= len(course.steps):
                _require_same(course, number, row, dated=bool(told["at"]))
                return course, False
            add_step(connection, course, number, row, actor=actor, now=now)
            return required(connection, introduction_id), True

    return settled(write)


def step_row(introduction_id: str, told: Mapping[str, str], now: datetime) -> Row:
    """Read a step as an import of the same cells would; see `take_step`.

    Raises
    ------
    Invalid, BadValue
        If a value breaks a rule, such as that of a day in the future.
    """
    dated = {**told, "introduction_id": introduction_id, "at": told["at"] or now.date().isoformat()}
    row = _read(INTRODUCTION_EVENTS, dated)
    if row["at_end"] > now.date():
        raise BadValue(f"at most {now.date()}", row["at"], "at")
    return row


def add_step(
    connection: Connection, course: Course, number: int, row: Row, *, actor: str, now: datetime
) -> None:
    """Add the next step to an introduction, within a transaction.

    Raises
    ------
    Conflict
        If it is not the next one, or may not follow.
    BadValue
        If its day is before that of the last step.
    """
    _require_next(course, number, row)
    connection.execute(insert(tables.introduction_event).values(**row, number=number, recorded_at=now))
    released = row["status"] == Status.INVESTOR_ASKED and not course.released_by
    people = [number, 0] if released else [number]
    connection.execute(
        insert(tables.introduction_person),
        [{"introduction_id": course.introduction_id, "number": n, "person": actor} for n in people],
    )
    detail = {"number": number, "status": row["status"]}
    note(connection, now, actor, AuditAction.STEP, f"introduction/{course.introduction_id}", **detail)
    raise_version(connection)


def _require_same(course: Course, number: int, row: Row, *, dated: bool) -> None:
    taken = course.steps[number - 1]
    same = (taken.status, taken.reason) == (row["status"], row["reason"])
    if not same or (dated and taken.at != row["at"]):
        raise Conflict(f"step {number} is taken already and says something else", course.legal)


def _require_next(course: Course, number: int, row: Row) -> None:
    following = len(course.steps) + 1
    if number != following:
        raise Conflict(f"the next step is number {following}, not {number}", course.legal)
    last = course.steps[-1] if course.steps else None
    if row["status"] not in course.legal:
        raise Conflict(f"{row['status']} may not follow {last.status if last else 'nothing'}", course.legal)
    before: date = begin_of_period(last.at) if last else row["at_end"]
    if row["at_end"] < before:
        raise BadValue(f"at least {before}, the day of the step before", row["at"], "at")


def _read(contract: FileContract, told: Mapping[str, str]) -> Row:
    """Read one record as an import of the same cells would."""
    report = FileReport(contract.name)
    batch = RowReader(contract, list(told), report).read([(0, [text.strip() for text in told.values()])])
    if report.faults:
        raise Invalid(report)
    return {name: column[0] for name, column in batch.values.items() if name in contract.table.c}
