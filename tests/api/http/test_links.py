from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from api.compose import App
from data.audit import entries
from data.links import DAYS
from matching.roles import Role
from tests.api.http.conftest import NOON
from tests.api.http.service import Service
from tests.api.http.test_sessions import log_in

ASKED = "/v1/introductions/asked"
FUND = "/v1/funds/north"


@pytest.fixture
def link(service: Service) -> str:
    """The path of a link to an introduction whose fund is asked."""
    pair = {"startup_id": "mine", "fund_id": "north"}
    assert service.put(Role.MANAGER, ASKED, pair, "").status_code == 201
    for number, status in enumerate(("founder_asked", "founder_ok", "investor_asked"), 1):
        assert step(service, number, status).status_code == 201
    return made(service, ASKED)


def step(service: Service, number: int, status: str, role: Role = Role.MANAGER) -> Any:
    return service.put(role, f"{ASKED}/events/{number}", {"status": status})


def made(service: Service, path: str) -> str:
    answer = service(Role.MANAGER, "POST", f"{path}/link")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["path"])


def post(service: Service, link: str, lang: str = "en", **body: Any) -> Any:
    return service(None, "POST", f"{link}?lang={lang}", json=body)


def test_a_fund_answers_by_a_link_without_an_account(service: Service, link: str) -> None:
    shown = service.get(None, link, headers={"Accept-Language": "en"})
    told = shown.json()
    assert (shown.status_code, told["question"], told["fund"]) == (200, "introduction", "North")
    assert told["startup"] == "Công nghệ Mùa Xuân" and told["startup"] in told["text"]
    assert [(offer["answer"], len(offer["reasons"])) for offer in told["answers"]] == [
        ("yes", 0),
        ("not_now", 4),
        ("no", 12),
    ]
    assert told["expires_at"].startswith((NOON + timedelta(days=DAYS)).date().isoformat())
    answer = post(service, link, answer="no", reason="stage", note="Too early for us")
    assert answer.json() == {
        "answer": "no",
        "reason": "stage",
        "text": "Thank you. Your answer is recorded: No.",
        "repeated": False,
    }
    last = service.get(Role.MANAGER, ASKED).json()["events"][-1]
    assert (last["status"], last["pass_reason"], last["note"]) == (
        "investor_declined",
        "stage",
        "Too early for us",
    )
    assert last["by"].startswith("link:")
    seen = service.get(Role.STARTUP, ASKED).text
    assert "Too early" not in seen and "link:" not in seen and '"stage"' not in seen


def test_the_question_is_asked_in_the_language_of_the_browser(service: Service, link: str) -> None:
    vi = service.get(None, link, headers={"Accept-Language": "vi-VN, en;q=0.5"})
    assert vi.headers["Content-Language"] == "vi" and "Accept-Language" in vi.headers["Vary"]
    assert "Quý vị" in vi.json()["text"]
    assert vi.json()["answers"][1]["reasons"][2] == {"code": "no_dry_powder", "text": "Hết vốn để rót"}
    gone = service.get(None, "/v1/answers/kl_none", headers={"Accept-Language": "vi"})
    assert "Liên kết" in gone.json()["detail"] and gone.headers["Content-Language"] == "vi"


def test_reading_does_not_use_a_link_up_and_no_cache_or_referrer_has_it(service: Service, link: str) -> None:
    for _ in range(5):
        headers = service.get(None, link).headers
        assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
    assert service(None, "HEAD", link).status_code == 405
    assert post(service, link, answer="yes").status_code == 200


def test_the_same_answer_again_is_told_to_be_recorded_and_another_is_refused(
    service: Service, link: str
) -> None:
    first, again = (post(service, link, answer="yes").json() for _ in range(2))
    assert again == {**first, "repeated": True, "text": "Your answer is recorded already: Yes, introduce us."}
    for refused in (post(service, link, answer="not_now"), service.get(None, link)):
        assert (refused.status_code, refused.json()["type"]) == (410, "/problems/gone")
    assert len(service.get(Role.MANAGER, ASKED).json()["events"]) == 4


def test_a_link_says_that_its_introduction_has_moved_on_and_does_nothing(service: Service, link: str) -> None:
    step(service, 4, "withdrawn")
    for answer in (service.get(None, f"{link}?lang=en"), post(service, link, answer="yes")):
        assert answer.status_code == 410 and "moved on" in answer.json()["detail"]
    assert len(service.get(Role.MANAGER, ASKED).json()["events"]) == 4


def told(answer: Any) -> tuple[int, dict[str, Any]]:
    return answer.status_code, {k: v for k, v in answer.json().items() if k != "request_id"}


def test_links_that_are_none_of_any_kind_answer_alike(
    service: Service, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoked, expired = link, made(service, FUND)
    assert service(Role.MANAGER, "DELETE", f"{ASKED}/link").status_code == 204
    replaced = made(service, ASKED)
    changed = made(service, ASKED)
    tampered = changed[:-1] + ("A" if changed[-1] != "A" else "B")
    monkeypatch.setattr(App, "now", property(lambda _: NOON + timedelta(days=DAYS)))
    none = [revoked, replaced, expired, changed, tampered]
    malformed = ("x", "kl_", "k" * 9_000, "%00", "' OR 1=1 --", "%ff", "..%5c")
    none += [f"/v1/answers/{token}" for token in malformed]
    read = [told(service.get(None, path)) for path in none]
    written = [told(post(service, path, "vi", answer="yes")) for path in none]
    assert all(answer == read[0] for answer in read) and read[0][0] == 404
    assert all(answer == written[0] for answer in written) and written[0][0] == 404


def test_a_fund_confirms_or_pauses_what_is_known_of_it(service: Service) -> None:
    link, before = made(service, FUND), service.get(Role.ADMIN, FUND).json()["profile"]
    shown = service.get(None, f"{link}?lang=en").json()
    assert shown["question"] == "fund" and shown["startup"] is None
    assert shown["record"] == {
        "thesis": before["thesis"],
        "status": "Deploying",
        "monthly_capacity": None,
    }
    assert post(service, link, answer="confirm", monthly_capacity=3).status_code == 200
    after = service.get(Role.ADMIN, FUND).json()["profile"]
    assert after == {**before, "monthly_capacity": 3, "verified_on": "2026-11-24"}
    assert post(service, made(service, FUND), answer="pause").status_code == 200
    paused = service.get(Role.ADMIN, FUND).json()["profile"]
    assert paused == {**after, "status": "inactive"}


NO_ANSWERS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"answer": "maybe"}, "answer"),
    ({"answer": "confirm"}, "answer"),
    ({"answer": "no"}, "reason"),
    ({"answer": "no", "reason": "timing"}, "reason"),
    ({"answer": "no", "reason": "because"}, "reason"),
    ({"answer": "yes", "note": "x" * 1_001}, "note"),
    ({"answer": "yes", "note": "a\r\nSet-Cookie: x=1"}, "note"),
    ({"answer": "yes", "monthly_capacity": 3}, "monthly_capacity"),
    ({"answer": "yes", "status": "introduced"}, "status"),
    ({"answer": "yes", "fund_id": "south"}, "fund_id"),
)


def test_what_is_no_answer_is_refused_by_its_field_and_uses_nothing_up(service: Service, link: str) -> None:
    for body, field in NO_ANSWERS:
        answer = post(service, link, **body)
        assert answer.status_code == 422 and "Set-Cookie" not in answer.headers
        assert {error["field"] for error in answer.json()["errors"]} == {field}
        assert link.rpartition("/")[2] not in answer.text
    assert service.get(None, link).status_code == 200


def test_no_page_of_another_site_can_answer_and_no_session_counts(service: Service, link: str) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        sent = {"Content-Type": kind}
        answer = service(None, "POST", link, content='{"answer": "yes"}', headers=sent)
        assert answer.status_code in (400, 422)
    log_in(service)  # a manager who follows the link is nobody here
    assert post(service, link, answer="yes").status_code == 200
    me = service.get(Role.MANAGER, "/v1/me").json()["account_id"]
    assert service.get(Role.ADMIN, ASKED).json()["events"][-1]["by"] != me


def test_neither_the_log_nor_the_audit_log_has_the_token(service: Service, link: str) -> None:
    token = link.rpartition("/")[2].removeprefix("kl_")
    with capture_logs() as lines:
        service.get(None, link)
        post(service, link, answer="no", reason="team", note="Lan is away")
        service.get(None, link + "x")
    assert {line["route"] for line in lines} == {"/answers/{token}"}
    assert token not in str(lines) and "Lan" not in str(lines)
    said = str(entries(service.app.database, limit=1_000))
    assert token not in said and "Lan is away" not in said


def test_a_link_is_made_by_whoever_runs_the_introduction_alone(service: Service, link: str) -> None:
    for role in (Role.STARTUP, Role.AUDITOR, Role.SERVICE):
        for path in (ASKED, FUND):
            assert service(role, "POST", f"{path}/link").status_code == 403
    assert service(Role.MANAGER, "POST", "/v1/introductions/old-rival/link").status_code == 404
    assert service(Role.MANAGER, "DELETE", "/v1/introductions/old-rival/link").status_code == 404
    assert service(Role.MANAGER, "POST", "/v1/introductions/old-mine/link").status_code == 409
    assert service.get(None, link).status_code == 200
