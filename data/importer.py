"""Import a folder: each file is taken whole or refused whole, and the report says why, row by row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from data.audit import CLI, AuditAction, note
from data.cells import Broken, check_text
from data.changes import Changes, Facts, Versions
from data.contract import FILES, INTRODUCTION_EVENTS, INTRODUCTIONS, FileContract, Need
from data.database import Lock, writing
from data.faults import Fault, FileReport, ImportReport
from data.formats.files import Format, open_sheet, others
from data.formats.sheet import Sheet, Unreadable
from data.introductions import Events, Introductions
from data.mapping import NO_MAPPING, Mapping
from data.rows import Batch, RowReader
from data.versions import raise_version
from matching.errors import BadValue

MAX_FAULTS = 1_000
"""Faults kept of one file; a file with more is hopeless at the first thousand."""

BATCH = 5_000
"""Rows read, checked and written at a time: what an import holds in memory."""

Announce = Callable[[str, int, int], None]
"""Told the name of a file, the rows of it that are done, and how many it has at most (0: not known)."""


@dataclass
class Known:
    """By the names of the contract: ids of files of this folder, and the names of those refused."""

    ids: dict[str, set[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Import:
    """What every file of one import shares."""

    engine: Engine
    now: datetime
    actor: str
    dry_run: bool
    announce: Announce
    mapping: Mapping
    known: Known = field(default_factory=Known)


def import_folder(
    engine: Engine,
    folder: Path,
    now: datetime,
    *,
    actor: str = CLI,
    dry_run: bool = False,
    announce: Announce = lambda file, done, expected: None,
    mapping: Mapping = NO_MAPPING,
) -> ImportReport:
    """Read every file of the contract in `folder` and write those without fault.

    Parameters
    ----------
    actor : who imports, for the audit log, which has the counts of each file that changes something.
    now : when the records came in; changed records are valid from that day.
    dry_run : check everything, write nothing.
    announce : told how far the import is, at the beginning of each file and after each batch of rows.
    mapping : which files and columns of a foreign export stand for those of the contract.

    Raises
    ------
    BadValue
        If `folder` is no folder or holds no file of the contract.
    """
    if not folder.is_dir():
        raise BadValue("a folder that exists", folder, "DIR")
    run = _Import(engine, now, actor, dry_run, announce, mapping)
    report = ImportReport(dry_run=dry_run)
    stand_for = {contract.name: mapping.paths(folder, contract.name) for contract in FILES}
    report.not_read = others(folder, [path for paths in stand_for.values() for path in paths])
    for contract in FILES:
        if paths := stand_for[contract.name]:
            report.files.append(_import_file(run, paths, contract))
    if not report.files:
        rule = f"a folder with at least one of {', '.join(contract.name for contract in FILES)}"
        other = f"; not read: {', '.join(report.not_read)}" if report.not_read else ""
        raise BadValue(f"{rule}, each as .{', .'.join(Format)}{other}", folder, "DIR")
    return report


def _import_file(run: _Import, paths: list[Path], contract: FileContract) -> FileReport:
    path = paths[0]
    report = FileReport(path.name)
    try:
        if len(paths) > 1:
            rule = f"be the only file of its name, but there is {paths[1].name} too"
            raise Unreadable(Fault(path.name, 0, "", "", rule))
        run.announce(path.name, 0, 0)
        with (
            open_sheet(path, run.mapping.separator(contract.name)) as sheet,
            writing(run.engine, Lock.RECORDS) as connection,
        ):
            _take(run, connection, run.mapping.applied(contract, sheet, path.name), contract, report)
            if run.dry_run or not report.ok:
                connection.rollback()
            elif report.added or report.changed:
                raise_version(connection)
                counts = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
                note(
                    connection, run.now, run.actor, AuditAction.IMPORTED, f"import/{contract.name}", **counts
                )
    except Unreadable as unreadable:
        report.faults.append(unreadable.fault)
    if not report.ok:
        run.known.refused[contract.name] = path.name
        report.added = report.changed = report.unchanged = 0
        report.faults.sort(key=lambda fault: fault.line)
        del report.faults[MAX_FAULTS:]
        report.faults = run.mapping.renamed(contract.name, report.faults)
    return report


def _take(
    run: _Import, connection: Connection, sheet: Sheet, contract: FileContract, report: FileReport
) -> None:
    report.faults.extend(_header_faults(sheet.columns, contract, report.file))
    reader = RowReader(contract, sheet.columns, report)
    if not report.ok:
        return
    changes: Changes = _changes(contract)(connection, contract, run.now)
    needed = references(connection, contract, run.known, report)
    for rows in sheet.batches(BATCH):
        batch = reader.read(rows)
        for reference in needed:
            reference.check(batch, reader)
        _collect(sheet, report)
        blocked = run.dry_run or not report.ok or any(reference.waiting for reference in needed)
        changes.take(batch, report, write=not blocked)
        run.announce(report.file, report.rows, sheet.expected)
        if len(report.faults) >= MAX_FAULTS:
            break
    _collect(sheet, report)
    for reference in needed:
        reference.conclude()
    if report.ok:
        run.known.ids[contract.name] = reader.ids


def _header_faults(columns: list[str], contract: FileContract, file: str) -> Iterator[Fault]:
    for name in contract.required if columns else ():
        if name not in columns:
            rule = f"have the column {name} in its header (columns are separated by commas)"
            yield Fault(file, 1, name, ",".join(columns), rule)
    for name in columns:
        try:
            check_text(name)
        except Broken as broken:
            yield Fault(file, 1, name, name, str(broken))


def references(
    connection: Connection, contract: FileContract, known: Known, report: FileReport
) -> "list[Reference]":
    """Make the checks of the ids that a file needs."""
    return [Reference(connection, need, known, report) for need in contract.needs]


def _collect(sheet: Sheet, report: FileReport) -> None:
    report.faults.extend(sheet.faults)
    report.rows += len({fault.line for fault in sheet.faults})
    sheet.faults.clear()


def _changes(contract: FileContract) -> type[Versions | Facts | Events]:
    if contract.versions is not None:
        return Versions
    if contract is INTRODUCTION_EVENTS:
        return Events
    return Introductions if contract is INTRODUCTIONS else Facts


class Reference:
    """Checks that the ids of a column are those of records, in the database or in this folder."""

    def __init__(self, connection: Connection, need: Need, known: Known, report: FileReport) -> None:
        self._need, self._report = need, report
        owner = next(contract for contract in FILES if contract.name == need.owner)
        column = owner.table.c[owner.key[0]]
        self._there = set(connection.execute(select(column)).scalars()) | known.ids.get(need.owner, set())
        self._refused = known.refused.get(need.owner, "")
        self.waiting = 0

    def check(self, batch: Batch, reader: RowReader) -> None:
        """Note the rows whose id is none; of a refused file, only how many they are."""
        if self._need.if_any and not self._there and not self._refused:
            return
        ids = batch.values[self._need.column]
        missing = [row for row, id_ in enumerate(ids) if id_ and id_ not in self._there]
        if self._refused:
            self.waiting += len(missing)
            return
        for row in missing:
            reader.fault(batch.lines[row], self._need.column, ids[row], f"be an id of {self._need.owner}")

    def conclude(self) -> None:
        """Say that the file has to wait, where rows need the ids of a refused file."""
        if self.waiting:
            rule = f"wait for {self._refused}, which was refused: rows that need its ids: {self.waiting}"
            self._report.faults.append(Fault(self._report.file, 0, self._need.column, "", rule))
