"""Open a database, bring it to the newest schema, tell whether it is there already."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from data import dialects
from data.dialects import Patience, shown
from matching.errors import BadValue, NotReady

_SECRETS = re.compile(r"(?<=//).*(?=@)|(?<=password=)[^&]*")
HEAD = "0009"
"""The newest migration; a test holds it equal to what Alembic finds."""
PATIENT = Patience()
"""For commands, which have the time of whoever runs them."""


class Lock(StrEnum):
    """What only one transaction does at a time."""

    MIGRATION = "migration"
    RECORDS = "records"
    RELEASES = "releases"
    JOBS = "jobs"


def connect(url: str, patience: Patience = PATIENT) -> Engine:
    """Make an engine for SQLite (WAL, foreign keys on) or PostgreSQL.

    Raises
    ------
    BadValue
        If `url` is no database address that is supported.
    NotReady
        If the driver it needs is not installed.
    """
    address = _address(url)
    try:  # an error never quotes a record
        engine = create_engine(address, hide_parameters=True, **dialects.options(address, patience))
    except ModuleNotFoundError as error:
        rule = (
            f"{address.drivername} needs the package {error.name}, not installed here (the extra `postgres`)"
        )
        raise NotReady(rule) from None
    dialects.prepare(engine, patience)
    return engine


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        if dialects.DRIVERS.get(address.get_backend_name()) == address.get_driver_name():
            return address
    except (ArgumentError, NoSuchModuleError, ValueError):
        pass
    rule = "a database address like sqlite:///file.sqlite3 or postgresql+psycopg://host/name"
    raise BadValue(rule, _SECRETS.sub("***", url), "KETNOI_DATABASE_URL")


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
        if file := dialects.file_of(engine):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)  # it holds profiles: for its owner alone
        with writing(engine, Lock.MIGRATION) as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise NotReady(f"the database at {shown(engine)} cannot be migrated: {error}") from None


@contextmanager
def writing(engine: Engine, lock: Lock | None = None) -> Iterator[Connection]:
    """Begin a transaction beside which no other holds `lock`; in SQLite none writes at all.

    What it reads of the things the lock stands for stays true until it writes, and tables made in it
    are all there or none.
    """
    with engine.begin() as connection:
        dialects.begin(connection)
        if lock:
            dialects.exclusive(connection, lock)
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction in which every query sees the database at one moment."""
    with engine.connect() as connection:
        dialects.freeze(connection)
        yield connection


@contextmanager
def _one_line(engine: Engine) -> Iterator[None]:
    """Say in one line why a database cannot be used."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        cause = dialects.reason(error) if isinstance(error, DBAPIError) else error
        raise NotReady(f"the database at {shown(engine)} cannot be opened: {cause}") from None


def require_schema(engine: Engine) -> None:
    """Refuse a database that is not there or not of this version.

    Raises
    ------
    NotReady
        With the command that mends it.
    """
    found = schema_of(engine)
    if found is None:
        raise NotReady(f"no Ketnoi database at {shown(engine)}: run `ketnoi init`, or `ketnoi import DIR`")
    if found != HEAD:
        rule = f"has schema {found}, this version needs {HEAD}: run `ketnoi init`"
        raise NotReady(f"the database at {shown(engine)} {rule}")


def schema_of(engine: Engine) -> str | None:
    """Return the migration a database stands at, None where there is no database or no schema.

    Raises
    ------
    NotReady
        If there is something that cannot be opened as a database.
    """
    with _one_line(engine):
        if not dialects.has_schema(engine, "alembic_version"):
            return None
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
