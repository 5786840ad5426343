"""Shortlists over HTTP: as many as can be answered, four times as many, and while new texts are embedded.

python -m benchmarks.http_service [FUNDS ...]         (1,000 and 10,000 by default)
python -m benchmarks.http_service --mixed [FUNDS]     (100 by default; embeds the market first)

A synthetic market of N funds has 1.3 N startups and about 3.7 N deals. One worker over SQLite with a key and
the exposure log; without an embedding model, except where new texts are embedded with the bundled one.
The client takes its part of the same machine: the processor time of the server alone is the steadier figure.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from api.compose import App
from api.jobs.ingest import embed_new
from api.settings import Settings
from data.accounts import add_account
from data.credentials import add_key
from data.database import migrate
from data.importer import import_folder
from data.synthetic.settings import MarketSettings
from data.synthetic.write import draw_market, write_market
from matching.roles import Role, Scope

CONNECTIONS, REQUESTS, PORT = 8, 100, 8765
CROWD, TIMES_CAPACITY, CROWD_SECONDS, PROBE_SECONDS = 64, 4, 20, 0.1
BESIDE, NEW_TEXTS = 2, 20
STARTUPS_A_FUND, DEALS_A_STARTUP = 1.3, 2.85
READY_SECONDS = 300
TEXT = "Sàn bảo hiểm mùa vụ cho nông dân trồng lúa, trả tiền khi hạn hán hay lũ lụt làm mất mùa, số {}. " * 4


@dataclass(frozen=True)
class Answer:
    """One answer, and the seconds it took."""

    status: int
    seconds: float


def main() -> None:
    """Print the figures of each size."""
    mixed = sys.argv[1:2] == ["--mixed"]
    sizes = sys.argv[2:] or ["100"] if mixed else sys.argv[1:] or ["1000", "10000"]
    for funds in map(int, sizes):
        with tempfile.TemporaryDirectory() as folder:
            model = "bundled" if mixed else "none"
            key, ids = _fill(Path(folder), funds, model)
            with _serving(Path(folder), model) as server:
                print(f"{funds} funds")
                if mixed:
                    _mixed(server, key, ids)
                else:
                    _overload(key, ids, _capacity(server, key, ids))


def _capacity(server: psutil.Process, key: str, ids: list[str]) -> float:
    """Ask on a few connections as fast as is answered; return the requests a second."""
    _ask_all(key, ids[:REQUESTS])
    spent, begun = _spent(server), time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        shares = [ids[n::CONNECTIONS][:REQUESTS] for n in range(CONNECTIONS)]
        answers = [
            answer for told in threads.map(lambda mine: _ask_all(key, mine), shares) for answer in told
        ]
    rate = len(answers) / (time.perf_counter() - begun)
    each = 1e3 * (_spent(server) - spent) / len(answers)
    print(f"  {CONNECTIONS} connections: {rate:.0f}/s, {_told(answers)}, {each:.2f} ms of its processor each")
    return rate


def _overload(key: str, ids: list[str], rate: float) -> None:
    """Offer several times what can be answered, evenly, whatever the answers."""
    stop, probes = threading.Event(), list[Answer]()
    every = CROWD / (TIMES_CAPACITY * rate)

    def one(number: int) -> list[Answer]:
        ask, answers = _asker(key), []
        begun = time.perf_counter() + every * number / CROWD
        for turn in range(int(CROWD_SECONDS / every)):
            time.sleep(max(0.0, begun + turn * every - time.perf_counter()))
            answers.append(ask("GET", _path(ids[(number + turn * CROWD) % len(ids)])))
        return answers

    def probe() -> None:
        ask = _asker(key)
        while not stop.wait(PROBE_SECONDS):
            probes.append(ask("GET", "/healthz"))

    prober = threading.Thread(target=probe)
    prober.start()
    began = time.perf_counter()
    with ThreadPoolExecutor(CROWD) as threads:
        answers = [answer for told in threads.map(one, range(CROWD)) for answer in told]
    took = time.perf_counter() - began
    stop.set()
    prober.join()
    fine, refused = _split(answers)
    print(
        f"  {CROWD} connections, {len(answers) / took:.0f}/s offered: {len(fine) / took:.0f}/s answered,"
        f" {_told(fine)}; {len(refused) / len(answers):.0%} refused, {_told(refused)}"
    )
    print(
        f"  longest of all {1e3 * max(a.seconds for a in answers):.0f} ms; /healthz meanwhile {_told(probes)}"
    )


def _mixed(server: psutil.Process, key: str, ids: list[str]) -> None:
    """Ask for stored startups alone, for new texts alone, and for both at the same time."""
    ask, numbers = _asker(key), iter(range(1_000_000))

    def new_text() -> Answer:
        body = json.dumps(
            {"description": TEXT.format(*[next(numbers)] * 4), "country": "VN", "stage": "seed"}
        )
        return ask("POST", "/v1/shortlists", body)

    while new_text().status != 200:
        time.sleep(1)
    (embedder,) = [child for child in server.children() if child.memory_info().rss > 3e8]
    print(f"  memory: {_megabytes(server)} MB the service, {_megabytes(embedder)} MB the process that embeds")
    spent, beside = _spent(server), _spent(embedder)
    answers = [new_text() for _ in range(NEW_TEXTS)]
    mine, theirs = (1e3 * (_spent(p) - b) / NEW_TEXTS for p, b in ((server, spent), (embedder, beside)))
    print(
        f"  new texts alone: {_told(answers)}; processor {mine:.1f} ms the service, {theirs:.1f} ms the other"
    )
    _ask_all(key, ids[:REQUESTS])
    print(f"  {BESIDE} connections, stored startups alone: {_told(_beside(key, ids, lambda: None))}")
    ask, texts = _asker(key), list[Answer]()  # the first connection was closed, as it was idle
    stored = _beside(key, ids, lambda: texts.append(new_text()))
    print(f"  the same while new texts come one after another: {_told(stored)}; the texts: {_told(texts)}")


def _beside(key: str, ids: list[str], work: Callable[[], object]) -> list[Answer]:
    """Ask for stored startups on some connections while something is done over and over."""
    with ThreadPoolExecutor(BESIDE) as threads:
        asked = [threads.submit(_ask_all, key, (ids * 9)[: 3 * REQUESTS]) for _ in range(BESIDE)]
        while not all(told.done() for told in asked):
            if work() is None:
                time.sleep(0.01)
    return [answer for told in asked for answer in told.result()]


def _fill(folder: Path, funds: int, model: str) -> tuple[str, list[str]]:
    """Make an installation with a market; return a key and the ids of the startups."""
    app = App(Settings(home=folder / "home", embedding_model=model))
    migrate(app.database)
    settings = MarketSettings(int(STARTUPS_A_FUND * funds), funds, deals_per_startup=DEALS_A_STARTUP)
    write_market(draw_market(settings), folder / "in")
    assert import_folder(app.database, folder / "in", app.now).ok
    embed_new(app, lambda done, total: None)
    ids = [startup.startup_id for startup in app.store.knowledge(None).startups]
    told = {"email": "bench@example.vn", "name": "", "actor": "bench"}
    account = add_account(app.database, role=Role.ADMIN, at=app.now, **told)
    _, key = add_key(app.database, account.account_id, [Scope.READ], 1, actor="bench", at=app.now)
    app.close()
    return key, ids


@contextmanager
def _serving(folder: Path, model: str) -> Iterator[psutil.Process]:
    environment = {
        **os.environ,
        "KETNOI_HOME": str(folder / "home"),
        "KETNOI_EMBEDDING_MODEL": model,
        "KETNOI_REQUESTS_PER_MINUTE": "1000000",
    }
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(PORT)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            _wait()
            yield psutil.Process(server.pid)
        finally:
            server.terminate()


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


def _asker(key: str) -> Callable[..., Answer]:
    """Ask on one connection that is kept open."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(method: str, path: str, body: str | None = None) -> Answer:
        begun = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return Answer(answer.status, time.perf_counter() - begun)

    return ask


def _ask_all(key: str, ids: list[str]) -> list[Answer]:
    """Ask for shortlists on one connection, all of which have to be answered."""
    ask = _asker(key)
    answers = [ask("GET", _path(startup_id)) for startup_id in ids]
    assert {answer.status for answer in answers} == {200}
    return answers


def _path(startup_id: str) -> str:
    return f"/v1/startups/{startup_id}/shortlist?k=10"


def _split(answers: list[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Split into those answered and those refused; there is nothing else."""
    assert {answer.status for answer in answers} <= {200, 503}
    return [a for a in answers if a.status == 200], [a for a in answers if a.status == 503]


def _told(answers: list[Answer]) -> str:
    times = sorted(answer.seconds for answer in answers) or [0.0]
    return f"p50 {1e3 * statistics.median(times):.0f} ms, p99 {1e3 * times[int(len(times) * 0.99)]:.0f} ms"


def _spent(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system


def _megabytes(process: psutil.Process) -> int:
    return round(process.memory_info().rss / 1e6)


if __name__ == "__main__":
    main()
