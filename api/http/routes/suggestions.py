"""Suggestions as a startup sees them: reasons and gaps; no score, no rival, no note of anybody."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.http.answer_schemas import SuggestionsShown
from api.http.identity import Asker, may
from api.http.languages import Chosen
from api.http.permissions import Action
from api.http.questions import answered, asking
from api.words import Words
from matching.records import Startup
from matching.suggestions import Shortlist, Suggestion
from matching.vocabulary import Feature

router = APIRouter(tags=["suggestions"])
PRIVATE = frozenset({Feature.ANSWERS})
"""Reasons that tell what a fund answered to others."""
WANTED = ("sectors", "country", "city", "stage", "founded_on", "raising_usd", "business_model")


@router.get("/me/suggestions", response_model=SuggestionsShown)
def suggestions(
    asker: Annotated[Asker, may(Action.SEE_SUGGESTIONS)],
    words: Chosen,
    k: Annotated[int, Query(ge=1, le=10, description="How many funds.")] = 10,
) -> Response:
    """Show a startup the funds that might fit it, and what is missing in its profile."""
    startup = asking(asker, str(asker.credential.account.startup_id))
    found = asker.serving.picture.engine.shortlist(startup, k)
    shown = [suggestion.fund.fund_id for suggestion in found.suggestions]
    asker.serving.exposures.add(startup.startup_id, shown, found.ranker, asker.now)
    return answered(told(startup, found, words), words)


def told(startup: Startup, found: Shortlist, words: Words) -> dict[str, Any]:
    """Tell a shortlist to the startup it is for."""
    return {
        "notice": words.say("text", "ai_notice"),
        "as_of": found.as_of.isoformat(),
        "suggestions": [
            {
                "fund_id": suggestion.fund.fund_id,
                "fund": suggestion.fund.name,
                "reasons": list(_reasons(suggestion, found.startup, words)),
            }
            for suggestion in found.suggestions
        ],
        "gaps": [{"field": name, "text": words.say("gap", name)} for name in _gaps(startup)],
    }


def _reasons(suggestion: Suggestion, startup: Startup, words: Words) -> Iterator[dict[str, str]]:
    for reason in suggestion.reasons:
        if reason.feature not in PRIVATE:
            text = words.reason(reason, startup, suggestion.fund)
            yield {"code": reason.feature.value, "text": text}


def _gaps(startup: Startup) -> Iterator[str]:
    if not (startup.description or startup.description_vi):
        yield "description"
    for name in WANTED:
        if not getattr(startup, name) or name in startup.not_understood:
            yield name
