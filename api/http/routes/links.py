"""Links by which a fund answers: made and revoked by whoever runs the introduction, shown once."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.http.identity import Asker, may
from api.http.permissions import Action
from api.http.routes.introductions import require_willing, within_reach
from api.http.schemas import Id
from api.http.strict import StrictRoute
from data.links import Link, make_link, revoke_links
from matching.replies import Question

router = APIRouter(tags=["links"], route_class=StrictRoute)


class LinkShown(BaseModel):
    """A new link; `path` holds its secret, and is shown this once."""

    link_id: str
    question: Question
    fund_id: str
    introduction_id: str | None
    path: str = Field(examples=["/v1/answers/kl_..."])
    expires_at: datetime


@router.post("/introductions/{introduction_id}/link", response_model=LinkShown, status_code=201)
def link_to_an_introduction(asker: Annotated[Asker, may(Action.INTRODUCE)], introduction_id: Id) -> object:
    """Make the link by which the fund answers an introduction it was asked about; an earlier one ends."""
    course = within_reach(asker, introduction_id)
    require_willing(asker, course.startup_id, course.fund_id)
    return _made(asker, course.fund_id, introduction_id)


@router.delete("/introductions/{introduction_id}/link", status_code=204)
def revoke_link_to_an_introduction(
    asker: Annotated[Asker, may(Action.INTRODUCE)], introduction_id: Id
) -> None:
    """Revoke the link of an introduction; that there is none does no harm."""
    course = within_reach(asker, introduction_id)
    _revoked(asker, course.fund_id, introduction_id)


@router.post("/funds/{fund_id}/link", response_model=LinkShown, status_code=201)
def link_to_a_fund(asker: Annotated[Asker, may(Action.ASK_FUND)], fund_id: Id) -> object:
    """Make the link by which a fund confirms or pauses what is known of it; an earlier one ends."""
    return _made(asker, fund_id, None)


@router.delete("/funds/{fund_id}/link", status_code=204)
def revoke_link_to_a_fund(asker: Annotated[Asker, may(Action.ASK_FUND)], fund_id: Id) -> None:
    """Revoke the link of a fund; that there is none does no harm."""
    _revoked(asker, fund_id, None)


def _made(asker: Asker, fund_id: str, introduction_id: str | None) -> dict[str, Any]:
    database, who = asker.app.database, asker.account_id
    link, token = make_link(database, fund_id, introduction_id, actor=who, now=asker.now)
    return {**_plain(link), "path": f"/v1/answers/{token}"}


def _plain(link: Link) -> dict[str, Any]:
    return {**vars(link), "question": link.question}


def _revoked(asker: Asker, fund_id: str, introduction_id: str | None) -> None:
    revoke_links(asker.app.database, fund_id, introduction_id, actor=asker.account_id, now=asker.now)
