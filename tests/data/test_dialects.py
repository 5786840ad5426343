"""What holds on SQLite and on PostgreSQL alike, and what each refuses, in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import Connection, Engine, String, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from data import dialects, tables
from data.bulk import BulkInsert
from data.database import Lock, connect, migrate, require_schema, writing
from data.dialects import Patience
from data.importer import import_folder
from data.store import Store
from matching.errors import NotReady
from tests.databases import LOCKED, PostgresqlDatabases

WriteFolder = Callable[..., Path]
BUSY = "another process holds it for writing; try again when that has finished"
only_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


@contextmanager
def refused() -> Iterator[list[str]]:
    """Take a refusal of the database; tell its reason."""
    told: list[str] = []
    with pytest.raises(DBAPIError) as error:
        yield told
    told.append(dialects.reason(error.value))


@pytest.fixture
def impatient(url: str, engine: Engine) -> Iterator[Engine]:
    """Another process, which waits for nobody."""
    other = connect(url, Patience(lock_ms=1))
    yield other
    other.dispose()


def at_once(*jobs: Callable[[], object]) -> list[Exception]:
    """Run jobs at the same moment; return what failed."""
    barrier, failed = Barrier(len(jobs)), list[Exception]()

    def run(job: Callable[[], object]) -> None:
        barrier.wait()
        try:
            job()
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


# --- order ---


def test_ids_come_in_the_order_of_code_points_whatever_the_language_of_the_server(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    ids = ["b", "B", "a", "a-b", "ab", "a_c", "A", "đ", "d", "e", "é", "10", "9", "Z"]
    rows = "".join(f"{id_},X\n" for id_ in ids)
    assert import_folder(engine, write_folder(startups=f"startup_id,name\n{rows}"), now).ok
    assert [startup.startup_id for startup in Store(engine).knowledge(None).startups] == sorted(ids)


@only_postgresql
def test_every_text_column_is_collated_by_code_points(engine: Engine) -> None:
    query = (
        "SELECT count(*), string_agg(DISTINCT collation_name, ',') FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')"
    )
    with engine.connect() as connection:
        number, collations = connection.execute(text(query)).one()
    texts = [c for t in tables.METADATA.tables.values() for c in t.c if isinstance(c.type, String)]
    assert (number, collations) == (len(texts) + len(["alembic_version.version_num"]), "C")


# --- one at a time ---


def test_what_is_done_by_one_at_a_time_waits(engine: Engine, impatient: Engine) -> None:
    with writing(engine, Lock.RECORDS), refused() as told, writing(impatient, Lock.RECORDS):
        pytest.fail("both write")
    assert told == [BUSY]
    with writing(impatient, Lock.RECORDS):
        pass


@only_postgresql
def test_different_things_are_done_side_by_side(engine: Engine, impatient: Engine) -> None:
    with writing(engine, Lock.RECORDS), writing(impatient, Lock.RELEASES), impatient.begin() as other:
        dialects.exclusive(other, Lock.MIGRATION)


def test_a_lock_can_be_taken_within_a_transaction(engine: Engine, impatient: Engine) -> None:
    with engine.begin() as connection:
        dialects.exclusive(connection, "any")
        with refused() as told, impatient.begin() as other:
            dialects.exclusive(other, "any")
        dialects.exclusive(connection, "any")
    assert told == [BUSY]


def test_migrations_at_the_same_moment_come_one_after_another(fresh: Engine, url: str) -> None:
    other = connect(url)
    assert at_once(lambda: migrate(fresh), lambda: migrate(other)) == []
    require_schema(other)
    other.dispose()


@only_sqlite
def test_a_new_file_is_opened_by_all_who_open_it_at_once(databases: object, tmp_path: Path) -> None:
    for n in range(60):
        engines = [connect(f"sqlite:///{tmp_path / str(n)}") for _ in range(3)]
        assert at_once(*(lambda e=e: e.connect().close() for e in engines)) == []
        for engine in engines:
            engine.dispose()


def test_imports_at_the_same_moment_come_one_after_another(
    engine: Engine, url: str, now: datetime, write_folder: WriteFolder
) -> None:
    folder = write_folder(startups="startup_id,name\n" + "".join(f"s{n},S\n" for n in range(300)))
    reports, other = [], connect(url)
    failed = at_once(*(lambda e=e: reports.append(import_folder(e, folder, now)) for e in (engine, other)))
    other.dispose()
    assert failed == []
    assert sorted((file.added, file.unchanged) for report in reports for file in report.files) == [
        (0, 300),
        (300, 0),
    ]


# --- what the database refuses ---


def insert_startups(connection: Connection, *ids: str | None) -> None:
    BulkInsert(connection, tables.startup, ("startup_id",))({"startup_id": ids})


def test_rows_written_in_bulk_are_whole_or_not_there_and_no_error_quotes_them(engine: Engine) -> None:
    for ids in (("a", "secret", "secret"), ("secret", None)):
        with pytest.raises(DBAPIError) as broken, engine.begin() as connection:
            insert_startups(connection, *ids)
        assert "secret" not in f"{broken.value!r} {broken.value} {broken.value.orig}"
    with engine.connect() as connection:
        assert connection.execute(select(tables.startup)).all() == []


def test_an_error_of_a_statement_quotes_no_record(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_startups(connection, "secret")
    with pytest.raises(IntegrityError) as broken, engine.begin() as connection:
        connection.execute(tables.startup.insert(), {"startup_id": "secret"})
    assert "secret" not in f"{broken.value!r} {broken.value} {broken.value.orig}"


@only_sqlite
@pytest.mark.parametrize(
    ("pragma", "reason"),
    [("query_only=ON", "it can only be read"), ("max_page_count=1", "there is no space left for it")],
)
def test_why_sqlite_takes_no_more_is_said(engine: Engine, pragma: str, reason: str) -> None:
    with refused() as told, engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA {pragma}")
        insert_startups(connection, *(f"s{n}" for n in range(50_000)))
    assert told == [reason]


@only_postgresql
@pytest.mark.parametrize(
    ("code", "reason"),
    [("53100", "there is no space left for it"), ("P0001", "x")],
)
def test_why_postgresql_takes_no_more_is_said(engine: Engine, code: str, reason: str) -> None:
    with refused() as told, engine.begin() as connection:
        connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$")
    assert told == [reason]


@only_postgresql
def test_a_database_that_can_only_be_read_is_named(
    engine: Engine, url: str, databases: PostgresqlDatabases
) -> None:
    databases.run(f"ALTER DATABASE {make_url(url).database} SET default_transaction_read_only = on")
    engine.dispose()
    require_schema(engine)
    with refused() as told, engine.begin() as connection:
        insert_startups(connection, "a")
    assert told == ["it can only be read"]


@only_postgresql
def test_a_statement_that_takes_too_long_is_stopped(impatient: Engine) -> None:
    with refused() as told, impatient.connect() as connection:
        connection.exec_driver_sql("SET statement_timeout = 1")
        connection.exec_driver_sql("SELECT pg_sleep(60)")
    assert told == ["a statement was stopped at its time limit"]


@only_postgresql
def test_a_connection_that_was_cut_is_replaced(
    engine: Engine, url: str, databases: PostgresqlDatabases
) -> None:
    with engine.connect() as connection, refused() as told:
        name = make_url(url).database
        databases.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        connection.exec_driver_sql("SELECT 1")
    assert told[0].startswith("terminating connection due to administrator command")
    require_schema(engine)


@only_postgresql
def test_limits_that_the_installation_sets_itself_are_kept(url: str, engine: Engine) -> None:
    own = connect(f"{url}&options=-c%20lock_timeout%3D7s")
    with engine.connect() as ours, own.connect() as theirs:
        assert ours.exec_driver_sql("SHOW lock_timeout").scalar_one() == "30s"
        assert ours.exec_driver_sql("SHOW statement_timeout").scalar_one() == "5min"
        assert theirs.exec_driver_sql("SHOW lock_timeout").scalar_one() == "7s"
    own.dispose()


# --- servers that do not let anybody in ---


def told_of(address: str) -> str:
    """What is said of an address at which no database can be opened: the same by whoever asks."""
    engine = connect(address)
    said = set()
    for use in (require_schema, migrate):
        with pytest.raises(NotReady) as error:
            use(engine)
        said.add(str(error.value))
    engine.dispose()
    (told,) = said
    assert "\n" not in told and "s3cret" not in told
    return told


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    for address in ("centre:s3cret@127.0.0.1:1/records", "centre@127.0.0.1:1/records?password=s3cret"):
        told = told_of(f"postgresql+psycopg://{address}")
        assert told.startswith("the database at postgresql+psycopg://centre")
        assert "127.0.0.1:1/records" in told and "Connection refused" in told


def test_a_database_that_does_not_exist_is_named(postgresql_databases: PostgresqlDatabases) -> None:
    told = told_of(postgresql_databases.new())
    assert told.endswith('database "' + told.split("/")[3].split("?")[0] + '" does not exist')


def test_a_wrong_password_is_not_shown(postgresql_databases: PostgresqlDatabases) -> None:
    address = make_url(postgresql_databases.new()).set(username=LOCKED, password="s3cret")
    told = told_of(address.render_as_string(hide_password=False))
    assert f'password authentication failed for user "{LOCKED}"' in told
