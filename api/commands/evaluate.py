"""`ketnoi evaluate`."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table

from api.commands.output import console, opened, print_json, progress, say_what_was_not_used, words
from api.compose import App
from api.jobs.evaluation import OwnQuestions, choose, engines, newest_end, steps
from api.jobs.runs import Runs
from api.report import tables
from api.report.page import require_page, write_report
from api.report.sayings import Sayings
from api.words import Words
from matching.errors import BadValue
from matching.vocabulary import Control
from models.checks import Check, check
from models.evaluation import Evaluator, Family, Trial
from models.served import Released
from models.summary import Summary, as_plain, summarise
from models.windows import Questions


@dataclass(frozen=True)
class Outputs:
    """Where an evaluation is told beside the terminal."""

    runs: Path | None
    depth: int
    report: Path | None
    as_json: bool
    language: str | None


def own_questions(profiles: Path | None, truth: Path | None, candidates: Path | None) -> OwnQuestions | None:
    """Take the files of questions of one's own together; --truth and --profiles need each other."""
    if profiles is None and truth is None and candidates is None:
        return None
    if profiles is None or truth is None:
        raise typer.BadParameter("--profiles and --truth go together; --candidates needs both")
    return OwnQuestions(profiles, truth, candidates)


def run(
    outputs: Outputs,
    *,
    windows: int,
    as_of: date | None,
    own: OwnQuestions | None,
    methods: Sequence[str],
    controls: bool,
) -> None:
    """Test methods, and tell how good each is."""
    if outputs.report:
        require_page(outputs.report)
    with opened() as app:
        chosen = words(app, outputs.language)
        families = choose(methods, app.settings.embedding_model, engines(app))
        questions = _questions(app, own, as_of, chosen)
        with Runs(outputs.runs, outputs.depth) if outputs.runs else nullcontext() as runs:
            trials, checks = _run(app, families, runs, windows, as_of, questions, controls=controls)
        told = summarise(
            trials,
            synthetic=app.store.is_synthetic(),
            as_of=as_of,
            encoder=app.settings.embedding_model,
            controls=checks,
        )
        releases = _releases(app, told)
    if outputs.report:
        write_report(told, outputs.report, chosen)
    if outputs.as_json:
        print_json({"finding": told.finding, **as_plain(told), "releases": releases})
    else:
        _show(told, releases, chosen)
    failed = [check for check in checks if check.control is Control.SCRAMBLED and check.passed is False]
    if failed:
        rule = f"no more than {failed[0].expected:.4f}, chance, where who invested is drawn by lot"
        raise BadValue(rule, f"{failed[0].recall_10.mean:.4f}", f"recall@10 of {failed[0].method}")


def _questions(app: App, own: OwnQuestions | None, as_of: date | None, chosen: Words) -> Questions | None:
    """Read questions of one's own, and say what of their file was not used."""
    if own is None:
        return None
    questions, report = own.read(app, as_of)
    say_what_was_not_used(report, chosen)
    return questions


def _run(
    app: App,
    families: Sequence[Family],
    runs: Runs | None,
    windows: int,
    as_of: date | None,
    questions: Questions | None,
    *,
    controls: bool,
) -> tuple[list[Trial], list[Check]]:
    end = as_of or newest_end(app)
    with progress("Evaluating") as bar:
        done, total = count(1), steps(families, 0 if questions else windows, controls=controls)
        evaluator = Evaluator(
            app.store,
            app.vectors.for_questions(),
            families,
            as_of,
            progress=lambda step: bar(next(done), total),
            keep=runs.keep if runs else None,
        )
        if questions is not None:
            trials = [evaluator.trial(questions)]
        else:
            trials = list(evaluator.rolling(end, windows)) if end else []
        return trials, check(evaluator, trials) if controls else []


def _releases(app: App, told: Summary) -> dict[str, str]:
    """Name what ranks as `release` on the day of each window; nothing where it takes no part."""
    if told.method(Released.name) is None:
        return {}
    days = [window.window.cut for window in told.windows]
    return {day.isoformat(): app.trained(day).name for day in days}


def _show(told: Summary, releases: Mapping[str, str], chosen: Words) -> None:
    sayings, screen = Sayings(chosen, told), console()
    for sentence in sayings.verdict():
        screen.print(sentence, markup=False, soft_wrap=True)
    for window in told.windows:
        counts = (window.queries, window.reachable, window.candidates)
        names = (sayings.text(key) for key in ("queries", "reachable", "candidates"))
        said = [f"{name}: {chosen.number(n, 0)}" for name, n in zip(names, counts, strict=True)]
        if release := releases.get(window.window.cut.isoformat()):
            said.append(f"{Released.name}: {release}")
        line = f"{sayings.window(window.window)}  {'; '.join(said)}"
        screen.print(line, style="dim", markup=False, soft_wrap=True)
    if told.reachable:
        screen.print(_table(_leaderboard(told, sayings)))
    if told.controls:
        screen.print(f"\n{chosen.say('control', 'lead')}", markup=False, soft_wrap=True)
        screen.print(_table(tables.controls(sayings)))


def _leaderboard(told: Summary, sayings: Sayings) -> tables.Table:
    rows = [
        (
            sayings.method(method.name),
            sayings.interval(method.recall_10),
            *(sayings.words.number(m.mean) for m in (method.recall_50, method.ndcg_10, method.mrr)),
        )
        for method in told.methods
    ]
    return tables.Table("", (sayings.text("method"), "R@10", "R@50", "nDCG@10", "MRR"), tuple(rows))


def _table(told: tables.Table) -> Table:
    table = Table(*told.head, box=None, pad_edge=False)
    for row in told.rows:
        table.add_row(*map(escape, row))
    return table
