import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.compose import App
from api.http import runner as module
from api.http.runner import Runner, command
from data.jobs import Job, JobKind, JobState, end_job, find_job, open_job

START = Runner.start
SPEAK = (
    "import sys; print('x' * 1_000_000, file=sys.stderr); print('ValueError: no', file=sys.stderr); exit(3)"
)
STAY = "import time; open(sys.argv[1], 'w').close(); time.sleep(600)"
STUBBORN = f"import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); {STAY}"


@pytest.fixture
def runner(installation: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    monkeypatch.setattr(Runner, "start", START)
    runner = Runner(installation)
    open_job(installation.database, "j", JobKind.TRAIN, {}, actor="test", now=installation.now)
    yield runner
    runner.close()


def job(app: App) -> Job:
    return find_job(app.database, "j", app.now)


def run(runner: Runner, monkeypatch: pytest.MonkeyPatch, *command: str) -> None:
    monkeypatch.setattr(module, "command", lambda _: list(command))
    runner.start("j")


def ended(runner: Runner) -> None:
    for _, thread in runner._running:
        thread.join(30)
        assert not thread.is_alive()


def test_a_job_is_a_process_of_this_python_and_no_shell() -> None:
    assert command("a; b")[0] == sys.executable and command("a; b")[-1] == "a; b"


def test_a_process_that_breaks_has_failed_with_its_last_line(
    runner: Runner, installation: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(runner, monkeypatch, sys.executable, "-c", SPEAK)
    ended(runner)
    told = job(installation)
    assert (told.state, told.error) == (JobState.FAILED, "its process ended with code 3: ValueError: no")
    assert told.finished_at is not None


@pytest.mark.parametrize(("program", "why"), [("none", "No such file or directory"), ("\0", "ValueError")])
def test_a_process_that_cannot_be_started_has_failed(
    runner: Runner,
    installation: App,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    program: str,
    why: str,
) -> None:
    run(runner, monkeypatch, str(tmp_path / program))
    told = job(installation)
    assert (told.state, told.error) == (JobState.FAILED, f"its process could not be started ({why})")


def test_what_a_process_has_said_itself_stands(
    runner: Runner, installation: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_job(installation.database, "j", JobState.DONE, installation.now, result={"a": 1})
    run(runner, monkeypatch, sys.executable, "-c", "exit(1)")
    ended(runner)
    assert (job(installation).state, job(installation).result) == (JobState.DONE, {"a": 1})


@pytest.mark.parametrize("program", [f"import sys; {STAY}", STUBBORN])
def test_a_process_ends_with_the_service(
    runner: Runner, installation: App, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.5)
    there = tmp_path / "there"
    os.mkfifo(there)
    run(runner, monkeypatch, sys.executable, "-c", program, str(there))
    there.open().close()  # waits until the process has come so far
    ((process, _),) = runner._running
    runner.close()
    assert process.returncode < 0
    told = job(installation)
    assert (told.state, told.error) == (JobState.FAILED, "stopped with the service")
