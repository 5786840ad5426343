from typing import Any

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from fastapi.testclient import TestClient

from api.compose import App
from api.http.app import make_app
from api.http.identity import COOKIE, CSRF_HEADER
from api.passwords import Passwords
from api.settings import Settings
from data.accounts import by_email, close_account
from matching.errors import BadValue
from matching.roles import Role
from tests.api.http.service import PASSWORD, Service, email


def log_in(service: Service, role: Role = Role.MANAGER, **told: Any) -> Any:
    return service(None, "POST", "/v1/session", json={"email": email(role), "password": PASSWORD, **told})


def test_a_session_is_in_a_cookie_that_no_script_and_no_other_site_can_use(service: Service) -> None:
    answer = log_in(service)
    assert answer.status_code == 200 and answer.json()["role"] == "manager"
    cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
    assert "secure" not in cookie.replace("samesite", "")  # development
    assert PASSWORD not in answer.text
    assert service.get(None, "/v1/me").json() == answer.json()


def test_the_cookie_needs_https_in_production(installation: App, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(environment="production", secret_key="x" * 32)  # type: ignore[arg-type]
    body = {"email": email(Role.MANAGER), "password": PASSWORD}
    with TestClient(make_app(App(settings))) as client:
        assert "; secure" in client.post("/v1/session", json=body).headers["Set-Cookie"].lower()


def test_production_wants_a_real_secret(installation: App) -> None:
    for secret in ("", "x" * 31):
        app = App(Settings(environment="production", secret_key=secret))  # type: ignore[arg-type]
        with pytest.raises(BadValue, match="KETNOI_SECRET_KEY must be 32 or more") as refused:
            TestClient(make_app(app)).__enter__()
        assert "xxx" not in str(refused.value)


def test_a_session_changes_nothing_without_its_token(service: Service) -> None:
    of_another_session = log_in(service).json()["csrf"]
    csrf = log_in(service, Role.STARTUP).json()["csrf"]
    path, body = "/v1/startups/mine/feedback/north", {"verdict": "accept"}
    for wrong in (None, "", "x" + csrf, b"\xe9", of_another_session):
        sent = {} if wrong is None else {CSRF_HEADER: wrong}
        assert service.put(None, path, body, headers=sent).status_code == 403
    assert service.put(None, path, body, headers={CSRF_HEADER: csrf}).status_code == 204


def test_a_login_makes_a_new_session_and_ends_the_one_before(service: Service) -> None:
    planted = {"Cookie": f"{COOKIE}=planted-by-somebody"}
    body = {"email": email(Role.MANAGER), "password": PASSWORD}
    assert service(None, "POST", "/v1/session", json=body, headers=planted).status_code == 200
    first = service.client.cookies[COOKIE]
    assert "planted" not in first
    log_in(service, Role.STARTUP)
    assert service.get(None, "/v1/me").json()["role"] == "startup"
    service.client.cookies.clear()
    for token in (first, "planted-by-somebody"):
        assert service.get(None, "/v1/me", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401


def test_after_logging_out_the_cookie_opens_nothing(service: Service) -> None:
    csrf = log_in(service).json()["csrf"]
    token = service.client.cookies[COOKIE]
    assert service(None, "DELETE", "/v1/session").status_code == 403
    assert service(None, "DELETE", "/v1/session", headers={CSRF_HEADER: csrf}).status_code == 204
    service.client.cookies.clear()
    assert service.get(None, "/v1/me", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401


def test_a_refused_login_does_not_tell_why_and_does_the_same_work(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = by_email(service.app.database, email(Role.AUDITOR))
    assert account is not None
    close_account(service.app.database, account.account_id, actor="test", at=service.app.now)
    costs: list[Parameters] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, hash: str, password: str) -> bool:
        costs.append(extract_parameters(hash))
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    answers = [
        log_in(service, password="a wrong password"),
        log_in(service, email="nobody@example.vn"),
        log_in(service, Role.AUDITOR),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert (
        len(costs) == 3
        and costs[0] == costs[1] == costs[2]
        and "Set-Cookie" not in str([answer.headers for answer in answers])
    )


def test_a_page_of_another_site_cannot_log_somebody_in(service: Service) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        body = f'{{"email": "{email(Role.MANAGER)}", "password": "{PASSWORD}"}}'
        answer = service(None, "POST", "/v1/session", content=body, headers={"Content-Type": kind})
        assert answer.status_code in (400, 422) and "Set-Cookie" not in answer.headers


def test_passwords_are_salted_and_an_empty_hash_fits_none() -> None:
    passwords = Passwords()
    one, other = passwords.hash(PASSWORD), passwords.hash(PASSWORD)
    assert one != other and one.startswith("$argon2id$") and PASSWORD not in one
    assert passwords.verify(one, PASSWORD) and not passwords.verify(one, PASSWORD + "x")
    assert not passwords.verify("", "of nobody at all") and not passwords.verify("no hash", PASSWORD)
    for bad in ("short", "x" * 201):
        with pytest.raises(BadValue, match="password must be 12 to 200 characters") as refused:
            passwords.hash(bad)
        assert bad not in str(refused.value)
