from datetime import timedelta
from typing import Any

import pytest

from api.compose import App
from data.audit import entries
from data.jobs import LOST_AFTER, JobState, beat, begin_job, end_job
from matching.roles import Role
from tests.api.http.conftest import NOON
from tests.api.http.service import JOB, RELEASE, Service


def put(service: Service, job_id: str, **body: Any) -> Any:
    return service.put(Role.ADMIN, f"/v1/jobs/{job_id}", {"kind": "train", **body}, "")


def test_a_job_is_started_once_and_the_same_again_tells_how_far_it_is(
    service: Service, started: list[str]
) -> None:
    made = put(service, "j", as_of="2026-01-31", promote=True)
    assert (made.status_code, made.headers["Location"]) == (202, "/v1/jobs/j")
    me = service.get(Role.ADMIN, "/v1/me").json()["account_id"]
    assert made.json() == {
        "job_id": "j",
        "kind": "train",
        "as_of": "2026-01-31",
        "promote": True,
        "by": me,
        "state": "queued",
        "created_at": "2026-11-24T12:00:00Z",
        "started_at": None,
        "heartbeat_at": "2026-11-24T12:00:00Z",
        "finished_at": None,
        "result": None,
        "error": "",
    }
    again = put(service, "j", as_of="2026-01-31", promote=True)
    assert (again.status_code, again.json()) == (200, made.json())
    other = put(service, "j", as_of="2026-01-31")
    assert (other.status_code, other.json()["type"]) == (409, "/problems/conflict")
    assert started == ["j"]
    last = entries(service.app.database, limit=1_000)[-1]
    assert (last.actor, last.action, last.object) == (me, "created", "job/j")
    assert last.detail == {"kind": "train", "as_of": "2026-01-31", "promote": True}


def test_one_job_at_a_time(service: Service, started: list[str]) -> None:
    put(service, "j")
    for state in (JobState.QUEUED, JobState.RUNNING):
        refused = put(service, "k")
        assert (refused.status_code, refused.json()["job"]) == (409, "j")
        assert refused.json()["detail"] == f"Job 'j' is {state}, and one is done at a time."
        begin_job(service.app.database, "j", NOON)
    assert service.get(Role.ADMIN, "/v1/jobs/k").status_code == 404
    end_job(service.app.database, "j", JobState.FAILED, NOON, error="no luck")
    assert put(service, "k").status_code == 202 and started == ["j", "k"]
    assert service.get(Role.AUDITOR, "/v1/jobs/j").json()["error"] == "no luck"


def test_a_job_is_lost_that_was_not_heard_of_for_long(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(service, "j")
    begin_job(service.app.database, "j", NOON)
    later = NOON + LOST_AFTER
    monkeypatch.setattr(App, "now", property(lambda _: later))
    assert put(service, "k").status_code == 409
    beat(service.app.database, "j", later)
    monkeypatch.setattr(App, "now", property(lambda _: later + LOST_AFTER + timedelta(seconds=1)))
    lost = service.get(Role.MANAGER, "/v1/jobs/j").json()
    assert (lost["state"], lost["error"]) == ("lost", "its process was not heard of any more")
    assert put(service, "k").status_code == 202
    assert not beat(service.app.database, "j", later), "its process is to end, should it still live"
    assert not end_job(service.app.database, "j", JobState.DONE, later)
    told = [(job["job_id"], job["state"]) for job in service.get(Role.ADMIN, "/v1/jobs").json()["items"]]
    assert told == [("k", "queued"), (JOB, "done"), ("j", "lost")]


def test_a_job_that_is_done_tells_what_came_of_it(service: Service) -> None:
    told = service.get(Role.SERVICE, f"/v1/jobs/{JOB}").json()
    assert (told["state"], told["result"]) == ("done", {"release_id": RELEASE})
    assert service.get(Role.SERVICE, "/v1/jobs?limit=1").json() == {"items": [told]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "retrain"}, "kind"),
        ({"kind": "train; rm -rf"}, "kind"),
        ({"as_of": "2026-11-25"}, "as_of"),
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"as_of": "today"}, "as_of"),
        ({"promote": "yes"}, "promote"),
        ({"command": "sh"}, "command"),
    ],
)
def test_a_bad_job_is_refused_by_its_field(
    service: Service, started: list[str], body: dict[str, Any], field: str
) -> None:
    answer = put(service, "j", **body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert started == []


def test_an_id_may_be_in_any_letters(service: Service) -> None:
    made = put(service, "tháng-11%3F")
    assert (made.status_code, made.headers["Location"]) == (202, "/v1/jobs/th%C3%A1ng-11%3F")
    assert service.get(Role.ADMIN, made.headers["Location"]).json()["job_id"] == "tháng-11?"


def test_a_reason_that_cannot_be_kept_is_refused_by_its_field(service: Service) -> None:
    body = {"release_id": RELEASE, "reason": "two\nlines"}
    answer = service.put(Role.ADMIN, "/v1/champion", body, '"none"')
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "reason")


def test_a_job_wants_to_be_new(service: Service) -> None:
    assert service.put(Role.ADMIN, "/v1/jobs/j", {"kind": "train"}).status_code == 428
