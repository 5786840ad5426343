"""The parts of the page in the order a reader needs them; a notebook shows each by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from api.report import plots, tables
from api.report.sayings import Sayings
from api.report.tables import Table
from api.report.template import render
from api.words import Words
from models.figures import ENOUGH_IN_SLICE
from models.metrics import RESAMPLES
from models.summary import Summary
from models.windows import CANDIDATE_YEARS


@dataclass(frozen=True)
class Part:
    """A heading, how to read what follows, a plot or none, and its tables or a list of sentences."""

    key: str
    title: str
    lead: str = ""
    plot: str = ""
    tables: tuple[Table, ...] = ()
    sentences: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        return render("part.html", part=self, whole=False)


def parts(summary: Summary, words: Words) -> list[Part]:
    """Make every part that the summary has figures for."""
    return list(_parts(Sayings(words, summary)))


def _parts(say: Sayings) -> Iterator[Part]:
    summary = say.summary
    yield Part("verdict", say.text("verdict"), sentences=say.verdict())
    yield _part(say, "tests", table=tables.tests(say))
    if summary.reachable:
        yield _part(say, "leaderboard", plots.leaderboard(say), tables.leaderboard(say))
    if summary.gains:
        values = {"baseline": summary.baseline, "least": say.least}
        yield _part(say, "gains", plots.gains(say), tables.gains(say), **values)
    if summary.reachable:
        yield _part(say, "windows", plots.windows(say), tables.windows(say))
        yield _part(say, "pool", plots.pool(say), tables.pool(say))
        if any(group.recall_10 for method in tables.compared(say) for group in method.slices):
            plot, table = plots.slices(say), tables.slices(say)
            yield _part(say, "slices", plot, table, enough=ENOUGH_IN_SLICE)
        yield _chances(say)
        yield _part(say, "exposure", plots.exposure(say), tables.exposure(say))
    if summary.controls:
        title, lead = (say.words.say("control", key) for key in ("title", "lead"))
        yield Part("controls", title, lead, tables=(tables.controls(say),))
    if summary.methods:
        yield _part(say, "choices", table=tables.choices(say))
    yield Part("how", say.text("how"), sentences=_how(say))
    yield Part("limits", say.text("limits"), sentences=_limits(say))


def _part(say: Sayings, key: str, plot: str = "", table: Table | None = None, **values: object) -> Part:
    return Part(key, say.text(key), say.text(f"{key}_lead", **values), plot, (table,) if table else ())


def _chances(say: Sayings) -> Part:
    """Plot the method served where it says chances, else the best that does."""
    told = sorted(
        (m for m in say.summary.methods if m.reliability), key=lambda m: m.name != say.summary.served
    )
    if not told:
        return Part("chances", say.text("chances"), say.text("chances_none"))
    bins, calibration = tables.bins(say, told[0]), tables.calibration(say)
    plot = plots.reliability(say, told[0])
    return Part("chances", say.text("chances"), say.text("chances_lead"), plot, (bins, calibration))


def _how(say: Sayings) -> tuple[str, ...]:
    summary, day = say.summary, say.summary.as_of
    as_of = say.text("as_of_day", day=say.words.day(day)) if day else say.text("as_of_all")
    values = {"as_of": as_of, "years": CANDIDATE_YEARS, "resamples": say.words.number(RESAMPLES, 0)}
    keys = ["how_questions", "how_candidates", "how_means", "how_ties", "how_intervals", "how_tuning"]
    told = [say.text(key, **values) for key in keys]
    return (*told, say.text("how_encoder", encoder=summary.encoder)) if summary.encoder else tuple(told)


def _limits(say: Sayings) -> tuple[str, ...]:
    keys = ("limits_known", "limits_new", "limits_cause", "limits_market", "limits_slices")
    return tuple(say.text(key, years=CANDIDATE_YEARS) for key in keys)
