"""A stored startup as a question, and the answer to one as JSON."""

from dataclasses import replace
from typing import Any

import orjson
from fastapi import Response

from api.http.identity import Asker
from api.words import Words
from data.feedback import rejected
from data.store import startup_from
from matching.records import Startup


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
