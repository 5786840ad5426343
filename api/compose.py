"""The composition root: settings in, working parts out. Nothing else puts the rooms together."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

import faiss
from sqlalchemy import Engine as Database

from api.settings import Settings
from data.database import connect, require_schema
from data.store import Store
from data.vectors import CachedVectors
from matching.engine import Engine
from matching.knowledge import Knowledge
from matching.market import build_market
from matching.rank import PriorRanker
from matching.vocabulary import Gate
from models.encoder import make_encoder


@dataclass(frozen=True)
class App:
    """The parts of one installation, each made when it is first asked for."""

    settings: Settings

    @property
    def now(self) -> datetime:
        """The clock: the only place that reads it."""
        return datetime.now(UTC)

    @cached_property
    def database(self) -> Database:
        """The database, whether it is there yet or not."""
        return connect(self.settings.database)

    @cached_property
    def store(self) -> Store:
        """The records, of a database that has to be there.

        Raises
        ------
        NotReady
            If there is no database of this version.
        """
        require_schema(self.database)
        return Store(self.database)

    @cached_property
    def vectors(self) -> CachedVectors:
        """The vector cache in front of the encoder."""
        encoder = make_encoder(self.settings.embedding_model, self.settings.cache_dir, self.settings.threads)
        return CachedVectors(self.database, encoder)

    def engine(self, knowledge: Knowledge, as_of: date | None, off: frozenset[Gate] = frozenset()) -> Engine:
        """Make the engine of one date, today's where `as_of` is None, without the gates that are `off`."""
        faiss.omp_set_num_threads(self.settings.threads)
        market = build_market(knowledge, as_of or self.now.date(), self.vectors)
        return Engine(market, PriorRanker(), self.vectors.for_questions(), off)

    def close(self) -> None:
        """Give the database back."""
        self.database.dispose()
