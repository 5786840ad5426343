"""A service over a copy of a small market, one a test."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.compose import App
from api.http.app import make_app
from api.passwords import Passwords
from api.settings import Settings
from data.database import migrate
from data.importer import import_folder
from matching.roles import Role
from tests.api.http.service import FILES, PASSWORD, Service, add_accounts
from tests.api.installation import write

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be the same noon in every test."""
    monkeypatch.setattr(App, "now", property(lambda _: NOON))


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[Role, str]]:
    """A home with records, accounts and keys, to be copied."""
    home = tmp_path_factory.mktemp("market")
    app = App(Settings(home=home, database_url="", embedding_model="none", threads=1))
    migrate(app.database)
    folder = write(tmp_path_factory.mktemp("files"), **FILES)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(App, "now", property(lambda _: NOON))
        assert import_folder(app.database, folder, NOON).ok
        keys = add_accounts(app, Passwords().hash(PASSWORD))
    app.close()
    return home, keys


@pytest.fixture
def installation(market: tuple[Path, dict[Role, str]], home: Path) -> Iterator[App]:
    """The parts of an installation with that market."""
    shutil.copytree(market[0], home)
    app = App(Settings())
    yield app
    app.close()


@pytest.fixture(scope="session")
def routes(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The routes, over no installation: to make them takes longer than most tests."""
    return make_app(App(Settings(home=tmp_path_factory.mktemp("none"))))


@pytest.fixture
def service(routes: FastAPI, installation: App, market: tuple[Path, dict[Role, str]]) -> Iterator[Service]:
    """The service, running."""
    routes.state.app = installation
    with TestClient(routes, raise_server_exceptions=False) as client:
        yield Service(installation, client, dict(market[1]))
