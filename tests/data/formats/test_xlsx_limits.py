"""Workbooks that stand for more than a machine holds are refused before they cost it."""

import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from data.formats import xlsx_limits
from data.formats.files import open_sheet
from data.formats.sheet import Unreadable
from data.formats.xlsx_file import write_xlsx

SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
BEGIN, END = f"<worksheet {SPACE}><sheetData>".encode(), b"</sheetData></worksheet>"
ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))


def sheet(*rows: str) -> bytes:
    return BEGIN + "".join(rows).encode() + END


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.xlsx"
    write_xlsx(path, ("fund_id", "name"), [("f", "Fund")])
    return path


def replaced(good: Path, member: str, content: Iterable[bytes]) -> Path:
    """Write the workbook with another content of a member."""
    path = good.with_name("funds.xlsx")
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != member:
                new.writestr(name, old.read(name))
        with new.open(member, "w") as file:
            for block in content:
                file.write(block)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(Unreadable) as refused, open_sheet(path) as sheet:
        list(sheet.rows)
    told = str(refused.value)
    assert told.startswith(f"{path.name}: must ") and "\n" not in told
    return told.removeprefix(f"{path.name}: must ")


BOMBS: dict[str, tuple[str, list[bytes], str]] = {
    "a row far below": (
        SHEET,
        [sheet('<row r="999999999999"><c r="A1"/></row>')],
        "have at most 1,048,576 rows",
    ),
    "a row that is no number": (SHEET, [sheet('<row r="1e400"/>')], "have at most 1,048,576 rows"),
    "rows with a last cell far to the right": (
        SHEET,
        [BEGIN, *[b'<row><c r="ZZZ1"><v>1</v></c></row>' * 60] * 2, END],
        "hold at most 2,000,000 cells",
    ),
    "cells without a place behind one far to the right": (
        SHEET,
        [BEGIN, *[b'<row><c r="ZZY1"/><c/></row>' * 60] * 2, END],
        "hold at most 2,000,000 cells",
    ),
    "a row of too many cells": (
        SHEET,
        [BEGIN, b"<row>", b"<c/>" * 2_001, b"</row>", END],
        "parts of a row",
    ),
    "a text that is too long": (
        SHEET,
        [BEGIN, b'<row><c t="inlineStr"><is><t>', b"x" * 1_000_001, b"</t></is></c></row>", END],
        "have at most 1,000,000 characters in a cell",
    ),
    "a tag that never ends": (
        SHEET,
        [BEGIN, b'<row r="', b"1" * 1_600_000],
        "have tags of at most 1,048,576 bytes",
    ),
    "entities of entities": (
        SHEET,
        [f'<!DOCTYPE w [<!ENTITY a0 "ha">{ENTITIES}]><worksheet {SPACE}>&a8;</worksheet>'.encode()],
        "define no entities in its XML",
    ),
    "entities in another encoding": (
        SHEET,
        [f'<!DOCTYPE w [<!ENTITY a0 "ha">]><worksheet {SPACE}>&a0;</worksheet>'.encode("utf-16")],
        "define no entities in its XML",
    ),
    "a file of the machine as an entity": (
        STRINGS,
        [f'<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/hosts">]><sst {SPACE}><si>&f;</si></sst>'.encode()],
        "define no entities in its XML",
    ),
    "styles without end": (
        STYLES,
        [f"<styleSheet {SPACE}><cellXfs>".encode(), b"<xf/>" * 2_001, b"</cellXfs></styleSheet>"],
        "hold at most 2,000 settings",
    ),
    "deep nesting": (SHEET, [BEGIN, b"<a>" * 2_001], "hold at most 2,000 settings"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused(good: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_limits, "MAX_ELEMENTS", 2_000)
    member, content, told = BOMBS[name]
    assert told in refusal(replaced(good, member, content))


def test_shared_texts_are_counted(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_limits, "MAX_STRINGS", 100)
    content = [f"<sst {SPACE}>".encode(), b"<si/>" * 101, b"</sst>"]
    assert refusal(replaced(good, STRINGS, content)).startswith("hold at most 100 texts (use csv or jsonl)")


def test_what_unpacks_to_more_than_the_limit_is_refused_unread(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_limits, "MAX_SIZE", 8 << 20)
    path = replaced(good, SHEET, (bytes(1 << 20) for _ in range(9)))
    assert path.stat().st_size < 1 << 16
    assert refusal(path).startswith("unpack to at most 8 MiB")


def test_a_zip_that_says_to_hold_very_many_files_is_refused_unread(good: Path) -> None:
    end = good.read_bytes()
    for at, told in ((10, struct.pack("<H", 0xFFFF)), (12, struct.pack("<I", 1 << 30))):
        place = end.rindex(b"PK\x05\x06") + at
        good.write_bytes(end[:place] + told + end[place + len(told) :])
        assert refusal(good).startswith("hold at most 10,000 files in its zip")


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_excel_does_not_know_is_refused(good: Path, packed: int) -> None:
    with zipfile.ZipFile(good, "a", packed) as archive:
        archive.writestr("xl/more.xml", "<a/>")
    assert refusal(good) == "be packed as Excel does (deflate)"


def test_a_picture_costs_nothing(good: Path) -> None:
    with zipfile.ZipFile(good, "a") as archive:
        archive.writestr("xl/media/image1.png", b"\x89PNG\r\n\x1a\n" + bytes(2_000_000))
    with open_sheet(good) as sheet:
        assert [list(cells) for _, cells in sheet.rows] == [["f", "Fund"]]
