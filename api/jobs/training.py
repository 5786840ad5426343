"""Train on deals and on introductions, and put what was learned into the registry."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from api.compose import App
from data.releases import Release
from matching.knowledge import today_of
from matching.protocols import VectorStore
from matching.rank import Trained
from matching.vocabulary import Outcome, ReleaseStatus, Rung
from models import acceptance_training
from models.acceptance import KIND, Acceptance
from models.history import History
from models.metrics import exposure, per_query
from models.releases import write
from models.training import Lesson, Say, Training

MEASURES = {"recall@10": "recall_10", "ndcg@10": "ndcg_10", "recall@50": "recall_50", "mrr": "mrr"}


@dataclass(frozen=True)
class Taught:
    """What came of training on both kinds of records.

    Attributes
    ----------
    deals : what was learned of who invests.
    accepts : what was learned of who accepts an introduction; None where too few were answered.
    """

    deals: Lesson
    accepts: Acceptance | None

    @property
    def outcome(self) -> Outcome:
        """The event that the release ranks by and tells chances of.

        Acceptances, where their chances are known; but a ranker learned from deals is not given up for one
        that found nothing in the answers to rank by.
        """
        found = self.accepts is not None and (self.accepts.taught or self.deals.rung is Rung.PRIOR)
        return Outcome.ACCEPTS if found else Outcome.INVESTS

    @property
    def trained(self) -> Trained:
        """What the release holds."""
        if self.accepts is not None and self.outcome is Outcome.ACCEPTS:
            return self.accepts
        return self.deals.trained

    @property
    def kind(self) -> str:
        """What reads the release."""
        return KIND if self.outcome is Outcome.ACCEPTS else self.deals.rung.value


def train(app: App, as_of: date | None, say: Say, *, promote: bool) -> tuple[Release, Taught]:
    """Train on what was known at the start of a day, today's where it is None, and register the release.

    It becomes champion where there is none, or with `promote`.
    """
    history = app.store.archive()
    day = as_of or today_of(history.knowledge(None), app.now.date())
    taught = Taught(Training(history, app.vectors, day, say).run(), _accepts(history, app.vectors, day, say))
    release = app.releases.register(
        write(taught.trained).to_bytes(),
        kind=taught.kind,
        data_until=day,
        synthetic=app.store.is_synthetic(),
        metrics=figures(taught),
        settings={"embedding_model": app.settings.embedding_model, "event": taught.outcome.value},
        at=app.now,
    )
    if promote or app.releases.champion() is None:
        release = app.releases.promote(release.release_id, "train", app.now)
    return release, taught


def result(release: Release, taught: Taught) -> dict[str, Any]:
    """Tell in plain values what came of a training."""
    return {
        "release_id": release.release_id,
        "kind": release.kind,
        "event": taught.outcome.value,
        "data_until": release.data_until.isoformat(),
        "champion": release.status is ReleaseStatus.CHAMPION,
        "synthetic": release.synthetic,
        "metrics": release.metrics,
    }


def _accepts(history: History, vectors: VectorStore, day: date, say: Say) -> Acceptance | None:
    opened = [one.known_from for one in history.knowledge(day).introductions if one.known_from]
    if not opened:
        return None
    say("learn who accepts")
    return acceptance_training.learn(history, vectors, min(opened), day)


def figures(taught: Taught) -> dict[str, Any]:
    """Tell in plain values how the release did on data it had not learned from, and the others beside it."""
    told: dict[str, Any] = {}
    if taught.accepts is not None and taught.outcome is Outcome.ACCEPTS:
        told["acceptance"] = _plain(taught.accepts.trial)
    lesson = taught.deals
    if lesson.window is None:
        return told
    chosen = lesson.judged[lesson.rung]
    spread = exposure(chosen)
    return told | {
        **_means(lesson, lesson.rung),
        "queries": len(per_query(chosen).row),
        "coverage": spread.coverage,
        "gini": spread.gini,
        "window": {"cut": lesson.window.cut.isoformat(), "end": lesson.window.end.isoformat()},
        "rungs": {rung.value: _means(lesson, rung) for rung in lesson.judged},
        "steps": {step.rung.value: _plain(asdict(step)) for step in lesson.steps},
    }


def _means(lesson: Lesson, rung: Rung) -> dict[str, float]:
    queries = per_query(lesson.judged[rung])
    return {name: float(getattr(queries, of).mean()) for name, of in MEASURES.items()}


def _plain(told: Any) -> Any:
    """Turn codes into words and whole numbers into plain ones."""
    if isinstance(told, Mapping):
        return {str(name): _plain(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_plain(value) for value in told]
    return told if isinstance(told, bool | int | float) or told is None else str(told)
