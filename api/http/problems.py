"""Errors of the service in one shape: problem details (RFC 9457), with the field, the rule and the value."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request as AnyRequest

from api.http.logs import log_failure, request_id
from data.dialects import code, is_passing
from data.faults import Fault
from data.profiles import Refused
from data.records import Invalid, Stale
from data.steps import Conflict
from matching.errors import BadValue, Busy, KetnoiError, NotFound, NotReady, shortened

MEDIA_TYPE = "application/problem+json"
LONGEST_SHOWN = 200
PROBLEM = "ketnoi.problem"
"""Where the type of the problem stands in the scope of a request that was answered with one."""


class ProblemType(StrEnum):
    """What went wrong; docs/api.md lists them under the same names."""

    MALFORMED = "malformed"
    NOT_LOGGED_IN = "not-logged-in"
    NOT_ALLOWED = "not-allowed"
    NOT_FOUND = "not-found"
    NO_SUCH_METHOD = "no-such-method"
    CONFLICT = "conflict"
    GONE = "gone"
    STALE = "stale"
    TOO_SLOW = "too-slow"
    TOO_LARGE = "too-large"
    INVALID = "invalid"
    PRECONDITION_REQUIRED = "precondition-required"
    TOO_MANY = "too-many"
    INTERNAL = "internal"
    BUSY = "busy"
    NOT_READY = "not-ready"


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that was broken: `rule` finishes "must ..."."""

    field: str
    rule: str
    value: str


@dataclass(eq=False)
class Problem(Exception):
    """An answer that is an error.

    Attributes
    ----------
    detail : one sentence for a person.
    more : further members of the answer, such as the steps that would be legal.
    """

    status: HTTPStatus
    type: ProblemType
    detail: str
    errors: Sequence[Broken] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        """Put it into the answer."""
        body = {
            "type": f"/problems/{self.type}",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "request_id": request_id(),
            "errors": [asdict(error) for error in self.errors],
            **self.more,
        }
        return JSONResponse(body, self.status, dict(self.headers), MEDIA_TYPE)


def not_found() -> Problem:
    """Say that there is no such record, or none that the asker may know of: both read alike."""
    return Problem(HTTPStatus.NOT_FOUND, ProblemType.NOT_FOUND, "There is no such record.")


INTERNAL = Problem(
    HTTPStatus.INTERNAL_SERVER_ERROR, ProblemType.INTERNAL, "Something broke here; the log has it by this id."
)


def install(app: FastAPI) -> None:
    """Make every error of the app a problem."""

    async def answer(request: AnyRequest, error: Exception) -> JSONResponse:
        return answer_to(request, error)

    known = (Problem, KetnoiError, RequestValidationError, HTTPException, DBAPIError, PoolTimeout)
    for kind in known:
        app.add_exception_handler(kind, answer)


def answer_to(request: AnyRequest, error: Exception) -> JSONResponse:
    """Answer with a problem, and tell the log and the figures which."""
    problem = problem_of(request, error)
    request.scope[PROBLEM] = problem.type
    return problem.response()


def problem_of(request: AnyRequest, error: Exception) -> Problem:
    """Turn an error into a problem."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _unreadable(error)
        case HTTPException():
            return _plain(request, error)
        case IntegrityError():
            detail = "A record that this one needs has just gone."
            return Problem(HTTPStatus.CONFLICT, ProblemType.CONFLICT, detail)
        case Busy():
            return later(ProblemType.BUSY, "More is asked than can be answered now.", 1)
        case NotReady() | DBAPIError() | PoolTimeout():
            return _not_ready(error)
        case _:
            return _refused(error)


def later(kind: ProblemType, detail: str, seconds: int) -> Problem:
    """Say that the same may be done in some seconds."""
    status = HTTPStatus.TOO_MANY_REQUESTS if kind is ProblemType.TOO_MANY else HTTPStatus.SERVICE_UNAVAILABLE
    return Problem(status, kind, detail, headers={"Retry-After": str(seconds)})


def _not_ready(error: Exception) -> Problem:
    """Say that the database cannot do it now, except where the statement was at fault, which is a defect."""
    if isinstance(error, DBAPIError) and not is_passing(error):
        raise error
    if isinstance(error, DBAPIError):
        log_failure("database", error, id=request_id(), code=code(error))
    return later(ProblemType.NOT_READY, "The service cannot do this now; nothing was half-done.", 2)


def _refused(error: Exception) -> Problem:
    """Turn what the records refuse into a problem."""
    match error:
        case NotFound():
            return not_found()
        case Stale():
            return Problem(HTTPStatus.PRECONDITION_FAILED, ProblemType.STALE, _sentence(error))
        case Conflict():
            more = {} if error.legal is None else {"legal": error.legal}
            return Problem(HTTPStatus.CONFLICT, ProblemType.CONFLICT, _sentence(error), more=more)
        case Invalid():
            return _faulty(error.report.faults)
        case Refused():
            return _faulty(error.faults)
        case BadValue():
            return invalid([Broken(error.field, f"be {error.rule}", error.value)])
        case _:
            return INTERNAL


def _sentence(error: KetnoiError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _faulty(faults: Sequence[Fault]) -> Problem:
    return invalid([Broken(fault.column, fault.rule, fault.value) for fault in faults])


def invalid(errors: Sequence[Broken]) -> Problem:
    """Say which rules a body or a parameter breaks."""
    said = "; ".join(
        f"{error.field} must {error.rule}" + (f", got {shortened(error.value)}" if error.value else "")
        for error in errors
    )
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, ProblemType.INVALID, f"{said}.", errors)


def _unreadable(error: RequestValidationError) -> Problem:
    """Say what of a request is not as documented; a body that is no strict JSON is another matter."""
    told = error.errors()
    for one in told:
        if one["type"] == "json_invalid":
            detail = f"The body is no JSON that can be taken: {one['ctx']['error']}."
            return Problem(HTTPStatus.BAD_REQUEST, ProblemType.MALFORMED, detail)
    return invalid([_broken(one) for one in told])


def _broken(told: Mapping[str, Any]) -> Broken:
    where = [str(part) for part in told["loc"][1:]] or [str(told["loc"][0])]
    value = told.get("input")
    shown = value if isinstance(value, str) else "" if value is None else str(value)
    return Broken(".".join(where), f"be valid ({told['msg']})", shown[:LONGEST_SHOWN])


def _plain(request: AnyRequest, error: HTTPException) -> Problem:
    """Say what the framework refuses by itself: no such path, no such method, too much."""
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.NOT_FOUND:
        return not_found()
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted(_methods(request)))
        detail = f"{request.method} is not possible here."
        return Problem(status, ProblemType.NO_SUCH_METHOD, detail, headers={"Allow": allowed})
    if status is HTTPStatus.REQUEST_TIMEOUT:
        return Problem(status, ProblemType.TOO_SLOW, "The body did not come in time.")
    if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Problem(status, ProblemType.TOO_LARGE, "The body is larger than can be taken.")
    return Problem(status, ProblemType.MALFORMED, str(error.detail))


def _methods(request: AnyRequest) -> set[str]:
    """List the methods of all routes of this path; the framework names those of the first alone."""
    path = request.scope["path"]
    found = (route for route in iter_route_contexts(request.app.routes) if route.path_regex.match(path))
    return {method for route in found for method in route.methods or ()}
