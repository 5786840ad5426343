"""`ketnoi why`."""

from datetime import date

from api.answers import Answers
from api.commands.output import console, opened, print_json, words
from api.commands.shortlist import stored
from api.show import Screen


def run(startup_id: str, fund_id: str, *, as_of: date | None, language: str | None, as_json: bool) -> None:
    """Print why a fund is, or is not, on a startup's list."""
    with opened() as app:
        knowledge = app.store.knowledge(as_of)
        startup = stored(knowledge, startup_id, as_of)
        verdict = app.engine(knowledge, as_of).why(startup, fund_id)
        chosen, sources = words(app, language), app.store.sources()
        if as_json:
            print_json(Answers(chosen, sources).verdict(verdict))
        else:
            Screen(console(), chosen, sources).verdict(verdict)
