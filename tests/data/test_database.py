import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from data import dialects
from data.database import (
    HEAD,
    connect,
    migrate,
    reading,
    require_schema,
    schema_of,
    writing,
)
from data.dialects import BUSY_TIMEOUT_MS
from data.service_tables import METADATA
from data.store import Store
from matching.errors import BadValue, KetnoiError, NotReady
from matching.vocabulary import Stage


@pytest.fixture
def config() -> Config:
    config = Config()
    config.set_main_option("script_location", "data:migrations")
    return config


only_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def file_of(engine: Engine) -> Path:
    assert engine.url.database
    return Path(engine.url.database)


def make_folder(engine: Engine) -> None:
    if file := dialects.file_of(engine):
        file.parent.mkdir()


def set_schema(engine: Engine, version: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_the_migrated_schema_is_the_metadata(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_head_is_what_alembic_finds(config: Config) -> None:
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_migrated_database_is_ready(engine: Engine) -> None:
    require_schema(engine)
    assert schema_of(engine) == HEAD


@only_sqlite
def test_migrating_makes_the_folder_of_the_database(fresh: Engine) -> None:
    assert not file_of(fresh).parent.exists()
    migrate(fresh)
    assert file_of(fresh).is_file()


@only_sqlite
def test_migrating_again_does_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(METADATA.tables["startup"].insert(), {"startup_id": "a"})
    with sqlite3.connect(file_of(engine)) as raw:
        before = list(raw.iterdump())
        migrate(engine)
        assert list(raw.iterdump()) == before
    raw.close()


def test_downgrading_leaves_no_table_and_migrating_brings_them_back(engine: Engine, config: Config) -> None:
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrate(engine)
    assert set(METADATA.tables) < set(inspect(engine).get_table_names())


def test_a_migration_that_breaks_off_leaves_no_table(fresh: Engine) -> None:
    @event.listens_for(fresh, "before_cursor_execute")
    def break_off(*args: object) -> None:
        if "CREATE TABLE investment" in str(args[2]):
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        migrate(fresh)
    assert inspect(fresh).get_table_names() == []
    event.remove(fresh, "before_cursor_execute", break_off)
    migrate(fresh)
    require_schema(fresh)


@only_sqlite
def test_every_connection_waits_writes_ahead_and_keeps_foreign_keys(engine: Engine) -> None:
    pragmas = {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": BUSY_TIMEOUT_MS, "synchronous": 1}
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas}
            assert found == pragmas


def test_while_reading_what_is_written_meanwhile_is_not_seen(engine: Engine) -> None:
    count = text("SELECT count(*) FROM startup")
    with reading(engine) as connection:
        assert connection.execute(count).scalar() == 0
        with writing(engine) as other:
            other.execute(METADATA.tables["startup"].insert(), {"startup_id": "a"})
        assert connection.execute(count).scalar() == 0
    with reading(engine) as connection:
        assert connection.execute(count).scalar() == 1


def test_a_deal_of_no_startup_is_refused_by_the_database(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO investment (startup_id, fund_id, announced_on, round, recorded_at, extra)"
            " VALUES ('a', 'b', '', '', '2024-01-01', '{}')"
        )


@only_sqlite
def test_a_writer_holds_the_lock_before_it_writes(engine: Engine) -> None:
    with sqlite3.connect(file_of(engine), timeout=0) as other:
        with writing(engine), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
    other.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "foo://x",
        "sqlite+foo:///x",
        "mysql://host/name",
        "postgresql+pg8000://host/name",
        "postgresql+psycopg://host:port/name",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadValue, match=r"^KETNOI_DATABASE_URL must be a database address like ") as refused:
        connect(url)
    assert str(refused.value).endswith(f"got {url!r}")


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(BadValue) as refused:
        connect("postgres://centre:s3cret@host/name?password=s3cret&a=b")
    assert str(refused.value).endswith("got 'postgres://***@host/name?password=***&a=b'")


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        NotReady, match=r"^postgresql needs the package psycopg, not installed here \(the extra"
    ):
        connect("postgresql://host/name")


@only_sqlite
def test_without_a_file_the_command_that_makes_it_is_named(fresh: Engine) -> None:
    with pytest.raises(
        NotReady, match=r"no Ketnoi database at sqlite.*: run `ketnoi init`, or `ketnoi import"
    ):
        require_schema(fresh)
    assert not file_of(fresh).exists(), "asking must not make the file"


def test_a_database_of_something_else_has_no_schema(fresh: Engine) -> None:
    make_folder(fresh)
    with fresh.begin() as connection:
        connection.execute(text("CREATE TABLE recipe (name TEXT)"))
    with pytest.raises(NotReady, match="no Ketnoi database"):
        require_schema(fresh)


@only_sqlite
@pytest.mark.parametrize("use", [require_schema, migrate])
def test_a_file_that_is_no_database_is_refused_in_one_line(
    fresh: Engine, use: Callable[[Engine], None]
) -> None:
    file_of(fresh).parent.mkdir()
    file_of(fresh).write_text("not a database, but long enough to be taken for one " * 20)
    with pytest.raises(NotReady, match=r"cannot be opened: file is not a database$") as refused:
        use(fresh)
    assert "\n" not in str(refused.value)


@only_sqlite
def test_a_folder_in_place_of_the_database_is_refused_in_one_line(fresh: Engine) -> None:
    file_of(fresh).mkdir(parents=True)
    with pytest.raises(NotReady, match=r"cannot be opened: unable to open database file$"):
        migrate(fresh)


@only_sqlite
def test_a_database_below_a_file_is_refused_in_one_line(fresh: Engine) -> None:
    file_of(fresh).parent.write_text("a file, not a folder")
    with pytest.raises(NotReady, match=r"cannot be opened: .*File exists"):
        migrate(fresh)


def test_an_older_schema_is_refused_with_the_command_that_mends_it(engine: Engine) -> None:
    set_schema(engine, "0000")
    with pytest.raises(NotReady, match=f"has schema 0000, this version needs {HEAD}: run `ketnoi init`$"):
        require_schema(engine)


def test_a_schema_of_a_later_version_is_not_touched(engine: Engine) -> None:
    set_schema(engine, "9999")
    with pytest.raises(KetnoiError, match=r"cannot be migrated: Can't locate revision identified by '9999'$"):
        migrate(engine)
    assert schema_of(engine) == "9999"


@pytest.mark.parametrize("version", [f"{n:04d}" for n in range(1, int(HEAD))])
def test_every_earlier_database_is_brought_to_the_newest_schema(
    fresh: Engine, config: Config, version: str
) -> None:
    make_folder(fresh)
    with fresh.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.execute(text("INSERT INTO startup VALUES ('a')"))
    migrate(fresh)
    with fresh.connect() as connection:
        assert connection.execute(select(METADATA.tables["startup"])).all() == [("a",)]
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_database_of_before_learns_the_places_and_sub_sectors_of_its_startups(
    fresh: Engine, config: Config
) -> None:
    make_folder(fresh)
    with fresh.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO startup VALUES ('a'), ('b'), ('c')"))
        columns = "startup_id, version, name, description, description_vi, sectors, tags, city, website"
        columns += ", exclusions, opted_out, recorded_at, digest, raw, extra, country"
        for startup, city, country in (("a", "Sài Gòn", "'VN'"), ("b", "Sai Gon", "NULL"), ("c", "", "NULL")):
            values = f"'{startup}', 1, 'A', '', '', '', 'ví điện tử;zzq', '{city}', '', '', false"
            values += ", '2026-01-01', '', '{}', '{}'"
            connection.execute(text(f"INSERT INTO startup_version ({columns}) VALUES ({values}, {country})"))
    migrate(fresh)
    with fresh.connect() as connection:
        query = text("SELECT startup_id, place, subsectors FROM startup_version ORDER BY startup_id")
        found = connection.execute(query)
        assert found.all() == [
            ("a", "vn-ho-chi-minh", "payments"),
            ("b", "vn-ho-chi-minh", "payments"),
            ("c", "", "payments"),
        ]


def test_a_database_of_before_holds_no_word_of_a_stage_and_still_answers(
    fresh: Engine, config: Config
) -> None:
    make_folder(fresh)
    with fresh.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        connection.execute(text("INSERT INTO startup VALUES ('a')"))
        columns = (
            "startup_id, version, name, description, description_vi, sectors, subsectors, tags, city, place"
        )
        columns += ", website, exclusions, opted_out, recorded_at, digest, raw, extra, stage"
        values = (
            "'a', 1, 'A', '', '', '', '', '', '', '', '', '', false, '2026-01-01', '', '{}', '{}', 'seed'"
        )
        connection.execute(text(f"INSERT INTO startup_version ({columns}) VALUES ({values})"))
    migrate(fresh)
    (startup,) = Store(fresh).knowledge(None).startups
    assert (startup.stage, startup.stage_told) == (Stage.SEED, "")


def test_an_error_of_the_database_quotes_no_record(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as broken, engine.begin() as connection:
        connection.execute(text("INSERT INTO startup VALUES (:id)"), [{"id": None}, {"id": "secret-name"}])
    assert "secret-name" not in str(broken.value)


@only_sqlite
def test_the_database_file_is_its_owner_s_alone(engine: Engine) -> None:
    assert engine.url.database is not None
    assert Path(engine.url.database).stat().st_mode & 0o077 == 0
