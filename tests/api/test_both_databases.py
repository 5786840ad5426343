"""The same commands over SQLite and PostgreSQL, the same answers, and the way from one to the other."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from tests.api.installation import VIETNAM, Ketnoi, fund_ids
from tests.databases import PostgresqlDatabases

ASKED = ("9pay", "dat-bike")


@pytest.fixture
def centre(ketnoi: Ketnoi, postgresql_databases: PostgresqlDatabases) -> Ketnoi:
    """The command line over an empty database of a PostgreSQL server."""
    return move(ketnoi, postgresql_databases)


def move(ketnoi: Ketnoi, databases: PostgresqlDatabases) -> Ketnoi:
    """Let the command line work on a new database of a server."""
    url = databases.new()
    databases.create(url)
    ketnoi.monkeypatch.setenv("KETNOI_DATABASE_URL", url)
    return ketnoi


def answers(ketnoi: Ketnoi, folder: Path) -> list[object]:
    """What is told of every startup, to the last bit: lists, reasons, and all a release would learn."""
    folder.mkdir()
    assert ketnoi("batch", "--all", "--k", 20, "--out", folder / "all.csv").code == 0
    lists = [ketnoi("shortlist", startup, "--json").out for startup in ASKED]
    verdict = ketnoi("why", ASKED[0], "jungle-ventures", "--json").out
    return [(folder / "all.csv").read_bytes(), lists, verdict]


def files(ketnoi: Ketnoi, folder: Path) -> dict[str, bytes]:
    """The records, as files."""
    assert ketnoi("export", folder).code == 0
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_records_and_answers_are_the_same_there_and_back(
    vietnam: Ketnoi, tmp_path: Path, postgresql_databases: PostgresqlDatabases
) -> None:
    before = (files(vietnam, tmp_path / "sqlite"), answers(vietnam, tmp_path / "1"))
    move(vietnam, postgresql_databases)
    assert vietnam("import", tmp_path / "sqlite").code == 0
    assert (files(vietnam, tmp_path / "postgresql"), answers(vietnam, tmp_path / "2")) == before
    vietnam.monkeypatch.setenv("KETNOI_DATABASE_URL", f"sqlite:///{tmp_path}/back.sqlite3")
    assert vietnam("import", tmp_path / "postgresql").code == 0
    assert (files(vietnam, tmp_path / "back"), answers(vietnam, tmp_path / "3")) == before


def test_a_release_learns_the_same_from_either(
    vietnam: Ketnoi, tmp_path: Path, postgresql_databases: PostgresqlDatabases
) -> None:
    def learned() -> dict[str, Any]:
        assert vietnam("train", "--as-of", "2024-01-01").code == 0
        (release,) = vietnam("releases", "list", "--json").json
        return {name: told for name, told in release.items() if name not in ("created_at", "promoted_at")}

    here = learned()
    assert "checksum" in here
    assert vietnam("export", tmp_path).code == 0
    move(vietnam, postgresql_databases)
    assert vietnam("import", tmp_path).code == 0
    assert learned() == here
    assert vietnam("releases", "rollback").code == 0
    assert vietnam("shortlist", ASKED[0], "--json").json["ranker"] == "prior-1"
    assert vietnam("releases", "promote", here["release_id"]).code == 0
    assert here["release_id"] in vietnam("shortlist", ASKED[0], "--json").json["ranker"]


def test_every_command_works_on_postgresql(centre: Ketnoi, tmp_path: Path) -> None:
    shown = make_url(str(centre("init", "--json").json["database"]))
    assert shown.get_backend_name() == "postgresql"
    assert not centre.home.exists(), "nothing is kept beside the server"
    for command in (
        ("import", VIETNAM),
        ("doctor",),
        ("override", "9pay", "jungle-ventures", "country", "--reason", "they asked"),
        ("shortlist", "9pay"),
        ("shortlist", "--text", "Ví điện tử", "--as-of", "2022-01-01"),
        ("why", "9pay", "jungle-ventures"),
        ("batch", "--all", "--out", tmp_path / "all.parquet"),
        ("export", tmp_path / "out", "--format", "xlsx"),
        ("import", tmp_path / "out", "--dry-run"),
        ("evaluate", "--windows", 1, "--method", "popularity", "--json"),
        ("releases", "list"),
    ):
        said = centre(*command)
        assert said.code == 0, (command, said.err)
    assert fund_ids(centre("shortlist", "dat-bike", "--json").json)


def test_a_server_that_is_not_there_is_one_line(ketnoi: Ketnoi) -> None:
    ketnoi.monkeypatch.setenv("KETNOI_DATABASE_URL", "postgresql+psycopg://centre:s3cret@127.0.0.1:1/records")
    for command in (("init",), ("import", VIETNAM), ("export", ketnoi.home), ("shortlist", "a"), ("doctor",)):
        said = ketnoi(*command)
        assert said.code == 1
        assert "Connection refused" in said.out + said.err and "s3cret" not in said.out + said.err
        assert "Traceback" not in said.err
        assert len(said.err.splitlines()) <= 1
