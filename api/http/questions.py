"""A stored startup as a question, and the answer to one as JSON."""

from dataclasses import replace
from typing import Any

import orjson
from fastapi import Response

from api.http.identity import Asker
from api.http.problems import Broken, invalid
from api.words import Words
from data.feedback import rejected, rejections
from data.listing import page
from data.store import startup_from
from matching.records import Startup

MOST_STARTUPS = 500
"""Startups that one request looks at: up to 3 s of a processor beside 100 funds, 11 s beside 10,000."""


class Json(Response):
    """Plain values as JSON, not checked against the model again."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Write JSON."""
        return orjson.dumps(content)


def answered(content: Any, words: Words) -> Json:
    """Answer in a language."""
    return Json(content, headers={"Content-Language": words.language, "Vary": "Accept-Language"})


def asking(asker: Asker, startup_id: str) -> Startup:
    """Return a stored startup within reach as it is matched, without the funds that it rejected itself."""
    row, _ = asker.startup(startup_id)
    startup = startup_from(row)
    return replace(startup, exclusions=startup.exclusions | rejected(asker.app.database, startup_id))


def asking_all(asker: Asker, program: str | None) -> list[Startup]:
    """Return all startups within reach as they are matched, those of one program where it is told.

    Raises
    ------
    Problem
        422 for more than MOST_STARTUPS.
    """
    database = asker.app.database
    rows = page(database, "startup", limit=MOST_STARTUPS + 1, programs=asker.programs_of(program))
    if len(rows) > MOST_STARTUPS:
        rule = f"name one with at most {MOST_STARTUPS} startups, as there are more"
        raise invalid([Broken("program", rule, program or "")])
    with database.connect() as connection:
        unwanted = rejections(connection, [row["startup_id"] for row in rows])
    startups = map(startup_from, rows)
    return [replace(s, exclusions=s.exclusions | unwanted[s.startup_id]) for s in startups]
