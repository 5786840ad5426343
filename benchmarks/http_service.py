"""Shortlists over HTTP: requests a second, latency, and the server's processor time a request.

python -m benchmarks.http_service [FUNDS ...]     (1,000 and 10,000 by default)

A synthetic market of N funds has 1.3 N startups and about 3.7 N deals. One worker over SQLite, without an
embedding model, with a key and the exposure log, 8 connections kept open.
The client takes its part of the same machine: the processor time of the server alone is the steadier figure.
"""

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from api.compose import App
from api.settings import Settings
from data.accounts import add_account
from data.credentials import add_key
from data.database import migrate
from data.importer import import_folder
from data.synthetic.settings import MarketSettings
from data.synthetic.write import draw_market, write_market
from matching.roles import Role, Scope

CONNECTIONS, REQUESTS, PORT = 8, 100, 8765
STARTUPS_A_FUND, DEALS_A_STARTUP = 1.3, 2.85
READY_SECONDS = 300


def main() -> None:
    """Print a line a size."""
    for funds in map(int, sys.argv[1:] or ("1000", "10000")):
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), funds)


def _measure(folder: Path, funds: int) -> None:
    key, ids = _fill(folder, funds)
    environment = {**os.environ, "KETNOI_HOME": str(folder / "home"), "KETNOI_EMBEDDING_MODEL": "none"}
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(PORT)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            _wait()
            _ask(key, ids)
            spent = _spent(server.pid)
            begun = time.perf_counter()
            with ThreadPoolExecutor(CONNECTIONS) as threads:
                times = sorted(
                    t
                    for told in threads.map(
                        _ask, [key] * CONNECTIONS, (ids[n::CONNECTIONS] for n in range(CONNECTIONS))
                    )
                    for t in told
                )
            took, spent = time.perf_counter() - begun, _spent(server.pid) - spent
        finally:
            server.terminate()
    p50, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    rate, each = len(times) / took, 1e3 * spent / len(times)
    latency = f"p50 {1e3 * p50:.1f} ms, p99 {1e3 * p99:.1f} ms"
    print(f"{funds:>6} funds: {rate:.0f} requests/s, {latency}, {each:.2f} ms of the server's processor each")


def _fill(folder: Path, funds: int) -> tuple[str, list[str]]:
    """Make an installation with a market; return a key and the ids of the startups."""
    app = App(Settings(home=folder / "home", embedding_model="none"))
    migrate(app.database)
    settings = MarketSettings(int(STARTUPS_A_FUND * funds), funds, deals_per_startup=DEALS_A_STARTUP)
    write_market(draw_market(settings), folder / "in")
    assert import_folder(app.database, folder / "in", app.now).ok
    ids = [startup.startup_id for startup in app.store.knowledge(None).startups]
    told = {"email": "bench@example.vn", "name": "", "actor": "bench"}
    account = add_account(app.database, role=Role.ADMIN, at=app.now, **told)
    _, key = add_key(app.database, account.account_id, [Scope.READ], 1, actor="bench", at=app.now)
    app.close()
    return key, ids


def _wait() -> None:
    for _ in range(READY_SECONDS):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(1)
    raise TimeoutError("the service did not become ready")


def _ask(key: str, ids: list[str]) -> list[float]:
    """Ask for shortlists on one connection; return the seconds of each."""
    connection, times = http.client.HTTPConnection("127.0.0.1", PORT), []
    for startup_id in ids[:REQUESTS]:
        begun = time.perf_counter()
        path = f"/v1/startups/{startup_id}/shortlist?k=10"
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        times.append(time.perf_counter() - begun)
    return times


def _spent(pid: int) -> float:
    used = psutil.Process(pid).cpu_times()
    return used.user + used.system


if __name__ == "__main__":
    main()
