"""Releases of the ranking, and which of them ranks: the champion, one resource with a tag."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.http.identity import Asker, may
from api.http.permissions import Action
from api.http.problems import Problem, ProblemType
from api.http.schemas import Id, Label, Strict
from api.http.strict import StrictRoute
from api.http.tags import IfMatch, expected, tag
from data.releases import Release
from matching.errors import BadValue, NotFound, NotReady
from matching.vocabulary import ReleaseEvent, ReleaseStatus

router = APIRouter(tags=["releases"], route_class=StrictRoute)
NONE = "none"
"""The tag where no release is champion, and the prior ranks."""

Why = Annotated[str, Field(max_length=1_000)]


class ReleaseShown(BaseModel):
    """A release, which has learned from facts before `data_until`, with the figures of its backtest."""

    release_id: str
    created_at: datetime
    data_until: date
    kind: str
    synthetic: bool
    checksum: str
    metrics: dict[str, Any]
    settings: dict[str, Any]
    status: ReleaseStatus
    promoted_at: datetime | None


class ReleaseList(BaseModel):
    """All releases, newest first."""

    items: list[ReleaseShown]


class DecisionShown(BaseModel):
    """What was decided about a release."""

    event: ReleaseEvent
    at: datetime
    reason: str


class ReleaseRecord(ReleaseShown):
    """A release with the decisions about it, oldest first."""

    history: list[DecisionShown]


class Champion(BaseModel):
    """The release that ranks; null where none does, and the prior ranks."""

    release: ReleaseShown | None


class ChampionBody(Strict):
    """Which release is to rank."""

    release_id: Label = Field(min_length=1, examples=["2026-11-24-1"])
    reason: Why = ""


@router.get("/releases", response_model=ReleaseList)
def list_releases(asker: Annotated[Asker, may(Action.READ_RELEASE)]) -> object:
    """List all releases, newest first."""
    return {"items": list(map(vars, asker.app.releases.list()))}


@router.get("/releases/{release_id}", response_model=ReleaseRecord)
def read_release(asker: Annotated[Asker, may(Action.READ_RELEASE)], release_id: Id) -> object:
    """Read a release with what was decided about it."""
    release = asker.app.releases.get(release_id)
    return {**vars(release), "history": list(map(vars, asker.app.releases.history(release_id)))}


@router.get("/champion", response_model=Champion)
def read_champion(asker: Annotated[Asker, may(Action.READ_RELEASE)], response: Response) -> object:
    """Tell which release ranks; its id is the ETag, `none` where the prior ranks."""
    release_id = asker.app.releases.champion_id()
    return _champion(asker.app.releases.get(release_id) if release_id else None, response)


@router.put("/champion", response_model=Champion)
def choose_champion(
    asker: Annotated[Asker, may(Action.CHOOSE_RELEASE)],
    body: ChampionBody,
    response: Response,
    if_match: IfMatch = None,
) -> object:
    """Let a release rank in place of the one that does, if that still is the one of If-Match.

    It has to be one that this installation can rank with.
    """
    seen, releases = _seen(if_match), asker.app.releases
    try:
        asker.app.learned(releases.read(body.release_id))
    except NotFound:
        raise BadValue("the id of a release", body.release_id, "release_id") from None
    chosen = releases.promote(body.release_id, body.reason, asker.now, actor=asker.account_id, seen=seen)
    return _champion(chosen, response)


@router.delete("/champion", response_model=Champion)
def take_champion_back(
    asker: Annotated[Asker, may(Action.CHOOSE_RELEASE)],
    response: Response,
    reason: Annotated[str, Query(max_length=1_000)] = "",
    if_match: IfMatch = None,
) -> object:
    """Take the release back that ranks; the one before it ranks again, or the prior."""
    seen = _seen(if_match)
    try:
        before = asker.app.releases.rollback(reason, asker.now, actor=asker.account_id, seen=seen)
    except NotReady:
        detail = "No release is champion: there is nothing to take back."
        raise Problem(HTTPStatus.CONFLICT, ProblemType.CONFLICT, detail) from None
    return _champion(before, response)


def _seen(if_match: str | None) -> str:
    seen = expected(if_match, None)
    return "" if seen == NONE else seen


def _champion(release: Release | None, response: Response) -> dict[str, object]:
    tag(response, release.release_id if release else NONE)
    return {"release": vars(release) if release else None}
