"""Read profiles that are questions, not records: from a csv or json file, by the rules of startups.csv."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.cells import Cells
from data.contract import STARTUPS
from data.faults import Fault, FileReport
from data.reader import Row, Sheet, Unreadable, read_csv
from data.store import startup_from
from matching.errors import KetnoiError
from matching.records import Startup

NOT_NESTED = "be a text, a number, true or false, or a list of these"


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
        sheet = read_csv(path) if path.suffix.lower() == ".csv" else _read_json(path)
    except Unreadable as unreadable:
        raise Refused([unreadable.fault]) from None
    report.faults.extend(sheet.faults)
    report.rows = len(sheet.rows)
    report.unknown_columns = [name for name in sheet.columns if name not in STARTUPS.columns]
    if len(report.unknown_columns) == len(sheet.columns):
        rule = f"have at least one column of startups.csv ({', '.join(STARTUPS.columns)})"
        report.faults.append(Fault(path.name, 1, "", ",".join(sheet.columns), rule))
    startups = [_startup(row, report) for row in sheet.rows]
    seen: dict[str, int] = {}
    for row, startup in zip(sheet.rows, startups, strict=True):
        if seen.setdefault(startup.startup_id, row.line) != row.line:
            rule = f"not repeat the startup_id of line {seen[startup.startup_id]}"
            report.faults.append(Fault(path.name, row.line, "startup_id", startup.startup_id, rule))
    if report.faults:
        raise Refused(report.faults)
    return startups, report


def _startup(row: Row, report: FileReport) -> Startup:
    named = {**row.cells}
    named["startup_id"] = named.get("startup_id") or f"profile-{row.line}"
    named["name"] = named.get("name") or named["startup_id"]
    cells, before = Cells(Row(row.line, named), report), len(report.faults)
    record = STARTUPS.record(cells)
    if len(report.faults) > before:
        return Startup(startup_id=record["startup_id"])
    startup = startup_from({**record, "raw": cells.raw})
    # No stored startup can have an id with a space: what has none here cannot borrow another's deals.
    return startup if row.cells.get("startup_id") else replace(startup, startup_id=f"profile {row.line}")


def _read_json(path: Path) -> Sheet:
    try:
        text = path.read_text(encoding="utf-8-sig")
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        rule = f"be csv (then name it .csv) or proper json ({error})"
        raise Unreadable(Fault(path.name, 0, "", "", rule)) from None
    objects = told if isinstance(told, list) else [told]
    if not objects or not all(isinstance(item, dict) for item in objects):
        raise Unreadable(Fault(path.name, 0, "", text.strip(), "hold one object or a list of objects"))
    sheet = Sheet(list({name: None for item in objects for name in item}), [], [])
    for line, item in enumerate(objects, 1):
        nested = [name for name, value in item.items() if _is_nested(value)]
        cells = {name: "" if name in nested else _cell(value) for name, value in item.items()}
        sheet.rows.append(Row(line, cells))
        sheet.faults.extend(Fault(path.name, line, name, "", NOT_NESTED) for name in nested)
    return sheet


def _is_nested(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict | list) for item in items)


def _cell(value: Any) -> str:
    """Write a json value as a csv cell would have it."""
    if isinstance(value, list):
        return ";".join(map(_cell, value))
    if value is None:
        return ""
    return (json.dumps(value) if isinstance(value, bool) else str(value)).strip()
