from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI

from api.compose import App
from api.http import embedding
from api.http.embedding import MOST_WAITING, Embedding, Questions
from api.jobs.ingest import embed_new
from data.vectors import CachedVectors
from matching.errors import Busy, NotReady
from matching.protocols import FloatMatrix, Progress
from matching.roles import Role
from matching.vocabulary import Prompt
from models.encoder import BATCH
from tests.api.http.crowd import Barrier, asking, figure, wait_until
from tests.api.http.service import Service


class BatchEncoder:
    """Makes vectors that tell of the batch they were made in; each call goes through `before` first."""

    name, width = "fake", 4

    def __init__(self) -> None:
        self.before: Callable[[], object] = lambda: None
        self.asked: Counter[str] = Counter()

    def encode(self, texts: Sequence[str], prompt: Prompt, progress: Progress | None = None) -> FloatMatrix:
        self.asked.update(texts)
        self.before()
        rows = [[1, len(text), len(texts), max(map(len, texts))] for text in texts]
        vectors: FloatMatrix = np.array(rows, np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


@pytest.fixture
def encoder() -> BatchEncoder:
    return BatchEncoder()


@pytest.fixture
def fake(installation: App, encoder: BatchEncoder, routes: FastAPI) -> BatchEncoder:
    """The encoder of an installation whose records are embedded; ask for it before `service`."""
    vars(installation)["encoder"] = encoder
    embed_new(installation, lambda done, total: None)
    return encoder


def question(service: Service, text: str) -> Any:
    return service(Role.MANAGER, "POST", "/v1/shortlists", json={"description": text, "country": "VN"})


def test_few_questions_wait_and_the_next_is_refused_at_once(encoder: BatchEncoder) -> None:
    held, told = Barrier(), list[int]()
    encoder.before = held
    one = Embedding(encoder, told.append)
    futures = [one.submit([f"text {n}"], Prompt.QUERY) for n in range(MOST_WAITING)]
    with pytest.raises(Busy):
        one.submit(["one too many"], Prompt.QUERY)
    assert told[-1] == MOST_WAITING
    held.open()
    assert all(future.result().shape == (1, 4) for future in futures)
    wait_until(lambda: told[-1] == 0)
    one.close()
    assert encoder.asked["one too many"] == 0


def test_records_are_embedded_in_the_batches_of_a_command_and_questions_come_between() -> None:
    encoder, held = BatchEncoder(), Barrier()
    texts = ["x" * (1 + n % 7) for n in range(3 * BATCH)]
    expected = np.concatenate([encoder.encode(sorted(texts, key=len)[at : at + BATCH], Prompt.QUERY)
                               for at in range(0, len(texts), BATCH)])  # fmt: skip
    order: list[int] = []
    one, real = Embedding(encoder, lambda _: None), encoder.encode

    def noting(told: Sequence[str], prompt: Prompt) -> FloatMatrix:
        held()
        order.append(len(told))
        return real(told, prompt)

    encoder.encode = noting  # type: ignore[assignment, method-assign]
    with ThreadPoolExecutor(1) as thread:
        records = thread.submit(one.encode, texts, Prompt.QUERY)
        held.wait_for_one()
        asked = one.submit(["a question"], Prompt.QUERY)
        held.open()
        asked.result()
        made = records.result()
    places = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    np.testing.assert_array_equal(made[places], expected)
    assert order.index(1) < 2 and Counter(order) == {BATCH: 3, 1: 1}
    one.close()


def test_a_thread_that_asks_does_not_wait_for_ever(
    encoder: BatchEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Barrier()
    encoder.before = held
    one = Embedding(encoder, lambda _: None)
    monkeypatch.setattr(embedding, "THREAD_SECONDS", 0.01)
    with pytest.raises(Busy):
        Questions(one).encode(["a"], Prompt.QUERY)
    held.open()
    one.close()


def test_new_texts_hold_up_nobody_else_and_those_on_top_are_refused(
    fake: BatchEncoder, service: Service
) -> None:
    held = Barrier()
    fake.before = held
    numbers = iter(range(100))
    with asking(MOST_WAITING, lambda: question(service, f"Boats {next(numbers)}")) as answers:
        wait_until(lambda: figure(service, "ketnoi_embedding_waiting") == MOST_WAITING)
        refused = question(service, "One too many")
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/busy")
        assert "Retry-After" in refused.headers
        for _ in range(5):
            assert service.get(Role.MANAGER, "/v1/startups/mine/shortlist").status_code == 200
        held.open()
    assert {answer.result().status_code for answer in answers} == {200}
    assert figure(service, "ketnoi_embedding_waiting") == 0


def test_a_text_that_takes_too_long_is_refused(
    fake: BatchEncoder, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Barrier()
    fake.before = held
    monkeypatch.setattr(embedding, "ANSWER_SECONDS", 0.01)
    assert question(service, "Ferries").json()["type"] == "/problems/busy"
    held.open()


def test_the_same_text_is_embedded_once_and_a_model_that_is_not_there_is_said(
    fake: BatchEncoder, service: Service
) -> None:
    first, again = question(service, "Ferries"), question(service, "Ferries")
    assert first.json() == again.json() and fake.asked["Ferries"] == 1
    fake.before = partial(_raise, NotReady("no model"))
    refused = question(service, "Ships")
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/not-ready")


def test_a_stored_startup_never_reaches_the_encoder(fake: BatchEncoder, service: Service) -> None:
    fake.before = partial(_raise, AssertionError())
    for path in ("/v1/startups/mine/shortlist", "/v1/startups/mine/why/north"):
        assert service.get(Role.MANAGER, path).status_code == 200
    assert service.get(Role.STARTUP, "/v1/me/suggestions").status_code == 200


def write(service: Service, description: str) -> None:
    read = service.get(Role.MANAGER, "/v1/startups/mine")
    body = {**read.json()["profile"], "description": description, "program_id": "spring"}
    assert service.put(Role.MANAGER, "/v1/startups/mine", body, read.headers["ETag"]).status_code == 200


def test_what_a_startup_says_anew_is_embedded_before_it_is_asked_about_and_kept(
    fake: BatchEncoder, service: Service
) -> None:
    write(service, "Something new")
    later = CachedVectors(service.app.database, fake).for_questions()
    wait_until(lambda: not later.missing(["Something new"], Prompt.QUERY))
    fake.before = partial(_raise, AssertionError())
    assert service.get(Role.MANAGER, "/v1/startups/mine/shortlist").status_code == 200


def test_a_startup_that_is_asked_about_before_its_text_is_embedded_is_refused_for_a_moment(
    fake: BatchEncoder, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Barrier()
    fake.before = held
    monkeypatch.setattr(embedding, "THREAD_SECONDS", 0.01)
    write(service, "Something new")
    refused = service.get(Role.MANAGER, "/v1/startups/mine/shortlist")
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/busy")
    held.open()


def _raise(error: Exception) -> None:
    raise error
