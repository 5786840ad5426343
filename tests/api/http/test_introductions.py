from typing import Any

import pytest

from matching.roles import Role
from tests.api.http.service import Service

PATH = "/v1/introductions/new"
PAIR = {"startup_id": "mine", "fund_id": "north"}


def step(service: Service, number: int, status: str, **told: Any) -> Any:
    return service.put(Role.MANAGER, f"{PATH}/events/{number}", {"status": status, **told})


def test_a_manager_releases_an_introduction_and_the_startup_follows_it(service: Service) -> None:
    assert service.put(Role.MANAGER, PATH, PAIR).status_code == 428
    assert service.put(Role.MANAGER, PATH, PAIR, "").status_code == 201
    for number, status in enumerate(("founder_asked", "founder_ok", "investor_asked"), 1):
        assert step(service, number, status, reason="a private word").status_code == 201
    told = service.get(Role.MANAGER, PATH).json()
    me = service.get(Role.MANAGER, "/v1/me").json()["account_id"]
    assert (told["released_by"], told["status"]) == (me, "investor_asked")
    assert told["legal"] == ["expired_no_reply", "investor_declined", "investor_ok", "withdrawn"]
    seen = service.get(Role.STARTUP, PATH).json()
    assert [event["status"] for event in seen["events"]] == ["founder_asked", "founder_ok", "investor_asked"]
    assert me not in str(seen) and "private" not in str(seen)
    assert "Lan" not in service.get(Role.STARTUP, "/v1/introductions/old-mine").text


def test_who_lost_an_answer_sends_the_same_again(service: Service) -> None:
    assert service.put(Role.MANAGER, PATH, PAIR, "").status_code == 201
    assert service.put(Role.MANAGER, PATH, PAIR, "").status_code == 200
    first, again = step(service, 1, "founder_asked"), step(service, 1, "founder_asked")
    assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
    other = step(service, 1, "suggested")
    assert (other.status_code, other.json()["type"]) == (409, "/problems/conflict")
    assert service.put(Role.MANAGER, PATH, {**PAIR, "fund_id": "south"}, "").status_code == 409


def test_an_illegal_step_is_refused_with_what_is_legal(service: Service) -> None:
    service.put(Role.MANAGER, PATH, PAIR, "")
    refused = step(service, 1, "invested")
    assert refused.status_code == 409
    assert refused.json()["legal"] == ["founder_asked", "shortlisted", "suggested"]
    assert step(service, 2, "founder_asked").status_code == 409
    assert step(service, 0, "founder_asked").status_code == 422
    assert step(service, 1, "befriended").status_code == 422
    assert step(service, 1, "founder_asked", at="2999-01-01").status_code == 422
    assert service.get(Role.MANAGER, PATH).json()["events"] == []


@pytest.mark.parametrize("told", [{"opted_out": True}, {"exclusions": ["north"]}])
def test_a_startup_that_does_not_want_to_is_not_introduced(service: Service, told: dict[str, Any]) -> None:
    service.put(Role.MANAGER, PATH, PAIR, "")
    step(service, 1, "founder_asked")
    step(service, 2, "founder_ok")
    read = service.get(Role.STARTUP, "/v1/startups/mine")
    changed = {**read.json()["profile"], **told}
    assert service.put(Role.STARTUP, "/v1/startups/mine", changed, read.headers["ETag"]).status_code == 200
    assert step(service, 3, "investor_asked").status_code == 409
    assert service.put(Role.MANAGER, "/v1/introductions/other", PAIR, "").status_code == 409
    assert step(service, 3, "withdrawn").status_code == 201


def test_a_list_is_paged_and_narrowed(service: Service) -> None:
    def ids(query: str) -> list[str]:
        items = service.get(Role.ADMIN, f"/v1/introductions{query}").json()["items"]
        return [item["introduction_id"] for item in items]

    assert ids("") == ["old-mine", "old-rival"]
    assert service.get(Role.ADMIN, "/v1/introductions?limit=1").json()["next"] == "old-mine"
    assert ids("?limit=1&after=old-mine") == ["old-rival"]
    assert ids("?status=investor_asked") == ["old-rival"]
    assert ids("?fund_id=north") == [] and ids("?startup_id=mine") == ["old-mine"]
