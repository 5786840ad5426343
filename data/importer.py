"""Import a folder: each file is taken whole or refused whole, and the report says why, row by row."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, Executable, Table, bindparam, func, insert, select, update

from data.cells import Cells
from data.contract import FILES, NOT_YET, FileContract, Record
from data.database import writing
from data.faults import Fault, FileReport, ImportReport
from data.reader import Row, Sheet, Unreadable, read_csv
from matching.errors import BadValue

MAX_FAULTS = 1_000
"""Faults kept of one file; a file with more is hopeless at the first thousand."""

Announce = Callable[[str], None]
Change = tuple[Executable, list[Record]]
"""A statement and the rows it is executed with."""


@dataclass
class _Known:
    """Ids that rows may refer to, by the file they belong to: in the database, or in this folder."""

    ids: dict[str, set[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


def import_folder(
    engine: Engine,
    folder: Path,
    now: datetime,
    *,
    dry_run: bool = False,
    announce: Announce = lambda file: None,
) -> ImportReport:
    """Read every file of the contract in `folder` and write those without fault.

    Parameters
    ----------
    now : when the records came in; changed records are valid from that day.
    dry_run : check everything, write nothing.
    announce : told the name of each file as it is begun.

    Raises
    ------
    BadValue
        If `folder` is no folder or holds no file of the contract.
    """
    report = ImportReport()
    known = _Known()
    for contract in FILES:
        path = folder / f"{contract.name}.csv"
        if path.is_file():
            announce(path.name)
            report.files.append(_import_file(engine, path, contract, known, now, dry_run))
    skipped = _not_read(folder)
    if not report.files:
        names = ", ".join(f"{contract.name}.csv" for contract in FILES)
        rule = f"a folder with at least one of {names}" if folder.is_dir() else "a folder that exists"
        if skipped:
            rule += f" (this version does not read {', '.join(file.file for file in skipped)})"
        raise BadValue(rule, folder, "DIR")
    report.files.extend(skipped)
    return report


def _not_read(folder: Path) -> list[FileReport]:
    """Name the files that look like the contract's but that this version does not read."""
    others = [folder / f"{name}.csv" for name in NOT_YET]
    others += [
        folder / f"{name}.{ending}"
        for name in (*(f.name for f in FILES), *NOT_YET)
        for ending in ("xlsx", "jsonl")
    ]
    return [
        FileReport(path.name, skipped="this version does not read this file")
        for path in others
        if path.is_file()
    ]


def _import_file(
    engine: Engine, path: Path, contract: FileContract, known: _Known, now: datetime, dry_run: bool
) -> FileReport:
    report = FileReport(path.name)
    try:
        sheet = read_csv(path)
    except Unreadable as unreadable:
        report.faults.append(unreadable.fault)
        known.refused.add(contract.name)
        return report
    records = _records(sheet, contract, report)
    with writing(engine) as connection:
        _check_references(connection, contract, sheet.rows, known, report)
        if report.ok:
            changes = _changes(connection, contract, records, now, report)
            for statement, rows in () if dry_run else changes:
                if rows:
                    connection.execute(statement, rows)
            known.ids.setdefault(contract.name, set()).update(record[contract.key[0]] for record in records)
        else:
            known.refused.add(contract.name)
            report.faults.sort(key=lambda fault: fault.line)
    return report


def _records(sheet: Sheet, contract: FileContract, report: FileReport) -> list[Record]:
    report.rows = len(sheet.rows) + len(sheet.faults)
    report.unknown_columns = [name for name in sheet.columns if name not in contract.columns]
    report.faults.extend(sheet.faults[:MAX_FAULTS])
    for name in contract.required:
        if name not in sheet.columns:
            rule = f"have the column {name} in its header (columns are separated by commas)"
            report.faults.append(Fault(report.file, 1, name, ",".join(sheet.columns), rule))
    if set(contract.required) - set(sheet.columns):
        return []
    records, lines = [], dict[tuple[str, ...], int]()
    for row in sheet.rows:
        cells = Cells(row, report)
        record = contract.record(cells)
        record["extra"] = {name: row.cells[name] for name in report.unknown_columns if row.cells[name]}
        if contract.versions is not None:
            record["raw"] = cells.raw
        records.append(record)
        key = tuple(record[name] for name in contract.key)
        if lines.setdefault(key, row.line) != row.line:
            cells.fault(contract.key[0], f"not repeat the {'+'.join(contract.key)} of line {lines[key]}")
        if len(report.faults) >= MAX_FAULTS:
            break
    return records


def _check_references(
    connection: Connection, contract: FileContract, rows: Collection[Row], known: _Known, report: FileReport
) -> None:
    at_fault = {(fault.line, fault.column) for fault in report.faults}
    for column, owner in contract.needs:
        table = next(other.table for other in FILES if other.name == owner)
        there = set(connection.execute(select(table.c[column])).scalars()) | known.ids.get(owner, set())
        told = [row for row in rows if row.cells.get(column) and (row.line, column) not in at_fault]
        missing = [row for row in told if row.cells[column] not in there]
        if missing and owner in known.refused:
            rule = f"wait for {owner}.csv, which was refused: {len(missing)} rows need its ids"
            report.faults.append(Fault(report.file, 0, column, "", rule))
            continue
        for row in missing[: max(0, MAX_FAULTS - len(report.faults))]:
            rule = f"be an id of {owner}"
            report.faults.append(Fault(report.file, row.line, column, row.cells[column], rule))


def _changes(
    connection: Connection, contract: FileContract, records: list[Record], now: datetime, report: FileReport
) -> list[Change]:
    """Find what has to be written and count it in the report; writes nothing itself."""
    for record in records:
        record["recorded_at"] = now
    if contract.versions is None:
        return _changed_facts(connection, contract, records, report)
    return _changed_versions(connection, contract.table, contract.versions, records, now, report)


def _changed_versions(
    connection: Connection,
    table: Table,
    versions: Table,
    records: list[Record],
    now: datetime,
    report: FileReport,
) -> list[Change]:
    """Add a version of every record that is new or says something else than its newest version."""
    (key,) = table.primary_key.columns.keys()
    latest = (
        select(versions.c[key], func.max(versions.c.version).label("version"))
        .group_by(versions.c[key])
        .subquery()
    )
    same = (versions.c[key] == latest.c[key]) & (versions.c.version == latest.c.version)
    rows = connection.execute(
        select(versions.c[key], versions.c.version, versions.c.digest).join(latest, same)
    )
    before = {id_: (version, digest) for id_, version, digest in rows}
    fresh: list[Record] = []
    changed: list[Record] = []
    for record in records:
        record["digest"] = _digest(record)
        version, digest = before.get(record[key], (0, ""))
        if digest != record["digest"]:
            valid_from = now.date() if version else None
            (changed if version else fresh).append(
                {**record, "version": version + 1, "valid_from": valid_from}
            )
    report.added, report.changed = len(fresh), len(changed)
    report.unchanged = len(records) - len(fresh) - len(changed)
    ids = [{key: record[key]} for record in fresh]
    return [(insert(table), ids), (insert(versions), fresh + changed)]


def _digest(record: Record) -> str:
    told = {name: value for name, value in record.items() if name != "recorded_at"}
    return sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _changed_facts(
    connection: Connection, contract: FileContract, records: list[Record], report: FileReport
) -> list[Change]:
    """Add facts that are new, correct those of the same key that say something else."""
    table, width = contract.table, len(contract.key)
    (id_,) = table.primary_key
    told = [column.name for column in table.c if column.name not in {id_.name, "recorded_at", *contract.key}]
    query = select(*(table.c[name] for name in (*contract.key, *told)), id_)
    before = {row[:width]: row[width:] for row in connection.execute(query)}
    fresh: list[Record] = []
    changed: list[Record] = []
    for record in records:
        old = before.get(tuple(record[name] for name in contract.key))
        if old is None:
            fresh.append(record)
        elif old[:-1] != tuple(record[name] for name in told):
            changed.append({**record, "known_as": old[-1]})
    report.added, report.changed = len(fresh), len(changed)
    report.unchanged = len(records) - len(fresh) - len(changed)
    correct = update(table).where(id_ == bindparam("known_as"))
    return [(insert(table), fresh), (correct, changed)]
