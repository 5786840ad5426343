import pytest

from data.audit import entries
from matching.roles import Role
from tests.api.http.service import Service

NEW = {"name": "Sóng Khoẻ", "program_id": "spring", "sectors": ["healthtech"], "country": "VN"}
PATH = "/v1/startups/mine"


def test_what_is_read_can_be_sent_back_and_changes_nothing(service: Service) -> None:
    for path in (PATH, "/v1/startups/free", "/v1/funds/north", "/v1/funds/late"):
        read = service.get(Role.ADMIN, path)
        again = service.put(Role.ADMIN, path, read.json()["profile"], read.headers["ETag"])
        assert (again.status_code, again.headers["ETag"]) == (200, read.headers["ETag"])
        assert again.json() == read.json()


def test_a_new_startup_is_made_once(service: Service) -> None:
    made = service.put(Role.MANAGER, "/v1/startups/new", NEW, "")
    assert made.status_code == 201
    assert made.json()["profile"]["name"] == "Sóng Khoẻ"
    assert service.put(Role.MANAGER, "/v1/startups/new", NEW, "").status_code == 412
    assert service.get(Role.MANAGER, "/v1/startups/new").headers["ETag"] == made.headers["ETag"]


def test_words_that_are_not_understood_are_told_and_kept(service: Service) -> None:
    made = service.put(Role.ADMIN, "/v1/startups/new", {**NEW, "sectors": ["Y tế", "spaceships"]}, "").json()
    assert made["not_understood"] == [{"field": "sectors", "value": "Y tế;spaceships"}]
    assert made["profile"]["sectors"] == ["Y tế", "spaceships"]


def test_nobody_writes_over_what_they_have_not_seen(service: Service) -> None:
    first = service.get(Role.MANAGER, PATH)
    profile = first.json()["profile"]
    assert service.put(Role.MANAGER, PATH, profile).status_code == 428
    second = service.put(Role.MANAGER, PATH, {**profile, "city": "Hue"}, first.headers["ETag"])
    assert second.status_code == 200
    stale = service.put(Role.MANAGER, PATH, {**profile, "city": "Hanoi"}, first.headers["ETag"])
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")
    assert service(Role.ADMIN, "DELETE", PATH).status_code == 428
    old = {"If-Match": first.headers["ETag"]}
    assert service(Role.ADMIN, "DELETE", PATH, headers=old).status_code == 412
    assert service.get(Role.MANAGER, PATH).json()["profile"]["city"] == "Hue"


def test_a_deleted_startup_is_gone_with_its_introductions(service: Service) -> None:
    tag = {"If-Match": service.get(Role.ADMIN, PATH).headers["ETag"]}
    assert service(Role.ADMIN, "DELETE", PATH, headers=tag).status_code == 204
    assert service.get(Role.ADMIN, PATH).status_code == 404
    assert service.get(Role.ADMIN, "/v1/introductions/old-mine").status_code == 404
    assert service.get(Role.STARTUP, "/v1/me").status_code == 401


@pytest.mark.parametrize("program_id", ["autumn", "none", None])
def test_a_startup_does_not_change_its_program(service: Service, program_id: str | None) -> None:
    read = service.get(Role.STARTUP, PATH)
    body = {**read.json()["profile"], "program_id": program_id}
    assert service.put(Role.STARTUP, PATH, body, read.headers["ETag"]).status_code == 403
    changed = {**read.json()["profile"], "city": "Hue", "opted_out": True}
    assert service.put(Role.STARTUP, PATH, changed, read.headers["ETag"]).status_code == 200


@pytest.mark.parametrize("program_id", ["autumn", "none", None])
def test_a_manager_places_into_own_programs_alone(service: Service, program_id: str | None) -> None:
    read = service.get(Role.MANAGER, PATH)
    body = {**read.json()["profile"], "program_id": program_id}
    assert service.put(Role.MANAGER, PATH, body, read.headers["ETag"]).status_code == 403
    assert service.put(Role.MANAGER, "/v1/startups/new", body, "").status_code == 403
    assert service.get(Role.ADMIN, "/v1/startups/new").status_code == 404


def test_a_list_is_paged_and_searched_without_diacritics(service: Service) -> None:
    first = service.get(Role.ADMIN, "/v1/startups?limit=3").json()
    second = service.get(Role.ADMIN, f"/v1/startups?limit=3&after={first['next']}").json()
    assert [item["id"] for item in first["items"] + second["items"]] == ["backed", "free", "mine", "rival"]
    assert second["next"] is None
    found = service.get(Role.ADMIN, "/v1/startups?q=cong nghe mua").json()["items"]
    assert [item["id"] for item in found] == ["mine"]
    assert service.get(Role.ADMIN, "/v1/funds?q=NÓRTH").json()["items"][0]["id"] == "north"
    assert service.get(Role.ADMIN, "/v1/startups?limit=0").status_code == 422


def test_the_audit_log_has_who_did_it_and_no_text(service: Service) -> None:
    made = service.put(Role.MANAGER, "/v1/startups/new", NEW, "")
    assert made.status_code == 201
    me = service.get(Role.MANAGER, "/v1/me").json()["account_id"]
    last = entries(service.app.database, limit=1_000)[-1]
    assert (last.actor, last.action, last.object) == (me, "created", "startup/new")
    assert "Sóng" not in str(last)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"raising_usd": -1}, "raising_usd"),
        ({"raising_usd": "500000"}, "raising_usd"),
        ({"raising_usd": True}, "raising_usd"),
        ({"founded_on": "2021-02-30"}, "founded_on"),
        ({"founded_on": "31/03/2021"}, "founded_on"),
        ({"founded_on": "２０２１"}, "founded_on"),
        ({"website": "no address"}, "website"),
        ({"opted_out": "yes"}, "opted_out"),
        ({"sectors": ["a;b"]}, "sectors"),
        ({"sectors": "fintech"}, "sectors"),
        ({"name": ""}, "name"),
        ({"name": "\u200b"}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"exclusions": ["two words"]}, "exclusions"),
        ({"program_id": "none"}, "program_id"),
        ({"role": "admin"}, "role"),
        ({"startup_id": "other"}, "startup_id"),
    ],
)
def test_a_bad_profile_is_refused_by_its_field(service: Service, told: dict[str, object], field: str) -> None:
    answer = service.put(Role.ADMIN, "/v1/startups/new", {**NEW, **told}, "")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
    assert field in {error["field"].split(".")[0] for error in answer.json()["errors"]}
    assert service.get(Role.ADMIN, "/v1/startups/new").status_code == 404
