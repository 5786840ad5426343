"""Jobs: training in a process of its own, one at a time. Sending the same again is always safe."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.http.identity import Asker, may
from api.http.permissions import Action
from api.http.problems import Problem, ProblemType
from api.http.schemas import Id, Limit, Strict
from api.http.strict import StrictRoute
from api.http.tags import IfNoneMatch, require_new
from data.jobs import Job, JobKind, JobState, JobUnderWay, find_job, jobs, open_job
from matching.errors import BadValue

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=StrictRoute)


class JobBody(Strict):
    """What is to be done; without `as_of` training learns from all that is known."""

    kind: Annotated[JobKind, Field(strict=False)]
    as_of: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-11-01"])] | None = None
    promote: bool = False


class JobShown(BaseModel):
    """A job, last heard of at `heartbeat_at`; its `result` is what `ketnoi train --json` prints."""

    job_id: str
    kind: JobKind
    as_of: str | None
    promote: bool
    by: str
    state: JobState
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime
    finished_at: datetime | None
    result: dict[str, Any] | None
    error: str


class JobList(BaseModel):
    """The newest jobs, newest first."""

    items: list[JobShown]


@router.get("", response_model=JobList)
def list_jobs(asker: Annotated[Asker, may(Action.READ_RELEASE)], limit: Limit = 50) -> object:
    """List the newest jobs, newest first."""
    return {"items": list(map(_shown, jobs(asker.app.database, limit, asker.now)))}


@router.get("/{job_id}", response_model=JobShown)
def read_job(asker: Annotated[Asker, may(Action.READ_RELEASE)], job_id: Id) -> object:
    """Read how far a job has come."""
    return _shown(find_job(asker.app.database, job_id, asker.now))


@router.put("/{job_id}", response_model=JobShown, responses={202: {"model": JobShown}})
def write_job(
    asker: Annotated[Asker, may(Action.TRAIN)],
    job_id: Id,
    body: JobBody,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> object:
    """Start a job, with If-None-Match: *. The same again tells how far it is; while another runs: 409."""
    require_new(if_none_match, "a job is started once")
    settings = {"as_of": _day(asker, body.as_of), "promote": body.promote}
    try:
        job, created = open_job(
            asker.app.database, job_id, body.kind, settings, actor=asker.account_id, now=asker.now
        )
    except JobUnderWay as busy:
        more = {"job": busy.job.job_id}
        detail = f"Job {busy.job.job_id!r} is {busy.job.state}, and one is done at a time."
        raise Problem(HTTPStatus.CONFLICT, ProblemType.CONFLICT, detail, more=more) from None
    response.headers["Location"] = f"/v1/jobs/{quote(job_id, safe='')}"
    if created:
        asker.serving.runner.start(job_id)
    response.status_code = 202 if created else 200
    return _shown(job)


def _day(asker: Asker, told: str | None) -> str | None:
    try:
        if told is None or date.fromisoformat(told) <= asker.now.date():
            return told
    except ValueError:
        pass
    raise BadValue(f"a day that exists, at most {asker.now.date()}", told, "as_of")


def _shown(job: Job) -> dict[str, Any]:
    return {**vars(job), **job.settings, "by": job.actor, "result": job.result or None}
