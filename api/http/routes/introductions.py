"""Introductions: opened once, taken step by step. Sending the same again is always safe."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from api.http.identity import Asker, may
from api.http.permissions import Action
from api.http.problems import Problem, ProblemType
from api.http.questions import asking
from api.http.schemas import After, Id, IdFilter, Label, Limit, Strict
from api.http.strict import StrictRoute
from api.http.tags import IfNoneMatch
from data.courses import Course, courses, find
from data.steps import open_introduction, take_step
from matching.roles import Role
from matching.vocabulary import IntroductionStatus

router = APIRouter(prefix="/introductions", tags=["introductions"], route_class=StrictRoute)
Number = Annotated[
    int, Path(ge=1, le=1_000, description="Counted from 1: the next one, or one taken already.")
]
Status = Annotated[IntroductionStatus, Field(strict=False)]


class PairBody(Strict):
    """Whom to introduce to whom."""

    startup_id: Label = Field(min_length=1)
    fund_id: Label = Field(min_length=1)


class StepBody(Strict):
    """A step; without `at` it is of today."""

    status: Status
    at: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-11-24"])] | None = None
    reason: Annotated[str, Field(max_length=1_000)] = ""


class StepShown(BaseModel):
    """A step taken; `reason` and `by` are empty for a startup."""

    number: int
    status: IntroductionStatus
    at: str
    reason: str
    pass_reason: str | None
    by: str


class IntroductionShown(BaseModel):
    """An introduction; `legal` are the steps that may follow."""

    introduction_id: str
    startup_id: str
    fund_id: str
    opened_on: str | None
    released_by: str
    status: IntroductionStatus | None
    legal: list[IntroductionStatus]
    events: list[StepShown]


class IntroductionPage(BaseModel):
    """A page of introductions; `next` is sent as `after` for the page behind it."""

    items: list[IntroductionShown]
    next: str | None


@router.get("", response_model=IntroductionPage)
def list_introductions(
    asker: Annotated[Asker, may(Action.READ_INTRODUCTION)],
    startup_id: IdFilter = None,
    fund_id: IdFilter = None,
    status: IntroductionStatus | None = None,
    after: After = "",
    limit: Limit = 50,
) -> object:
    """List the introductions within reach, by id; `status` is that of the last step."""
    account = asker.credential.account
    if account.role is Role.STARTUP and startup_id not in (None, account.startup_id):
        return {"items": [], "next": None}
    found = courses(
        asker.app.database,
        limit=limit + 1,
        after=after,
        startup_id=account.startup_id if account.role is Role.STARTUP else startup_id,
        fund_id=fund_id,
        status=status,
        programs=asker.programs,
    )
    items = [_shown(asker, course) for course in found[:limit]]
    return {"items": items, "next": items[-1]["introduction_id"] if len(found) > limit else None}


@router.get("/{introduction_id}", response_model=IntroductionShown)
def read_introduction(asker: Annotated[Asker, may(Action.READ_INTRODUCTION)], introduction_id: Id) -> object:
    """Read an introduction with all its steps."""
    return _shown(asker, _within_reach(asker, introduction_id))


@router.put(
    "/{introduction_id}", response_model=IntroductionShown, responses={201: {"model": IntroductionShown}}
)
def write_introduction(
    asker: Annotated[Asker, may(Action.TAKE_STEP)],
    introduction_id: Id,
    body: PairBody,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> object:
    """Open an introduction, with If-None-Match: *. The same again is no new one; another pair is refused."""
    if (if_none_match or "").strip() != "*":
        detail = "Send If-None-Match: *, as an introduction is opened once."
        raise Problem(HTTPStatus.PRECONDITION_REQUIRED, ProblemType.PRECONDITION_REQUIRED, detail)
    _require_willing(asker, body.startup_id, body.fund_id)
    course, created = open_introduction(
        asker.app.database,
        introduction_id,
        body.startup_id,
        body.fund_id,
        actor=asker.account_id,
        now=asker.now,
    )
    response.status_code = 201 if created else 200
    return _shown(asker, course)


@router.put(
    "/{introduction_id}/events/{number}",
    response_model=IntroductionShown,
    responses={201: {"model": IntroductionShown}},
)
def write_event(
    asker: Annotated[Asker, may(Action.TAKE_STEP)],
    introduction_id: Id,
    number: Number,
    body: StepBody,
    response: Response,
) -> object:
    """Take the next step. One that may not follow is refused with those that may (`legal`).

    Who takes the step `investor_asked` has released the introduction.
    """
    course = _within_reach(asker, introduction_id)
    if body.status is IntroductionStatus.INVESTOR_ASKED and number > len(course.steps):
        _require_willing(asker, course.startup_id, course.fund_id)
    told = {"status": body.status.value, "at": body.at or "", "reason": body.reason}
    course, created = take_step(
        asker.app.database, introduction_id, number, told, actor=asker.account_id, now=asker.now
    )
    response.status_code = 201 if created else 200
    return _shown(asker, course)


def _require_willing(asker: Asker, startup_id: str, fund_id: str) -> None:
    """Refuse to introduce a startup that wants no introduction, or none to this fund."""
    startup = asking(asker, startup_id)
    if startup.opted_out or fund_id in startup.exclusions:
        detail = "The startup does not want to be introduced to this fund."
        raise Problem(HTTPStatus.CONFLICT, ProblemType.CONFLICT, detail)


def _within_reach(asker: Asker, introduction_id: str) -> Course:
    course = find(asker.app.database, introduction_id)
    asker.startup(course.startup_id)
    return course


def _shown(asker: Asker, course: Course) -> Mapping[str, Any]:
    """Show an introduction; to a startup without the words of a fund, and without names."""
    private = asker.credential.account.role is Role.STARTUP
    kept = {"reason": "", "pass_reason": None, "by": ""} if private else {}
    return {
        **vars(course),
        "released_by": "" if private else course.released_by,
        "status": course.steps[-1].status if course.steps else None,
        "legal": course.legal,
        "events": [{**vars(step), **kept} for step in course.steps],
    }
