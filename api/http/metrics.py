"""Figures for monitoring, as Prometheus reads them; no label holds an id, a name or an address."""

import os
from pathlib import Path
from threading import Lock
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder through which several workers add up their figures; not set where there is one."""
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
Together = Literal["livesum", "livemin", "livemax"]
"""What several workers tell together: of those that live, the sum, the least or the most."""
REFUSALS = frozenset({429, 503})


class Metrics:
    """The figures of a process, or its part in those of all workers."""

    def __init__(self) -> None:
        self._registry = here = CollectorRegistry()
        self._lock, self._exposed = Lock(), dict[str, int]()
        self.requests = Histogram(
            "ketnoi_request_seconds",
            "Requests by method, template of the route and status, and how long they took.",
            ("method", "route", "status"),
            registry=here,
            buckets=SECONDS,
        )
        told = "Requests answered 429 or 503, by problem type."
        self.refused = Counter("ketnoi_refused", told, ("type",), registry=here)
        told = "Rows of the exposure log, written or dropped."
        self.exposures = Counter("ketnoi_exposures", told, ("outcome",), registry=here)
        told = "Times that newer records could not be served."
        self.refresh_failures = Counter("ketnoi_refresh_failures", told, registry=here)
        self.in_flight = self._gauge("requests_in_flight", "Requests being answered or waiting.")
        self.embedding_waiting = self._gauge("embedding_waiting", "New texts that are embedded or wait.")
        self.connections = self._gauge("database_connections", "Connections to the database in use.")
        told = "Number of the newest change that was seen."
        self.data_version = self._gauge("data_version", told, "livemax")
        told = "Number of the change that is served, of the worker that is furthest behind."
        self.served_version = self._gauge("served_data_version", told, "livemin")
        told = "When the records that are served were read, of the worker that is furthest behind."
        self.picture_time = self._gauge("picture_timestamp_seconds", told, "livemin")

    def _gauge(self, name: str, told: str, together: Together = "livesum") -> Gauge:
        return Gauge(f"ketnoi_{name}", told, registry=self._registry, multiprocess_mode=together)

    def begin(self) -> None:
        """Note that a request has come."""
        self.in_flight.inc()

    def end(self, method: str, route: str, status: int, seconds: float, problem: str) -> None:
        """Note how a request was answered; a status of 0 stands for one whose sender has gone."""
        self.in_flight.dec()
        told = (method if method in METHODS else "other", route, str(status))
        self.requests.labels(*told).observe(seconds)
        if status in REFUSALS:
            self.refused.labels(problem).inc()

    def exposed(self, written: int, dropped: int) -> None:
        """Note how many rows the exposure log has written and dropped since the start."""
        with self._lock:
            for outcome, rows in (("written", written), ("dropped", dropped)):
                self.exposures.labels(outcome).inc(rows - self._exposed.get(outcome, 0))
                self._exposed[outcome] = rows

    def text(self) -> bytes:
        """Write all figures: those of this process, or of all workers where there are several."""
        if SHARED not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


def forget_ended_workers() -> None:
    """Take the gauges of workers that are no more out of the sum."""
    if folder := os.environ.get(SHARED):
        for pid in _workers(Path(folder)):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _workers(folder: Path) -> set[int]:
    """List the processes that have left figures: the name of a file ends with the number of its process."""
    return {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_*.db")}
