"""Do one job, in a process of its own: `python -m api.jobs.work JOB_ID`, which the service starts."""

import os
import sys
import traceback
from collections.abc import Mapping
from datetime import date
from threading import Event, Thread
from typing import Any, Self

from sqlalchemy.exc import DBAPIError

from api.compose import App
from api.jobs.training import result, train
from api.settings import read_settings
from data.dialects import reason
from data.jobs import JobState, beat, begin_job, end_job, find_job
from matching.errors import KetnoiError

BEAT_SECONDS = 5.0
LONGEST_ERROR = 500


class Heartbeat:
    """Says again and again that a job is worked on; ends this process where it no longer is to be."""

    def __init__(self, app: App, job_id: str) -> None:
        self._app, self._job_id, self._stop = app, job_id, Event()
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                if not beat(self._app.database, self._job_id, self._app.now):
                    os._exit(1)  # given up for lost, or stopped: another job may run now
            except DBAPIError:  # another writes for long: the next beat may be in time
                continue


def work(app: App, job_id: str) -> None:
    """Do a job that is queued, and write down what came of it."""
    if not begin_job(app.database, job_id, app.now):
        return
    told: Mapping[str, Any] = {}
    state, error = JobState.FAILED, ""
    try:
        with Heartbeat(app, job_id):
            told = _done(app, job_id)
        state = JobState.DONE
    except KetnoiError as refused:
        error = str(refused)
    except DBAPIError as failed:
        error = f"the database could not do it ({reason(failed)})"
    except Exception as broken:  # the message of a defect may quote a record
        frame = traceback.extract_tb(broken.__traceback__)[-1]
        error = f"something broke: {type(broken).__name__} in {frame.name}, line {frame.lineno}"
    line = " ".join(error.split())[:LONGEST_ERROR]
    end_job(app.database, job_id, state, app.now, result=told, error=line)


def _done(app: App, job_id: str) -> Mapping[str, Any]:
    asked = find_job(app.database, job_id, app.now).settings
    as_of = date.fromisoformat(asked["as_of"]) if asked["as_of"] else None
    return result(*train(app, as_of, lambda step: None, promote=asked["promote"]))


def main() -> None:
    """Do the job that is named."""
    app = App(read_settings())
    try:
        work(app, sys.argv[1])
    finally:
        app.close()


if __name__ == "__main__":
    main()
