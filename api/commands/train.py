"""`ketnoi train`."""

from collections.abc import Iterator
from datetime import date
from itertools import count

from api.commands.output import console, opened, print_json, progress, words
from api.jobs.training import Taught, result, train
from api.words import Words
from matching.vocabulary import ReleaseStatus
from models.acceptance import Acceptance
from models.calibration import LEAST_HITS
from models.ladder import ENOUGH
from models.metrics import per_query
from models.training import STEPS, Lesson


def run(*, as_of: date | None, promote: bool, language: str | None, as_json: bool) -> None:
    """Train, register a release, and tell what came of it."""
    with opened() as app:
        chosen, done = words(app, language), count(1)
        with progress("Training") as bar:
            release, taught = train(app, as_of, lambda step: bar(next(done), STEPS), promote=promote)
    champion = release.status is ReleaseStatus.CHAMPION
    if as_json:
        print_json(result(release, taught))
        return
    for sentence in _sentences(taught, chosen):
        console().print(sentence, markup=False, soft_wrap=True)
    event, kind = chosen.say("event", taught.outcome), chosen.say("rung", _rung(taught))
    key = "serves" if champion else "waits"
    said = chosen.say("train", key, release=release.release_id, kind=kind, event=event)
    console().print(said, markup=False, soft_wrap=True)


def _rung(taught: Taught) -> str:
    trained = taught.trained
    return trained.rung if isinstance(trained, Acceptance) else taught.deals.rung


def _sentences(taught: Taught, chosen: Words) -> Iterator[str]:
    yield from _of_deals(taught.deals, chosen)
    if taught.accepts is None:
        yield chosen.say("train", "no_answers")
    else:
        yield chosen.say("train", "answers", n=chosen.number(taught.accepts.trial["rows"], 0))
        for step in taught.accepts.trial["steps"]:
            key = "forecasts" if step["better"] else "forecasts_no_better"
            yield _compared(key, step["rung"], step["over"], chosen, "loss", step, "gain")


def _of_deals(lesson: Lesson, chosen: Words) -> Iterator[str]:
    if lesson.window is None:
        yield chosen.say("train", "nothing", day=chosen.day(lesson.as_of))
        return
    window = {"cut": chosen.day(lesson.window.cut), "end": chosen.day(lesson.window.end)}
    yield chosen.say("train", "compared", **window)
    for step in lesson.steps:
        gain = {"mean": step.ndcg_10.mean, "low": step.ndcg_10.low, "high": step.ndcg_10.high}
        key = "better" if step.taken else "not_better"
        yield _compared(key, step.rung, step.against, chosen, "ndcg", gain, "mean")
    n = len(per_query(lesson.judged[lesson.rung]).row)
    if n < ENOUGH:
        yield "  " + chosen.say("train", "few", n=n, least=ENOUGH)
    if not lesson.tells_chances:
        yield chosen.say("train", "no_chances", least=LEAST_HITS)


def _compared(
    key: str, rung: str, against: str, chosen: Words, measure: str, gain: dict[str, float], mean: str
) -> str:
    return "  " + chosen.say(
        "train",
        key,
        rung=chosen.say("rung", rung),
        against=chosen.say("rung", against),
        measure=chosen.say("train", measure),
        mean=chosen.number(gain[mean]),
        low=chosen.number(gain["low"]),
        high=chosen.number(gain["high"]),
    )
