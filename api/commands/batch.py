"""`ketnoi batch`."""

from datetime import date
from pathlib import Path

import typer

from api.commands.output import console, opened, print_json, progress, say_what_was_not_used, words
from api.compose import App
from api.jobs.batch import rank_all, require_ending
from data.profiles import read_profiles
from matching.knowledge import as_asked
from matching.market import profile_vectors
from matching.records import Startup
from matching.vocabulary import CAPACITY


def run(
    out: Path, *, everyone: bool, profiles: Path | None, k: int, as_of: date | None, as_json: bool
) -> None:
    """Rank for all stored startups or for those of a file, into `out`."""
    if everyone == (profiles is not None):
        raise typer.BadParameter("give one of --all or --profiles FILE")
    require_ending(out)
    with opened() as app:
        knowledge = app.store.knowledge(as_of)
        asked = knowledge.startups if profiles is None else _questions(app, profiles, as_of)
        engine = app.engine(knowledge, as_of, CAPACITY)
        profile_vectors(asked, engine.vectors)  # embeds what is new in large batches, before the first answer
        with progress("Ranking") as bar:
            rows = rank_all(engine, asked, k, out, bar)
    if as_json:
        print_json({"out": str(out), "startups": len(asked), "rows": rows, "ranker": engine.ranker.name})
    else:
        told = f"{out}: {rows:,} rows for {len(asked):,} startups, ranked by {engine.ranker.name}"
        console().print(told, markup=False, soft_wrap=True)


def _questions(app: App, path: Path, as_of: date | None) -> list[Startup]:
    """Read the profiles asked about."""
    startups, report = read_profiles(path)
    say_what_was_not_used(report, words(app, None))
    return [as_asked(startup, as_of) for startup in startups]
