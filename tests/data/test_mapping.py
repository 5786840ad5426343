from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.importer import import_folder
from data.mapping import read_mapping
from data.store import Store
from matching.errors import BadValue
from matching.vocabulary import IntroductionStatus, PassReason, Sector, Stage

WriteFolder = Callable[..., Path]
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
MAPPING = """
[startups]
file = "{file}"
separator = ";"
list_separator = ","
dates = "dd/mm/yyyy"
[startups.columns]
"Mã" = "startup_id"
"Tên" = "name"
"Ngày" = "founded_on"
"Ngành" = "sectors"
[startups.constants]
country = "VN"
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING.format(file="ho-so.csv"), encoding="utf-8")
    return path


def faults(engine: Engine, folder: Path, mapping: Path, now: datetime, content: str) -> list[str]:
    (folder / "ho-so.csv").write_text(content, encoding="utf-8")
    report = import_folder(engine, folder, now, mapping=read_mapping(mapping))
    return [str(fault) for file in report.files for fault in file.faults]


def test_the_worked_example_imports_whole(engine: Engine, now: datetime) -> None:
    report = import_folder(
        engine, EXAMPLES / "hoip", now, mapping=read_mapping(EXAMPLES / "hoip-mapping.toml")
    )
    assert [str(fault) for file in report.files for fault in file.faults] == []
    assert [sum(file.not_understood.values()) for file in report.files] == [0, 0, 0, 0]
    known = Store(engine).knowledge(None)
    first = known.startups[0]
    assert (first.startup_id, first.country, first.stage) == ("HS-0001", "VN", Stage.SEED)
    assert Sector.AGRITECH in first.sectors
    assert str(first.founded_on) == "2023-03-15"
    assert str(known.startups[2].founded_on) == "2020-09-30"
    assert known.funds[1].countries == {"VN", "SG"}
    last = known.introductions[1].events[-1]
    assert (last.status, last.reason) == (IntroductionStatus.INVESTOR_DECLINED, PassReason.BANDWIDTH)


def test_a_fault_names_the_file_and_the_column_as_the_export_does(
    engine: Engine, now: datetime, tmp_path: Path, mapping: Path
) -> None:
    content = "Mã;Tên;Ngày;Ngành\na;A;31/02/2021;\nb;;2021;\n"
    assert faults(engine, tmp_path, mapping, now, content) == [
        "ho-so.csv:2, column Ngày (founded_on): must be an ISO date (2021, 2021-03 or 2021-03-31) that "
        "exists, got '2021-02-31'",
        "ho-so.csv:3, column Tên (name): must not be empty",
    ]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (
            "Mã;Tên;Ngày",
            "ho-so.csv:1, column Ngành (): must have the column that the mapping names in its header, got ",
        ),
        (
            "Mã;Tên;Ngày;Ngành;country",
            "ho-so.csv:1, column country: must give the column country once only: in the file, mapped, or",
        ),
        (
            "Mã;Tên;Ngày;Ngành;name",
            "ho-so.csv:1, column Tên (name): must give the column name once only: in the file, mapped, or",
        ),
    ],
)
def test_a_header_that_does_not_fit_the_mapping_is_refused(
    engine: Engine, now: datetime, tmp_path: Path, mapping: Path, header: str, told: str
) -> None:
    (fault,) = faults(engine, tmp_path, mapping, now, f"{header}\n")
    assert fault.startswith(told.replace(" ()", ""))


def test_a_file_that_the_mapping_names_has_to_be_there(
    engine: Engine, now: datetime, mapping: Path, write_folder: WriteFolder
) -> None:
    folder = write_folder(startups="startup_id,name\na,A\n", funds="fund_id,name\nf,F\n")
    report = import_folder(engine, folder, now, mapping=read_mapping(mapping))
    assert [str(fault) for fault in report.files[0].faults] == [
        "ho-so.csv: must be a file that can be read (No such file or directory)"
    ]
    assert report.files[1].ok


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[startups", "--mapping must be a TOML file ("),
        ("", "--mapping must be a mapping of at least one of programs, startups, funds"),
        ("[startup]", "mapping must be a file of the contract (did you mean startups?), got 'startup'"),
        ("startups = 1", "mapping [startups] must be a table, got '1'"),
        ("[funds]\nfiles = 'x'", "mapping must be a key of [funds] (did you mean file?), got 'files'"),
        (
            "[funds.columns]\nx = 'fund_nam'",
            "mapping must be a column of funds (did you mean fund_id?), got 'fund_nam'",
        ),
        ("[funds.constants]\nzzz = 'x'", "mapping must be a column of funds (fund_id, name, "),
        ("[funds.constants]\nstatus = 1", "mapping [funds] constants status must be a text in quotes"),
        ("[funds]\nfile = '../x.csv'", "mapping [funds] file must be the name of a file in DIR"),
        ("[funds]\nseparator = ''", "mapping [funds] separator must be one character, got ''"),
        ("[funds]\ndates = 'mm/dd/yyyy'", "mapping [funds] dates must be 'dd/mm/yyyy', or left out"),
    ],
)
def test_a_mapping_that_says_what_nobody_knows_is_refused(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadValue) as refused:
        read_mapping(path)
    assert str(refused.value).startswith(told)
