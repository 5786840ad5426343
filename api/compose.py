"""The composition root: settings in, working parts out. Nothing else puts the rooms together."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial

import faiss
from sqlalchemy import Engine as Database

from api.after_yes import AfterYes, nothing_more
from api.settings import Settings
from data.database import PATIENT, connect, require_schema
from data.dialects import Patience
from data.releases import Releases, StoredRelease
from data.store import Store
from data.vectors import CachedVectors
from matching.engine import Engine
from matching.errors import BadValue
from matching.knowledge import Knowledge, today_of
from matching.market import build_market
from matching.protocols import Encoder
from matching.rank import PriorRanker, Trained
from matching.vocabulary import Gate, Outcome
from models.encoder import NONE, known_width, make_encoder
from models.encoder_process import EncoderProcess


@dataclass(frozen=True)
class App:
    """The parts of one installation, each made when it is first asked for.

    Attributes
    ----------
    patience : how long its connections to the database wait.
    aside : whether texts are embedded in a process of their own.
    """

    settings: Settings
    patience: Patience = PATIENT
    aside: bool = False

    @property
    def now(self) -> datetime:
        """The clock: the only place that reads it."""
        return datetime.now(UTC)

    @cached_property
    def database(self) -> Database:
        """The database, whether it is there yet or not."""
        return connect(self.settings.database, self.patience)

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
    def releases(self) -> Releases:
        """The model registry, of a database that has to be there.

        Raises
        ------
        NotReady
            If there is no database of this version.
        """
        require_schema(self.database)
        return Releases(self.database)

    @cached_property
    def encoder(self) -> Encoder:
        """What embeds texts."""
        model = self.settings.embedding_model
        make = partial(make_encoder, model, self.settings.cache_dir, self.settings.threads)
        here = make()
        if not self.aside or model == NONE:
            return here
        return EncoderProcess(make, here.name, known_width(model))

    @cached_property
    def vectors(self) -> CachedVectors:
        """The vector cache in front of the encoder."""
        return CachedVectors(self.database, self.encoder)

    def engine(
        self,
        knowledge: Knowledge,
        as_of: date | None,
        off: frozenset[Gate] = frozenset(),
        vectors: CachedVectors | None = None,
    ) -> Engine:
        """Make the engine of one date, without the gates that are `off`.

        Where `as_of` is None it is today's, or that of an archive's last day.
        """
        faiss.omp_set_num_threads(self.settings.threads)
        vectors = vectors or self.vectors
        market = build_market(knowledge, as_of or today_of(knowledge, self.now.date()), vectors)
        return Engine(market, self.trained(as_of).on(market), vectors.for_questions(), off)

    def after_yes(self, engine: Engine) -> AfterYes:
        """Tell what may follow once a fund has accepted; nothing where its chances are of something else."""
        if engine.ranker.outcome is not Outcome.ACCEPTS:
            return nothing_more
        from models.steps import Steps

        return Steps.of(engine.market).after_yes

    def trained(self, as_of: date | None) -> Trained:
        """Return what the release in force has learned, the prior where there is none.

        Raises
        ------
        BadValue
            If the release is not the one registered, this version cannot read it, or it has learned from
            the vectors of another embedding model.
        """
        stored = self.releases.champion(as_of)
        return PriorRanker() if stored is None else self.learned(stored)

    def learned(self, stored: StoredRelease) -> Trained:
        """Return what a release has learned.

        Raises
        ------
        BadValue
            If this version cannot read it, or it has learned from the vectors of another embedding model.
        """
        release, ours = stored.release, self.settings.embedding_model
        if (theirs := release.settings.get("embedding_model", ours)) != ours:
            rule = f"{theirs}, which release {release.release_id} has learned with (or run `ketnoi train`)"
            raise BadValue(rule, ours, "KETNOI_EMBEDDING_MODEL")
        from models.artefact import Artefact  # not for the prior: a shortlist need not wait for them
        from models.releases import read

        return read(Artefact.from_bytes(stored.artefact), release.release_id)

    def close(self) -> None:
        """Give the database back."""
        self.database.dispose()
