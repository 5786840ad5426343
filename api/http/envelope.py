"""What every request gets: an id, a line in the log, safe headers, an answer whatever broke."""

from http import HTTPStatus
from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import logs
from api.http.metrics import Metrics
from api.http.problems import INTERNAL, PROBLEM, Problem, ProblemType

LARGEST_BODY = 256 * 1024
"""Bytes: six times the longest profile."""

LARGEST_IMPORT = 32 << 20
"""Bytes of files to be imported, which are read to disk."""

HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

TWO_LENGTHS = Problem(
    HTTPStatus.BAD_REQUEST,
    ProblemType.MALFORMED,
    "A body has a Content-Length or a Transfer-Encoding, not both.",
    headers={"Connection": "close"},
)
"""A proxy that believes the other one would take what follows for another request (RFC 9112, 6.1)."""


class Envelope:
    """Wraps the service; plain ASGI, as the framework's own way costs a task a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told, begun, status = logs.begin(Headers(scope=scope).get("X-Request-ID")), perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = told
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        metrics: Metrics = scope["app"].state.serving.metrics
        metrics.begin()
        answering = TWO_LENGTHS.response() if _has_two_lengths(scope) else self._app
        try:
            await answering(scope, _limited(receive, _largest(scope)), sending)
        except Exception as error:
            logs.log_failure("broke", error, id=told)
            if status:
                raise
            await INTERNAL.response()(scope, receive, sending)
        finally:
            route, spent = getattr(scope.get("route"), "path", ""), perf_counter() - begun
            method, ms = scope["method"], round(1e3 * spent, 1)
            metrics.end(method, route, status, spent, scope.get(PROBLEM, ""))
            structlog.get_logger().info("request", id=told, method=method, route=route, status=status, ms=ms)


def _has_two_lengths(scope: Scope) -> bool:
    return {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}


def _largest(scope: Scope) -> int:
    imports = (scope["method"], scope["path"]) == ("POST", "/v1/imports")
    return LARGEST_IMPORT if imports else LARGEST_BODY


def _limited(receive: Receive, largest: int) -> Receive:
    """Refuse a body as soon as it is known to be too large."""
    size = 0

    async def receiving() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > largest:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return receiving
