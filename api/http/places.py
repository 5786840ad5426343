"""How many requests a process takes at once: a few are worked on, a few wait, the rest may come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import answer_to
from api.passwords import AT_ONCE
from matching.errors import Busy

THREADS = 4
"""Requests worked on at a time: with the framework's 40, each costs 1.7 times the processor time."""
WAITING = 16
"""Requests that wait for one of these: what four threads answer in a third of a second."""
WAIT_SECONDS = 5.0
BODY_SECONDS = 10.0
"""How long a body may take to come, before its request has a place."""
ASIDE = {"/metrics": (1, 4), "/v1/session": (AT_ONCE, 8), "/v1/imports": (1, 0)}
"""Paths with places of their own: figures are told under any load, logins and imports take nobody's place."""
STREAMED = frozenset({"/v1/imports"})
"""Paths whose bodies go to disk as they come, in a place, and in a time of their own."""
FREE = frozenset({"/healthz", "/readyz"})
"""Paths that need none: they are answered at once, or within two seconds where the database is not there."""
PLACE = "ketnoi.place"


class Places:
    """The places of a process: `working`, and `waiting` behind them."""

    def __init__(self, working: int = THREADS, waiting: int = WAITING, seconds: float = WAIT_SECONDS) -> None:
        self._free, self._seconds = asyncio.Semaphore(working), seconds
        self._most, self._taken = working + waiting, 0

    def require_room(self) -> None:
        """Refuse what comes on top.

        Raises
        ------
        Busy
            At once.
        """
        if self._taken >= self._most:
            raise Busy("as many requests as can wait are waiting")

    async def begin_work(self) -> None:
        """Wait until a request may be worked on.

        Raises
        ------
        Busy
            If its turn did not come in time.
        """
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            raise Busy("all threads are busy") from None

    def end_work(self) -> None:
        """Let the next request be worked on."""
        self._free.release()

    @asynccontextmanager
    async def place(self) -> AsyncIterator["Place"]:
        """Hold a place while a request is worked on.

        Raises
        ------
        Busy
            See `require_room` and `begin_work`.
        """
        self.require_room()
        self._taken += 1
        place = Place(self)
        try:
            await place.begin_work()
            yield place
        finally:
            place.give_back()

    def leave(self) -> None:
        """Let another request come in."""
        self._taken -= 1


class Place:
    """What a request holds until its answer begins, however slowly that is read."""

    def __init__(self, places: Places) -> None:
        self._places, self._working, self._given_back = places, False, False

    async def begin_work(self) -> None:
        """Wait for a turn; see `Places.begin_work`."""
        await self._places.begin_work()
        self._working = True

    def end_work(self) -> None:
        """Let another request be worked on."""
        if self._working:
            self._working = False
            self._places.end_work()

    def give_back(self) -> None:
        """Let another request come in; more than once does no harm."""
        self.end_work()
        if not self._given_back:
            self._given_back = True
            self._places.leave()

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Let others be worked on while this request waits for what is not the work of a thread."""
        self.end_work()
        yield
        await self.begin_work()


def all_places() -> dict[str, Places]:
    """Make the places of a process; "" stands for all paths that have none of their own."""
    return {"": Places()} | {path: Places(*size) for path, size in ASIDE.items()}


class Admission:
    """Gives each request a place once its body is there, so that who sends slowly takes none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in FREE:
            await self._app(scope, receive, send)
            return
        places: dict[str, Places] = scope["app"].state.places
        mine = places.get(scope["path"], places[""])
        try:
            mine.require_room()
            streamed = scope["path"] in STREAMED
            body = [] if streamed else await _received(receive)
            if body or streamed:
                async with mine.place() as place:
                    scope[PLACE] = place
                    await self._app(scope, _again(body, receive), _letting_go(place, send))
        except (Busy, HTTPException) as error:
            await answer_to(Request(scope), error)(scope, receive, send)


async def _received(receive: Receive) -> list[Message]:
    """Take in a body, or as much of it as any route keeps in memory; nothing where the sender has gone."""
    messages: list[Message] = []
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while not messages or messages[-1].get("more_body"):
                messages.append(await receive())
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
    return messages if messages[-1]["type"] == "http.request" else []


def _again(messages: list[Message], receive: Receive) -> Receive:
    kept = iter(messages)

    async def receiving() -> Message:
        return next(kept, None) or await receive()

    return receiving


def _letting_go(place: Place, send: Send) -> Send:
    async def sending(message: Message) -> None:
        place.give_back()
        await send(message)

    return sending
