import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from data.database import (
    BUSY_TIMEOUT_MS,
    HEAD,
    connect,
    migrate,
    reading,
    require_schema,
    schema_of,
    writing,
)
from data.store import Store
from data.tables import METADATA
from matching.errors import BadValue, KetnoiError, NotReady
from matching.vocabulary import Stage


@pytest.fixture
def config() -> Config:
    config = Config()
    config.set_main_option("script_location", "data:migrations")
    return config


@pytest.fixture
def fresh(url: str) -> Iterator[Engine]:
    """An engine whose database is not there yet."""
    engine = connect(url)
    yield engine
    engine.dispose()


def file_of(engine: Engine) -> Path:
    assert engine.url.database
    return Path(engine.url.database)


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


def test_migrating_makes_the_folder_of_the_database(fresh: Engine) -> None:
    assert not file_of(fresh).parent.exists()
    migrate(fresh)
    assert file_of(fresh).is_file()


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
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO investment (startup_id, fund_id, announced_on, round, recorded_at, extra)"
            " VALUES ('a', 'b', '', '', '2024-01-01', '{}')"
        )


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
        "postgresql+psycopg://host:port/name",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadValue, match=r"^KETNOI_DATABASE_URL must be a database address like ") as refused:
        connect(url)
    assert str(refused.value).endswith(f"got {url!r}")


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(BadValue) as refused:
        connect("postgres://centre:s3cret@host/name")
    assert "s3cret" not in str(refused.value)
    assert "postgres://***@host/name" in str(refused.value)


def test_a_driver_that_is_not_installed_is_named() -> None:
    with pytest.raises(NotReady, match=r"^postgresql\+pg8000 needs the package pg8000, not installed here$"):
        connect("postgresql+pg8000://host/name")


def test_without_a_file_the_command_that_makes_it_is_named(fresh: Engine) -> None:
    with pytest.raises(
        NotReady, match=r"no Ketnoi database at sqlite.*: run `ketnoi init`, or `ketnoi import"
    ):
        require_schema(fresh)
    assert not file_of(fresh).exists(), "asking must not make the file"


def test_a_database_of_something_else_has_no_schema(fresh: Engine) -> None:
    file_of(fresh).parent.mkdir()
    with sqlite3.connect(file_of(fresh)) as raw:
        raw.execute("CREATE TABLE recipe (name TEXT)")
    raw.close()
    with pytest.raises(NotReady, match="no Ketnoi database"):
        require_schema(fresh)


@pytest.mark.parametrize("use", [require_schema, migrate])
def test_a_file_that_is_no_database_is_refused_in_one_line(
    fresh: Engine, use: Callable[[Engine], None]
) -> None:
    file_of(fresh).parent.mkdir()
    file_of(fresh).write_text("not a database, but long enough to be taken for one " * 20)
    with pytest.raises(NotReady, match=r"cannot be opened: file is not a database$") as refused:
        use(fresh)
    assert "\n" not in str(refused.value)


def test_a_folder_in_place_of_the_database_is_refused_in_one_line(fresh: Engine) -> None:
    file_of(fresh).mkdir(parents=True)
    with pytest.raises(NotReady, match=r"cannot be opened: unable to open database file$"):
        migrate(fresh)


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


def test_a_database_of_before_learns_the_places_and_sub_sectors_of_its_startups(
    fresh: Engine, config: Config
) -> None:
    file_of(fresh).parent.mkdir(parents=True)
    with fresh.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO startup VALUES ('a'), ('b'), ('c')"))
        columns = "startup_id, version, name, description, description_vi, sectors, tags, city, website"
        columns += ", exclusions, opted_out, recorded_at, digest, raw, extra, country"
        for startup, city, country in (("a", "Sài Gòn", "'VN'"), ("b", "Sai Gon", "NULL"), ("c", "", "NULL")):
            values = f"'{startup}', 1, 'A', '', '', '', 'ví điện tử;zzq', '{city}', '', '', 0"
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
    file_of(fresh).parent.mkdir(parents=True)
    with fresh.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        connection.execute(text("INSERT INTO startup VALUES ('a')"))
        columns = (
            "startup_id, version, name, description, description_vi, sectors, subsectors, tags, city, place"
        )
        columns += ", website, exclusions, opted_out, recorded_at, digest, raw, extra, stage"
        values = "'a', 1, 'A', '', '', '', '', '', '', '', '', '', 0, '2026-01-01', '', '{}', '{}', 'seed'"
        connection.execute(text(f"INSERT INTO startup_version ({columns}) VALUES ({values})"))
    migrate(fresh)
    (startup,) = Store(fresh).knowledge(None).startups
    assert (startup.stage, startup.stage_told) == (Stage.SEED, "")


def test_an_error_of_the_database_quotes_no_record(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as broken, engine.begin() as connection:
        connection.execute(text("INSERT INTO startup VALUES (:id)"), [{"id": None}, {"id": "secret-name"}])
    assert "secret-name" not in str(broken.value)


def test_the_database_file_is_its_owner_s_alone(engine: Engine) -> None:
    assert engine.url.database is not None
    assert Path(engine.url.database).stat().st_mode & 0o077 == 0
