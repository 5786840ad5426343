"""A service that is told to stop while many ask: what was asked is answered, and what was shown is logged."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import pytest
from sqlalchemy import func, select

from api.compose import App
from api.settings import Settings
from data.database import migrate
from data.importer import import_folder
from data.service_tables import exposure
from matching.roles import Role
from tests.api.http.service import FILES, add_accounts
from tests.api.installation import ROOT, write

CLIENTS, ANSWERS = 8, 40
PROGRAM = "from api.cli import main; main()"
pytestmark = [pytest.mark.acceptance, pytest.mark.enable_socket]


@dataclass
class Running:
    """A service in a process of its own."""

    app: App
    key: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    answered: SimpleQueue[int] = field(default_factory=SimpleQueue)

    def ask(self, _: int) -> int:
        """Ask on one connection until it is refused or closed; return how many funds were shown."""
        shown, connection = 0, http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while True:
            try:
                headers = {"Authorization": f"Bearer {self.key}"}
                connection.request("GET", "/v1/startups/mine/shortlist", headers=headers)
                answer = connection.getresponse()
            except (ConnectionError, http.client.RemoteDisconnected):
                return shown
            told = json.loads(answer.read())  # an answer that has begun is whole
            assert answer.status == 200
            shown += len(told["suggestions"])
            self.answered.put(answer.status)


@pytest.fixture(params=[1, 2])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    app = App(Settings(home=tmp_path / "home", database_url="", embedding_model="none"))
    migrate(app.database)
    assert import_folder(app.database, write(tmp_path / "files", **FILES), app.now).ok
    key = add_accounts(app, "")[Role.ADMIN]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", PROGRAM, "serve", "--port", str(port), "--workers", str(request.param)]
    environment = {**os.environ, "KETNOI_HOME": str(tmp_path / "home"), "KETNOI_EMBEDDING_MODEL": "none"}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)
    yield Running(app, key, port, process, tmp_path / "log")
    if process.poll() is None:
        process.kill()
        process.wait()
    app.close()


def wait_until_ready(port: int) -> None:
    import httpx2

    with httpx2.Client(transport=httpx2.HTTPTransport(retries=8), timeout=60) as client:
        assert client.get(f"http://127.0.0.1:{port}/readyz").status_code == 200


def test_what_was_asked_is_answered_and_what_was_shown_is_logged(running: Running) -> None:
    wait_until_ready(running.port)
    with ThreadPoolExecutor(CLIENTS) as clients:
        asked = [clients.submit(running.ask, n) for n in range(CLIENTS)]
        for _ in range(ANSWERS):
            running.answered.get(timeout=60)
        running.process.send_signal(signal.SIGTERM)
        shown = sum(answer.result() for answer in asked)
    assert running.process.wait(timeout=60) in (0, -signal.SIGTERM)
    told = running.log.read_text(encoding="utf-8")
    assert "Traceback" not in told and '"broke"' not in told
    with running.app.database.connect() as connection:
        assert connection.execute(select(func.count()).select_from(exposure)).scalar_one() == shown > 0
