"""Start the processes that do jobs, and see each to its end; they end with the service."""

import subprocess
import sys
from threading import Thread

import structlog
from sqlalchemy.exc import DBAPIError

from api.compose import App
from data.jobs import JobState, end_job

STOP_SECONDS = 10.0
LONGEST_LINE = 300
"""Bytes of the last line that a process said; the rest is not kept."""


class Runner:
    """The processes of this one, by job."""

    def __init__(self, app: App) -> None:
        self._app, self._closing = app, False
        self._running: list[tuple[subprocess.Popen[bytes], Thread]] = []

    def start(self, job_id: str) -> None:
        """Start a job that is queued, in a process with the settings of this one."""
        try:
            process = subprocess.Popen(
                command(job_id),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # what a terminal says to the service is passed on by the service
            )
        except (OSError, ValueError) as error:  # ValueError: an id that no argument can hold here
            why = error.strerror if isinstance(error, OSError) else type(error).__name__
            self._fail(job_id, f"its process could not be started ({why})")
            return
        thread = Thread(target=self._watch, args=(job_id, process), name="job", daemon=True)
        thread.start()
        self._running = [(old, its) for old, its in self._running if its.is_alive()]
        self._running.append((process, thread))

    def close(self) -> None:
        """Stop what is running, and put it down as failed."""
        self._closing = True
        for process, _ in self._running:
            process.terminate()
        for process, thread in self._running:
            thread.join(STOP_SECONDS)
            if thread.is_alive():
                process.kill()
                thread.join(STOP_SECONDS)

    def _watch(self, job_id: str, process: subprocess.Popen[bytes]) -> None:
        last, said = b"", process.stderr
        assert said is not None
        with process:
            for line in iter(lambda: said.readline(LONGEST_LINE), b""):
                last = line.strip() or last
        if self._closing:
            self._fail(job_id, "stopped with the service")
        else:
            why = f": {last.decode(errors='replace')}" if last else ""
            self._fail(job_id, f"its process ended with code {process.returncode}{why}")

    def _fail(self, job_id: str, error: str) -> None:
        """Put a job down as failed, unless its process has said what came of it."""
        try:
            if end_job(self._app.database, job_id, JobState.FAILED, self._app.now, error=error):
                structlog.get_logger().error("job failed", error=error)
        except DBAPIError as failed:
            structlog.get_logger().error("job failed", error=type(failed).__name__)


def command(job_id: str) -> list[str]:
    """Tell how the process of a job is started: by this Python, without what lies in the folder of today."""
    return [sys.executable, "-P", "-m", "api.jobs.work", job_id]
