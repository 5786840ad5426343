from typing import Any

import pytest

from matching.roles import Role, steps_of
from matching.vocabulary import IntroductionStatus as Status
from tests.api.http.service import Service
from tests.api.http.test_sessions import log_in

PATH = "/v1/introductions/new"
OWN = {Status.FOUNDER_OK, Status.FOUNDER_DECLINED, Status.WITHDRAWN}


@pytest.fixture(autouse=True)
def asked(service: Service) -> None:
    """An introduction whose startup is asked."""
    assert service.put(Role.MANAGER, PATH, {"startup_id": "mine", "fund_id": "north"}, "").status_code == 201
    assert take(service, 1, "founder_asked", Role.MANAGER).status_code == 201


def take(service: Service, number: int, status: str, role: Role = Role.STARTUP, **told: Any) -> Any:
    return service.put(role, f"{PATH}/events/{number}", {"status": status, **told})


def test_a_startup_consents_itself_and_sees_its_own_words_alone(service: Service) -> None:
    assert service.get(Role.STARTUP, PATH).json()["legal"] == sorted(OWN)
    answer = take(service, 2, "founder_ok", reason="we know them")
    me = service.get(Role.STARTUP, "/v1/me").json()["account_id"]
    assert answer.status_code == 201 and answer.json()["legal"] == ["withdrawn"]
    take(service, 3, "investor_asked", Role.MANAGER, reason="a private word")
    events = service.get(Role.STARTUP, PATH).json()["events"]
    assert [(e["by"], e["reason"]) for e in events] == [("", ""), (me, "we know them"), ("", "")]
    assert service.get(Role.MANAGER, PATH).json()["events"][1]["by"] == me
    assert take(service, 2, "founder_ok", reason="we know them").status_code == 200


def test_a_startup_declines_with_a_reason_and_withdraws_without(service: Service) -> None:
    refused = take(service, 2, "founder_declined", reason="  ")
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "reason"
    assert take(service, 2, "founder_declined", reason="x" * 1_001).status_code == 422
    assert take(service, 2, "founder_declined", reason="they back a rival").status_code == 201
    assert take(service, 3, "withdrawn").status_code == 409  # it is over
    service.put(Role.MANAGER, "/v1/introductions/next", {"startup_id": "mine", "fund_id": "south"}, "")
    path = "/v1/introductions/next/events"
    service.put(Role.MANAGER, f"{path}/1", {"status": "founder_asked"})
    assert service.put(Role.STARTUP, f"{path}/2", {"status": "withdrawn"}).status_code == 201


def test_no_step_of_somebody_else_is_a_startup_s(service: Service) -> None:
    foreign = "/v1/introductions/old-rival/events/2"
    for status in set(Status) - OWN:
        assert take(service, 2, status).status_code == 403
        assert service.put(Role.STARTUP, foreign, {"status": status}).status_code == 403
    assert (
        service.put(Role.STARTUP, "/v1/introductions/old-rival/events/2", {"status": status}).status_code
        == 403
    )
    assert len(service.get(Role.MANAGER, PATH).json()["events"]) == 1


def test_a_step_that_may_not_follow_is_refused_to_a_startup_too(service: Service) -> None:
    assert take(service, 2, "founder_ok").status_code == 201
    refused = take(service, 3, "founder_ok")
    assert (refused.status_code, refused.json()["legal"]) == (409, ["withdrawn"])
    assert take(service, 4, "withdrawn").status_code == 409


def test_a_startup_never_steps_into_another_s_introduction_nor_opens_one(service: Service) -> None:
    answers = [
        service.put(Role.STARTUP, f"/v1/introductions/{id_}/events/2", {"status": "withdrawn"})
        for id_ in ("old-rival", "unknown")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    pair = {"startup_id": "mine", "fund_id": "south"}
    assert service.put(Role.STARTUP, "/v1/introductions/mine-too", pair, "").status_code == 403
    assert len(service.get(Role.ADMIN, "/v1/introductions/old-rival").json()["events"]) == 1


def test_a_session_consents_only_with_its_token(service: Service) -> None:
    csrf = log_in(service, Role.STARTUP).json()["csrf"]
    body = {"status": "founder_ok"}
    assert service.put(None, f"{PATH}/events/2", body).status_code == 403
    sent = {"X-CSRF-Token": csrf}
    assert service.put(None, f"{PATH}/events/2", body, headers=sent).status_code == 201


def test_only_a_startup_s_steps_are_limited() -> None:
    assert steps_of(Role.STARTUP) == OWN
    assert all(steps_of(role) == set(Status) for role in set(Role) - {Role.STARTUP})
