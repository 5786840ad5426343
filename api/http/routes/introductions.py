"""Introductions: opened once, taken step by step. Sending the same again is always safe."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from api.http.identity import Asker, may, not_allowed
from api.http.permissions import Action
from api.http.problems import Broken, Problem, ProblemType, invalid
from api.http.schemas import After, Id, IdFilter, Label, Limit, Strict
from api.http.strict import StrictRoute
from api.http.tags import IfNoneMatch, require_new
from data.courses import Course, courses, find
from data.steps import Conflict, open_introduction, take_step
from data.willing import is_willing
from matching.roles import Role, steps_of
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
    """A step taken; `note` is what a fund wrote. A startup sees such words of its own steps alone."""

    number: int
    status: IntroductionStatus
    at: str
    reason: str
    pass_reason: str | None
    note: str
    by: str


class IntroductionShown(BaseModel):
    """An introduction; `legal` are the steps that may follow and are the asker's to take."""

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
    return _shown(asker, within_reach(asker, introduction_id))


@router.put(
    "/{introduction_id}", response_model=IntroductionShown, responses={201: {"model": IntroductionShown}}
)
def write_introduction(
    asker: Annotated[Asker, may(Action.INTRODUCE)],
    introduction_id: Id,
    body: PairBody,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> object:
    """Open an introduction, with If-None-Match: *. The same again is no new one; another pair is refused."""
    require_new(if_none_match, "an introduction is opened once")
    asker.startup(body.startup_id)
    require_willing(asker, body.startup_id, body.fund_id)
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

    Who takes the step `investor_asked` has released the introduction. A startup takes the steps of its own
    consent alone: `founder_ok`, `founder_declined` (with a reason) and `withdrawn`.
    """
    _require_own_step(asker, body)
    course = within_reach(asker, introduction_id)
    if body.status is IntroductionStatus.INVESTOR_ASKED and number > len(course.steps):
        require_willing(asker, course.startup_id, course.fund_id)
    told = {"status": body.status.value, "at": body.at or "", "reason": body.reason}
    try:
        course, created = take_step(
            asker.app.database, introduction_id, number, told, actor=asker.account_id, now=asker.now
        )
    except Conflict as conflict:
        conflict.legal = _own(asker, conflict.legal or ())
        raise
    response.status_code = 201 if created else 200
    return _shown(asker, course)


def require_willing(asker: Asker, startup_id: str, fund_id: str) -> None:
    """Refuse to introduce a startup that wants no introduction, or none to this fund."""
    with asker.app.database.connect() as connection:
        willing = is_willing(connection, startup_id, fund_id)
    if not willing:
        detail = "The startup does not want to be introduced to this fund."
        raise Problem(HTTPStatus.CONFLICT, ProblemType.CONFLICT, detail)


def within_reach(asker: Asker, introduction_id: str) -> Course:
    """Return an introduction of a startup within reach."""
    course = find(asker.app.database, introduction_id)
    asker.startup(course.startup_id)
    return course


def _require_own_step(asker: Asker, body: StepBody) -> None:
    role = asker.credential.account.role
    if body.status not in steps_of(role):
        raise not_allowed(f"{body.status} is no step of a {role}")
    declines = role is Role.STARTUP and body.status is IntroductionStatus.FOUNDER_DECLINED
    if declines and not body.reason.strip():
        raise invalid([Broken("reason", "not be empty", "")])


def _own(asker: Asker, steps: Iterable[IntroductionStatus]) -> list[IntroductionStatus]:
    return [step for step in steps if step in steps_of(asker.credential.account.role)]


def _shown(asker: Asker, course: Course) -> Mapping[str, Any]:
    """Show an introduction; to a startup without the words of others, and without names."""
    account = asker.credential.account
    private = account.role is Role.STARTUP
    hidden = {"reason": "", "pass_reason": None, "note": "", "by": ""}
    return {
        **vars(course),
        "released_by": "" if private else course.released_by,
        "status": course.steps[-1].status if course.steps else None,
        "legal": _own(asker, course.legal),
        "events": [
            {**vars(step), **(hidden if private and step.by != account.account_id else {})}
            for step in course.steps
        ],
    }
