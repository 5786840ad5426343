"""`ketnoi serve` in processes of its own, asked over loopback."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from api.compose import App
from api.http.app import make_app
from api.passwords import Passwords
from api.settings import Settings
from data.importer import import_folder
from matching.roles import Role
from tests.api.http.service import FILES, PASSWORD, add_accounts
from tests.api.installation import ROOT, write

LOST = (ConnectionError, TimeoutError, http.client.HTTPException)
"""How a client learns that no answer will come."""

KETNOI = (
    sys.executable,
    "-c",
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from api.cli import main; main()",
)
BUSY = {429, 503}
READY_SECONDS = 120


@dataclass(frozen=True)
class Answer:
    """One answer, as it came."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """What it says."""
        return json.loads(self.body)


@dataclass
class Connection:
    """One client's connection, which is kept open."""

    port: int
    key: str = ""
    _kept: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self._kept = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Ask, again where the service says that it cannot do it now; `If_Match` stands for If-Match."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key:
            told["Authorization"] = f"Bearer {self.key}"
        content = None
        if body is not None:
            content, told["Content-Type"] = json.dumps(body).encode(), "application/json"
        while True:
            self._kept.request(method, path, content, told)
            answer = self._kept.getresponse()
            found = Answer(answer.status, answer.headers, answer.read())
            if found.status not in BUSY:
                return found
            time.sleep(0.05)

    def close(self) -> None:
        """Give it back."""
        self._kept.close()


@dataclass(frozen=True)
class Server:
    """A running service: a process, and those it has started."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @contextmanager
    def connect(self, key: str = "") -> Iterator[Connection]:
        """Open a connection, and close it."""
        connection = Connection(self.port, key)
        try:
            yield connection
        finally:
            connection.close()

    def kill(self) -> None:
        """Kill all its processes at once, with no chance to finish anything."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(
    url: str, log: Path, workers: int = 1, program: Sequence[str | Path] = KETNOI
) -> Iterator[Server]:
    """Serve a database on a free port; a defect that its log tells of fails the test."""
    port = free_port()
    command = [*program, "serve", "--port", str(port), "--workers", str(workers)]
    with log.open("ab") as file:
        process = subprocess.Popen(command, env=environment(url), stderr=file, start_new_session=True)
    server = Server(port, process, log)
    try:
        _wait(server)
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()
    assert '"broke"' not in (told := log.read_text(encoding="utf-8")), told[-2_000:]


@contextmanager
def serving_here(app: App) -> Iterator[int]:
    """Serve an installation from a thread of this process, which is quicker; return the port."""
    config = uvicorn.Config(
        make_app(app), port=0, log_level="warning", server_header=False, proxy_headers=False
    )
    service = uvicorn.Server(config)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        while not service.started and thread.is_alive():
            time.sleep(0.01)
        port: int = service.servers[0].sockets[0].getsockname()[1]
        yield port
    finally:
        service.should_exit = True
        thread.join()


def fill(url: str, folder: Path) -> dict[Role, str]:
    """Put the small market of tests/api/http/service.py into a database; return a key of each role."""
    app = App(Settings(home=folder, database_url=url, embedding_model="none"))
    assert import_folder(app.database, write(folder / "files", **FILES), now()).ok
    keys = add_accounts(app, Passwords().hash(PASSWORD))
    app.close()
    return keys


def environment(url: str) -> dict[str, str]:
    """Return the variables of an installation over a database, whatever the developer's own are."""
    kept = {name: told for name, told in os.environ.items() if not name.startswith(("KETNOI_", "PYTHON"))}
    ours = {"KETNOI_DATABASE_URL": url, "KETNOI_EMBEDDING_MODEL": "none", "KETNOI_LANGUAGE": "en"}
    return {**kept, **ours}


def now() -> datetime:
    """Return the moment."""
    return datetime.now(UTC)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: Server) -> None:
    """Wait until it is ready."""
    given_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < given_up and server.process.poll() is None:
        try:
            with server.connect() as ask:
                ask("GET", "/readyz")
                return
        except LOST:
            time.sleep(0.05)
    raise TimeoutError(server.log.read_text(encoding="utf-8")[-2_000:])
