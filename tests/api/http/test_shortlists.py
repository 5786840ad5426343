import json
from typing import Any

from sqlalchemy import select

from data.records import put
from data.service_tables import exposure
from matching.roles import Role
from tests.api.http.service import Service
from tests.api.installation import Ketnoi, fund_ids

PATH = "/v1/startups/mine/shortlist"


def test_the_service_answers_what_the_command_line_answers(service: Service, ketnoi: Ketnoi) -> None:
    served = service.get(Role.MANAGER, f"{PATH}?k=3&lang=vi")
    assert served.json() == ketnoi("shortlist", "mine", "--k", "3", "--lang", "vi", "--json").json
    verdict = service.get(Role.MANAGER, "/v1/startups/mine/why/late?lang=en").json()
    assert verdict == ketnoi("why", "mine", "late", "--lang", "en", "--json").json


def test_the_language_is_the_one_asked_for(service: Service) -> None:
    def language(query: str = "", **headers: str) -> str:
        answer = service.get(Role.MANAGER, f"{PATH}{query}", headers=headers)
        reason = answer.json()["suggestions"][0]["reasons"][0]["text"]
        assert ("Quỹ" in reason or "công ty" in reason) == (answer.headers["Content-Language"] == "vi")
        return str(answer.headers["Content-Language"])

    assert language() == "en"  # as KETNOI_LANGUAGE says in the tests
    assert language(**{"Accept-Language": "vi-VN, en;q=0.5"}) == "vi"
    assert language("?lang=en", **{"Accept-Language": "vi"}) == "en"


def test_a_profile_in_no_database_is_answered_and_not_kept(service: Service) -> None:
    body = {
        "description": "Insurance for rice farmers",
        "sectors": ["fintech"],
        "country": "VN",
        "stage": "seed",
    }
    answer = service(Role.MANAGER, "POST", "/v1/shortlists?k=2", json=body).json()
    assert (answer["startup_id"], answer["startup"]) == (None, "")
    assert fund_ids(answer)[0] == "north" and len(fund_ids(answer)) == 2
    assert len(service.get(Role.ADMIN, "/v1/startups").json()["items"]) == 4
    assert exposed(service) == []


def test_what_was_shown_is_logged_under_a_hash(service: Service) -> None:
    shown = fund_ids(service.get(Role.MANAGER, PATH).json())
    seen = [item["fund_id"] for item in service.get(Role.STARTUP, "/v1/me/suggestions").json()["suggestions"]]
    serving = service.client.app.state.serving  # type: ignore[attr-defined]
    serving.exposures.write()
    rows = exposed(service)
    assert [(row["fund_id"], row["rank"]) for row in rows] == [*_ranked(shown), *_ranked(seen)]
    assert {row["startup_hash"] for row in rows} == {serving.exposures.hashed("mine")}


def test_a_changed_profile_is_asked_with_at_once_and_a_new_fund_is_known(service: Service) -> None:
    read = service.get(Role.MANAGER, "/v1/startups/mine")
    late = {**read.json()["profile"], "stage": "series-c", "program_id": "spring"}
    service.put(Role.MANAGER, "/v1/startups/mine", late, read.headers["ETag"])
    answer = service.get(Role.MANAGER, PATH).json()
    assert "stage" in answer["gated"] and "north" not in fund_ids(answer)
    told = {"fund_id": "new", "name": "New"}
    put(service.app.database, "fund", told, expected="", actor="test", now=service.app.now)
    assert service.get(Role.MANAGER, "/v1/startups/mine/why/new").status_code == 200
    assert service.get(Role.MANAGER, "/v1/startups/mine/why/none").status_code == 404


def test_a_fund_that_the_startup_rejects_is_not_suggested_again(service: Service) -> None:
    assert "north" in fund_ids(service.get(Role.MANAGER, PATH).json())
    path = "/v1/startups/mine/feedback/north"
    assert service.put(Role.STARTUP, path, {"verdict": "reject", "reason": "a rival"}).status_code == 204
    assert "north" not in fund_ids(service.get(Role.MANAGER, PATH).json())
    failures = service.get(Role.MANAGER, "/v1/startups/mine/why/north").json()["failures"]
    assert [failure["code"] for failure in failures] == ["excluded_by_startup"]
    service.put(Role.STARTUP, path, {"verdict": "accept"})
    assert "north" in fund_ids(service.get(Role.MANAGER, PATH).json())


def test_suggestions_tell_a_startup_reasons_and_gaps_and_nothing_else(service: Service) -> None:
    answer = service.get(Role.STARTUP, "/v1/me/suggestions?lang=en").json()
    assert set(answer) == {"notice", "as_of", "suggestions", "gaps"}
    assert [item["fund_id"] for item in answer["suggestions"]] == ["north", "south"]
    for item in answer["suggestions"]:
        assert set(item) == {"fund_id", "fund", "reasons"}
        assert all(set(reason) == {"code", "text"} for reason in item["reasons"])
    text = json.dumps(answer).lower()
    assert not any(word in text for word in ('backed"', "rival", "score", "closed", "probability", "lan"))
    assert [gap["field"] for gap in answer["gaps"]] == ["founded_on", "business_model"]
    assert "AI" in answer["notice"]


def test_feedback_of_managers_is_not_for_the_startup(service: Service) -> None:
    path = "/v1/startups/mine/feedback"
    assert (
        service.put(Role.MANAGER, f"{path}/north", {"verdict": "note", "reason": "weak team"}).status_code
        == 204
    )
    assert service.put(Role.STARTUP, f"{path}/north", {"verdict": "accept"}).status_code == 204
    assert service.put(Role.STARTUP, f"{path}/north", {"verdict": "note", "reason": "x"}).status_code == 403
    assert service.put(Role.STARTUP, f"{path}/none", {"verdict": "accept"}).status_code == 404
    assert [item["verdict"] for item in service.get(Role.STARTUP, path).json()["items"]] == ["accept"]
    assert [item["verdict"] for item in service.get(Role.MANAGER, path).json()["items"]] == ["note", "accept"]


def exposed(service: Service) -> list[Any]:
    """Read the exposure log."""
    with service.app.database.connect() as connection:
        return list(connection.execute(select(exposure).order_by(exposure.c.exposure_id)).mappings())


def _ranked(fund_ids: list[str]) -> list[tuple[str, int]]:
    return [(fund_id, rank) for rank, fund_id in enumerate(fund_ids, 1)]
