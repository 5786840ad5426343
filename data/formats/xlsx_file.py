"""Read and write xlsx through openpyxl, which is imported only where a workbook is met."""

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from data.faults import Fault
from data.formats.sheet import Row, Sheet, Unreadable, checked_header, ragged
from data.formats.xlsx_limits import MAX_CELLS, MAX_ROWS, look_through
from matching.errors import BadValue

MAX_CELL = 32_767
"""Characters of a cell, by the format."""

_OLE = b"\xd0\xcf\x11\xe0"
# The format writes a character that XML cannot hold, or not keep, as _xHHHH_; openpyxl leaves that to us.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@contextmanager
def read_xlsx(path: Path) -> Iterator[Sheet]:
    """Read the only sheet of a workbook that holds anything.

    Numbers and dates become the text that a csv file would have. A formula is refused, as the value it
    shows may be older than what it reads; so are errors and merged cells.

    Raises
    ------
    Unreadable
        If it is no workbook, is too large for one, has cells on several sheets, merged cells, or no usable
        header.
    """
    with path.open("rb") as content:
        with _readable(path):
            book = _book(path, content)
        try:
            with _readable(path):
                sheet = _sheet(path.name, book)
            yield sheet.with_rows(_guarded(path, sheet.rows))
        finally:
            book.close()


def _book(path: Path, content: BinaryIO) -> Any:
    _refuse_others(path, content.read(4))
    look_through(path)
    from openpyxl import load_workbook

    return load_workbook(content, read_only=True)


def _sheet(file: str, book: Any) -> Sheet:
    faults: list[Fault] = []
    rows = _texts(file, _the_sheet(file, book.worksheets), faults)
    _, header = next(rows, (1, []))
    if faults:
        raise Unreadable(faults[0])
    sheet = Sheet(checked_header(file, _without_end(header)), iter(()), faults)
    return sheet.with_rows(_of_one_width(file, rows, sheet))


def _without_end(cells: list[str]) -> list[str]:
    """Drop empty cells at the end, which a sheet has wherever something was formatted."""
    used = max((place for place, text in enumerate(cells, 1) if text), default=0)
    return cells[:used]


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say of a file that openpyxl cannot read that it is no workbook, whatever openpyxl stumbles over."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of styles and validations that it leaves aside
        try:
            yield
        except (Unreadable, OSError):
            raise
        except Exception as error:  # KeyError, BadZipFile, ParseError, zlib.error, ...
            rule = f"be an Excel workbook (.xlsx): {type(error).__name__}, {' '.join(str(error).split())}"
            raise Unreadable(Fault(path.name, 0, "", "", rule)) from None


def _guarded(path: Path, rows: Iterator[Row]) -> Iterator[Row]:
    while True:
        with _readable(path):
            row = next(rows, None)
        if row is None:
            return
        yield row


def _refuse_others(path: Path, begin: bytes) -> None:
    if begin == _OLE:
        rule = "be an Excel workbook (.xlsx) without a password, not one of the older format .xls"
        raise Unreadable(Fault(path.name, 0, "", "", rule))
    if not zipfile.is_zipfile(path):
        rule = "be an Excel workbook (.xlsx), not only be named so"
        raise Unreadable(Fault(path.name, 0, "", begin.decode("ascii", "replace"), rule))


def _the_sheet(file: str, sheets: Sequence[Any]) -> Any:
    told = [sheet for sheet in sheets if _holds_anything(sheet)]
    if len(told) > 1:
        titles = ", ".join(sheet.title for sheet in told)
        raise Unreadable(Fault(file, 0, "", titles, "have one sheet that holds anything"))
    return (told or list(sheets))[0]


def _holds_anything(sheet: Any) -> bool:
    sheet.reset_dimensions()  # some programs write a wrong one, and rows beyond it would be left out
    return any(value is not None for row in sheet.iter_rows(values_only=True) for value in row)


def _texts(file: str, sheet: Any, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    for line, cells in enumerate(sheet.iter_rows(), 1):
        texts, good = [], len(faults)
        for found in cells:
            try:
                texts.append("" if found.value is None else _text(found))
            except BadValue as bad:
                faults.append(Fault(file, line, found.coordinate, bad.value, bad.rule))
        if len(faults) == good:
            yield line, texts


def _text(found: Any) -> str:
    """Write a cell as a csv file would have it."""
    value = found.value
    if found.data_type == "f":
        formula = getattr(value, "text", value)  # an array formula is an object of its own
        raise BadValue("hold a value, not a formula (copy, then paste as values)", formula)
    if found.data_type == "e":
        raise BadValue("hold a value, not an error", value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    if isinstance(value, int | str):
        return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), str(value)).strip()
    raise BadValue("hold a text, a number or a date", value)


def number_text(value: float) -> str:
    """Write a number so that it is read back the same, without the .0 of a whole one.

    >>> number_text(2500000.0), number_text(0.1)
    ('2500000', '0.1')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _of_one_width(file: str, rows: Iterator[tuple[int, list[str]]], sheet: Sheet) -> Iterator[Row]:
    width = len(sheet.columns)
    for line, cells in rows:
        if not any(cells):
            continue
        if any(cells[width:]):
            sheet.faults.append(ragged(file, line, cells, width))
        else:
            yield line, (cells + [""] * width)[:width]


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows under a header, every cell as text, so that nothing is taken for a formula or a date.

    Raises
    ------
    BadValue
        If a row or a text does not fit into the format.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(path.stem.strip(".").split(".")[0])
    try:
        for line, row in enumerate(chain((columns,), rows), 1):
            if line > MAX_ROWS or line * len(columns) > MAX_CELLS:
                raise BadValue(f"at most {MAX_CELLS:,} cells (use csv or jsonl)", path.name, "xlsx")
            cells = [WriteOnlyCell(sheet, _fitting(text)) for text in row]
            for cell in cells:
                if cell.value is not None:
                    cell.data_type = "s"
            sheet.append(cells)
    finally:
        sheet.close()
    book.save(path)


def _fitting(text: str) -> str | None:
    if len(text) > MAX_CELL:
        raise BadValue(f"at most {MAX_CELL:,} characters a cell (use csv or jsonl)", text, "xlsx")
    return _ESCAPED.sub(r"_x005F_x\1_", text).replace("\r", "_x000D_") or None
