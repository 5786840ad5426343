"""Write one record by the rules of the import contract, if it still is what its writer has seen.

The tag of a record is the digest of its newest version: what an HTTP client sends back as `If-Match`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, delete, select

from data.audit import AuditAction, note
from data.changes import Versions
from data.contract import FUNDS, STARTUPS, FileContract
from data.database import Lock, writing
from data.faults import FileReport
from data.importer import Known, references
from data.races import settled
from data.rows import Batch, RowReader
from data.versions import raise_version
from matching.errors import KetnoiError, NotFound
from matching.errors import Stale as Stale

ABSENT = ""
"""The tag of a record that is not there."""

KINDS = {"startup": STARTUPS, "fund": FUNDS}
"""The records that come in versions, by the first word of their id's column."""


class Invalid(KetnoiError):
    """A record that breaks rules of the contract; `report` has a fault for each."""

    def __init__(self, report: FileReport) -> None:
        self.report = report
        super().__init__("\n".join(map(str, report.faults)))


@dataclass(frozen=True)
class Written:
    """What became of a write.

    Attributes
    ----------
    tag : of the record as it is now.
    created : whether it was not there before.
    """

    tag: str
    created: bool
    report: FileReport


def tag_of(engine: Engine, kind: str, id_: str) -> str:
    """Return the tag of a record, ABSENT where there is none."""
    with engine.connect() as connection:
        return _tag(connection, KINDS[kind], id_)


def fields_of(engine: Engine, kind: str, id_: str) -> tuple[dict[str, Any], str]:
    """Return the newest version of a record by the columns of its table, and its tag.

    Raises
    ------
    NotFound
        If there is no record of this id.
    """
    with engine.connect() as connection:
        return fields_within(connection, kind, id_)


def fields_within(connection: Connection, kind: str, id_: str) -> tuple[dict[str, Any], str]:
    """Read a record as `fields_of` does, within a transaction."""
    row = _newest(connection, KINDS[kind], id_)
    if row is None:
        raise NotFound(f"no {kind} {id_!r}")
    return dict(row), row["digest"]


def put(
    engine: Engine,
    kind: str,
    fields: Mapping[str, str],
    *,
    expected: str | None,
    actor: str,
    now: datetime,
) -> Written:
    """Write a record whole: a column of the contract that `fields` does not tell is empty.

    What an import kept of other columns stays.

    Parameters
    ----------
    fields : cells as in a file of the contract, by column, the id among them.
    expected : the tag that the record must have; None writes over whatever is there.

    Raises
    ------
    NotFound
        If it is to have a tag and is not there.
    Invalid
        If a cell breaks a rule.
    Stale
        If the record has another tag than `expected`.
    """

    def write() -> Written:
        with writing(engine, Lock.RECORDS) as connection:
            return put_within(connection, kind, fields, expected=expected, actor=actor, now=now)

    return settled(write)


def put_within(
    connection: Connection,
    kind: str,
    fields: Mapping[str, str],
    *,
    expected: str | None,
    actor: str,
    now: datetime,
) -> Written:
    """Write a record as `put` does, within a transaction that holds `Lock.RECORDS`."""
    contract, report = KINDS[kind], FileReport(kind)
    id_ = fields[contract.key[0]]
    there = _newest(connection, contract, id_)
    before = there["digest"] if there else ABSENT
    if expected and not there:
        raise NotFound(f"no {kind} {id_!r}")
    if expected is not None and before != expected:
        raise Stale(f"{kind} {id_!r}", before)
    batch = _checked(connection, contract, {**(there["extra"] if there else {}), **fields}, report)
    Versions(connection, contract, now, only=id_).take(batch, report, write=True)
    after = _tag(connection, contract, id_)
    if after != before:
        action = AuditAction.CHANGED if before else AuditAction.CREATED
        note(connection, now, actor, action, f"{kind}/{id_}")
        raise_version(connection)
    return Written(after, created=not before, report=report)


def remove(engine: Engine, kind: str, id_: str, *, expected: str | None, actor: str, now: datetime) -> None:
    """Delete a record with all its versions, deals and introductions.

    Raises
    ------
    NotFound
        If there is no record of this id.
    Stale
        If the record has another tag than `expected`.
    """
    contract = KINDS[kind]
    with writing(engine, Lock.RECORDS) as connection:
        before = _tag(connection, contract, id_)
        if not before:
            raise NotFound(f"no {kind} {id_!r}")
        if expected is not None and before != expected:
            raise Stale(f"{kind} {id_!r}", before)
        connection.execute(delete(contract.table).where(contract.table.c[contract.key[0]] == id_))
        note(connection, now, actor, AuditAction.DELETED, f"{kind}/{id_}")
        raise_version(connection)


def _checked(
    connection: Connection, contract: FileContract, cells: Mapping[str, str], report: FileReport
) -> Batch:
    """Read one record by the rules of its file.

    Raises
    ------
    Invalid
        If a cell breaks one.
    """
    reader = RowReader(contract, list(cells), report)
    batch = reader.read([(0, [cell.strip() for cell in cells.values()])])
    for reference in references(connection, contract, Known(), report):
        reference.check(batch, reader)
    if report.faults:
        raise Invalid(report)
    return batch


def _tag(connection: Connection, contract: FileContract, id_: str) -> str:
    row = _newest(connection, contract, id_)
    return ABSENT if row is None else row["digest"]


def _newest(connection: Connection, contract: FileContract, id_: str) -> RowMapping | None:
    versions = contract.versions
    assert versions is not None
    mine = select(versions).where(versions.c[contract.key[0]] == id_)
    return connection.execute(mine.order_by(versions.c.version.desc()).limit(1)).mappings().first()
