"""A service over a copy of a small market, one a test."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.compose import App
from api.http.app import make_app
from api.http.runner import Runner
from api.passwords import Passwords
from api.settings import Settings
from data.importer import import_folder
from matching.roles import Role
from tests.api.http.service import FILES, PASSWORD, Service, add_accounts, add_history
from tests.api.installation import write
from tests.databases import Databases

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be the same noon in every test."""
    monkeypatch.setattr(App, "now", property(lambda _: NOON))


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs that would be started: no test here starts a process."""
    started: list[str] = []
    monkeypatch.setattr(Runner, "start", lambda _, job_id: started.append(job_id))
    return started


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> tuple[str, dict[Role, str]]:
    """A database with records, accounts and keys, to be copied."""
    url = databases.new()
    databases.create_migrated(url)
    app = App(Settings(database_url=url, embedding_model="none", threads=1))
    folder = write(tmp_path_factory.mktemp("files"), **FILES)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(App, "now", property(lambda _: NOON))
        assert import_folder(app.database, folder, NOON).ok
        keys = add_accounts(app, Passwords().hash(PASSWORD))
        add_history(app)
    app.close()
    return url, keys


@pytest.fixture
def installation(
    market: tuple[str, dict[Role, str]], databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> Iterator[App]:
    """The parts of an installation with that market."""
    url = databases.copy(market[0])
    monkeypatch.setenv("KETNOI_DATABASE_URL", url)
    app = App(Settings())
    yield app
    app.close()
    databases.drop(url)


@pytest.fixture(scope="session")
def routes(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The routes, over no installation: to make them takes longer than most tests."""
    return make_app(App(Settings(home=tmp_path_factory.mktemp("none"))))


@pytest.fixture
def service(routes: FastAPI, installation: App, market: tuple[str, dict[Role, str]]) -> Iterator[Service]:
    """The service, running."""
    routes.state.app = installation
    with TestClient(routes, raise_server_exceptions=False) as client:
        yield Service(installation, client, dict(market[1]))
