"""`ketnoi shortlist`."""

from datetime import date
from pathlib import Path

import typer

from api.answers import Answers
from api.commands.output import console, opened, print_json, words
from api.show import Screen
from data.faults import Fault, FileReport
from data.profiles import Refused, read_profiles
from matching.errors import NotFound
from matching.knowledge import Knowledge
from matching.records import Startup


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
            startup, remarks = stored(knowledge, startup_id, as_of), FileReport("")
        elif profile is not None:
            startup, remarks = _one(profile)
        else:
            startup, remarks = _told(text or ""), FileReport("")
        answer = app.engine(knowledge, as_of).shortlist(startup, k)
        chosen, sources = words(app, language), app.store.sources()
        if as_json:
            print_json(Answers(chosen, sources).shortlist(answer))
            return
        if remarks.not_understood:
            items = ", ".join(f"{column} {value!r}" for column, value in remarks.not_understood)
            console(stderr=True).print(chosen.say("text", "not_understood", items=items), markup=False)
        Screen(console(), chosen, sources).shortlist(answer)


def stored(knowledge: Knowledge, startup_id: str, as_of: date | None) -> Startup:
    """Find a stored startup.

    Raises
    ------
    NotFound
        If it is unknown, or was on `as_of`.
    """
    for startup in knowledge.startups:
        if startup.startup_id == startup_id:
            return startup
    when = f" before {as_of}" if as_of else ""
    raise NotFound(
        f"STARTUP must be the id of a stored startup, got {startup_id!r}, which is not known{when}"
    )


def _one(path: Path) -> tuple[Startup, FileReport]:
    startups, report = read_profiles(path)
    if len(startups) != 1:
        rule = "hold one profile (`ketnoi batch --profiles` takes many)"
        raise Refused([Fault(path.name, 0, "", f"{len(startups)} profiles", rule)])
    return startups[0], report


def _told(text: str) -> Startup:
    if not text.strip():
        raise typer.BadParameter("must not be empty", param_hint="--text")
    return Startup(description=text)
