"""What a database cannot do now is said at once, on both kinds, and works again afterwards."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event
from structlog.testing import capture_logs

from api.compose import App
from api.http.serving import Serving
from api.settings import Settings
from data.database import Lock, writing
from data.dialects import POOL, Patience, is_sqlite
from data.importer import import_folder
from matching.roles import Role
from tests.api.http.service import FILES, Service, add_accounts
from tests.api.installation import write

HASTY = Patience(lock_ms=150, statement_ms=600, connect_s=1)
CONNECTIONS = POOL["pool_size"] + POOL["max_overflow"]  # of SQLite's pool as well


@pytest.fixture
def hasty(engine: Engine, url: str, routes: FastAPI, tmp_path: Path) -> Iterator[Service]:
    """A service that waits for nothing long, over a database of either kind."""
    app = App(Settings(database_url=url), HASTY)
    assert import_folder(engine, write(tmp_path / "files", **FILES), app.now).ok
    keys = add_accounts(app, "")
    routes.state.app = app
    with TestClient(routes, raise_server_exceptions=False) as client:
        yield Service(app, client, keys)


def write_fund(service: Service) -> Any:
    return service.put(Role.ADMIN, "/v1/funds/new", {"name": "New"}, "")


def require_not_ready(answer: Any) -> None:
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
    assert int(answer.headers["Retry-After"]) >= 1


@contextmanager
def on_writing_a_fund(engine: Engine, statement: str) -> Iterator[None]:
    """Let a PostgreSQL server do something whenever a fund is written."""
    with engine.begin() as connection:
        body = f"BEGIN {statement}; RETURN NEW; END"
        connection.exec_driver_sql(
            f"CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $${body}$$".replace("%", "%%")
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER trouble BEFORE INSERT ON fund FOR EACH ROW EXECUTE FUNCTION trouble()"
        )
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP FUNCTION trouble CASCADE")


@contextmanager
def full(service: Service, engine: Engine) -> Iterator[None]:
    """Let there be no space left."""
    if not is_sqlite(engine):
        with on_writing_a_fund(engine, "RAISE EXCEPTION 'no space' USING ERRCODE = '53100'"):
            yield
        return
    database = service.app.database

    def fill(connection: Any, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # not fewer than there are

    event.listen(database, "connect", fill)
    database.dispose()
    yield
    event.remove(database, "connect", fill)
    database.dispose()


def test_another_writer_is_not_waited_for_long(hasty: Service, engine: Engine) -> None:
    with writing(engine, Lock.RECORDS), capture_logs() as lines:
        require_not_ready(write_fund(hasty))
        assert hasty.get(Role.ADMIN, "/v1/funds/north").status_code == 200
        assert hasty.get(None, "/readyz").status_code == 200
    (told,) = [line for line in lines if line["event"] == "database"]
    assert told["code"] in ("SQLITE_BUSY", "55P03") and "New" not in str(told)
    assert write_fund(hasty).status_code == 201


def test_a_pool_without_a_connection_left_is_said(hasty: Service) -> None:
    with ExitStack() as held:
        for _ in range(CONNECTIONS):
            held.enter_context(hasty.app.database.connect())
        require_not_ready(hasty.get(Role.ADMIN, "/v1/funds/north"))
        require_not_ready(write_fund(hasty))
        require_not_ready(hasty.get(None, "/readyz"))
        assert hasty.get(None, "/healthz").status_code == 200
    assert write_fund(hasty).status_code == 201


def test_a_full_disk_is_said_and_nothing_is_half_done(hasty: Service, engine: Engine) -> None:
    with full(hasty, engine):
        answers = [hasty.put(Role.ADMIN, f"/v1/funds/f{n}", {"name": "x" * 200, "thesis": "y" * 20_000}, "")
                   for n in range(3)]  # fmt: skip
        require_not_ready(answers[-1])
        assert hasty.get(Role.ADMIN, "/v1/funds/f2").status_code == 404
    assert write_fund(hasty).status_code == 201


def test_what_was_shown_is_written_when_there_is_a_connection_again(hasty: Service) -> None:
    serving: Serving = hasty.client.app.state.serving  # type: ignore[attr-defined]
    with ExitStack() as held:
        assert hasty.get(Role.ADMIN, "/v1/startups/mine/shortlist").status_code == 200
        for _ in range(CONNECTIONS):
            held.enter_context(hasty.app.database.connect())
        serving.exposures.write()
        assert serving.exposures.dropped == 0
    serving.exposures.write()
    assert serving.exposures.written > 0


only_postgresql = pytest.mark.parametrize("databases", [pytest.param("postgresql")], indirect=True)


@pytest.mark.acceptance
@only_postgresql
def test_a_statement_ends_at_its_time(hasty: Service, engine: Engine) -> None:
    with on_writing_a_fund(engine, "PERFORM pg_sleep(30)"):
        require_not_ready(write_fund(hasty))
    assert write_fund(hasty).status_code == 201


@pytest.mark.acceptance
@only_postgresql
def test_a_connection_that_is_lost_is_said_or_made_anew(hasty: Service, engine: Engine) -> None:
    with on_writing_a_fund(engine, "PERFORM pg_terminate_backend(pg_backend_pid())"):
        require_not_ready(write_fund(hasty))
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert hasty.get(Role.ADMIN, "/v1/funds/north").status_code == 200
    assert write_fund(hasty).status_code == 201


@pytest.mark.acceptance
@only_postgresql
def test_a_database_that_can_only_be_read_is_said(hasty: Service, engine: Engine, url: str) -> None:
    name = engine.url.database
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        hasty.app.database.dispose()
        require_not_ready(write_fund(hasty))
        connection.exec_driver_sql("SET default_transaction_read_only = off")
        connection.exec_driver_sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    hasty.app.database.dispose()
    assert write_fund(hasty).status_code == 201


@pytest.mark.acceptance
@only_postgresql
def test_a_database_that_is_gone_is_said(hasty: Service, databases: Any, url: str, engine: Engine) -> None:
    databases.drop(url)
    require_not_ready(hasty.get(Role.ADMIN, "/v1/funds/north"))
    require_not_ready(hasty.get(None, "/readyz"))
    assert hasty.get(None, "/healthz").status_code == 200
