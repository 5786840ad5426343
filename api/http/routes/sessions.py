"""Log in, log out, and who one is."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr

from api.compose import App
from api.http.identity import COOKIE, Known, client
from api.http.problems import Problem, ProblemType
from api.http.schemas import Strict
from api.http.serving import Serving
from api.http.strict import StrictRoute
from api.settings import Environment
from data.accounts import Account, by_email, folded
from data.credentials import Credential, end_session, hashed, open_session
from matching.roles import Role, Scope

router = APIRouter(tags=["identity"], route_class=StrictRoute)
HOURS = 12


class LoginBody(Strict):
    """Who logs in."""

    email: Annotated[str, Field(max_length=254, examples=["lan@example.vn"])]
    password: Annotated[SecretStr, Field(max_length=200)]


class Me(BaseModel):
    """Whom a key or a session stands for; `csrf` is sent along with what a session changes."""

    account_id: str
    role: Role
    name: str
    programs: list[str]
    startup_id: str | None
    scopes: list[Scope] | None
    csrf: str


@router.post("/session", response_model=Me)
def log_in(request: Request, body: LoginBody, response: Response) -> object:
    """Log in; the session is in a cookie that no script can read, and lasts 12 hours."""
    app: App = request.app.state.app
    serving: Serving = request.app.state.serving
    email, asker = hashed(folded(body.email)), client(request)
    serving.rates.require_login(email, asker)
    account = by_email(app.database, body.email)
    stored = account.password_hash if account and account.closed_at is None else ""
    fits = serving.passwords.verify(stored, body.password.get_secret_value())
    if account is None or not fits:
        serving.rates.wrong_login(email, asker)
        detail = "The address or the password is not right."
        raise Problem(HTTPStatus.UNAUTHORIZED, ProblemType.NOT_LOGGED_IN, detail)
    if before := request.cookies.get(COOKIE):
        end_session(app.database, before)
    now = app.now
    token, csrf = open_session(app.database, account.account_id, now + timedelta(hours=HOURS), now)
    response.set_cookie(
        COOKIE,
        token,
        max_age=HOURS * 3600,
        httponly=True,
        samesite="strict",
        secure=app.settings.environment is not Environment.DEVELOPMENT,
    )
    return me_of(Credential(account, csrf=csrf))


@router.delete("/session", status_code=204)
def log_out(request: Request, asker: Known, response: Response) -> None:
    """Log out; a key has no session to end."""
    if token := request.cookies.get(COOKIE):
        end_session(asker.app.database, token)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


@router.get("/me", response_model=Me)
def read_me(asker: Known) -> object:
    """Tell who one is."""
    return me_of(asker.credential)


def me_of(credential: Credential) -> dict[str, object]:
    """Show an account to itself."""
    account: Account = credential.account
    return {
        "account_id": account.account_id,
        "role": account.role,
        "name": account.name,
        "programs": sorted(account.programs),
        "startup_id": account.startup_id,
        "scopes": None if credential.scopes is None else sorted(credential.scopes),
        "csrf": credential.csrf,
    }
