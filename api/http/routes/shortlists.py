"""Shortlists: which funds to ask, and why; what is shown for a stored startup is logged."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.answers import Answers
from api.http.answer_schemas import ShortlistShown, VerdictShown
from api.http.identity import Asker, may
from api.http.languages import Chosen
from api.http.permissions import Action
from api.http.questions import answered, asking
from api.http.schemas import Id, QuestionBody, cells
from api.http.strict import StrictRoute
from data.profiles import read_profile
from matching.errors import NotFound

router = APIRouter(tags=["shortlists"], route_class=StrictRoute)
Count = Annotated[int, Query(ge=1, le=100, description="How many funds.")]


@router.get("/startups/{startup_id}/shortlist", response_model=ShortlistShown)
def shortlist(
    asker: Annotated[Asker, may(Action.SHORTLIST)], startup_id: Id, words: Chosen, k: Count = 10
) -> Response:
    """Suggest funds for a stored startup, best first, with reasons and what to check."""
    picture = asker.serving.picture
    found = picture.engine.shortlist(asking(asker, startup_id), k)
    shown = [suggestion.fund.fund_id for suggestion in found.suggestions]
    asker.serving.exposures.add(startup_id, shown, found.ranker, asker.now)
    return answered(Answers(words, picture.sources).shortlist(found), words)


@router.post("/shortlists", response_model=ShortlistShown)
def shortlist_of_a_profile(
    asker: Annotated[Asker, may(Action.ASK)], body: QuestionBody, words: Chosen, k: Count = 10
) -> Response:
    """Suggest funds for a profile that is in no database; it is not kept."""
    startup, _ = read_profile(cells(body))
    picture = asker.serving.picture
    answer = Answers(words, picture.sources).shortlist(picture.engine.shortlist(startup, k))
    return answered({**answer, "startup_id": None, "startup": body.name}, words)


@router.get("/startups/{startup_id}/why/{fund_id}", response_model=VerdictShown)
def why(
    asker: Annotated[Asker, may(Action.SHORTLIST)], startup_id: Id, fund_id: Id, words: Chosen
) -> Response:
    """Say why a fund is suggested to a startup, or what keeps it out."""
    startup, picture = asking(asker, startup_id), asker.serving.picture
    try:
        verdict = picture.engine.why(startup, fund_id)
    except NotFound:  # perhaps it came a moment ago
        asker.serving.refresh()
        picture = asker.serving.picture
        verdict = picture.engine.why(startup, fund_id)
    return answered(Answers(words, picture.sources).verdict(verdict), words)
