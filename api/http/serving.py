"""What a process serves from: one Market and its ranker, swapped whole when the records have changed."""

from dataclasses import dataclass
from datetime import date
from threading import Event, Lock, Thread
from typing import Self

import structlog

from api.answers import Sources
from api.compose import App
from api.passwords import Passwords
from data.exposures import Exposures
from data.versions import version
from matching.engine import Engine
from matching.errors import KetnoiError

POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Stamp:
    """What a picture depends on: when any of it changes, the next one is due."""

    version: int
    champion: str
    today: date


@dataclass(frozen=True)
class Picture:
    """The engine over the records as they stood at `stamp`, and where its deals were read."""

    stamp: Stamp
    engine: Engine
    sources: Sources


class Serving:
    """Holds the newest picture; `refresh` builds the next beside it, so that no request waits.

    Attributes
    ----------
    failure : why the records as they are now are not served; "" while they are.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self.exposures = Exposures(app.database, app.settings.secret)
        self.passwords = Passwords()
        self.failure = ""
        self._building, self._stop = Lock(), Event()
        self._picture = self._build(self._stamp())
        self._thread = Thread(target=self._watch, name="refresh", daemon=True)

    @property
    def picture(self) -> Picture:
        """What is served now; one request takes it once."""
        return self._picture

    def refresh(self) -> bool:
        """Take newer records and releases into service; tell whether there were any.

        What cannot be built leaves the old picture in service, and says so in `failure` and in the log.
        """
        with self._building:
            stamp = self._stamp()
            if stamp == self._picture.stamp:
                return False
            try:
                self._picture = self._build(stamp)
            except KetnoiError as error:
                self.failure = type(error).__name__
                structlog.get_logger().error("refresh failed", error=self.failure)
                return False
            self.failure = ""
            return True

    def __enter__(self) -> Self:
        """Begin to watch the records, and to write what is shown."""
        self.exposures.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching, and write the rest."""
        self._stop.set()
        self._thread.join()
        self.exposures.__exit__()

    def _watch(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            try:
                self.refresh()
            except Exception as error:  # the thread lives on: the next second may be better
                self.failure = type(error).__name__
                structlog.get_logger().error("refresh failed", error=self.failure)

    def _stamp(self) -> Stamp:
        """Read before the records: what changes meanwhile is seen by the next refresh."""
        champion = self._app.releases.champion_id()
        return Stamp(version(self._app.database), champion, self._app.now.date())

    def _build(self, stamp: Stamp) -> Picture:
        engine = self._app.engine(self._app.store.knowledge(None), None)
        return Picture(stamp, engine, self._app.store.sources())
