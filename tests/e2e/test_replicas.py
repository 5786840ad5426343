"""Two server processes on one PostgreSQL: the same answers, and of what both are told at once, one counts."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data import service_tables, tables
from data.credentials import keys, revoke_key
from data.database import connect
from data.importer import import_folder
from matching.roles import Role
from tests.api.http.service import PASSWORD, email
from tests.api.installation import VIETNAM
from tests.databases import PostgresqlDatabases
from tests.e2e.servers import Answer, Server, fill, now, serving

pytestmark = [pytest.mark.acceptance, pytest.mark.enable_socket]
ROUNDS, WRITERS = 30, 6
SERVED_SECONDS = 30


@dataclass(frozen=True)
class Replicas:
    """Two services over one database."""

    servers: tuple[Server, Server]
    engine: Engine
    keys: dict[Role, str]

    def ask(self, at: int, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Ask one of the two as the admin."""
        with self.servers[at % 2].connect(self.keys[Role.ADMIN]) as ask:
            return ask(method, path, body, **headers)

    def at_once(self, ask: Callable[[int], Answer], n: int = WRITERS) -> list[Answer]:
        """Ask `n` times at the same moment, the two in turn."""
        ready = Barrier(n)

        def one(number: int) -> Answer:
            ready.wait()
            return ask(number)

        with ThreadPoolExecutor(n) as threads:
            return list(threads.map(one, range(n)))


@pytest.fixture(scope="module")
def replicas(
    postgresql_databases: PostgresqlDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replicas]:
    folder, url = tmp_path_factory.mktemp("replicas"), postgresql_databases.new()
    postgresql_databases.create_migrated(url)
    keys, engine = fill(url, folder), connect(url)
    assert import_folder(engine, VIETNAM, now()).ok
    with serving(url, folder / "one") as one, serving(url, folder / "other") as other:
        yield Replicas((one, other), engine, keys)
    engine.dispose()


def until_served(replicas: Replicas, at: int) -> float:
    """Wait until one of the two serves the newest records; return the seconds that took."""
    begun = time.monotonic()
    while not replicas.ask(at, "GET", "/readyz").json["current"]:
        assert time.monotonic() < begun + SERVED_SECONDS
        time.sleep(0.02)
    return time.monotonic() - begun


def test_both_give_the_same_answers_to_the_last_bit(replicas: Replicas) -> None:
    for at in (0, 1):
        until_served(replicas, at)
    ids = [item["id"] for item in replicas.ask(0, "GET", "/v1/startups?limit=200").json["items"]]
    paths = ["/v1/startups?limit=200", "/v1/funds?limit=200", "/v1/introductions", "/v1/startups?q=cong"]
    paths += [f"/v1/startups/{id_}/shortlist?k=20&lang={lang}" for id_ in ids[::4] for lang in ("vi", "en")]
    paths += [f"/v1/startups/{id_}/why/{fund}" for id_ in ids[::8] for fund in ("north", "jungle-ventures")]
    for path in paths:
        one, other = (replicas.ask(at, "GET", path) for at in (0, 1))
        assert one.status == other.status == 200
        assert one.body == other.body, path
        assert one.headers["ETag"] == other.headers["ETag"]
    assert len(paths) > 100


def test_what_one_is_told_the_other_serves(replicas: Replicas) -> None:
    for number in range(10):
        fund = {"name": f"Fund {number}", "sectors": ["fintech"], "stages": ["seed"], "countries": ["VN"]}
        written = replicas.ask(number, "PUT", f"/v1/funds/new-{number}", fund, If_None_Match="*")
        assert written.status == 201
        read = replicas.ask(number + 1, "GET", f"/v1/funds/new-{number}")
        assert (read.body, read.headers["ETag"]) == (written.body, written.headers["ETag"])
        until_served(replicas, number + 1)
        verdict = replicas.ask(number + 1, "GET", f"/v1/startups/mine/why/new-{number}")
        assert verdict.json["ranked"] is not None


def test_of_many_who_write_over_the_same_version_one_does(replicas: Replicas) -> None:
    path = "/v1/startups/mine"
    for round_ in range(ROUNDS):
        read = replicas.ask(round_, "GET", path)
        tag, profile = read.headers["ETag"], read.json["profile"]

        def write(number: int, tag: str = tag, profile: Any = profile, round_: int = round_) -> Answer:
            body = {**profile, "description": f"Round {round_}, writer {number}"}
            return replicas.ask(number, "PUT", path, body, If_Match=tag)

        answers = replicas.at_once(write)
        assert Counter(answer.status for answer in answers) == {200: 1, 412: WRITERS - 1}
        winner = next(answer for answer in answers if answer.status == 200)
        assert replicas.ask(round_ + 1, "GET", path).body == winner.body
    assert of(replicas.engine, "startup/mine") == {"changed": ROUNDS}
    with replicas.engine.connect() as connection:
        version = tables.startup_version.c
        versions = connection.execute(select(version.version).where(version.startup_id == "mine"))
        assert sorted(versions.scalars()) == list(range(1, ROUNDS + 2))


def test_an_introduction_is_opened_and_released_once(replicas: Replicas) -> None:
    pair = {"startup_id": "mine", "fund_id": "north"}
    for round_ in range(ROUNDS):
        path = f"/v1/introductions/race-{round_}"
        opened = replicas.at_once(lambda n: replicas.ask(n, "PUT", path, pair, If_None_Match="*"))  # noqa: B023
        assert Counter(answer.status for answer in opened) == {201: 1, 200: WRITERS - 1}
        for number, status in enumerate(("founder_asked", "founder_ok"), 1):
            body = {"status": status}
            assert replicas.ask(number, "PUT", f"{path}/events/{number}", body).status == 201

        def release(number: int, path: str = path, round_: int = round_) -> Answer:
            reason = f"writer {number}" if round_ % 2 else ""
            body = {"status": "investor_asked", "reason": reason}
            return replicas.ask(number, "PUT", f"{path}/events/3", body)

        statuses = Counter(answer.status for answer in replicas.at_once(release))
        assert statuses == {201: 1, 409 if round_ % 2 else 200: WRITERS - 1}
        told = replicas.ask(round_, "GET", path).json
        assert [event["status"] for event in told["events"]] == [
            "founder_asked",
            "founder_ok",
            "investor_asked",
        ]
        assert of(replicas.engine, f"introduction/race-{round_}") == {"created": 1, "step": 3}


def test_a_session_and_its_end_are_known_to_both_at_once(replicas: Replicas) -> None:
    login = {"email": email(Role.MANAGER), "password": PASSWORD}
    for at in range(6):
        with replicas.servers[at % 2].connect() as here, replicas.servers[(at + 1) % 2].connect() as there:
            begun = here("POST", "/v1/session", login)
            cookie = begun.headers["Set-Cookie"].partition(";")[0]
            assert there("GET", "/v1/me", Cookie=cookie).json["role"] == "manager"
            ended = there("DELETE", "/v1/session", Cookie=cookie, X_CSRF_Token=begun.json["csrf"])
            assert ended.status == 204
            assert here("GET", "/v1/me", Cookie=cookie).status == 401


def test_a_revoked_key_opens_nothing_at_either(replicas: Replicas) -> None:
    secret = replicas.keys[Role.AUDITOR]

    def statuses() -> list[int]:
        told = []
        for server in replicas.servers:
            with server.connect(secret) as ask:
                told.append(ask("GET", "/v1/me").status)
        return told

    assert statuses() == [200, 200]
    with replicas.servers[0].connect(secret) as ask:
        account_id = ask("GET", "/v1/me").json["account_id"]
    (key,) = (key for key in keys(replicas.engine) if key.account_id == account_id)
    revoke_key(replicas.engine, key.key_id, actor="test", at=now())
    assert statuses() == [401, 401]


def of(engine: Engine, object_: str) -> Counter[str]:
    """Count what the audit log says of a record, by action."""
    entry = service_tables.audit_entry.c
    with engine.connect() as connection:
        return Counter(connection.execute(select(entry.action).where(entry.object == object_)).scalars())
