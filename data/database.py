"""Open a database, bring it to the newest schema, tell whether it is there already."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from matching.errors import BadValue, NotReady

HEAD = "0006"
"""The newest migration; a test holds it equal to what Alembic finds."""

BACKENDS = ("sqlite", "postgresql")
BUSY_TIMEOUT_MS = 30_000
CACHE_KIB = 262_144
"""Pages SQLite may hold, taken as they are used: with its own 2 MB, a large import writes each many times."""


def connect(url: str) -> Engine:
    """Make an engine for SQLite (WAL, foreign keys on) or PostgreSQL.

    Raises
    ------
    BadValue
        If `url` is no database address that is supported.
    NotReady
        If the driver it needs is not installed.
    """
    address = _address(url)
    try:
        engine = create_engine(address, hide_parameters=True)  # an error never quotes a record
    except ModuleNotFoundError as error:
        raise NotReady(f"{address.drivername} needs the package {error.name}, not installed here") from None
    if address.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        if address.get_backend_name() in BACKENDS and address.get_dialect():
            return address
    except (ArgumentError, NoSuchModuleError, ValueError):
        pass
    rule = "a database address like sqlite:///file.sqlite3 or postgresql+psycopg://host/name"
    raise BadValue(rule, re.sub(r"//.*@", "//***@", url), "KETNOI_DATABASE_URL")


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"cache_size=-{CACHE_KIB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def migrate(engine: Engine) -> None:
    """Create the tables or bring them to the newest schema; does nothing where they are.

    Raises
    ------
    NotReady
        If the database cannot be opened, or stands at a schema this version does not know.
    """
    from alembic import command  # costs .4 s, and only `init` and `import` need it
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "data:migrations")
    with _one_line(engine):
        if database := engine.url.database if engine.url.get_backend_name() == "sqlite" else None:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
            Path(database).touch(mode=0o600)  # it holds profiles: for its owner alone
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise NotReady(f"the database at {_shown(engine)} cannot be migrated: {error}") from None


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that holds SQLite's write lock from its start.

    What it reads then stays true until it writes, and tables made in it are all there or none.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction in which every query sees the database at one moment."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def _one_line(engine: Engine) -> Iterator[None]:
    """Say in one line why a database cannot be used."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        cause = " ".join(str(getattr(error, "orig", error)).split())
        raise NotReady(f"the database at {_shown(engine)} cannot be opened: {cause}") from None


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def require_schema(engine: Engine) -> None:
    """Refuse a database that is not there or not of this version.

    Raises
    ------
    NotReady
        With the command that mends it.
    """
    found = schema_of(engine)
    shown = _shown(engine)
    if found is None:
        raise NotReady(f"no Ketnoi database at {shown}: run `ketnoi init`, or `ketnoi import DIR`")
    if found != HEAD:
        raise NotReady(
            f"the database at {shown} has schema {found}, this version needs {HEAD}: run `ketnoi init`"
        )


def schema_of(engine: Engine) -> str | None:
    """Return the migration a database stands at, None where there is no database or no schema.

    Raises
    ------
    NotReady
        If there is something that cannot be opened as a database.
    """
    database = engine.url.database
    if engine.url.get_backend_name() == "sqlite" and not (database and Path(database).is_file()):
        return None
    with _one_line(engine), engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
