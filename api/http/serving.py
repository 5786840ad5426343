"""What a process serves from: one Market and its ranker, swapped whole when the records have changed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from threading import Condition, Event, Lock, Thread
from typing import Self

from sqlalchemy import QueuePool

from api.answers import Sources
from api.compose import App
from api.http.embedding import Embedding, Questions
from api.http.logs import log_failure
from api.http.metrics import Metrics
from api.http.rates import Rates
from api.http.runner import Runner
from api.passwords import Passwords
from data.exposures import Exposures
from data.records import fields_of
from data.vectors import CachedVectors
from data.versions import version
from matching.engine import Engine
from matching.errors import Busy
from matching.records import Startup
from matching.vocabulary import Prompt

POLL_SECONDS = 0.5
CATCH_UP_SECONDS = 1.0
MOST_REMEMBERED = 4_096
"""Vectors of questions that a process remembers: 6 MB."""


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
    listing : held by the one request of the process that works out the startups of a fund.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self.metrics = Metrics()
        self.exposures = Exposures(app.database, app.settings.secret)
        self.passwords = Passwords()
        self.rates = Rates(app.settings.requests_per_minute)
        self.embedding = Embedding(app.encoder, self.metrics.embedding_waiting.set)
        self._records = CachedVectors(app.database, self.embedding)
        self.questions = self._records.for_questions(Questions(self.embedding), MOST_REMEMBERED)
        self._new_texts = ThreadPoolExecutor(1, "new texts")
        self.failure = ""
        self.runner, self.listing = Runner(app), Lock()
        self._building, self._stop, self._due, self._seen = Lock(), Event(), Event(), Condition()
        self._asked = self._looked = 0
        self._picture = self._build(self._stamp())
        self._thread = Thread(target=self._watch, name="refresh", daemon=True)

    @property
    def picture(self) -> Picture:
        """What is served now; one request takes it once."""
        return self._picture

    def knowing(self, fund_id: str) -> Picture:
        """Return what is served, newer where it does not know a fund that came a moment ago.

        Raises
        ------
        NotFound
            If there is no such fund.
        Busy
            If newer records are not served in time.
        """
        if fund_id not in self._picture.engine.market.funds.row_of:
            fields_of(self._app.database, "fund", fund_id)
            self.catch_up()
        return self._picture

    def refresh(self) -> bool:
        """Take newer records and releases into service; tell whether there were any.

        What cannot be built leaves the old picture in service, and says so in `failure` and in the log.
        """
        with self._building:
            try:
                stamp = self._stamp()
                if stamp == self._picture.stamp:
                    self.failure = ""
                    return False
                self._picture = self._build(stamp)
            except Exception as error:
                self._fail(error)
                return False
            self.failure = ""
            return True

    def catch_up(self) -> None:
        """Wait a moment until what was written before is served.

        Raises
        ------
        Busy
            If that takes longer.
        """
        with self._seen:
            self._asked += 1
            mine = self._asked
            self._due.set()
            if not self._seen.wait_for(lambda: self._looked >= mine, CATCH_UP_SECONDS):
                raise Busy("the newest records are not served yet")

    def embed_soon(self, startup: Startup) -> None:
        """Embed what a stored startup says of itself before it is asked about, and keep the vectors."""
        store = CachedVectors(self._app.database, self.embedding)
        self._new_texts.submit(store.vectors, startup.texts, Prompt.QUERY)

    def sample(self) -> None:
        """Bring the figures up to date that nothing tells of by itself."""
        pool = self._app.database.pool
        self.metrics.connections.set(pool.checkedout() if isinstance(pool, QueuePool) else 0)
        self.metrics.exposed(self.exposures.written, self.exposures.dropped)

    def __enter__(self) -> Self:
        """Begin to watch the records, and to write what is shown."""
        self.exposures.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the jobs of this process, embedding and watching, and write the rest."""
        self.runner.close()
        self._stop.set()
        self._due.set()
        self._new_texts.shutdown(wait=False, cancel_futures=True)
        self.embedding.close()
        self._new_texts.shutdown()
        self._thread.join()
        self.exposures.__exit__()

    def _watch(self) -> None:
        while not self._stop.is_set():
            self._due.wait(POLL_SECONDS)
            self._due.clear()
            asked = self._asked
            self.refresh()
            self.sample()
            with self._seen:
                self._looked = asked
                self._seen.notify_all()

    def _fail(self, error: Exception) -> None:
        """Count a failure, and log it once however often it comes again; at the end it is none."""
        if self._stop.is_set():
            return
        self.metrics.refresh_failures.inc()
        told = type(error).__name__
        if self.failure != told:
            log_failure("refresh failed", error)
        self.failure = told

    def _stamp(self) -> Stamp:
        """Read before the records: what changes meanwhile is seen by the next refresh."""
        champion = self._app.releases.champion_id()
        stamp = Stamp(version(self._app.database), champion, self._app.now.date())
        self.metrics.data_version.set(stamp.version)
        return stamp

    def _build(self, stamp: Stamp) -> Picture:
        engine = self._app.engine(self._app.store.knowledge(None), None, vectors=self._records)
        picture = Picture(stamp, replace(engine, vectors=self.questions), self._app.store.sources())
        self.metrics.served_version.set(stamp.version)
        self.metrics.picture_time.set(self._app.now.timestamp())
        return picture
