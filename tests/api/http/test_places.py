import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from api.http import places
from api.http.places import PLACE, THREADS, WAITING, Admission, Place, Places
from api.http.schemas import record
from matching.errors import Busy
from matching.roles import Role
from tests.api.http.crowd import Barrier, asking, figure, wait_until
from tests.api.http.service import Service

BODY: list[Message] = [{"type": "http.request", "body": b"{}", "more_body": False}]


def test_what_comes_on_top_is_refused_at_once_and_probes_are_answered(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Barrier()
    monkeypatch.setattr("api.http.routes.funds.record", held.before(record))
    path = "/v1/funds/north"
    with asking(THREADS + WAITING, lambda: service.get(Role.ADMIN, path)) as answers:
        wait_until(lambda: figure(service, "ketnoi_requests_in_flight") == THREADS + WAITING + 1)
        for refused in (service.get(Role.ADMIN, path), service.get(None, "/v1/me")):
            assert (refused.status_code, refused.json()["type"]) == (503, "/problems/busy")
            assert int(refused.headers["Retry-After"]) >= 1
        for probe in ("/healthz", "/readyz", "/metrics"):
            assert service.get(Role.ADMIN, probe).status_code == 200
        assert service(None, "POST", "/v1/session", json={}).status_code == 422
        assert not any(answer.done() for answer in answers)
        held.open()
    assert {answer.result().status_code for answer in answers} == {200}
    monkeypatch.undo()
    assert service.get(Role.ADMIN, path).status_code == 200
    assert figure(service, 'ketnoi_refused_total{type="busy"}') == 2


def test_a_request_waits_for_its_turn_no_longer_than_it_may() -> None:
    async def run() -> None:
        few = Places(working=1, waiting=1, seconds=0.01)
        async with few.place():
            with pytest.raises(Busy):
                async with few.place():
                    pass
        async with few.place():  # who waited in vain holds nothing
            pass

    asyncio.run(run())


def test_who_waits_for_something_else_lets_others_work() -> None:
    async def run() -> None:
        few = Places(working=1, waiting=1, seconds=0.01)
        async with few.place() as one:
            async with one.aside(), few.place():
                pass
            with pytest.raises(Busy):
                async with few.place():
                    pass

    asyncio.run(run())


def ask(app: Any, free: Places, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
    """Send a request through the admission of an app with these places."""
    scope = {
        "type": "http",
        "path": "/v1/funds",
        "app": SimpleNamespace(state=SimpleNamespace(places={"": free})),
    }
    return Admission(app)(scope, receive, send)


def receiving(*messages: Message) -> Receive:
    """Receive these, then wait for ever."""
    left = iter(messages)

    async def receive() -> Message:
        for message in left:
            return message
        return await asyncio.Future[Message]()

    return receive


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that reads its body and answers."""
    assert (await receive())["type"] == "http.request" and isinstance(scope[PLACE], Place)
    await send({"type": "http.response.start", "status": 200, "headers": []})


def collecting(into: list[Message]) -> Send:
    async def send(message: Message) -> None:
        into.append(message)

    return send


def test_who_sends_slowly_takes_no_place_and_is_refused_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "BODY_SECONDS", 0.2)

    async def run() -> list[Message]:
        one, slow, quick = Places(working=1, waiting=0), list[Message](), list[Message]()
        begun: Message = {"type": "http.request", "body": b"{", "more_body": True}
        waiting = asyncio.ensure_future(ask(answer, one, receiving(begun), collecting(slow)))
        await asyncio.sleep(0)
        await ask(answer, one, receiving(*BODY), collecting(quick))
        assert [quick[0]["status"], slow] == [200, []]
        await waiting
        return slow

    assert asyncio.run(run())[0]["status"] == 408


def test_who_reads_slowly_takes_no_place() -> None:
    async def run() -> None:
        one, quick = Places(working=1, waiting=0), list[Message]()

        async def stuck(_: Message) -> None:
            await asyncio.Future[None]()

        reading = asyncio.ensure_future(ask(answer, one, receiving(*BODY), stuck))
        await asyncio.sleep(0.01)
        await ask(answer, one, receiving(*BODY), collecting(quick))
        assert quick[0]["status"] == 200
        reading.cancel()

    asyncio.run(run())


def test_who_has_gone_before_the_body_was_there_is_not_answered() -> None:
    async def never(*_: object) -> None:
        raise AssertionError

    sent: list[Message] = []
    asyncio.run(ask(never, Places(), receiving({"type": "http.disconnect"}), collecting(sent)))
    assert sent == []


def test_a_body_is_passed_on_as_it_came(service: Service) -> None:
    content = b'{"description": "Boats", "country": "VN"}'
    told = {"content": (content[at : at + 7] for at in range(0, len(content), 7))}
    headers = {"Content-Type": "application/json"}
    assert service(Role.ADMIN, "POST", "/v1/shortlists", headers=headers, **told).status_code == 200
