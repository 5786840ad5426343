import asyncio
from typing import Any

import pytest
import uvicorn
from limits import RateLimitItemPerMinute
from starlette.types import Message, Receive, Scope, Send

from api.commands.serve import options
from api.http.problems import Problem
from api.http.rates import (
    WRONG_OF_ACCOUNT,
    WRONG_OF_CLIENT,
    WRONG_OF_PAIR,
    WRONG_UNDER_ATTACK,
    Rates,
    client_of,
)
from matching.roles import Role
from tests.api.http.service import PASSWORD, Service, email

MINUTE = 60.0
ADMIN = email(Role.ADMIN)


class Clock:
    """The time, as it is told."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock_of_limits(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.time", clock)
    return clock


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> int:
    """Take few wrong passwords: each costs what it is meant to cost."""
    monkeypatch.setattr("api.http.rates.WRONG_OF_PAIR", RateLimitItemPerMinute(3, 15))
    return 3


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a key ask three times a minute; ask for it before `service`."""
    monkeypatch.setenv("KETNOI_REQUESTS_PER_MINUTE", "3")


def log_in(service: Service, address: str, password: str = "wrong", **headers: str) -> Any:
    body = {"email": address, "password": password}
    return service(None, "POST", "/v1/session", json=body, headers=headers)


def refused(rates: Rates, account: str, client: str) -> int | None:
    """Tell how long a client has to wait for an account; None where it may try now."""
    try:
        rates.require_login(account, client)
    except Problem as problem:
        assert (problem.status, problem.type) == (429, "too-many")
        return int(problem.headers["Retry-After"])
    return None


def try_until_refused(rates: Rates, account: str, client: str) -> int:
    """Count how many wrong passwords are taken."""
    for taken in range(1_000):
        if refused(rates, account, client):
            return taken
        rates.wrong_login(account, client)
    raise AssertionError("never refused")


def test_a_key_asks_so_often_and_no_oftener(few: None, service: Service) -> None:
    answers = [service.get(Role.AUDITOR, "/v1/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["type"] == "/problems/too-many"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert service.get(Role.AUDITOR, "/metrics").status_code == 429
    assert service.get(Role.MANAGER, "/v1/me").status_code == 200
    assert service.get(None, "/healthz").status_code == 200


def test_links_cannot_be_guessed_one_after_another(few: None, service: Service) -> None:
    answers = [service(None, "GET", "/v1/answers/kl_guess").status_code for _ in range(4)]
    assert answers[0] == 404 and answers[-1] == 429


def test_a_session_has_a_limit_of_its_own_and_what_is_no_key_counts_for_nobody(
    few: None, service: Service
) -> None:
    for _ in range(5):
        assert service.get(None, "/v1/me", headers={"Authorization": "Bearer kn_x"}).status_code == 401
    assert log_in(service, email(Role.MANAGER), PASSWORD).status_code == 200
    assert [service.get(None, "/v1/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert log_in(service, email(Role.MANAGER), PASSWORD).status_code == 200
    assert service.get(None, "/v1/me").status_code == 200


@pytest.mark.parametrize("address", [ADMIN, "nobody@example.vn"])
def test_passwords_cannot_be_guessed_one_after_another(service: Service, strict: int, address: str) -> None:
    assert {log_in(service, address).status_code for _ in range(strict)} == {401}
    for password in ("wrong", PASSWORD):
        answer = log_in(service, address, password)
        assert (answer.status_code, answer.json()["type"]) == (429, "/problems/too-many")
        assert int(answer.headers["Retry-After"]) >= 1 and "Set-Cookie" not in answer.headers
    assert log_in(service, email(Role.AUDITOR), PASSWORD).status_code == 200


def test_another_spelling_of_an_address_is_no_other_account(service: Service, strict: int) -> None:
    for n in range(strict):
        assert log_in(service, ADMIN.upper() if n % 2 else ADMIN).status_code == 401
    assert log_in(service, ADMIN, PASSWORD).status_code == 429


def test_a_forged_header_makes_nobody_another_client(service: Service, strict: int) -> None:
    for n in range(strict):
        told = {
            "X-Forwarded-For": f"192.0.2.{n}",
            "Forwarded": f"for=192.0.2.{n}",
            "X-Real-IP": f"192.0.2.{n}",
        }
        assert log_in(service, ADMIN, **told).status_code == 401
    assert log_in(service, ADMIN, **{"X-Forwarded-For": "192.0.2.99"}).status_code == 429


def test_right_passwords_do_not_count(clock_of_limits: Clock) -> None:
    rates = Rates(1)
    for _ in range(100):
        assert refused(rates, "lan", "192.0.2.1") is None


def test_who_guesses_for_many_accounts_is_refused_for_all(clock_of_limits: Clock) -> None:
    rates = Rates(1)
    for n in range(WRONG_OF_CLIENT.amount):
        rates.wrong_login(f"account {n}", "192.0.2.1")
    assert refused(rates, "another", "192.0.2.1") and not refused(rates, "another", "192.0.2.2")


def test_nobody_locks_the_account_of_another(clock_of_limits: Clock) -> None:
    """A thousand clients guess without a pause; its owner comes every quarter of an hour, and is let in."""
    rates, clients = Rates(1), [f"client {n}" for n in range(100)]
    for client in clients:
        try_until_refused(rates, "lan", client)
    guesses = sum(try_until_refused(rates, "lan", client) for client in clients)
    assert guesses == 0
    for _ in range(8):
        clock_of_limits.now += 15 * MINUTE
        assert refused(rates, "lan", "her own address") is None
        taken = [try_until_refused(rates, "lan", client) for client in clients]
        assert max(taken) <= WRONG_OF_PAIR.amount
        assert sum(taken) <= WRONG_OF_ACCOUNT.amount + WRONG_UNDER_ATTACK.amount * len(clients)


def test_who_mistyped_is_let_in_again_after_a_while(clock_of_limits: Clock) -> None:
    rates = Rates(1)
    assert try_until_refused(rates, "lan", "192.0.2.1") == WRONG_OF_PAIR.amount
    wait = refused(rates, "lan", "192.0.2.1")
    assert wait and wait <= 30 * MINUTE
    clock_of_limits.now += 30 * MINUTE
    assert refused(rates, "lan", "192.0.2.1") is None


def test_what_is_over_is_forgotten(clock_of_limits: Clock) -> None:
    rates = Rates(1)
    for n in range(100):
        rates.wrong_login(f"account {n}", f"client {n}")
    storage: Any = rates._limiter.storage
    storage.timer.join()
    clock_of_limits.now += 24 * 60 * MINUTE
    assert refused(rates, "account 1", "client 1") is None
    rates.ask("a key")
    storage.timer.join()
    assert len(storage.storage) == len(storage.expirations) == 1 and not storage.events


def test_an_ipv6_client_cannot_choose_another_address_of_its_own() -> None:
    assert client_of("2001:db8::1") == client_of("2001:db8::ffff:1") != client_of("2001:db8:0:1::1")


@pytest.mark.parametrize(
    ("trusted", "peer", "seen"),
    [
        ("", "10.0.0.5", "10.0.0.5"),
        ("10.0.0.5", "10.0.0.5", "192.0.2.7"),
        ("10.0.0.5", "10.0.0.6", "10.0.0.6"),
        ("10.1.0.0/16,10.0.0.5", "10.1.2.3", "192.0.2.7"),
    ],
)
def test_only_a_proxy_that_is_named_tells_whose_request_it_is(trusted: str, peer: str, seen: str) -> None:
    found: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(scope["client"][0])

    async def nothing(*_: Message) -> Message:
        raise AssertionError

    config = uvicorn.Config(lambda: app, **options(trusted))
    config.load()
    forged = [(b"x-forwarded-for", b"198.51.100.1, 192.0.2.7")]
    scope: dict[str, object] = {"type": "http", "client": (peer, 1), "headers": forged, "scheme": "http"}
    served: Any = config.loaded_app
    asyncio.run(served(scope, nothing, nothing))
    assert found == [seen]
