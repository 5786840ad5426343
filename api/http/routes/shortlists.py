"""Shortlists: which funds to ask, or which startups, and why; what is shown of stored ones is logged."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.answers import Answers
from api.http.answer_schemas import ProspectsShown, ShortlistShown, VerdictShown
from api.http.identity import Asker, may
from api.http.languages import Chosen
from api.http.permissions import Action
from api.http.places import PLACE
from api.http.questions import answered, asking, asking_all
from api.http.schemas import Id, IdFilter, QuestionBody, cells
from api.http.strict import StrictRoute
from data.profiles import read_profile
from matching.errors import Busy
from matching.prospects import prospects
from matching.records import Startup
from matching.vocabulary import Prompt

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
async def shortlist_of_a_profile(
    request: Request,
    asker: Annotated[Asker, may(Action.ASK)],
    body: QuestionBody,
    words: Chosen,
    k: Count = 10,
) -> Response:
    """Suggest funds for a profile that is in no database; it is not kept."""
    serving, place = asker.serving, request.scope[PLACE]

    def read() -> tuple[Startup, dict[str, str]]:
        startup, _ = read_profile(cells(body))
        return startup, serving.questions.missing(startup.texts, Prompt.QUERY)

    def answer() -> Response:
        picture = serving.picture
        told = Answers(words, picture.sources).shortlist(picture.engine.shortlist(startup, k))
        return answered({**told, "startup_id": None, "startup": body.name}, words)

    startup, missing = await run_sync(read)
    if missing:
        async with place.aside():
            vectors = await serving.embedding.embedded(list(missing.values()), Prompt.QUERY)
        serving.questions.remember(missing, vectors)
    return await run_sync(answer)


@router.get("/startups/{startup_id}/why/{fund_id}", response_model=VerdictShown)
def why(
    asker: Annotated[Asker, may(Action.SHORTLIST)], startup_id: Id, fund_id: Id, words: Chosen
) -> Response:
    """Say why a fund is suggested to a startup, or what keeps it out."""
    startup, picture = asking(asker, startup_id), asker.serving.knowing(fund_id)
    verdict = picture.engine.why(startup, fund_id)
    return answered(Answers(words, picture.sources).verdict(verdict), words)


@router.get("/funds/{fund_id}/startups", response_model=ProspectsShown)
def startups_of_a_fund(
    asker: Annotated[Asker, may(Action.SHORTLIST)],
    fund_id: Id,
    words: Chosen,
    program: IdFilter = None,
    k: Annotated[int, Query(ge=1, le=100, description="How many startups.")] = 10,
) -> Response:
    """List the startups within reach that could be introduced to a fund, best first.

    Those with a chance come first, by it; the others by the fund's place on the list of each. A process
    works out one such list at a time.
    """
    picture = asker.serving.knowing(fund_id)
    startups = asking_all(asker, program)
    if not asker.serving.listing.acquire(blocking=False):
        raise Busy("another list of startups is worked out")
    try:
        found = prospects(picture.engine, fund_id, startups, k)
    finally:
        asker.serving.listing.release()
    shown = [prospect.startup.startup_id for prospect in found.shown]
    asker.serving.exposures.add_prospects(fund_id, shown, found.ranker, asker.now)
    return answered(Answers(words, picture.sources).prospects(found), words)
