"""In which language an answer speaks: as `lang` says, else as the browser prefers, else as is set."""

from typing import Annotated

from fastapi import Depends, Header, Query, Request

from api.words import Words
from matching.vocabulary import Language


def words(
    request: Request,
    lang: Annotated[Language | None, Query(description="Language of the answer.")] = None,
    accept_language: Annotated[str | None, Header(examples=["vi, en;q=0.5"])] = None,
) -> Words:
    """Choose the words of an answer."""
    return Words(lang or preferred(accept_language or "") or request.app.state.app.settings.language)


def preferred(header: str) -> Language | None:
    """Return the language that an Accept-Language header prefers, None where it names none of ours.

    >>> preferred("fr, en-GB;q=0.8, vi;q=0.5"), preferred("fr"), preferred("en;q=0")
    (<Language.EN: 'en'>, None, None)
    """
    best, weight = None, 0.0
    for part in header.split(","):
        name, _, told = part.partition(";")
        code = name.strip().lower().partition("-")[0]
        quality = _quality(told)
        if code in set(Language) and quality > weight:
            best, weight = Language(code), quality
    return best


def _quality(told: str) -> float:
    name, _, value = told.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


Chosen = Annotated[Words, Depends(words)]
"""The words of the answer."""
