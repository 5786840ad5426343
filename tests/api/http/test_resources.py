"""Imports, jobs and the champion through two replicas over one database, of each kind."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.compose import App
from api.http.app import make_app
from api.jobs.work import work
from api.settings import Settings
from data.accounts import add_account
from data.credentials import add_key
from matching.roles import Role, Scope
from tests.api.http.service import FILES, Service


@pytest.fixture
def replicas(engine: Engine, url: str, routes: FastAPI) -> Iterator[list[Service]]:
    """Two services over one empty database."""
    with ExitStack() as stack:
        found = []
        for api in (routes, make_app(App(Settings(database_url=url)))):
            api.state.app = App(Settings(database_url=url))
            client = stack.enter_context(TestClient(api, raise_server_exceptions=False))
            found.append(Service(api.state.app, client))
        app = found[0].app
        account = add_account(
            app.database, role=Role.ADMIN, email="a@example.vn", name="A", actor="test", at=app.now
        )
        _, key = add_key(app.database, account.account_id, list(Scope), 30, actor="test", at=app.now)
        for service in found:
            service.keys[Role.ADMIN] = key
        yield found


def test_what_one_replica_takes_the_other_serves(replicas: list[Service], started: list[str]) -> None:
    one, other = replicas
    files = [("files", (f"{name}.csv", text)) for name, text in FILES.items()]
    assert one(Role.ADMIN, "POST", "/v1/imports", files=files).status_code == 200
    other.client.app.state.serving.refresh()  # type: ignore[attr-defined]
    funds = other.get(Role.ADMIN, "/v1/startups/mine/shortlist").json()["suggestions"]
    assert {fund["fund_id"] for fund in funds} == {"north", "south"}

    assert one.put(Role.ADMIN, "/v1/jobs/j", {"kind": "train"}, "").status_code == 202
    assert other.put(Role.ADMIN, "/v1/jobs/j", {"kind": "train"}, "").status_code == 200
    assert other.put(Role.ADMIN, "/v1/jobs/k", {"kind": "train"}, "").status_code == 409
    assert started == ["j"]
    work(one.app, "j")
    done = other.get(Role.ADMIN, "/v1/jobs/j").json()
    assert (done["state"], done["result"]["champion"]) == ("done", True)

    champion = other.get(Role.ADMIN, "/v1/champion")
    assert champion.json()["release"]["release_id"] == done["result"]["release_id"]
    tag = {"If-Match": champion.headers["ETag"]}
    assert one(Role.ADMIN, "DELETE", "/v1/champion", headers=tag).json() == {"release": None}
    assert other(Role.ADMIN, "DELETE", "/v1/champion", headers=tag).status_code == 412
