"""Read profiles that are questions, not records: from a csv or json file, by the rules of startups.csv."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from data.contract import STARTUPS
from data.faults import Fault, FileReport
from data.formats.csv_file import read_csv
from data.formats.jsonl_file import NOT_NESTED, cell, is_nested
from data.formats.sheet import Sheet, Unreadable
from data.rows import RowReader
from data.store import startup_from
from matching.errors import KetnoiError
from matching.records import Startup

Record = dict[str, Any]


class Refused(KetnoiError):
    """A file of profiles that breaks rules; its text lists them, one a line."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


def read_profiles(path: Path) -> tuple[list[Startup], FileReport]:
    """Read profiles with any of the columns of startups.csv; what names no id or name gets none.

    A csv has one profile a row; a json file holds one object or a list of them, with lists or texts
    separated by semicolons as values.

    Raises
    ------
    Refused
        If the file cannot be read or a value breaks a rule.
    """
    report = FileReport(path.name)
    try:
        with read_csv(path) if path.suffix.lower() == ".csv" else _read_json(path) as sheet:
            records = _records(path.name, sheet, report)
    except Unreadable as unreadable:
        raise Refused([unreadable.fault]) from None
    if report.faults:
        report.faults.sort(key=lambda fault: fault.line)
        raise Refused(report.faults)
    return [startup_from(record) for record in records], report


def read_profile(cells: Mapping[str, str]) -> tuple[Startup, FileReport]:
    """Read one profile told by columns of startups.csv; without a startup_id it is nobody stored.

    Raises
    ------
    Refused
        If a value breaks a rule.
    """
    report = FileReport("profile")
    row = [cell.strip() for cell in cells.values()]
    records = _records(report.file, Sheet(list(cells), iter([(1, row)]), []), report)
    if report.faults:
        raise Refused(report.faults)
    return startup_from(records[0]), report


def _records(file: str, sheet: Sheet, report: FileReport) -> list[Record]:
    """Read the rows of a sheet by the rules of startups.csv, naming those that have no name."""
    added = [name for name in STARTUPS.required if name not in sheet.columns]
    columns = [*sheet.columns, *added]
    reader = RowReader(STARTUPS, columns, report)
    if len(report.unknown_columns) == len(sheet.columns):
        rule = f"have at least one column of startups.csv ({', '.join(STARTUPS.columns)})"
        report.faults.append(Fault(file, 1, "", ",".join(sheet.columns), rule))
    id_, name = map(columns.index, STARTUPS.required)
    rows, unnamed = [], []
    for line, cells in sheet.rows:
        named = [*cells, *("" for _ in added)]
        unnamed.append(0 if named[id_] else line)
        named[name] = named[name] or named[id_] or f"profile-{line}"
        named[id_] = named[id_] or f"(profile-{line})"
        rows.append((line, named))
    report.faults.extend(sheet.faults)
    if not rows:
        return []
    values = reader.read(rows).values
    records = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    for line, record in zip(unnamed, records, strict=True):
        if line:  # no stored startup can have an id with a space, so this one borrows nobody's deals
            record["startup_id"] = f"profile {line}"
    return records


def _flat(value: Any) -> str:
    return "" if is_nested(value) else cell(value)  # a nested value has its fault already


@contextmanager
def _read_json(path: Path) -> Iterator[Sheet]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        rule = f"be csv (then name it .csv) or proper json ({error})"
        raise Unreadable(Fault(path.name, 0, "", "", rule)) from None
    objects = told if isinstance(told, list) else [told]
    if not objects or not all(isinstance(item, dict) for item in objects):
        raise Unreadable(Fault(path.name, 0, "", text.strip(), "hold one object or a list of objects"))
    columns = list({name: None for item in objects for name in item})
    faults = [
        Fault(path.name, line, name, "", NOT_NESTED)
        for line, item in enumerate(objects, 1)
        for name, value in item.items()
        if is_nested(value)
    ]
    rows = ((line, [_flat(item.get(name)) for name in columns]) for line, item in enumerate(objects, 1))
    yield Sheet(columns, rows, faults)
