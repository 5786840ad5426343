"""JSON bodies in which nothing is guessed: no key twice, no NaN, no half character, no deep nesting."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute

DEEPEST = 32


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """Read the body.

        Raises
        ------
        JSONDecodeError
            If it is no JSON, or has a key twice, or is nested deeper than DEEPEST.
        """
        return parsed(await self.body())


class StrictRoute(APIRoute):
    """A route whose bodies are read strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read the body of each request strictly."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


def parsed(body: bytes) -> Any:
    """Parse JSON strictly.

    Raises
    ------
    JSONDecodeError
        See `StrictRequest.json`.
    """
    told = orjson.loads(
        body
    )  # its error is a JSONDecodeError; the standard library takes NaN and half characters
    if _is_deep(told):
        raise json.JSONDecodeError(f"nested deeper than {DEEPEST}", "", 0)
    return json.loads(body, object_pairs_hook=_once)


def _is_deep(told: Any) -> bool:
    level = [told] if isinstance(told, dict | list) else []
    for _ in range(DEEPEST):
        inside = (one.values() if isinstance(one, dict) else one for one in level)
        level = [child for children in inside for child in children if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise json.JSONDecodeError("a key stands twice", "", 0)
    return found
