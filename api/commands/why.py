"""`ketnoi why`."""

from datetime import date
from pathlib import Path

import typer

from api.answers import Answers
from api.commands.asking import find_fund, find_startup, one_profile
from api.commands.output import console, opened, print_json, say_what_was_not_used, words
from api.show import Screen


def run(
    ids: list[str],
    profile: Path | None,
    *,
    as_of: date | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Print why a fund is, or is not, on a startup's list."""
    if len(ids) != (2 if profile is None else 1):
        raise typer.BadParameter("give STARTUP FUND, or FUND --profile FILE")
    with opened() as app:
        knowledge = app.store.knowledge(as_of)
        if profile is None:
            startup = find_startup(knowledge, ids[0])
        else:
            startup, report = one_profile(profile, as_of)
            say_what_was_not_used(report, words(app, language))
        fund = find_fund(knowledge, ids[-1])
        engine = app.engine(knowledge, as_of)
        verdict, after_yes = engine.why(startup, fund.fund_id), app.after_yes(engine)
        chosen, sources = words(app, language), app.store.sources()
        if as_json:
            print_json(Answers(chosen, sources, after_yes).verdict(verdict))
        else:
            Screen(console(), chosen, sources, after_yes).verdict(verdict)
