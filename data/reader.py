"""Read a csv file row by row, each with the line it starts at; say clearly why a file cannot be read."""

import csv
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from data.faults import Fault

MAX_CELL = 1_000_000
"""Characters the reader takes in one cell; the contract's own limits are far lower."""


class Unreadable(Exception):
    """The file as a whole cannot be read; carries the one fault that says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by column name, stripped."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's header, its rows, and the faults of rows that do not fit the header."""

    columns: list[str]
    rows: list[Row]
    faults: list[Fault]


def read_csv(path: Path) -> Sheet:
    """Read a UTF-8 csv file with a header (a byte-order mark is allowed, blank rows are passed over).

    Raises
    ------
    Unreadable
        If it is not UTF-8, has no usable header, or breaks the csv format; it carries the fault.
    """
    csv.field_size_limit(MAX_CELL)
    # newline="": a line break inside quotes belongs to its cell and stays as it is.
    reader = csv.reader(StringIO(_decode(path), newline=""), strict=True)
    line = 1
    try:
        columns = _header(path.name, next(reader, None))
        sheet = Sheet(columns, [], [])
        line = reader.line_num + 1
        for cells in reader:
            if not any(map(str.strip, cells)):
                pass
            elif len(cells) == len(columns):
                sheet.rows.append(Row(line, dict(zip(columns, map(str.strip, cells), strict=True))))
            else:
                sheet.faults.append(_ragged(path.name, line, cells, columns))
            line = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(_broken(path.name, line, error)) from None
    return sheet


def _decode(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        bad = content[error.start : error.start + 4].hex(" ")
        raise Unreadable(Fault(path.name, line, "", bad, "be UTF-8 text (bytes in hexadecimal)")) from None


def _header(file: str, header: list[str] | None) -> list[str]:
    columns = [name.strip() for name in header or ()]
    if not any(columns):
        raise Unreadable(Fault(file, 1, "", "", "begin with a header line of column names"))
    if not all(columns):
        raise Unreadable(Fault(file, 1, "", ",".join(columns), "name every column in its header"))
    for name, times in Counter(columns).items():
        if times > 1:
            raise Unreadable(Fault(file, 1, name, ",".join(columns), "name a column once only"))
    return columns


def _ragged(file: str, line: int, cells: list[str], columns: list[str]) -> Fault:
    rule = f"have {len(columns)} cells, as the header has, not {len(cells)}"
    return Fault(file, line, "", ",".join(cells), rule)


def _broken(file: str, line: int, error: csv.Error) -> Fault:
    if "field larger" in str(error):
        return Fault(file, line, "", "", f"have at most {MAX_CELL} characters in a cell")
    if "unexpected end" in str(error):
        return Fault(file, line, "", "", "close every quote: the one opened in this row never ends")
    return Fault(file, line, "", "", f"be proper csv ({error})")
