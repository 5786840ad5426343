"""Folders that are wrong in one way each: one clear error a fault, nothing half-loaded, no traceback."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, func, select

from data.database import connect, migrate
from data.importer import import_folder
from data.tables import METADATA
from matching.vocabulary import IntroductionStatus

GOOD = {
    "programs": "program_id,name\np,Program\n",
    "startups": "startup_id,program_id,name\na,p,Alpha\nb,,Beta\n",
    "funds": "fund_id,name,ticket_min_usd,ticket_max_usd\nf,Fund F,1,2\n",
    "investments": "startup_id,fund_id,announced_on,amount_usd\na,f,2021,5\n",
    "introductions": "introduction_id,startup_id,fund_id,opened_on\ni,a,f,2022-01-01\n",
    "introduction_events": "introduction_id,status,at\ni,introduced,2022-01-01\ni,met,2022-02-01\n",
}
TABLE = {"startups": "startup_version", "funds": "fund_version"}


@dataclass(frozen=True)
class Bad:
    """One fault: the file, what spoils the folder, and all that the report says of it."""

    name: str
    told: tuple[str, ...]
    spoil: Callable[[Path], object]


def text(name: str, content: str | bytes, *told: str, ending: str = "csv") -> Bad:
    """A file of this content in place of the good one."""

    def spoil(folder: Path) -> None:
        (folder / f"{name}.csv").unlink()
        written = content.encode() if isinstance(content, str) else content
        (folder / f"{name}.{ending}").write_bytes(written)

    return Bad(name, told, spoil)


def workbook(rows: list[list[Any]], *told: str, then: Callable[[Any], object] = lambda sheet: None) -> Bad:
    """Funds in a workbook in place of a csv file."""

    def spoil(folder: Path) -> None:
        (folder / "funds.csv").unlink()
        book = Workbook()
        assert book.active is not None
        for row in rows:
            book.active.append(row)
        then(book.active)
        book.save(folder / "funds.xlsx")

    return Bad("funds", told, spoil)


def replaced(make: Callable[[Path], object], told: str) -> Bad:
    """Something else under the name of funds.csv."""

    def spoil(folder: Path) -> None:
        (folder / "funds.csv").unlink()
        make(folder / "funds.csv")

    return Bad("funds", (told,), spoil)


def locked(path: Path) -> None:
    path.write_text(GOOD["funds"])
    path.chmod(0)


FUNDS = [["fund_id", "name"], ["f", "Fund F"]]
DATE = "must be an ISO date (2021, 2021-03 or 2021-03-31) that exists"
MONEY = "must be US dollars from 0 to 1,000,000,000,000, in digits without separators"
UTF16 = "must be UTF-8 text, not UTF-16: save it again as 'CSV UTF-8', got "
BAD = {
    "utf-16": text("funds", GOOD["funds"].encode("utf-16-le"), f"funds.csv:1: {UTF16}'66 00 75 00'"),
    "utf-16 with its mark": text(
        "funds", b"\xff\xfe" + GOOD["funds"].encode("utf-16-le"), f"funds.csv:1: {UTF16}'ff fe 66 00'"
    ),
    "windows-1258": text(
        "funds",
        b"fund_id,name\nf,Qu\xfd \xd0\xe2u\n",
        "funds.csv:2: must be UTF-8 text (bytes in hexadecimal); if it is Windows-1258 or Windows-1252, save "
        "it again as 'CSV UTF-8', got 'fd 20 d0 e2'",
    ),
    "missing column": text(
        "funds",
        "fund_id,title\nf,F\n",
        "funds.csv:1, column name: must have the column name in its header (columns are separated by "
        "commas), got 'fund_id,title'",
    ),
    "semicolons": text(
        "programs",
        "program_id;name\np;P\n",
        "programs.csv:1, column program_id: must have the column program_id in its header (columns are "
        "separated by commas), got 'program_id;name'",
        "programs.csv:1, column name: must have the column name in its header (columns are separated by "
        "commas), got 'program_id;name'",
    ),
    "duplicate ids": text(
        "startups",
        "startup_id,name\na,A\nb,B\na,C\n",
        "startups.csv:4, column startup_id: must not repeat the startup_id of line 2, got 'a'",
    ),
    "duplicate header": text(
        "funds",
        "fund_id,name,name\nf,F,F\n",
        "funds.csv:1, column name: must name a column once only, got 'fund_id,name,name'",
    ),
    "a date that is none": text(
        "startups",
        "startup_id,name,founded_on\na,A,31/02/2021\nb,B,2021-02-31\n",
        f"startups.csv:2, column founded_on: {DATE}, got '31/02/2021'",
        f"startups.csv:3, column founded_on: {DATE}, got '2021-02-31'",
    ),
    "negative and infinite money": text(
        "investments",
        "startup_id,fund_id,amount_usd\na,f,-1\nb,f,inf\n",
        f"investments.csv:2, column amount_usd: {MONEY}, got '-1'",
        f"investments.csv:3, column amount_usd: {MONEY}, got 'inf'",
    ),
    "min above max": text(
        "funds",
        "fund_id,name,ticket_min_usd,ticket_max_usd\nf,F,3,2\n",
        "funds.csv:2, column ticket_min_usd: must be at most ticket_max_usd, which is 2, got '3'",
    ),
    "unknown ids": text(
        "investments",
        "startup_id,fund_id\nx,f\na,y\n",
        "investments.csv:2, column startup_id: must be an id of startups, got 'x'",
        "investments.csv:3, column fund_id: must be an id of funds, got 'y'",
    ),
    "unknown program": text(
        "startups",
        "startup_id,name,program_id\na,A,q\nb,B,\n",
        "startups.csv:2, column program_id: must be an id of programs, got 'q'",
    ),
    "a very long description": text(
        "startups",
        f"startup_id,name,description\na,A,{'x' * 200_000}\n",
        f"startups.csv:2, column description: must have at most 20,000 characters, not 200,000, got "
        f"'{'x' * 80}…' (200000 characters)",
    ),
    "a NUL": text(
        "funds",
        "fund_id,name\nf,F\0F\n",
        "funds.csv:2, column name: must hold no control characters, got 'F\\x00F'",
    ),
    "a NUL in a column that is not used": text(
        "funds",
        "fund_id,name,mood\nf,F,x\0\n",
        "funds.csv:2, column mood: must hold no control characters, got 'x\\x00'",
    ),
    "a NUL in the name of a column": text(
        "funds",
        "fund_id,name,mo\0od\nf,F,x\n",
        "funds.csv:1, column mo\0od: must hold no control characters, got 'mo\\x00od'",
    ),
    "empty file": text("funds", "", "funds.csv:1: must begin with a header line of column names"),
    "ragged rows": text(
        "funds",
        "fund_id,name\nf\ng,G,more\n",
        "funds.csv:2: must have 2 cells, as the header has, not 1, got 'f'",
        "funds.csv:3: must have 2 cells, as the header has, not 3, got 'g,G,more'",
    ),
    "unclosed quote": text(
        "funds",
        'fund_id,name\nf,"F\ng,G\n',
        "funds.csv:2: must close every quote: the one opened in this row never ends",
    ),
    "unknown status": text(
        "introduction_events",
        "introduction_id,status,at\ni,loved it,2022\n",
        "introduction_events.csv:2, column status: must be a status of an introduction "
        f"({', '.join(IntroductionStatus)}), got 'loved it'",
    ),
    "events out of the order of time": text(
        "introduction_events",
        "introduction_id,status,at\ni,met,2022-02\ni,introduced,2022-01-31\n",
        "introduction_events.csv:3, column at: must be in the order of time: the event before it in the "
        "file is of 2022-02, got '2022-01-31'",
    ),
    "an event twice": text(
        "introduction_events",
        "introduction_id,status,at\ni,met,2022-02\ni,Met,2022-02\n",
        "introduction_events.csv:3, column introduction_id: must not repeat the introduction_id+status+at of "
        "line 2, got 'i'",
    ),
    "an event of no date": text(
        "introduction_events",
        "introduction_id,status,at\ni,met,\n",
        f"introduction_events.csv:2, column at: {DATE}",
    ),
    "an introduction without its startup": text(
        "introductions",
        "introduction_id,startup_id,fund_id\ni,zzz,f\n",
        "introductions.csv:2, column startup_id: must be an id of startups, got 'zzz'",
    ),
    "an event without its introduction": text(
        "introduction_events",
        "introduction_id,status,at\nj,met,2022\n",
        "introduction_events.csv:2, column introduction_id: must be an id of introductions, got 'j'",
    ),
    "formula": workbook(
        [*FUNDS, ["g", "=A1"]],
        "funds.xlsx:3, column B3: must hold a value, not a formula (copy, then paste as values), got '=A1'",
    ),
    "error cell": workbook(
        [*FUNDS, ["g", "#N/A"]],
        "funds.xlsx:3, column B3: must hold a value, not an error, got '#N/A'",
    ),
    "merged cells": workbook(
        FUNDS,
        "funds.xlsx, column A2:B2: must have no merged cells: each row needs its own value",
        then=lambda sheet: sheet.merge_cells("A2:B2"),
    ),
    "two sheets": workbook(
        FUNDS,
        "funds.xlsx: must have one sheet that holds anything, got 'Sheet, More'",
        then=lambda sheet: sheet.parent.create_sheet("More").append(["x"]),
    ),
    "no workbook": text(
        "funds",
        "fund_id,name\n",
        "funds.xlsx: must be an Excel workbook (.xlsx), not only be named so, got 'fund'",
        ending="xlsx",
    ),
    "broken jsonl": text(
        "funds",
        '{"fund_id": "f", "name": "F"}\n{"fund_id": "g"',
        "funds.jsonl:2: must be one object of json on a line of its own (Expecting ',' delimiter: line 1 "
        'column 16 (char 15)), got \'{"fund_id": "g"\'',
        ending="jsonl",
    ),
    "nested jsonl": text(
        "funds",
        '{"fund_id": "f", "name": {"vi": "F"}}\n',
        "funds.jsonl:1, column name: must be a text, a number, true or false, or a list of these, "
        'got \'{"vi": "F"}\'',
        ending="jsonl",
    ),
    "a key twice in jsonl": text(
        "funds",
        '{"fund_id": "f", "name": "F"}\n{"fund_id": "g", "name": "G", "name": "H"}\n',
        "funds.jsonl:2, column name: must name a key of an object once only, "
        'got \'{"fund_id": "g", "name": "G", "name": "H"}\\n\'',
        ending="jsonl",
    ),
    "two formats": Bad(
        "funds",
        ("funds.csv: must be the only file of its name, but there is funds.jsonl too",),
        lambda folder: (folder / "funds.jsonl").write_text('{"fund_id": "g", "name": "G"}'),
    ),
    "folder in place of a file": replaced(
        Path.mkdir, "funds.csv: must be a file that can be read (Is a directory)"
    ),
    "link to itself": replaced(
        lambda path: path.symlink_to(path.name),
        "funds.csv: must be a file that can be read (Too many levels of symbolic links)",
    ),
    "link to nothing": replaced(
        lambda path: path.symlink_to("nothing"),
        "funds.csv: must be a file that can be read (No such file or directory)",
    ),
    "locked file": replaced(locked, "funds.csv: must be a file that can be read (Permission denied)"),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'ketnoi.sqlite3'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with nothing wrong."""
    for name, content in GOOD.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def sizes(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in METADATA.tables.items()
        }


def test_the_good_folder_is_taken(shared: Engine, folder: Path) -> None:
    assert import_folder(shared, folder, datetime(2024, 6, 15, tzinfo=UTC), dry_run=True).ok


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_one_clear_error_a_fault_and_nothing_half_loaded(engine: Engine, folder: Path, bad: Bad) -> None:
    if bad is BAD["locked file"] and os.geteuid() == 0:
        pytest.skip("root may read every file")
    bad.spoil(folder)
    report = import_folder(engine, folder, datetime(2024, 6, 15, tzinfo=UTC))
    refused = [file for file in report.files if not file.ok]
    assert [str(fault) for fault in refused[0].faults] == list(bad.told)
    # What needs the refused file waits for it, and says so; the others are taken.
    waiting = [fault for file in refused[1:] for fault in file.faults]
    assert all(fault.rule.startswith("wait for ") for fault in waiting)
    for file in refused:
        name = file.file.split(".")[0]
        assert sizes(engine)[TABLE.get(name, name.rstrip("s"))] == 0
    for file in report.files:
        assert (file.added > 0) is file.ok
