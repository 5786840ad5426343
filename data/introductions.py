"""Write introductions and their events; the people in them go to a table of their own.

A person is written with the row it belongs to and never by a later import, so that a name that was
erased does not come back with an old file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Text, cast, select

from data.bulk import BulkInsert, json_texts
from data.cells import begin_of_period
from data.changes import Columns, Facts, picked
from data.contract import FileContract
from data.faults import Fault, FileReport
from data.rows import SEPARATOR, Batch
from data.tables import introduction_event, introduction_person
from matching.dates import end_of_period

PERSON = ("introduction_id", "number", "person")


class Introductions(Facts):
    """Facts, with who released each."""

    def __init__(self, connection: Connection, contract: FileContract, now: datetime) -> None:
        super().__init__(connection, contract, now)
        self._insert_person = BulkInsert(connection, introduction_person, PERSON)

    def _add(self, batch: Batch, columns: Columns, fresh: Sequence[bool]) -> None:
        super()._add(batch, columns, fresh)
        told = picked(batch.values, fresh)
        told["number"] = [0] * sum(fresh)
        self._insert_person(picked({name: told[name] for name in PERSON}, told["person"]))


@dataclass(slots=True)
class _Course:
    """How far an introduction has come: events recorded, the last of them, and the last met in the file."""

    number: int = 0
    last: str = ""
    met: str = ""


class Events:
    """Adds events; what was recorded is never changed, and each is added behind the last one."""

    def __init__(self, connection: Connection, contract: FileContract, now: datetime) -> None:
        self._now = now
        self._told = [field.name for field in contract.fields if field.name in contract.table.c]
        names = (*self._told, "extra", "number", "recorded_at")
        self._insert = BulkInsert(connection, contract.table, names)
        self._insert_person = BulkInsert(connection, introduction_person, PERSON)
        self._courses: dict[str, _Course] = {}
        self._before: dict[str, tuple[str, str]] = {}
        table = introduction_event.c
        query = select(
            table.introduction_id, table.number, table.status, table.at, table.reason, cast(table.extra, Text)
        ).order_by(table.introduction_id, table.number)
        for id_, number, status, at, reason, extra in connection.execute(query):
            self._before[SEPARATOR.join((id_, status, at))] = (reason, extra)
            self._courses[id_] = _Course(number, at)

    def take(self, batch: Batch, report: FileReport, *, write: bool) -> None:
        """Take the next events of the file."""
        columns: Columns = {name: batch.values[name] for name in self._told}
        columns["extra"] = json_texts(batch.values["extra"])
        names = ("introduction_id", "status", "at", "reason", "extra")
        events = zip(batch.lines, *(columns[name] for name in names), strict=True)
        numbers = [self._number(report, *event) for event in events]
        report.added += sum(map(bool, numbers))
        report.unchanged += numbers.count(0)
        if write and report.ok:
            columns |= {"number": numbers, "person": batch.values["person"]}
            columns = picked(columns, numbers)
            self._insert({**columns, "recorded_at": [self._now] * len(columns["number"])})
            self._insert_person(picked({name: columns[name] for name in PERSON}, columns["person"]))

    def _number(
        self, report: FileReport, line: int, id_: str, status: str, at: str, reason: str, extra: str
    ) -> int:
        """Give a new event its number, and 0 to one that is recorded or at fault."""
        if not (id_ and status and at):
            return 0
        course = self._courses.setdefault(id_, _Course())
        before = self._before.get(SEPARATOR.join((id_, status, at)))
        rule = _broken_rule(course, at, before, (reason, extra))
        if rule:
            column = "at" if before is None or before == (reason, extra) else "reason"
            value = at if column == "at" else reason
            report.faults.append(Fault(report.file, line, column, value, rule))
            return 0
        course.met = at
        if before is not None:
            return 0
        course.number += 1
        course.last = at
        return course.number


def _broken_rule(course: _Course, at: str, before: tuple[str, str] | None, told: tuple[str, str]) -> str:
    if before is not None and before != told:
        return f"be {before[0]!r} with the same other columns, as recorded: events are added, never changed"
    if _is_before(at, course.met):
        return f"be in the order of time: the event before it in the file is of {course.met}"
    if before is None and _is_before(at, course.last):
        return f"not be before the last event that is recorded, of {course.last}: events are only added"
    return ""


def _is_before(at: str, other: str) -> bool:
    """Tell whether a date is surely before another; 2021 is not before 2021-03."""
    return bool(other) and end_of_period(at) < begin_of_period(other)
