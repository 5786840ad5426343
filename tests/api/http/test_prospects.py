from typing import Any

import pytest

from api.http import questions
from matching.roles import Role
from tests.api.http.service import Service
from tests.api.http.test_shortlists import exposed

PATH = "/v1/funds/north/startups"


def ids(answer: Any) -> list[str]:
    return [item["startup_id"] for item in answer.json()["startups"]]


def change(service: Service, startup_id: str, **told: Any) -> None:
    path = f"/v1/startups/{startup_id}"
    read = service.get(Role.ADMIN, path)
    body = {**read.json()["profile"], **told}
    assert service.put(Role.ADMIN, path, body, read.headers["ETag"]).status_code == 200


def test_each_startup_shows_the_fund_exactly_as_its_own_shortlist_does(service: Service) -> None:
    for fund_id in ("north", "south"):
        answer = service.get(Role.ADMIN, f"/v1/funds/{fund_id}/startups?lang=vi").json()
        assert answer["startups"]
        for item in answer["startups"]:
            startup_id, name = item.pop("startup_id"), item.pop("startup")
            own = service.get(Role.ADMIN, f"/v1/startups/{startup_id}/shortlist?k=100&lang=vi").json()
            assert own["startup"] == name
            assert [one for one in own["suggestions"] if one["fund_id"] == fund_id] == [item]


def test_a_manager_sees_own_programs_and_a_list_is_narrowed_to_one(service: Service) -> None:
    assert ids(service.get(Role.ADMIN, PATH)) == ["free", "mine", "rival"]
    assert ids(service.get(Role.MANAGER, PATH)) == ["mine"]
    assert ids(service.get(Role.ADMIN, f"{PATH}?program=autumn")) == ["rival"]
    assert ids(service.get(Role.MANAGER, f"{PATH}?program=autumn")) == []
    assert service.get(Role.MANAGER, PATH).json()["considered"] == 1
    assert service.get(Role.STARTUP, PATH).status_code == 403
    assert service.get(Role.ADMIN, "/v1/funds/none/startups").status_code == 404


def test_what_a_gate_keeps_out_is_counted_and_not_listed(service: Service) -> None:
    answer = service.get(Role.ADMIN, PATH).json()
    assert (answer["considered"], answer["eligible"]) == (4, 3)
    assert answer["gated"] == {"already_invested": 1}
    change(service, "mine", opted_out=True)
    change(service, "free", exclusions=["north"])
    path = "/v1/startups/rival/feedback/north"
    assert service.put(Role.ADMIN, path, {"verdict": "reject", "reason": "?"}).status_code == 204
    after = service.get(Role.ADMIN, PATH)
    assert ids(after) == ["rival"]  # a verdict that is not the startup's own keeps nobody out
    assert after.json()["gated"] == {
        "startup_opted_out": 1,
        "excluded_by_startup": 1,
        "already_invested": 1,
    }


def test_a_pair_that_is_introduced_or_rejected_by_the_startup_is_not_listed(service: Service) -> None:
    path = "/v1/startups/mine/feedback/north"
    service.put(Role.STARTUP, path, {"verdict": "reject", "reason": "a rival"})
    service.put(Role.ADMIN, "/v1/introductions/new", {"startup_id": "rival", "fund_id": "north"}, "")
    service.client.app.state.serving.refresh()  # type: ignore[attr-defined]
    answer = service.get(Role.ADMIN, PATH)
    assert ids(answer) == ["free"]
    assert answer.json()["gated"] == {
        "excluded_by_startup": 1,
        "already_invested": 1,
        "already_introduced": 1,
    }


def test_a_list_is_bounded_by_startups_and_by_k_and_worked_out_one_at_a_time(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ids(service.get(Role.ADMIN, f"{PATH}?k=2")) == ["free", "mine"]
    assert service.get(Role.ADMIN, f"{PATH}?k=101").status_code == 422
    monkeypatch.setattr(questions, "MOST_STARTUPS", 3)
    refused = service.get(Role.ADMIN, PATH).json()
    assert [error["field"] for error in refused["errors"]] == ["program"]
    assert refused["detail"] == "program must name one with at most 3 startups, as there are more."
    assert service.get(Role.ADMIN, f"{PATH}?program=autumn").status_code == 200
    with service.client.app.state.serving.listing:  # type: ignore[attr-defined]
        busy = service.get(Role.MANAGER, PATH)
    assert (busy.status_code, busy.json()["type"]) == (503, "/problems/busy")
    assert service.get(Role.MANAGER, PATH).status_code == 200


def test_what_was_shown_is_logged_as_a_list_of_the_fund(service: Service) -> None:
    shown = ids(service.get(Role.ADMIN, PATH))
    service.get(Role.MANAGER, "/v1/startups/mine/shortlist?k=1")
    exposures = service.client.app.state.serving.exposures  # type: ignore[attr-defined]
    exposures.write()
    rows = [(r["list_of"], r["fund_id"], r["rank"], r["startup_hash"]) for r in exposed(service)]
    of_fund = [("fund", "north", rank, exposures.hashed(id_)) for rank, id_ in enumerate(shown, 1)]
    assert rows == [*of_fund, ("startup", "north", 1, exposures.hashed("mine"))]


def test_a_fund_and_a_profile_of_a_moment_ago_are_known(service: Service) -> None:
    service.put(Role.ADMIN, "/v1/funds/new", {"name": "New"}, "")
    assert len(ids(service.get(Role.ADMIN, "/v1/funds/new/startups"))) == 4
    change(service, "mine", stage="series-c")
    assert service.get(Role.MANAGER, PATH).json()["gated"] == {"stage": 1}
