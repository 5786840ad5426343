import json
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from structlog.testing import capture_logs

from data.credentials import keys, revoke_key
from matching.roles import Role
from tests.api.http.service import Service
from tests.api.installation import fund_ids

INJECTIONS = (
    "' OR '1'='1",
    "x'; DROP TABLE startup; --",
    '" OR 1=1 --',
    "mine' UNION SELECT * FROM account --",
)


def post(service: Service, content: bytes, **headers: str) -> Any:
    told = {"Content-Type": "application/json", **headers}
    return service(Role.ADMIN, "POST", "/v1/shortlists", content=content, headers=told)


@pytest.mark.parametrize("text", INJECTIONS)
def test_sql_in_a_parameter_is_a_text(service: Service, text: str) -> None:
    for role in (Role.ADMIN, Role.MANAGER):
        assert service.get(role, "/v1/startups", params={"q": text}).json()["items"] == []
        for name in ("program", "after"):
            assert service.get(role, "/v1/startups", params={name: text}).status_code in (200, 422)
        assert service.get(role, f"/v1/startups/{text}").status_code in (404, 422)
    body = {"name": text, "description": text, "city": text, "program_id": "spring"}
    assert service.put(Role.MANAGER, "/v1/startups/new", body, "").json()["profile"]["name"] == text.strip()
    assert service(None, "POST", "/v1/session", json={"email": text, "password": text}).status_code == 401
    assert len(service.get(Role.ADMIN, "/v1/startups").json()["items"]) == 5


@pytest.mark.parametrize(
    "content",
    [
        b'{"description": "boats", "description": "ships"}',
        b'{"description": NaN}',
        b'{"raising_usd": Infinity}',
        b'{"description": "\\ud800"}',
        b'{"description": "\xff"}',
        b'{"description": "boats"',
        b'{"sectors": ' + b"[" * 33 + b"]" * 33 + b"}",
        b"[" * 100_000,
        b'{"a":' * 30_000,
        b"\xef\xbb\xbf{}",
    ],
)
def test_a_body_that_is_no_strict_json_is_refused(service: Service, content: bytes) -> None:
    answer = post(service, content)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed")


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"1", b'"boats"', b'{"raising_usd": 1e999}'])
def test_a_body_of_another_shape_is_refused(service: Service, content: bytes) -> None:
    assert post(service, content).status_code in (400, 422)


def test_a_body_that_is_too_large_is_refused_whatever_it_says_of_its_size(service: Service) -> None:
    content = json.dumps({"description": "x" * 300_000}).encode()
    answer = post(service, content)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    chunks = service(
        Role.ADMIN,
        "POST",
        "/v1/shortlists",
        content=(content[at : at + 10_000] for at in range(0, len(content), 10_000)),
        headers={"Content-Type": "application/json"},
    )
    assert chunks.status_code == 413 and "X-Request-ID" in chunks.headers
    assert post(service, json.dumps({"description": "x" * 20_000}).encode()).status_code == 200
    assert post(service, json.dumps({"description": "x" * 20_001}).encode()).status_code == 422


def test_nobody_makes_themselves_more_than_they_are(service: Service) -> None:
    read = service.get(Role.STARTUP, "/v1/startups/mine")
    attempts: tuple[dict[str, Any], ...] = (
        {"role": "admin"},
        {"startup_id": "rival"},
        {"version": 9},
        {"digest": "x"},
        {"extra": {}},
    )
    for more in attempts:
        body = {**read.json()["profile"], **more}
        assert service.put(Role.STARTUP, "/v1/startups/mine", body, read.headers["ETag"]).status_code == 422
    body = {"status": "investor_ok", "by": "somebody else"}
    assert service.put(Role.ADMIN, "/v1/introductions/old-mine/events/2", body).status_code == 422


@pytest.mark.parametrize("path", ["shortlist", "why/north", "feedback", ""])
def test_a_startup_never_sees_what_is_its_rival_s(service: Service, path: str) -> None:
    answer = service.get(Role.STARTUP, f"/v1/startups/rival/{path}".rstrip("/"))
    assert answer.status_code in (403, 404) and "Rival" not in answer.text
    listed = service.get(Role.STARTUP, "/v1/startups", params={"q": "rival", "program": "autumn"}).json()[
        "items"
    ]
    assert [item["id"] for item in listed] == ["mine"]


def test_a_key_opens_nothing_once_it_is_revoked(service: Service) -> None:
    for key in keys(service.app.database):
        revoke_key(service.app.database, key.key_id, actor="test", at=service.app.now)
    for role in Role:
        assert service.get(role, "/v1/me").status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer kn_", "Basic YTpi", "bearer null", "Bearer \t"]
)
def test_a_header_that_is_no_key_opens_nothing(service: Service, header: str) -> None:
    assert service.get(None, "/v1/me", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("id_", ["mine\u200b", "MINE", "mіne", "mine%00", "mine%20", "%EF%BD%8Dine"])
def test_an_id_that_looks_like_another_is_another(service: Service, id_: str) -> None:
    assert service.get(Role.ADMIN, f"/v1/startups/{id_}").status_code in (404, 422)


@pytest.mark.parametrize("id_", ["mine\u200b", "e\u0301t", "two words", "a,b", "a;b", "x" * 201])
def test_an_id_that_could_be_taken_for_another_is_not_given(service: Service, id_: str) -> None:
    answer = service.put(Role.ADMIN, f"/v1/startups/{id_}", {"name": "New"}, "")
    assert answer.status_code == 422


LOOK_ALIKES = (
    "be\u0301",
    "B\u00c9",
    "be",
    "b\u00e9 ",
    " b\u00e9",
    "b\u00e9\u200b",
    "\u0432\u00e9",
    "b\u00e9\0",
)
"""Of `b\u00e9`: decomposed, in capitals, bare, with spaces or one of no width, a Cyrillic letter, a NUL."""


def test_no_record_is_reached_by_what_looks_like_its_id(service: Service) -> None:
    for path in ("startups", "funds"):
        assert service.put(Role.ADMIN, f"/v1/{path}/b\u00e9", {"name": "B\u00e9"}, "").status_code == 201
    for other in LOOK_ALIKES:
        for path in ("startups", "funds"):
            assert service.get(Role.ADMIN, f"/v1/{path}/{quote(other)}").status_code in (404, 422)
        for startup_id, fund_id in ((other, "north"), ("mine", other)):
            pair = {"startup_id": startup_id, "fund_id": fund_id}
            assert service.put(Role.ADMIN, "/v1/introductions/new", pair, "").status_code in (404, 422)
            path = f"/v1/startups/{quote(startup_id)}/feedback/{quote(fund_id)}"
            assert service.put(Role.ADMIN, path, {"verdict": "pin"}).status_code in (404, 422)
        assert service.get(Role.ADMIN, f"/v1/startups?program={quote(other)}").status_code in (200, 422)


def test_nobody_writes_into_a_program_by_what_looks_like_its_id(service: Service) -> None:
    for program in ("SPRING", "spring\u200b", "\uff53pring", "spring\0", "autumn", ""):
        answer = service.put(Role.MANAGER, "/v1/startups/new", {"name": "New", "program_id": program}, "")
        assert answer.status_code in (403, 422), program


def test_half_a_character_breaks_nothing(service: Service) -> None:
    for path in ("?q=%ED%A0%80", "?after=%ED%A0%80", "?program=%ED%A0%80", "/%ED%A0%80", "/%FF%FE"):
        assert service.get(Role.ADMIN, f"/v1/startups{path}").status_code in (200, 404, 422)
    for text in (b'"\\ud800"', b'"\\udfff\\ud800"', b'"\xed\xa0\x80"'):
        assert post(service, b'{"description": ' + text + b"}").status_code == 400


WITH_NUL: tuple[tuple[str, str, Any], ...] = (
    ("PUT", "/v1/startups/new", {"name": "a\0b"}),
    ("PUT", "/v1/startups/new", {"name": "New", "sectors": ["fintech", "a\0b"]}),
    ("PUT", "/v1/funds/new", {"name": "New", "thesis": "a\0b"}),
    ("PUT", "/v1/introductions/new", {"startup_id": "mine\0", "fund_id": "north"}),
    ("PUT", "/v1/introductions/new", {"startup_id": "mine", "fund_id": "north\0"}),
    ("PUT", "/v1/introductions/old-rival/events/2", {"status": "investor_ok", "reason": "a\0b"}),
    ("PUT", "/v1/startups/mine/feedback/north", {"verdict": "note", "reason": "a\0b"}),
    ("POST", "/v1/shortlists", {"description": "a\0b"}),
    ("POST", "/v1/session", {"email": "a\0@example.vn", "password": "x"}),
    ("GET", "/v1/startups?q=a%00b", None),
    ("GET", "/v1/startups?after=a%00b", None),
    ("GET", "/v1/startups?program=a%00b", None),
    ("GET", "/v1/startups/a%00b", None),
    ("GET", "/v1/introductions?startup_id=a%00b", None),
)


def test_a_nul_breaks_nothing(service: Service) -> None:
    for method, path, body in WITH_NUL:
        headers = {"If-None-Match": "*"} if method == "PUT" else {}
        answer = service(Role.ADMIN, method, path, json=body, headers=headers)
        assert answer.status_code == (200 if "q=" in path else 422), (path, body, answer.text)


@pytest.mark.parametrize("given", ["a\r\nSet-Cookie: x=1", "a b", "é", "x" * 65, "<script>", ""])
def test_a_request_id_is_taken_over_only_where_it_is_a_plain_word(service: Service, given: str) -> None:
    answer = service.get(None, "/healthz", headers={"X-Request-ID": given.encode()})
    assert answer.headers["X-Request-ID"] not in (given, "") and "Set-Cookie" not in answer.headers
    assert service.get(None, "/healthz", headers={"X-Request-ID": "a-1"}).headers["X-Request-ID"] == "a-1"


def test_a_path_leads_to_nothing_but_records(service: Service) -> None:
    for path in (
        "/v1/startups/../funds/north",
        "/v1/startups/..%2F..%2Fetc%2Fpasswd",
        "/etc/passwd",
        "//v1/me",
    ):
        assert service.get(Role.STARTUP, path).status_code in (403, 404)


def test_money_is_never_negative_and_nothing_is_of_the_future(service: Service) -> None:
    fund = {"name": "New", "ticket_min_usd": -1}
    assert service.put(Role.ADMIN, "/v1/funds/new", fund, "").status_code == 422
    fund = {"name": "New", "ticket_min_usd": 2, "ticket_max_usd": 1}
    refused = service.put(Role.ADMIN, "/v1/funds/new", fund, "").json()
    assert refused["errors"][0]["rule"] == "be at most ticket_max_usd, which is 1"
    assert (
        service.put(Role.ADMIN, "/v1/startups/new", {"name": "N", "raising_usd": -1}, "").status_code == 422
    )
    body = {"status": "investor_ok", "at": "2999-01-01"}
    assert service.put(Role.ADMIN, "/v1/introductions/old-rival/events/2", body).status_code == 422


def test_the_log_holds_no_name_no_address_and_no_secret(service: Service) -> None:
    with capture_logs() as lines:
        service.put(Role.ADMIN, "/v1/startups/new", {"name": "Nguyễn Lan", "website": "bad"}, "")
        service(None, "POST", "/v1/session", json={"email": "lan@example.vn", "password": "hunter2hunter2"})
        service.get(Role.ADMIN, "/v1/startups/mine?q=Lan")
    told = str(lines)
    assert len(lines) == 3
    assert not any(word in told for word in ("Lan", "lan@", "hunter2", "kn_", "mine"))


def test_what_breaks_is_one_problem_and_a_line_without_a_record(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Nguyễn Lan is a name")

    monkeypatch.setattr("api.http.routes.funds.record", broken)
    with capture_logs() as lines:
        answer = service.get(Role.ADMIN, "/v1/funds/north", headers={"X-Request-ID": "r-1"})
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"] == "r-1"
    assert "Lan" not in answer.text + str(lines)
    assert lines[0]["error"] == "RuntimeError" and lines[0]["id"] == "r-1"
    structlog.reset_defaults()


def test_every_answer_says_what_browsers_may_not_do(service: Service) -> None:
    for role, path in ((None, "/healthz"), (None, "/v1/me"), (Role.ADMIN, "/v1/startups/mine")):
        headers = service.get(role, path).headers
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"


def test_a_list_of_one_startup_never_names_what_another_rejects(service: Service) -> None:
    service.put(Role.ADMIN, "/v1/startups/rival/feedback/north", {"verdict": "reject", "reason": "secret"})
    assert "north" in fund_ids(service.get(Role.MANAGER, "/v1/startups/mine/shortlist").json())
    assert "secret" not in service.get(Role.MANAGER, "/v1/startups/mine/feedback").text
