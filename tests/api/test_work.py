import os
from datetime import date
from threading import Event
from typing import Any

import pytest

from api.compose import App
from api.http.runner import Runner
from api.jobs import work as module
from api.jobs.work import Heartbeat, work
from data.jobs import Job, JobKind, JobState, end_job, find_job, open_job
from matching.errors import BadValue


@pytest.fixture
def queued(app: App) -> App:
    """An empty installation with a job that is queued."""
    settings = {"as_of": "2025-01-01", "promote": False}
    open_job(app.database, "j", JobKind.TRAIN, settings, actor="test", now=app.now)
    return app


def job(app: App) -> Job:
    return find_job(app.database, "j", app.now)


def test_a_job_trains_and_tells_what_came_of_it(queued: App) -> None:
    work(queued, "j")
    (release,) = queued.releases.list()
    assert release.data_until == date(2025, 1, 1)
    done = job(queued)
    assert (done.state, done.error, done.result["release_id"]) == (JobState.DONE, "", release.release_id)
    assert done.started_at is not None and done.finished_at is not None
    assert done.started_at <= done.heartbeat_at <= done.finished_at


def test_a_job_that_is_not_queued_is_not_done(queued: App) -> None:
    end_job(queued.database, "j", JobState.LOST, queued.now)
    work(queued, "j")
    work(queued, "unknown")
    assert job(queued).state is JobState.LOST and queued.releases.list() == ()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadValue("better", "this\nway", "the data"), "the data must be better, got 'this\\nway'"),
        (RuntimeError("Nguyễn Lan is a name"), "something broke: RuntimeError in broken, line"),
    ],
)
def test_a_job_that_fails_says_why_in_one_line(
    queued: App, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(module, "train", broken)
    work(queued, "j")
    failed = job(queued)
    assert failed.state is JobState.FAILED and failed.error.startswith(told)
    assert "Lan" not in failed.error and "\n" not in failed.error


def test_a_process_whose_job_is_given_up_ends(queued: App, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Event()
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.001)
    monkeypatch.setattr(os, "_exit", lambda code: gone.set())
    end_job(queued.database, "j", JobState.LOST, queued.now)
    with Heartbeat(queued, "j"):
        assert gone.wait(30)


def test_the_service_starts_a_process_that_does_it(queued: App) -> None:
    runner = Runner(queued)
    runner.start("j")
    ((_, thread),) = runner._running
    thread.join(120)
    assert (job(queued).state, job(queued).error) == (JobState.DONE, "")
    assert len(queued.releases.list()) == 1
    runner.close()
