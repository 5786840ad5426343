from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.compose import App
from api.settings import Settings
from data.courses import find
from data.links import make_link
from tests.api.http.conftest import NOON
from tests.data.people import add_records, ask_fund

YES, LATER = {"answer": "yes"}, {"answer": "not_now"}


@pytest.fixture
def client(routes: FastAPI, engine: Engine, url: str) -> Iterator[TestClient]:
    """The service over a database of each kind, with an introduction whose fund is asked."""
    add_records(engine, NOON)
    ask_fund(engine, NOON)
    routes.state.app = App(Settings(database_url=url, embedding_model="none"))
    with TestClient(routes, raise_server_exceptions=False) as client:
        yield client


def test_of_answers_that_race_over_http_one_is_recorded(client: TestClient, engine: Engine) -> None:
    _, token = make_link(engine, "north", "i", actor="lan", now=NOON)
    path, bodies = f"/v1/answers/{token}", [YES, LATER] * 8

    def post(body: dict[str, str]) -> Any:
        return body["answer"], client.post(path, json=body)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(post, bodies))
    (won,) = [told for told, answer in answers if answer.json().get("repeated") is False]
    assert Counter(answer.status_code for told, answer in answers if told == won) == {200: 8}
    assert Counter(answer.status_code for told, answer in answers if told != won) == {410: 8}
    assert len(find(engine, "i").steps) == 4
    assert client.get(path).status_code == 410


def test_a_fund_confirms_once_whoever_else_writes_it(client: TestClient, engine: Engine) -> None:
    _, token = make_link(engine, "south", None, actor="lan", now=NOON)
    body = {"answer": "confirm", "monthly_capacity": 2}
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: client.post(f"/v1/answers/{token}", json=body), range(8)))
    assert Counter(a.json()["repeated"] for a in answers) == {False: 1, True: 7}
