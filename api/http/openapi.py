"""The description of the service (OpenAPI 3.1): what each route may refuse is worked out from the route."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field

from api.http.identity import COOKIE, CSRF_HEADER
from api.http.places import FREE
from api.http.problems import MEDIA_TYPE

SECURITY = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key: kn_..."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": f"A session; what changes something needs its {CSRF_HEADER} header too.",
    },
}
LINK = "/v1/answers/{token}"
OPEN = frozenset(
    {("/v1/session", "post"), (LINK, "get"), (LINK, "post"), ("/healthz", "get"), ("/readyz", "get")}
)
"""What can be asked without being known."""

LIMITS = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
LATER = LIMITS[1:]
RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}


class BrokenRule(BaseModel):
    """A rule that was broken: `rule` finishes "must ..."."""

    field: str
    rule: str
    value: str


class ProblemBody(BaseModel):
    """An error (RFC 9457); `legal` stands with a step that may not be taken."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems/not-found"])
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[BrokenRule]


def describe(app: FastAPI) -> dict[str, Any]:
    """Describe the service; worked out once."""
    if app.openapi_schema is None:
        told = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = told.setdefault("components", {}).setdefault("schemas", {})
        schemas["BrokenRule"] = BrokenRule.model_json_schema()
        schemas["ProblemBody"] = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas["ProblemBody"].pop("$defs", None)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        told["components"]["securitySchemes"] = SECURITY
        for path, methods in told["paths"].items():
            for method, operation in methods.items():
                _complete(path, method, operation)
        app.openapi_schema = told
    return app.openapi_schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    for status in sorted(set(_refusals(path, method, operation))):
        schema = {"$ref": "#/components/schemas/ProblemBody"}
        content = {MEDIA_TYPE: {"schema": schema}}
        responses[str(status.value)] = {"description": status.phrase, "content": content}
        if status in LATER:
            responses[str(status.value)]["headers"] = {"Retry-After": RETRY_AFTER}
    if (path, method) not in OPEN:
        operation["security"] = [{name: []} for name in SECURITY]


def _refusals(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[HTTPStatus]:
    """List the errors that a route may answer with."""
    headers = {told["name"] for told in operation.get("parameters", ()) if told["in"] == "header"}
    yield from LIMITS if path not in FREE else LIMITS[-1:]
    if (path, method) != ("/healthz", "get"):
        yield HTTPStatus.INTERNAL_SERVER_ERROR
    if "requestBody" in operation:
        yield from (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if "requestBody" in operation or operation.get("parameters"):
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    yield from _refusals_of_strangers(path, method)
    if "{" in path or path == "/v1/introductions":
        yield HTTPStatus.NOT_FOUND
    if "if-match" in headers:
        yield HTTPStatus.PRECONDITION_FAILED
    if headers & {"if-match", "if-none-match"}:
        yield HTTPStatus.PRECONDITION_REQUIRED
    if method in ("put", "delete") or path.endswith("/link"):
        yield HTTPStatus.CONFLICT


def _refusals_of_strangers(path: str, method: str) -> Iterator[HTTPStatus]:
    if (path, method) not in OPEN:
        yield from (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    elif path == "/v1/session":
        yield HTTPStatus.UNAUTHORIZED
    elif path == LINK:
        yield HTTPStatus.GONE
