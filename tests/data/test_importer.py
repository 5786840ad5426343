import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from itertools import repeat
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from data import bulk, tables
from data.database import connect
from data.dialects import write_rows
from data.faults import FileReport, ImportReport
from data.formats.files import open_sheet
from data.importer import MAX_FAULTS, import_folder
from matching.errors import BadValue

WriteFolder = Callable[..., Path]
VIETNAM = Path(__file__).parents[2] / "data" / "vietnam"
STARTUPS = "startup_id,name,sectors\na,Alpha,fintech\nb,Beta,edtech\n"
FUNDS = "fund_id,name\nf,Fund F\ng,Fund G\n"
INVESTMENTS = "startup_id,fund_id,announced_on,round,amount_usd\na,f,2021,seed,5\nb,g,2022-03,,\n"
BAD_STARTUPS = "startup_id,name,founded_on\na,Alpha,2021\nb,Beta,31/02/2021\n"


def dump(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in tables.METADATA.tables.items()
        }


def sizes(engine: Engine) -> tuple[int, int, int]:
    content = dump(engine)
    return len(content["startup_version"]), len(content["fund_version"]), len(content["investment"])


def rows_of(engine: Engine, table: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        query = select(tables.METADATA.tables[table]).order_by(*tables.METADATA.tables[table].primary_key)
        return [dict(row) for row in connection.execute(query).mappings()]


def faults(report: ImportReport) -> list[str]:
    return [str(fault) for file in report.files for fault in file.faults]


def length(path: Path) -> int:
    with open_sheet(path) as sheet:
        return len(list(sheet.rows))


def counts(file: FileReport) -> tuple[int, int, int]:
    return file.added, file.changed, file.unchanged


def test_the_shipped_data_imports_whole(engine: Engine, now: datetime) -> None:
    report = import_folder(engine, VIETNAM, now)
    assert faults(report) == []
    assert [file.file for file in report.files] == ["startups.csv", "funds.csv", "investments.csv"]
    lengths = [length(VIETNAM / file.file) for file in report.files]
    assert [counts(file) for file in report.files] == [(length, 0, 0) for length in lengths]
    assert list(sizes(engine)) == lengths


def test_the_same_import_again_changes_nothing(engine: Engine, now: datetime) -> None:
    first = import_folder(engine, VIETNAM, now)
    before = dump(engine)
    again = import_folder(engine, VIETNAM, now + timedelta(days=40))
    assert dump(engine) == before
    assert [counts(file) for file in again.files] == [(0, 0, file.rows) for file in first.files]


def test_the_order_of_rows_columns_and_list_items_is_no_change(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    header = "startup_id,name,sectors,exclusions,source\n"
    import_folder(engine, write_folder(startups=header + "a,Alpha,fintech,x;y,s\nb,Beta,,,\n"), now)
    other = "source,exclusions,name,sectors,startup_id\n,,Beta,,b\ns,y;x,Alpha,fintech,a\n"
    report = import_folder(engine, write_folder(startups=other), now)
    assert counts(report.files[0]) == (0, 0, 2)


def test_files_are_announced_and_reported_in_the_order_of_their_needs(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    folder = write_folder(investments=INVESTMENTS, funds=FUNDS, startups=STARTUPS)
    announced: list[tuple[str, int, int]] = []
    report = import_folder(engine, folder, now, announce=lambda *told: announced.append(told))
    assert announced == [
        ("startups.csv", 0, 0),
        ("startups.csv", 2, 3),
        ("funds.csv", 0, 0),
        ("funds.csv", 2, 3),
        ("investments.csv", 0, 0),
        ("investments.csv", 2, 3),
    ]
    assert [file.file for file in report.files] == ["startups.csv", "funds.csv", "investments.csv"]
    assert report.ok


def test_one_bad_row_refuses_its_file_whole_and_the_others_load(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    report = import_folder(engine, write_folder(startups=BAD_STARTUPS, funds=FUNDS), now)
    assert faults(report) == [
        "startups.csv:3, column founded_on: must be an ISO date (2021, 2021-03 or 2021-03-31) that exists, "
        "got '31/02/2021'"
    ]
    assert sizes(engine) == (0, 2, 0)
    assert counts(report.files[0]) == (0, 0, 0)
    assert not report.ok


def test_every_fault_of_a_file_is_reported_with_its_line(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    text = "fund_id,name,ticket_min_usd,ticket_max_usd\nf,,1,\ng g,G,-1,2\nh,H,3,2\nlonely\n"
    report = import_folder(engine, write_folder(funds=text), now)
    places = {(fault.line, fault.column) for fault in report.files[0].faults}
    assert places == {
        (2, "name"),
        (3, "fund_id"),
        (3, "ticket_min_usd"),
        (4, "ticket_min_usd"),
        (5, ""),
    }
    assert report.files[0].rows == 4


def test_an_unreadable_file_is_refused_and_the_others_load(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    folder = write_folder(funds=FUNDS)
    (folder / "startups.csv").write_bytes(b"startup_id,name\na,\xe9t\xe9\n")
    report = import_folder(engine, folder, now)
    assert [fault.line for fault in report.files[0].faults] == [2]
    assert sizes(engine) == (0, 2, 0)


@pytest.mark.parametrize("startups", [BAD_STARTUPS, '"never closed'])
def test_investments_that_need_a_refused_file_are_refused_with_that_reason(
    engine: Engine, now: datetime, write_folder: WriteFolder, startups: str
) -> None:
    folder = write_folder(startups=startups, funds=FUNDS, investments=INVESTMENTS)
    report = import_folder(engine, folder, now)
    (fault,) = report.files[2].faults
    place, rule = str(fault).split(": ", 1)
    assert place == "investments.csv, column startup_id"
    assert rule == "must wait for startups.csv, which was refused: rows that need its ids: 2"
    assert sizes(engine) == (0, 2, 0)


def test_investments_of_records_in_the_database_load_beside_a_refused_file(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    import_folder(engine, write_folder(startups=STARTUPS, funds=FUNDS), now)
    report = import_folder(engine, write_folder(startups=BAD_STARTUPS, investments=INVESTMENTS), now)
    assert [file.ok for file in report.files] == [False, True]
    assert sizes(engine) == (2, 2, 2)


def test_each_unknown_id_is_named_with_its_line(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    text = "startup_id,fund_id\na,f\nx,f\na,y\nz,y\n"
    report = import_folder(engine, write_folder(startups=STARTUPS, funds=FUNDS, investments=text), now)
    assert faults(report) == [
        "investments.csv:3, column startup_id: must be an id of startups, got 'x'",
        "investments.csv:4, column fund_id: must be an id of funds, got 'y'",
        "investments.csv:5, column startup_id: must be an id of startups, got 'z'",
        "investments.csv:5, column fund_id: must be an id of funds, got 'y'",
    ]
    assert sizes(engine) == (2, 2, 0)


def test_an_id_that_is_none_is_not_called_unknown_too(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    text = "startup_id,fund_id\na b,f\n,f\n"
    report = import_folder(engine, write_folder(startups=STARTUPS, funds=FUNDS, investments=text), now)
    assert [(fault.line, fault.rule[:8]) for fault in report.files[2].faults] == [
        (2, "be an id"),
        (3, "be an id"),
    ]


def test_a_key_twice_in_a_file_is_refused_with_the_line_of_the_first(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    startups = "startup_id,name\na,Alpha\nb,Beta\na,Other\na,Third\n"
    investments = "startup_id,fund_id,announced_on,round\nb,f,,\nb,f,,seed\nb,f,,\n"
    import_folder(engine, write_folder(startups=STARTUPS, funds=FUNDS), now)
    report = import_folder(engine, write_folder(startups=startups, investments=investments), now)
    assert faults(report) == [
        "startups.csv:4, column startup_id: must not repeat the startup_id of line 2, got 'a'",
        "startups.csv:5, column startup_id: must not repeat the startup_id of line 2, got 'a'",
        "investments.csv:4, column startup_id: must not repeat the startup_id+fund_id+announced_on+round "
        "of line 2, got 'b'",
    ]


def test_a_changed_startup_gets_a_version_valid_from_the_import(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    changed = STARTUPS.replace("Alpha", "Alpha Group")
    outcomes = [
        counts(import_folder(engine, write_folder(startups=text), now + timedelta(days=days)).files[0])
        for days, text in ((0, STARTUPS), (10, changed), (20, STARTUPS))
    ]
    assert outcomes == [(2, 0, 0), (0, 1, 1), (0, 1, 1)]
    versions = rows_of(engine, "startup_version")
    assert [(row["startup_id"], row["version"], row["name"], row["valid_from"]) for row in versions] == [
        ("a", 1, "Alpha", None),
        ("a", 2, "Alpha Group", date(2024, 6, 25)),
        ("a", 3, "Alpha", date(2024, 7, 5)),
        ("b", 1, "Beta", None),
    ]
    assert versions[0]["digest"] == versions[2]["digest"] != versions[1]["digest"]
    assert [row["recorded_at"].date() for row in versions[:3]] == [
        date(2024, 6, 15),
        date(2024, 6, 25),
        date(2024, 7, 5),
    ]


def test_a_changed_fund_gets_a_version(engine: Engine, now: datetime, write_folder: WriteFolder) -> None:
    import_folder(engine, write_folder(funds=FUNDS), now)
    report = import_folder(engine, write_folder(funds="fund_id,name,status\ng,Fund G,inactive\n"), now)
    assert counts(report.files[0]) == (0, 1, 0)
    assert [(row["fund_id"], row["version"], row["status"]) for row in rows_of(engine, "fund_version")] == [
        ("f", 1, None),
        ("g", 1, None),
        ("g", 2, "inactive"),
    ]


def test_a_changed_investment_is_corrected_in_place(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    import_folder(engine, write_folder(startups=STARTUPS, funds=FUNDS, investments=INVESTMENTS), now)
    before = rows_of(engine, "investment")
    report = import_folder(engine, write_folder(investments=INVESTMENTS.replace("seed,5", "seed,6")), now)
    after = rows_of(engine, "investment")
    assert counts(report.files[0]) == (0, 1, 1)
    assert [row["investment_id"] for row in after] == [row["investment_id"] for row in before]
    assert [row["amount_usd"] for row in after] == [6, None]
    assert after[1] == before[1]


def test_a_row_left_out_stays_in_the_database(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    import_folder(engine, write_folder(startups=STARTUPS), now)
    report = import_folder(engine, write_folder(startups="startup_id,name\nc,Gamma\n"), now)
    assert counts(report.files[0]) == (1, 0, 0)
    assert [row["startup_id"] for row in rows_of(engine, "startup")] == ["a", "b", "c"]


def test_unknown_columns_are_reported_and_kept(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    startups = "startup_id,mood,name,source\na,sunny,Alpha,\n"
    investments = "startup_id,fund_id,source\na,f,https://example.com\n"
    folder = write_folder(startups=startups, funds=FUNDS, investments=investments)
    report = import_folder(engine, folder, now)
    assert [file.unknown_columns for file in report.files] == [["mood", "source"], [], ["source"]]
    assert rows_of(engine, "startup_version")[0]["extra"] == {"mood": "sunny"}
    assert rows_of(engine, "investment")[0]["extra"] == {"source": "https://example.com"}
    assert report.ok


def test_words_not_understood_are_counted_and_kept(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    startups = "startup_id,name,sectors,stage\na,A,fintech;zzq,seed\nb,B,zzq,xyzzy\n"
    report = import_folder(engine, write_folder(startups=startups), now)
    assert report.files[0].not_understood == {("sectors", "zzq"): 2, ("stage", "xyzzy"): 1}
    versions = rows_of(engine, "startup_version")
    assert [row["raw"] for row in versions] == [
        {"sectors": "fintech;zzq"},
        {"sectors": "zzq", "stage": "xyzzy"},
    ]
    assert [row["sectors"] for row in versions] == ["fintech", ""]
    assert report.ok


def test_a_dry_run_reports_the_same_and_writes_nothing(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    folder = write_folder(startups=STARTUPS, funds=FUNDS, investments=INVESTMENTS)
    empty = dump(engine)
    dry = import_folder(engine, folder, now, dry_run=True)
    assert dump(engine) == empty
    assert dry.files == import_folder(engine, folder, now).files

    before = dump(engine)
    write_folder(folder, startups=BAD_STARTUPS, funds=FUNDS.replace("Fund F", "New"), investments=INVESTMENTS)
    dry = import_folder(engine, folder, now, dry_run=True)
    assert dump(engine) == before
    assert dry.files == import_folder(engine, folder, now).files
    assert [file.ok for file in dry.files] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "column"), [("startup_id;name\na;Alpha\n", "startup_id"), ("startup_id\na\n", "name")]
)
def test_a_missing_required_column_is_named_with_the_header(
    engine: Engine, now: datetime, write_folder: WriteFolder, text: str, column: str
) -> None:
    report = import_folder(engine, write_folder(startups=text), now)
    fault = report.files[0].faults[0]
    assert (fault.line, fault.column, fault.value) == (1, column, text.splitlines()[0])
    assert fault.rule == f"have the column {column} in its header (columns are separated by commas)"
    assert sizes(engine) == (0, 0, 0)


def test_a_file_of_a_header_alone_is_taken(engine: Engine, now: datetime, write_folder: WriteFolder) -> None:
    report = import_folder(engine, write_folder(startups="startup_id,name\n"), now)
    assert report.ok
    assert counts(report.files[0]) == (0, 0, 0)


def test_a_folder_that_is_none_is_refused(engine: Engine, now: datetime, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(BadValue, match=r"^DIR must be a folder that exists, got "):
            import_folder(engine, path, now)


def test_a_file_whose_name_is_none_of_the_contract_is_told(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    folder = write_folder(startups="startup_id,name\n", Funds="fund_id,name\n")
    (folder / "fund.XLSX").write_text("")
    (folder / "README.md").write_text("")
    report = import_folder(engine, folder, now)
    assert report.ok and report.as_dict()["not_read"] == ["Funds.csv", "fund.XLSX"]


def test_a_folder_without_a_file_of_the_contract_is_refused(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    rule = (
        r"at least one of programs, startups, .*, each as \.csv, \.xlsx, \.jsonl; not read: recipes\.csv, got"
    )
    with pytest.raises(BadValue, match=rule):
        import_folder(engine, write_folder(recipes="name\nphở\n"), now)


def test_a_file_of_another_name_is_no_part_of_the_import(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    report = import_folder(engine, write_folder(startups=STARTUPS, recipes="name\n"), now)
    assert [file.file for file in report.files] == ["startups.csv"]


BAD_CELLS = "startup_id,name,founded_on,raising_usd,opted_out\n" + "a b,,x,x,x\n" * (MAX_FAULTS + 50)
RAGGED = "startup_id,name\n" + "a\n" * (MAX_FAULTS + 50)
UNKNOWN_IDS = "startup_id,fund_id\n" + "".join(f"s{i},f{i}\n" for i in range(MAX_FAULTS + 50))
MIXED = "startup_id,fund_id,amount_usd,lead\n" + "".join(f"s{i},f{i},x,x\n" for i in range(MAX_FAULTS))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("startups", BAD_CELLS),
        ("startups", RAGGED),
        ("investments", UNKNOWN_IDS),
        ("investments", MIXED),
        ("investments", MIXED.replace("\n", ",1\n", 1).replace("x\n", "x,y\n").replace("s0,", "s 0,")),
    ],
)
def test_the_faults_of_a_hopeless_file_stay_bounded(
    engine: Engine, now: datetime, write_folder: WriteFolder, name: str, text: str
) -> None:
    report = import_folder(engine, write_folder(**{name: text}), now)
    assert MAX_FAULTS <= len(report.files[0].faults) < MAX_FAULTS + 10


@pytest.mark.parametrize("table", ["startup", "startup_version", "fund_version", "investment"])
def test_a_crash_amid_writing_leaves_no_part_of_the_file(
    engine: Engine, now: datetime, write_folder: WriteFolder, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_folder(startups=STARTUPS, funds=FUNDS, investments=INVESTMENTS)

    def crash(connection: Connection, place: str, rows: list[tuple[Any, ...]]) -> None:
        write_rows(connection, place, rows)
        if place.startswith(f"{table} "):
            raise RuntimeError("power cut")

    monkeypatch.setattr(bulk, "write_rows", crash)
    with pytest.raises(RuntimeError, match="power cut"):
        import_folder(engine, folder, now)
    monkeypatch.undo()
    written = {"startup": 0, "startup_version": 0, "fund_version": 1, "investment": 2}[table]
    assert sizes(engine) == (2 * (written > 0), 2 * (written > 1), 0)

    assert import_folder(engine, folder, now).ok
    assert sizes(engine) == (2, 2, 2)


def test_imports_at_the_same_time_write_each_record_once(
    engine: Engine, url: str, now: datetime, write_folder: WriteFolder
) -> None:
    number, rows = 4, "".join(f"s{i},Startup {i}\n" for i in range(300))
    folder, start = write_folder(startups=f"startup_id,name\n{rows}"), Barrier(number)

    def run(url: str) -> FileReport:
        own = connect(url)
        start.wait()
        report = import_folder(own, folder, now)
        own.dispose()
        return report.files[0]

    with ThreadPoolExecutor(number) as pool:
        reports = list(pool.map(run, repeat(url, number)))
    assert sorted(map(counts, reports)) == [*repeat((0, 0, 300), number - 1), (300, 0, 0)]
    assert sizes(engine) == (300, 0, 0)


def test_a_report_of_an_import_is_plain_json(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    report = import_folder(engine, write_folder(startups=BAD_STARTUPS, funds=FUNDS), now)
    told = json.loads(json.dumps(report.as_dict()))
    assert [(file["file"], file["ok"], file["added"]) for file in told["files"]] == [
        ("startups.csv", False, 0),
        ("funds.csv", True, 2),
    ]
