"""Read and write csv: UTF-8, a header, one record a row."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from data.faults import Fault
from data.formats.sheet import Row, Sheet, Unreadable, checked_header, ragged

MAX_CELL = 1_000_000
"""Characters the reader takes in one cell; the contract's own limits are far lower."""

MAX_LINE = 4_000_000
"""Characters of a line of csv or jsonl: a few lines are in memory at a time, cell by cell."""

SAVE_AS = "save it again as 'CSV UTF-8'"


@contextmanager
def read_csv(path: Path, separator: str = ",") -> Iterator[Sheet]:
    """Read a UTF-8 csv file with a header (a byte-order mark is allowed, blank rows are passed over).

    Raises
    ------
    Unreadable
        If it is not UTF-8, has no usable header, or breaks the csv format; it carries the fault.
    """
    csv.field_size_limit(MAX_CELL)
    expected = _line_ends(path)
    # newline="": a line break inside quotes belongs to its cell and stays as it is.
    with path.open(encoding="utf-8-sig", newline="") as text:
        rows = _lines(path, text, separator)
        _, header = next(rows, (1, []))
        sheet = Sheet(checked_header(path.name, header), iter(()), expected=expected)
        yield sheet.with_rows(_of_one_width(path.name, rows, sheet))


def _line_ends(path: Path) -> int:
    """Count line ends, and refuse UTF-16, which would else be called a file without its columns."""
    with path.open("rb") as content:
        begin = content.read(4)
        if begin[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in begin:
            rule = f"be UTF-8 text, not UTF-16: {SAVE_AS}"
            raise Unreadable(Fault(path.name, 1, "", begin.hex(" "), rule))
        return sum(block.count(b"\n") for block in iter(lambda: content.read(1 << 20), b""))


def _lines(path: Path, text: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_bounded(path, text), strict=True, delimiter=separator)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(_broken(path.name, line, error)) from None
    except UnicodeDecodeError:
        raise Unreadable(_not_utf8(path)) from None


def _bounded(path: Path, text: TextIO) -> Iterator[str]:
    for line, content in enumerate(text, 1):
        if len(content) > MAX_LINE:
            rule = f"have at most {MAX_LINE:,} characters in a line, not {len(content):,}"
            raise Unreadable(Fault(path.name, line, "", "", rule))
        yield content


def _of_one_width(file: str, rows: Iterator[tuple[int, list[str]]], sheet: Sheet) -> Iterator[Row]:
    width = len(sheet.columns)
    for line, cells in rows:
        stripped = [cell.strip() for cell in cells]
        if not any(stripped):
            pass
        elif len(stripped) == width:
            yield line, stripped
        else:
            sheet.faults.append(ragged(file, line, cells, width))


def utf8_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read the lines of a text that are not blank, each with its number.

    Raises
    ------
    Unreadable
        If it is not UTF-8, or a line is too long; it carries the fault.
    """
    _line_ends(path)
    try:
        with path.open(encoding="utf-8-sig") as text:
            for line, content in enumerate(_bounded(path, text), 1):
                if content.strip():
                    yield line, content
    except UnicodeDecodeError:
        raise Unreadable(_not_utf8(path)) from None


def _not_utf8(path: Path) -> Fault:
    content = path.read_bytes()
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        bad = content[error.start : error.start + 4].hex(" ")
        rule = f"be UTF-8 text (bytes in hexadecimal); if it is Windows-1258 or Windows-1252, {SAVE_AS}"
        return Fault(path.name, line, "", bad, rule)
    return Fault(path.name, 0, "", "", "stay as it is while it is read")


def _broken(file: str, line: int, error: csv.Error) -> Fault:
    if "field larger" in str(error):
        return Fault(file, line, "", "", f"have at most {MAX_CELL} characters in a cell")
    if "unexpected end" in str(error):
        return Fault(file, line, "", "", "close every quote: the one opened in this row never ends")
    return Fault(file, line, "", "", f"be proper csv ({error})")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows under a header.

    Texts are written as they are, also those that a spreadsheet would take for a formula: a mark before
    them would not survive the way back. The xlsx format has a type for text, and is the one to open by hand.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)  # ends lines as RFC 4180 has it, so that a lone \r is quoted too
        writer.writerow(columns)
        writer.writerows(rows)
