"""Feedback: what a startup and its managers make of a fund that is suggested."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.http.identity import Asker, may, not_allowed
from api.http.permissions import Action
from api.http.schemas import Id, Strict
from api.http.strict import StrictRoute
from data.feedback import ANSWERS, give, given
from matching.roles import FeedbackVerdict, Role

router = APIRouter(prefix="/startups/{startup_id}/feedback", tags=["feedback"], route_class=StrictRoute)


class FeedbackBody(Strict):
    """A verdict; to reject takes a reason. A note is for managers alone."""

    verdict: Annotated[FeedbackVerdict, Field(strict=False)]
    reason: Annotated[str, Field(max_length=1_000)] = ""


class FeedbackShown(BaseModel):
    """A verdict in force."""

    fund_id: str
    account_id: str
    verdict: FeedbackVerdict
    reason: str
    at: datetime
    by_startup: bool


class FeedbackList(BaseModel):
    """The verdicts in force on the funds of a startup."""

    items: list[FeedbackShown]


@router.get("", response_model=FeedbackList)
def list_feedback(asker: Annotated[Asker, may(Action.READ_STARTUP)], startup_id: Id) -> object:
    """List the verdicts in force, oldest first; a startup sees its own."""
    asker.startup(startup_id)
    own = asker.credential.account.role is Role.STARTUP
    told = given(asker.app.database, startup_id)
    return {"items": [vars(feedback) for feedback in told if feedback.by_startup or not own]}


@router.put("/{fund_id}", status_code=204)
def write_feedback(
    asker: Annotated[Asker, may(Action.GIVE_FEEDBACK)], startup_id: Id, fund_id: Id, body: FeedbackBody
) -> Response:
    """Give a verdict on a fund; it takes the place of the asker's earlier one.

    A fund that the startup itself rejects is not suggested to it again until it accepts it.
    """
    asker.startup(startup_id)
    if asker.credential.account.role is Role.STARTUP and body.verdict not in ANSWERS:
        raise not_allowed(f"{body.verdict} is for managers")
    give(
        asker.app.database,
        startup_id,
        fund_id,
        verdict=body.verdict,
        reason=body.reason,
        actor=asker.account_id,
        now=asker.now,
    )
    return Response(status_code=204)
