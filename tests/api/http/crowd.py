"""Many who ask at the same moment, and something that holds them up until it is let go."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

from matching.roles import Role
from tests.api.http.service import Service

PATIENCE_SECONDS = 30
"""How long a test waits for what has to happen before it counts as failed."""


class Barrier:
    """Holds up whoever comes, until it is opened."""

    def __init__(self) -> None:
        self._open, self._reached = Event(), Event()

    def __call__(self, *_: object) -> None:
        self._reached.set()
        assert self._open.wait(PATIENCE_SECONDS)

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Hold up whoever calls something."""

        def held(*told: Any, **named: Any) -> Any:
            self()
            return call(*told, **named)

        return held

    def wait_for_one(self) -> None:
        """Wait until somebody has come."""
        assert self._reached.wait(PATIENCE_SECONDS)

    def open(self) -> None:
        self._open.set()


@contextmanager
def asking(number: int, ask: Callable[[], Any]) -> Iterator[list[Future[Any]]]:
    """Let many ask at once, each in a thread."""
    with ThreadPoolExecutor(number) as threads:
        yield [threads.submit(ask) for _ in range(number)]


def figure(service: Service, name: str) -> float:
    """Read one figure of /metrics; 0 for one that is not there yet."""
    text = service.get(Role.ADMIN, "/metrics").text
    found = (line.rpartition(" ")[2] for line in text.splitlines() if line.rpartition(" ")[0] == name)
    return float(next(found, 0))


def wait_until(true: Callable[[], bool]) -> None:
    """Ask again and again; each look takes its time, so none is spent asleep."""
    for _ in range(2_000):
        if true():
            return
    raise AssertionError("it did not come to that")
