"""Look through a workbook before openpyxl does: what reading it would cost is counted, and bounded.

A workbook is a zip of XML. A few bytes of it can stand for more than a machine holds, so each part is
streamed through a bare XML parser that makes no objects.
"""

import struct
import zipfile
from pathlib import Path
from typing import IO
from xml.parsers import expat

from data.faults import Fault
from data.formats.sheet import Unreadable

MAX_MEMBERS = 10_000
"""Files in the zip."""

MAX_SIZE = 512 << 20
"""Bytes that all of them unpack to."""

MAX_CELLS = 2_000_000
"""Cells, also those left out before the last one of a row; openpyxl reads some 20,000 a second."""

MAX_ROWS = 1_048_576
"""Rows of a sheet, by the format."""

MAX_STRINGS = 1_000_000
MAX_TEXT = 1_000_000
"""Characters of a cell that are read; the contract's own limits are far lower."""

MAX_ELEMENTS = 200_000
"""XML elements of one row or shared text, or of all that is neither: settings, styles, links."""

MAX_TAG = 1 << 20
"""Bytes of one tag or comment."""

_DIRECTORY_ENTRY = 46
_DIRECTORY_END = b"PK\x05\x06"
_BLOCK = 1 << 18
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class _TooMuch(Exception):
    """A limit that is passed; its text finishes "must ..."."""

    def __init__(self, rule: str, place: str = "") -> None:
        self.place = place
        super().__init__(f"{rule} (use csv or jsonl)" if "at most" in rule else rule)


def look_through(path: Path) -> None:
    """Refuse a workbook that would cost too much to read, or has merged cells.

    Raises
    ------
    Unreadable
        With the limit that it passes.
    """
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MAX_SIZE:
                raise _TooMuch(f"unpack to at most {MAX_SIZE >> 20} MiB")
            cost = _Cost()
            for member in members:
                if member.compress_type not in _PACKED:
                    raise _TooMuch("be packed as Excel does (deflate)")
                with archive.open(member) as content:
                    cost.add(content)
    except _TooMuch as found:
        raise Unreadable(Fault(path.name, 0, found.place, "", str(found))) from None


def _check_directory(path: Path) -> None:
    """Look at the end of the zip, where its members are counted, before each of them becomes an object."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 16) - 22))
        _, found, end = file.read().rpartition(_DIRECTORY_END)
    if found and len(end) >= 12:
        members, size = struct.unpack_from("<HI", end, 6)
        if members > MAX_MEMBERS or size > MAX_MEMBERS * 2 * _DIRECTORY_ENTRY:
            raise _TooMuch(f"hold at most {MAX_MEMBERS:,} files in its zip")


class _Cost:
    """Counts over all parts of a workbook."""

    def __init__(self) -> None:
        self._cells = self._strings = self._rows = self._elements = self._text = 0
        self._in_row = self._column = 0

    def add(self, content: IO[bytes]) -> None:
        """Count a part; what is no XML costs nothing, as openpyxl makes no objects of it."""
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._told
        parser.StartDoctypeDeclHandler = _refuse_entities
        self._rows = self._elements = self._in_row = self._column = 0
        size = 0
        try:
            for block in iter(lambda: content.read(_BLOCK), b""):
                parser.Parse(block)
                size += len(block)
                if size - parser.CurrentByteIndex > MAX_TAG:
                    raise _TooMuch(f"have tags of at most {MAX_TAG:,} bytes")
        except expat.ExpatError:
            pass
        self._end_row()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._text = 0
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise _TooMuch(f"hold at most {MAX_ELEMENTS:,} settings, or parts of a row")
        kind = name.rpartition("}")[2]
        if kind == "c":
            self._in_row += 1
            self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
        elif kind == "row":
            self._begin_row(attributes.get("r", ""))
        elif kind == "si":
            self._elements = 0
            self._strings += 1
            if self._strings > MAX_STRINGS:
                raise _TooMuch(f"hold at most {MAX_STRINGS:,} texts")
        elif kind == "mergeCell":
            raise _TooMuch("have no merged cells: each row needs its own value", attributes.get("ref", ""))

    def _begin_row(self, number: str) -> None:
        self._end_row()
        self._elements = self._in_row = self._column = 0
        self._rows = _number(number) if number else self._rows + 1
        if self._rows > MAX_ROWS:
            raise _TooMuch(f"have at most {MAX_ROWS:,} rows")

    def _end_row(self) -> None:
        self._cells += max(self._in_row, self._column, 1)
        if self._cells > MAX_CELLS:
            raise _TooMuch(f"hold at most {MAX_CELLS:,} cells")

    def _told(self, text: str) -> None:
        self._text += len(text)
        if self._text > MAX_TEXT:
            raise _TooMuch(f"have at most {MAX_TEXT:,} characters in a cell")


def _refuse_entities(*_: object) -> None:
    raise _TooMuch("define no entities in its XML (a DOCTYPE)")


def _number(text: str) -> int:
    """Read the number of a row as openpyxl does; what is none is beyond all."""
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return MAX_ROWS + 1


def _column(place: str) -> int:
    """Tell the column of a cell.

    >>> _column("A1"), _column("BC12")
    (1, 55)
    """
    column = 0
    for letter in place.upper():
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    return column
