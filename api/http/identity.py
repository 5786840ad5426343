"""Who asks: a key in the header or a session in a cookie, and how far their right to an action reaches."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from secrets import compare_digest
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import Depends, Request

from api.compose import App
from api.http.permissions import Action, Reach, covers, decide
from api.http.problems import Problem, ProblemType, not_found
from api.http.rates import client_of
from api.http.serving import Serving
from data.credentials import Credential, by_key, by_session, hashed
from data.records import fields_of
from matching.errors import NotFound

COOKIE = "ketnoi_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Asker:
    """Someone known, and how far the action of the route is theirs."""

    app: App
    serving: Serving
    credential: Credential
    reach: Reach = Reach.NONE

    @property
    def account_id(self) -> str:
        """What the audit log calls the asker."""
        return self.credential.account.account_id

    @cached_property
    def now(self) -> datetime:
        """When the asker asks."""
        return self.app.now

    @property
    def programs(self) -> frozenset[str] | None:
        """The programs that lists are limited to; None stands for all."""
        return self.credential.account.programs if self.reach is Reach.PROGRAM else None

    def programs_of(self, program: str | None) -> frozenset[str] | None:
        """Return the programs that a list is limited to where it is narrowed to one."""
        if program is None:
            return self.programs
        return frozenset({program}) if self.programs is None else self.programs & {program}

    def startup(self, startup_id: str) -> tuple[dict[str, Any], str]:
        """Return the newest version of a startup within reach, and its tag.

        Raises
        ------
        Problem
            404 for one beyond reach, exactly like one that is not there.
        """
        try:
            row, tag = fields_of(self.app.database, "startup", startup_id)
        except NotFound:
            raise not_found() from None
        if not covers(self.credential, self.reach, startup_id, row["program_id"]):
            raise not_found()
        return row, tag


@dataclass(frozen=True)
class Require:
    """Requires of whoever calls a route that its action is theirs, of some records at least.

    Attributes
    ----------
    aside : looks in a thread of its own, for a route that is answered while all others are busy.
    """

    action: Action
    aside: bool = False

    async def __call__(self, request: Request) -> Asker:
        """Tell who calls."""
        limiter = request.app.state.aside if self.aside else None
        return await run_sync(self._asker, request, limiter=limiter)

    def _asker(self, request: Request) -> Asker:
        app: App = request.app.state.app
        credential = _known(app, request)
        decision = decide(credential, self.action)
        if decision.reach is Reach.NONE:
            raise not_allowed(decision.reason)
        return Asker(app, request.app.state.serving, credential, decision.reach)


def may(action: Action, aside: bool = False) -> Any:
    """Make the dependency by which a route's signature reads as its permission."""
    return Depends(Require(action, aside))


def known(request: Request) -> Asker:
    """Require a caller who is known."""
    app: App = request.app.state.app
    return Asker(app, request.app.state.serving, _known(app, request))


Known = Annotated[Asker, Depends(known)]
"""Anybody who is known."""


def client(request: Request) -> str:
    """Name the client that asks, by its address."""
    return client_of(request.client.host if request.client else "")


def anybody(request: Request) -> None:
    """Let everybody ask, each client as often as a key."""
    serving: Serving = request.app.state.serving
    serving.rates.ask(client(request))


def not_allowed(reason: str) -> Problem:
    """Refuse what is never the asker's, whatever the record."""
    return Problem(HTTPStatus.FORBIDDEN, ProblemType.NOT_ALLOWED, f"Not allowed: {reason}.")


def _known(app: App, request: Request) -> Credential:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret:
        token = secret.strip()
        credential = by_key(app.database, token, app.now)
    else:
        token = request.cookies.get(COOKIE, "")
        credential = _by_cookie(app, request, token)
    if credential is None:
        headers = {"WWW-Authenticate": "Bearer"}
        detail = "Log in, or send a key that is in force: Authorization: Bearer kn_..."
        raise Problem(HTTPStatus.UNAUTHORIZED, ProblemType.NOT_LOGGED_IN, detail, headers=headers)
    serving: Serving = request.app.state.serving
    serving.rates.ask(hashed(token))
    return credential


def _by_cookie(app: App, request: Request, token: str) -> Credential | None:
    credential = by_session(app.database, token, app.now) if token else None
    if credential is not None and request.method not in SAFE:
        sent = request.headers.get(CSRF_HEADER, "")
        if not compare_digest(sent.encode(), credential.csrf.encode()):
            raise not_allowed(f"a session changes nothing without its {CSRF_HEADER} header")
    return credential
