"""What SQLite and PostgreSQL do differently: nothing else in the project asks which of the two it has."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from sqlite3 import OperationalError as SQLiteError
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, Insert, Table, event, func, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DRIVERS = {SQLITE: "pysqlite", POSTGRESQL: "psycopg"}
"""By the kind of database: the driver, sqlite3 of the standard library or psycopg 3."""

BUSY_TIMEOUT_MS = 30_000
"""How long a writer waits for another before it gives up."""

CACHE_KIB = 262_144
"""Pages SQLite may hold, taken as they are used: with its own 2 MB, a large import writes each many times."""

STATEMENT_TIMEOUT_MS = 300_000
"""The longest a statement may run in PostgreSQL; SQLite has no such limit. Migrations are free of it."""

CONNECT_TIMEOUT_S = 10
POOL = {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 10, "pool_recycle": 1_800}
"""Connections of a process to PostgreSQL: tried before they are used, replaced after half an hour."""


@dataclass(frozen=True)
class Patience:
    """How long a connection waits before it gives up.

    Attributes
    ----------
    lock_ms : for another writer, and for a connection of the pool.
    statement_ms : for a statement to end, in PostgreSQL.
    connect_s : for a PostgreSQL server to take the connection.
    """

    lock_ms: int = BUSY_TIMEOUT_MS
    statement_ms: int = STATEMENT_TIMEOUT_MS
    connect_s: int = CONNECT_TIMEOUT_S


_BUSY = "another process holds it for writing; try again when that has finished"
REASONS = {
    "SQLITE_BUSY": _BUSY,
    "55P03": _BUSY,
    "SQLITE_READONLY": "it can only be read",
    "25006": "it can only be read",
    "SQLITE_FULL": "there is no space left for it",
    "53100": "there is no space left for it",
    "57014": "a statement was stopped at its time limit",
}
"""By SQLSTATE, or the name of SQLite's error."""

PASSING = frozenset({"08", "25", "40", "53", "55", "57", "58", "XX"})
"""Classes of SQLSTATE that tell of the server or of other transactions, not of the statement."""
NO_TABLE = "42P01"


def is_sqlite(bind: Engine | Connection) -> bool:
    """Tell which of the two it is."""
    return bind.dialect.name == SQLITE


def options(address: URL, patience: Patience) -> dict[str, Any]:
    """Return what `create_engine` shall know beside the address."""
    waiting = {"pool_timeout": patience.lock_ms / 1_000}
    if address.get_backend_name() == SQLITE:
        return waiting
    timeout = {} if "connect_timeout" in address.query else {"connect_timeout": patience.connect_s}
    return {**POOL, **waiting, "connect_args": timeout}


def prepare(engine: Engine, patience: Patience) -> None:
    """Let every connection of an engine begin with our settings, and its errors quote no record."""
    begin = _prepare_sqlite if is_sqlite(engine) else _prepare_postgresql
    event.listen(engine, "connect", partial(begin, patience))
    event.listen(engine, "handle_error", _quote_no_record)


def _prepare_sqlite(patience: Patience, connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={patience.lock_ms}")
    _keep_wal(cursor, patience)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON", f"cache_size=-{CACHE_KIB}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _keep_wal(cursor: DBAPICursor, patience: Patience) -> None:
    """Let a new file keep a write-ahead log; of several that open it at once, SQLite lets none wait."""
    given_up = monotonic() + patience.lock_ms / 1_000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except SQLiteError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or monotonic() > given_up:
                raise
            sleep(0.005)


def _prepare_postgresql(patience: Patience, connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Set the time limits, except those that the address, the role or the server sets already."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT set_config(name, value, false) FROM (VALUES"
        f" ('lock_timeout', '{patience.lock_ms}'), ('statement_timeout', '{patience.statement_ms}')"
        ") AS wanted (name, value) WHERE current_setting(name) = '0'"
    )
    cursor.close()
    connection.commit()


def _quote_no_record(context: ExceptionContext) -> None:
    """Take the values of rows out of an error."""
    if getattr(context.original_exception, "sqlstate", None):
        for error in (context.original_exception, context.sqlalchemy_exception):
            if error:
                _forget_values(error)


def _forget_values(error: BaseException) -> None:
    """Keep the first line of an error of PostgreSQL: the others tell the values of the row."""
    error.args = tuple(str(told).partition("\n")[0] for told in error.args)


def reason(error: DBAPIError) -> str:
    """Say in one line, for whoever runs the program, why the database refused."""
    return REASONS.get(code(error), " ".join(str(error.orig).split()))


def code(error: DBAPIError) -> str:
    """Return the SQLSTATE of an error, or the name of SQLite's; "" where there is none."""
    cause = error.orig
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or "")


def is_passing(error: DBAPIError) -> bool:
    """Tell whether the database could not do it, where the same statement may well work later."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return code(error)[:2] in PASSING or code(error) == NO_TABLE


def shown(engine: Engine) -> str:
    """Return the address of a database without its password."""
    address = engine.url
    secret = {name: "***" for name in address.query if "password" in name}
    return address.update_query_dict(secret).render_as_string(hide_password=True)


def file_of(engine: Engine) -> Path | None:
    """Return the file of a SQLite database; None where it is no file."""
    database = engine.url.database
    return Path(database) if database and is_sqlite(engine) else None


def begin(connection: Connection) -> None:
    """Take SQLite's write lock now: a transaction that first reads might not get it later."""
    if is_sqlite(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def exclusive(connection: Connection, name: str) -> None:
    """Wait until no other transaction holds the lock `name`, and hold it to the end of this one.

    SQLite has one lock for all writers: it is taken, if the transaction does not hold it yet.
    """
    if not is_sqlite(connection):
        key = func.hashtextextended(f"ketnoi {name}", 0)
        connection.execute(select(func.pg_advisory_xact_lock(key)))
    elif not _in_transaction(connection):
        begin(connection)


def _in_transaction(connection: Connection) -> bool:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, SQLiteConnection)
    return raw.in_transaction


def freeze(connection: Connection) -> None:
    """Let every query of the transaction see the database at one moment."""
    if is_sqlite(connection):
        connection.exec_driver_sql("BEGIN")
    else:
        connection.execution_options(isolation_level="REPEATABLE READ")


def insert_new(connection: Connection, table: Table) -> Insert:
    """Insert rows, except those whose key is there already."""
    insert = sqlite.insert if is_sqlite(connection) else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def write_rows(connection: Connection, place: str, rows: list[tuple[Any, ...]]) -> None:
    """Insert rows into `place`, a table with its columns in brackets, the fastest way there is.

    Raises
    ------
    DBAPIError
        As any other statement does.
    """
    if is_sqlite(connection):
        marks = ", ".join("?" * len(rows[0]))
        connection.exec_driver_sql(f"INSERT INTO {place} VALUES ({marks})", rows)
        return
    statement, driver = f"COPY {place} FROM STDIN", connection.connection.driver_connection
    assert driver is not None
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        _forget_values(error)
        kinds = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(statement, None, error, kinds, hide_parameters=True) from None


def before_migrating(connection: Connection) -> None:
    """Let a migration of many records take its time."""
    if not is_sqlite(connection):
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def after_migrating(connection: Connection) -> None:
    """Collate every text column by its code points, as SQLite does, whatever the server's own language.

    So ids have one order everywhere, and no index depends on the version of the server's locales.
    """
    if is_sqlite(connection):
        return
    columns = text(
        "SELECT format('ALTER TABLE %I ALTER COLUMN %I TYPE %s COLLATE \"C\"',"
        " attrelid::regclass, attname, format_type(atttypid, atttypmod))"
        " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND attnum > 0"
        " AND NOT attisdropped AND attcollation NOT IN (0, '\"C\"'::regcollation)"
    )
    for statement in connection.execute(columns).scalars().all():
        connection.exec_driver_sql(statement)


def has_schema(engine: Engine, table: str) -> bool:
    """Tell whether a database is there and holds a table; a SQLite file is not made by asking."""
    file = file_of(engine)
    if is_sqlite(engine) and not (file and file.is_file()):
        return False
    with engine.connect() as connection:
        return inspect(connection).has_table(table)
