"""`ketnoi shortlist`."""

from datetime import date
from pathlib import Path

import typer

from api.answers import Answers
from api.commands.asking import find_startup, one_profile, strangers, told
from api.commands.output import (
    console,
    opened,
    print_json,
    say_unknown_exclusions,
    say_what_was_not_used,
    words,
)
from api.show import Screen


def run(
    startup_id: str | None,
    profile: Path | None,
    text: str | None,
    *,
    k: int,
    as_of: date | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Print the shortlist of one startup, told in one of three ways."""
    if sum(told is not None for told in (startup_id, profile, text)) != 1:
        raise typer.BadParameter("give one of STARTUP, --profile FILE or --text TEXT")
    with opened() as app:
        knowledge = app.store.knowledge(as_of)
        if startup_id is not None:
            startup = find_startup(knowledge, startup_id)
        elif profile is not None:
            startup, report = one_profile(profile, as_of)
            say_what_was_not_used(report, words(app, language))
        else:
            startup = told(text or "")
        say_unknown_exclusions(strangers(startup, knowledge), words(app, language))
        engine = app.engine(knowledge, as_of)
        answer = engine.shortlist(startup, k)
        chosen, sources = words(app, language), app.store.sources()
        if as_json:
            print_json(Answers(chosen, sources, app.after_yes(engine)).shortlist(answer))
        else:
            Screen(console(), chosen, sources).shortlist(answer)
