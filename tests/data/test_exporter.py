import csv
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from data.contract import FILES
from data.exporter import export_folder
from data.formats.csv_file import write_csv
from data.formats.files import Format
from data.importer import import_folder
from data.tables import METADATA
from matching.errors import BadValue
from tests.databases import Databases, opened

WriteFolder = Callable[..., Path]
VIETNAM = Path(__file__).parents[2] / "data" / "vietnam"
FULL = {
    "programs": "program_id,name,opened_on,mood\np,Chương trình,2024-03,\n",
    "startups": "startup_id,program_id,name,description,sectors,country,stage,raising_usd,exclusions,"
    "opted_out,x\n"
    'a,p,Alpha,"one\n\ntwo, ""three""",fintech; zzq,Atlantis,xyzzy,2.5,f;g,yes,=1+1\n'
    "b,,Beta,-5 degrees,Ví điện tử,VN,early stage,1e6,,,\n"
    "c,,Gamma,,,,Venture,,,,\nd,,Delta,,,,Angel,,,,\n",
    "funds": "fund_id,name,stages,sectors,excluded_sectors,countries,ticket_min_usd,status,monthly_capacity\n"
    "f,Fund F,early stage,agnostic;zzq,gaming,Southeast Asia,100000.5,active,3\n"
    "g,Fund G,,insurtech;AI,rượu bia;gambling;web3,,,,\n",
    "investments": "startup_id,fund_id,announced_on,round,amount_usd,lead,source\n"
    "b,f,2021-02,Vòng hạt giống,7,no,https://example.com\na,f,,,,,\n",
    "introductions": "introduction_id,startup_id,fund_id,opened_on,released_by\nj,a,f,,\ni,a,f,2022,Lan\n",
    "introduction_events": "introduction_id,status,at,reason,by,y\n"
    "i,met,2022,,Minh,1\ni,passed,2022-05,zzq,,\ni,on hold,2022-05-31,later,,\n",
}


@pytest.fixture
def other(databases: Databases) -> Iterator[Engine]:
    """An empty database besides the one that is exported."""
    with opened(databases) as engine:
        yield engine


def records(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for when it came in."""
    with engine.connect() as connection:
        return {
            name: [
                tuple(row)
                for row in connection.execute(
                    select(*(c for c in table.c if c.name != "recorded_at")).order_by(*table.primary_key)
                )
            ]
            for name, table in METADATA.tables.items()
            if table in EXPORTED or name == "introduction_person"
        }


EXPORTED = {table for file in FILES for table in (file.table, file.versions) if table is not None}
"""Vectors are made anew; overrides, releases and what the service keeps are no facts of an import."""


def assert_the_way_back(engine: Engine, other: Engine, out: Path, format_: Format, now: datetime) -> None:
    export_folder(engine, out, format_)
    report = import_folder(other, out, now + timedelta(days=1))
    assert [str(fault) for file in report.files for fault in file.faults] == []
    assert records(other) == records(engine)


@pytest.mark.parametrize("format_", Format)
def test_an_import_of_an_export_gives_the_same_database(
    engine: Engine, other: Engine, now: datetime, write_folder: WriteFolder, tmp_path: Path, format_: Format
) -> None:
    assert import_folder(engine, write_folder(**FULL), now).ok
    assert all(records(engine).values())
    assert_the_way_back(engine, other, tmp_path / "out", format_, now)


@pytest.mark.parametrize("format_", [Format.CSV, Format.JSONL])
def test_the_shipped_data_come_back_the_same(
    engine: Engine, other: Engine, now: datetime, tmp_path: Path, format_: Format
) -> None:
    import_folder(engine, VIETNAM, now)
    assert_the_way_back(engine, other, tmp_path / "out", format_, now)


@pytest.mark.parametrize("format_", Format)
def test_an_empty_database_comes_back_empty(
    engine: Engine, other: Engine, now: datetime, tmp_path: Path, format_: Format
) -> None:
    assert set(export_folder(engine, tmp_path / "out", format_).values()) == {0}
    assert_the_way_back(engine, other, tmp_path / "again", format_, now)


@pytest.fixture(scope="module")
def pair(databases: Databases) -> Iterator[list[Engine]]:
    """Two databases that many examples share."""
    with opened(databases) as one, opened(databases) as two:
        yield [one, two]


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\t\n\r")),
    st.floats(0, 1e12),
    st.sampled_from(Format),
)
@settings(max_examples=40, deadline=None)
def test_any_text_and_any_amount_come_back(
    pair: list[Engine],
    tmp_path_factory: pytest.TempPathFactory,
    text: str,
    amount: float,
    format_: Format,
) -> None:
    for engine in pair:
        with engine.begin() as connection:
            connection.execute(METADATA.tables["startup"].delete())
    now, place = datetime(2024, 6, 15), tmp_path_factory.mktemp("any")
    (place / "in").mkdir()
    columns = ("startup_id", "name", "description", "sectors", "raising_usd", "extra")
    write_csv(place / "in" / "startups.csv", columns, [("a", "A", text, text[:200], repr(amount), text)])
    assert import_folder(pair[0], place / "in", now).ok
    assert_the_way_back(pair[0], pair[1], place / "out", format_, now)


def test_of_a_changed_startup_the_newest_version_is_written(
    engine: Engine, now: datetime, write_folder: WriteFolder, tmp_path: Path
) -> None:
    for name in ("Alpha", "Alpha Group"):
        import_folder(engine, write_folder(startups=f"startup_id,name\na,{name}\n"), now)
    assert export_folder(engine, tmp_path / "out", Format.CSV)["startups.csv"] == 1
    assert "Alpha Group" in (tmp_path / "out" / "startups.csv").read_text(encoding="utf-8")


def test_a_stage_is_written_in_its_word_and_by_its_code_where_no_word_was_kept(
    engine: Engine, now: datetime, write_folder: WriteFolder, tmp_path: Path
) -> None:
    told = "startup_id,name,stage\na,A,Business Angel\nb,B,Venture\nc,C,Series A\n"
    import_folder(engine, write_folder(startups=told), now)
    version = METADATA.tables["startup_version"]
    with engine.begin() as connection:  # as a database of before has it
        connection.execute(version.update().where(version.c.startup_id == "c").values(stage_told=""))
    export_folder(engine, tmp_path / "out", Format.CSV)
    rows = csv.DictReader((tmp_path / "out" / "startups.csv").read_text(encoding="utf-8").splitlines())
    assert [row["stage"] for row in rows] == ["Business Angel", "Venture", "series-a"]


def test_files_that_are_there_are_kept_unless_forced(engine: Engine, tmp_path: Path) -> None:
    kept = tmp_path / "funds.csv"
    kept.write_text("mine")
    with pytest.raises(BadValue, match=r"a folder without funds\.csv \(--force replaces it\)"):
        export_folder(engine, tmp_path, Format.CSV)
    assert kept.read_text() == "mine"
    assert not (tmp_path / "startups.csv").exists()
    export_folder(engine, tmp_path, Format.CSV, force=True)
    assert kept.read_text().startswith("fund_id,name,")


def test_the_same_file_in_another_format_is_refused_also_when_forced(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "funds.xlsx").write_bytes(b"")
    with pytest.raises(BadValue, match=r"a folder without funds\.xlsx, the same in another format"):
        export_folder(engine, tmp_path, Format.CSV, force=True)


def test_a_file_in_place_of_the_folder_is_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadValue, match=r"^DIR must be a folder, got"):
        export_folder(engine, tmp_path / "file", Format.CSV)


def test_an_export_that_fails_leaves_no_part_of_its_file(
    engine: Engine, now: datetime, write_folder: WriteFolder, tmp_path: Path
) -> None:
    import_folder(engine, write_folder(programs=f"program_id,name,long\np,P,{'x' * 40_000}\n"), now)
    with pytest.raises(BadValue, match="at most 32,767 characters a cell"):
        export_folder(engine, tmp_path / "out", Format.XLSX)
    assert list((tmp_path / "out").iterdir()) == []
