"""Installations that are empty, or hold data/vietnam; no test needs the embedding model."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.compose import App
from api.jobs.ingest import embed_new
from api.settings import PREFIX, Settings
from data.database import migrate
from data.importer import import_folder
from matching.knowledge import Knowledge
from tests.api.installation import VIETNAM, Ketnoi


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of an installation that is not there yet, whatever the developer's own are."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KETNOI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KETNOI_EMBEDDING_MODEL", "none")
    monkeypatch.setenv("KETNOI_LANGUAGE", "en")
    return tmp_path / "home"


@pytest.fixture
def ketnoi(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ketnoi:
    """The command line over an empty home."""
    return Ketnoi(home, monkeypatch, capsys)


@pytest.fixture(scope="session")
def vietnam_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home into which data/vietnam was imported, to be copied."""
    home = tmp_path_factory.mktemp("vietnam")
    app = App(Settings(home=home, database_url="", embedding_model="none", threads=1))
    migrate(app.database)
    assert import_folder(app.database, VIETNAM, datetime(2026, 11, 24, tzinfo=UTC)).ok
    embed_new(app, lambda done, total: None)
    app.close()
    return home


@pytest.fixture
def vietnam(ketnoi: Ketnoi, vietnam_home: Path) -> Ketnoi:
    """The command line over a copy of data/vietnam."""
    shutil.copytree(vietnam_home, ketnoi.home)
    return ketnoi


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    """The parts of the installation at `home`, with an empty database."""
    app = App(Settings())
    migrate(app.database)
    yield app
    app.close()


@pytest.fixture(scope="session")
def knowledge(vietnam_home: Path) -> Knowledge:
    """All that data/vietnam tells."""
    app = App(Settings(home=vietnam_home, database_url="", embedding_model="none", threads=1))
    found = app.store.knowledge(None)
    app.close()
    return found
