"""What every request gets: an id, a line in the log, safe headers, an answer whatever broke."""

import traceback
from http import HTTPStatus
from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import logs
from api.http.problems import INTERNAL

LARGEST_BODY = 256 * 1024
"""Bytes: six times the longest profile."""

HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


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

        try:
            await self._app(scope, _limited(receive), sending)
        except Exception as error:
            _log_failure(told, error)
            if status:
                raise
            await INTERNAL.response()(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "")
            spent = round(1_000 * (perf_counter() - begun), 1)
            structlog.get_logger().info(
                "request", id=told, method=scope["method"], route=route, status=status, ms=spent
            )


def _limited(receive: Receive) -> Receive:
    """Refuse a body as soon as it is known to be too large."""
    size = 0

    async def receiving() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return receiving


def _log_failure(told: str, error: Exception) -> None:
    """Log where it broke; never the message of the error, which may quote a record."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    where = [f"{frame.filename}:{frame.lineno}" for frame in frames]
    structlog.get_logger().error("broke", id=told, error=type(error).__name__, where=where)
