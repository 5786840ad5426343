"""The service is killed while clients write: what it said is done is there once, the rest whole or absent."""

import json
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from data import service_tables, tables
from data.credentials import by_key
from data.database import connect
from data.dialects import is_sqlite
from data.versions import version
from matching.roles import Role
from tests.databases import Databases
from tests.e2e.servers import LOST, Answer, Connection, Server, fill, now, serving

CLIENTS = 16
STEPS = ("founder_asked", "founder_ok", "investor_asked")
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Deed:
    """One write, and the row that it leaves in the database."""

    path: str
    body: dict[str, Any]
    row: Row

    @property
    def new(self) -> bool:
        """Whether it makes a record."""
        kind, number = self.row[0], self.row[2]
        return bool(kind == "introduction" or (kind == "startup" and number == 1))


def deeds(client: int) -> Iterator[Deed]:
    """Write, without an end, startups twice, with an introduction, its steps, and two verdicts."""
    turn = 0
    while turn := turn + 1:
        id_ = f"{client}-{turn}"
        for number, told in enumerate(("first", "second"), 1):
            profile = {"name": f"Startup {id_}", "description": told, "country": "VN"}
            yield Deed(f"/v1/startups/{id_}", profile, ("startup", id_, number, told))
        pair = {"startup_id": id_, "fund_id": "north"}
        yield Deed(f"/v1/introductions/{id_}", pair, ("introduction", id_, id_, "north"))
        for number, status in enumerate(STEPS, 1):
            step = {"status": status, "reason": f"reason {id_}"}
            path = f"/v1/introductions/{id_}/events/{number}"
            yield Deed(path, step, ("step", id_, number, status, step["reason"]))
        for verdict in ("accept", "reject"):
            body = {"verdict": verdict, "reason": f"{verdict} {id_}"}
            row = ("feedback", id_, "south", verdict, body["reason"])
            yield Deed(f"/v1/startups/{id_}/feedback/south", body, row)


@dataclass
class Client:
    """Writes until the service dies; then sends again what it got no answer to.

    Attributes
    ----------
    acknowledged : the rows of what the service has said is done.
    open : what was sent last, while no answer has come.
    was_there : whether that had been done all the same, as the database says.
    """

    number: int
    key: str
    acknowledged: list[Row] = field(default_factory=list)
    open: Deed | None = None
    was_there: bool = False
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._deeds, self._tag = deeds(self.number), ""

    def run(self, server: Server) -> None:
        """Write until no answer comes any more."""
        again = self.open is not None
        with suppress(*LOST), server.connect(self.key) as ask:
            while not self.faults:
                self.open = self.open or next(self._deeds)
                self._do(ask, self.open, again)
                self.acknowledged.append(self.open.row)
                self.open, again = None, False

    def _do(self, ask: Connection, deed: Deed, again: bool) -> None:
        there = again and self.was_there
        headers = {} if deed.row[0] != "startup" else {"If_Match": self._tag}
        answer = ask("PUT", deed.path, deed.body, **({"If_None_Match": "*"} if deed.new else headers))
        if there and deed.row[0] == "startup":
            answer = self._look(ask, deed, answer)
        elif answer.status != _wanted(deed, there):
            self.faults.append(f"{deed} {'again, ' * there}{answer.status} {answer.body!r}")
        self._tag = answer.headers.get("ETag", self._tag)

    def _look(self, ask: Connection, deed: Deed, answer: Answer) -> Answer:
        """Read a record that is said to be another by now: it has to be what was sent."""
        if answer.status != 412:
            self.faults.append(f"{deed} again, {answer.status}")
        answer = ask("GET", deed.path)
        if answer.json["profile"]["description"] != deed.body["description"]:
            self.faults.append(f"{deed} is not there: {answer.body!r}")
        return answer


def _wanted(deed: Deed, there: bool) -> int:
    """Tell how a write is answered that was not done before, or was `there`."""
    if deed.row[0] == "feedback":
        return 204
    return 201 if (deed.new or deed.row[0] == "step") and not there else 200


@dataclass(frozen=True)
class Found:
    """What the database holds beside what it began with."""

    rows: list[Row]
    people: list[Row]
    audit: list[Row]
    version: int


def found(engine: Engine) -> Found:
    """Read what clients have written."""
    startups, events = tables.startup_version.c, tables.introduction_event.c
    pairs, verdicts = tables.introduction.c, service_tables.feedback.c
    people, audit = tables.introduction_person.c, service_tables.audit_entry.c
    queries = {
        "startup": select(startups.startup_id, startups.version, startups.description),
        "introduction": select(pairs.introduction_id, pairs.startup_id, pairs.fund_id),
        "step": select(events.introduction_id, events.number, events.status, events.reason),
        "feedback": select(verdicts.startup_id, verdicts.fund_id, verdicts.verdict, verdicts.reason).order_by(
            verdicts.feedback_id
        ),
    }
    with engine.connect() as connection:
        rows = [(kind, *row) for kind, query in queries.items() for row in connection.execute(query)]
        named = connection.execute(select(people.introduction_id, people.number, people.person)).all()
        noted = connection.execute(select(audit.action, audit.object, audit.detail)).all()
        ids = connection.execute(select(tables.startup.c.startup_id)).scalars().all()
    assert Counter(ids) == Counter(row[1] for row in rows if row[0] == "startup" and row[2] == 1)
    told = [(action, object_, json.dumps(detail)) for action, object_, detail in noted]
    return Found(rows, [tuple(row) for row in named], told, version(engine))


def noted(row: Row) -> Row:
    """Tell the audit entry of a deed."""
    kind, id_ = row[:2]
    if kind == "startup":
        return ("created" if row[2] == 1 else "changed", f"startup/{id_}", "{}")
    if kind == "introduction":
        return ("created", f"introduction/{id_}", "{}")
    if kind == "step":
        return ("step", f"introduction/{id_}", json.dumps({"number": row[2], "status": row[3]}))
    return ("feedback", f"startup/{id_}/fund/{row[2]}", json.dumps({"verdict": row[3]}))


def released(row: Row, actor: str) -> list[Row]:
    """Tell who stands with a step, and with the introduction that it releases."""
    numbers = [row[2], 0] if row[3] == "investor_asked" else [row[2]]
    return [(row[1], number, actor) for number in numbers]


def check(before: Found, after: Found, clients: list[Client], actor: str) -> None:
    """Hold the database against what clients sent and what they were told."""
    assert [fault for client in clients for fault in client.faults] == []
    rows = Counter(after.rows) - Counter(before.rows)
    sure = Counter(row for client in clients for row in client.acknowledged)
    unsure = Counter(client.open.row for client in clients if client.open)
    assert max(rows.values(), default=0) <= 1
    assert sure - rows == Counter() and rows - sure - unsure == Counter()
    assert Counter(after.audit) - Counter(before.audit) == Counter(map(noted, rows))
    people = Counter(one for row in rows if row[0] == "step" for one in released(row, actor))
    assert Counter(after.people) - Counter(before.people) == people
    assert after.version - before.version == rows.total()
    for client in clients:
        client.was_there = client.open is not None and client.open.row in rows


def actor_of(engine: Engine, key: str) -> str:
    """Return the account of a key."""
    credential = by_key(engine, key, now())
    assert credential
    return credential.account.account_id


def settle(engine: Engine) -> None:
    """Wait until a server of databases has ended what killed clients began."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    while not is_sqlite(engine):
        with engine.connect() as connection:
            if connection.execute(text(f"{others} AND pid <> pg_backend_pid()")).scalar() == 0:
                return
        time.sleep(0.02)


def kill_while_writing(server: Server, clients: list[Client], draw: random.Random) -> None:
    """Let all write at once, and kill the service at any moment after some of it is done."""
    threads = [threading.Thread(target=client.run, args=(server,)) for client in clients]
    enough = done(clients) + draw.randint(1, 3 * CLIENTS)
    for thread in threads:
        thread.start()
    while done(clients) < enough and any(thread.is_alive() for thread in threads):
        time.sleep(0.01)
    time.sleep(draw.uniform(0, 0.1))
    server.kill()
    for thread in threads:
        thread.join()


def done(clients: list[Client]) -> int:
    """Count what the service has said is done."""
    return sum(len(client.acknowledged) for client in clients)


def prove(kills: int, tmp_path: Path, databases: Databases, workers: int = 1) -> None:
    """Kill the service as many times, at any moment, while sixteen clients write; look after each."""
    url, draw = databases.new(), random.Random(7)
    databases.create_migrated(url)
    keys = fill(url, tmp_path)
    engine = connect(url)
    actor, before = actor_of(engine, keys[Role.ADMIN]), found(engine)
    clients = [Client(number, keys[Role.ADMIN]) for number in range(CLIENTS)]
    lost = there = 0
    for _ in range(kills):
        with serving(url, tmp_path / "log", workers) as server:
            kill_while_writing(server, clients, draw)
        settle(engine)
        check(before, found(engine), clients, actor)
        lost += sum(client.open is not None for client in clients)
        there += sum(client.was_there for client in clients)
    engine.dispose()
    logging.info(
        "%d kills: %d writes said done, %d unanswered, %d of them done", kills, done(clients), lost, there
    )
    assert done(clients) >= kills and lost > 0


@pytest.mark.enable_socket
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # PostgreSQL in the long proof alone
def test_a_killed_service_loses_nothing_that_it_acknowledged(tmp_path: Path, databases: Databases) -> None:
    prove(2, tmp_path, databases)


@pytest.mark.acceptance
@pytest.mark.enable_socket
def test_a_service_killed_fifty_times_loses_nothing(tmp_path: Path, databases: Databases) -> None:
    prove(50, tmp_path, databases)


@pytest.mark.acceptance
@pytest.mark.enable_socket
@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_several_workers_killed_at_once_lose_nothing(tmp_path: Path, databases: Databases) -> None:
    prove(10, tmp_path, databases, workers=3)
