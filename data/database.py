"""Open a database, bring it to the newest schema, tell whether it is there already."""

from importlib import resources
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from matching.errors import BadValue, NotReady

HEAD = "0001"
"""The newest migration; a test holds it equal to what Alembic finds."""

BUSY_TIMEOUT_MS = 30_000


def connect(url: str) -> Engine:
    """Make an engine for SQLite (WAL, foreign keys on) or PostgreSQL.

    Raises
    ------
    BadValue
        If `url` is no database address that is supported.
    """
    address = _address(url)
    engine = create_engine(address)
    if address.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        address.get_dialect()
    except (ArgumentError, NoSuchModuleError):
        raise BadValue("a database address like sqlite:///file.sqlite3", url, "DATABASE_URL") from None
    return address


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def migrate(engine: Engine) -> None:
    """Create the tables or bring them to the newest schema; does nothing where they are."""
    from alembic import command  # costs .4 s, and only `init` and `import` need it
    from alembic.config import Config

    if database := engine.url.database if engine.url.get_backend_name() == "sqlite" else None:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(resources.files("data") / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_schema(engine: Engine) -> None:
    """Refuse a database that is not there or not of this version.

    Raises
    ------
    NotReady
        With the command that mends it.
    """
    found = schema_of(engine)
    shown = engine.url.render_as_string(hide_password=True)
    if found is None:
        raise NotReady(f"no Ketnoi database at {shown}: run `ketnoi init`, or `ketnoi import DIR`")
    if found != HEAD:
        raise NotReady(
            f"the database at {shown} has schema {found}, this version needs {HEAD}: run `ketnoi init`"
        )


def schema_of(engine: Engine) -> str | None:
    """Return the migration a database stands at, None where there is no database or no schema."""
    database = engine.url.database
    if engine.url.get_backend_name() == "sqlite" and not (database and Path(database).is_file()):
        return None
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except OperationalError as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise NotReady(f"the database at {shown} cannot be opened: {error.orig}") from None
