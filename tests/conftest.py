"""Databases of both kinds, for every test that asks for them; and no test that fails by the clock."""

from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from data.database import connect
from tests.databases import Databases, PostgresqlDatabases, SqliteDatabases, opened, postgresql_server

settings.register_profile("sample", deadline=None, max_examples=30)
settings.register_profile("long", deadline=None, max_examples=300)
settings.load_profile("sample")


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """Makes SQLite files."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[PostgresqlDatabases]:
    """Makes databases of a real server, which is started once."""
    with postgresql_server() as server:
        databases = PostgresqlDatabases(server)
        yield databases
        databases.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process waits for another at the end."""
    items.sort(key=lambda item: "e2e" not in item.path.parts)


KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.acceptance)]
"""PostgreSQL in the long proof; `make test` asks it through tests/data/test_dialects.py and the commands."""


@pytest.fixture(scope="session", params=KINDS)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Makes databases, of each kind in turn: whoever asks for it is run once for each."""
    return cast(Databases, request.getfixturevalue(f"{request.param}_databases"))


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    """The address of a database that is not there yet."""
    url = databases.new()
    yield url
    databases.drop(url)


@pytest.fixture
def engine(databases: Databases, url: str) -> Iterator[Engine]:
    """A database with the newest schema and no records."""
    with opened(databases, url) as engine:
        yield engine


@pytest.fixture
def fresh(databases: Databases, url: str) -> Iterator[Engine]:
    """A database without tables; a SQLite one is not there yet."""
    databases.create(url)
    engine = connect(url)
    yield engine
    engine.dispose()
