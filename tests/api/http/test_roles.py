from typing import Any

import pytest
from fastapi import FastAPI

from api.http import permissions
from api.http.permissions import PERMISSIONS, Action, Reach, Rule
from data.accounts import by_email
from data.credentials import add_key
from matching.roles import Role, Scope
from tests.api.http.matrix import FOREIGN, OWN, UNKNOWN, Endpoint, ask, differences, endpoints, rows
from tests.api.http.service import Service, email


def test_every_endpoint_is_documented_with_its_action(routes: FastAPI) -> None:
    documented = {(method, path, action) for method, path, _, action in rows("Endpoints")}
    assert documented == {(e.method, e.path, e.action) for e in endpoints(routes)}


def test_every_permission_is_documented() -> None:
    told = [[a.value, rule.scope.value, *map(str, rule.reach.values())] for a, rule in PERMISSIONS.items()]
    assert told == rows("Who may do what")
    assert set(PERMISSIONS) == set(Action)


def test_every_action_is_one_of_a_route(routes: FastAPI) -> None:
    assert {e.action for e in endpoints(routes)} - {"open", "anybody known"} == set(Action)


@pytest.mark.parametrize("role", [None, *Role])
def test_every_role_may_do_what_is_documented_and_nothing_else(
    service: Service, routes: FastAPI, role: Role | None
) -> None:
    assert list(differences(service, role, routes)) == []


def caught(
    service: Service, routes: FastAPI, patch: pytest.MonkeyPatch, action: Action, role: Role, reach: Reach
) -> bool:
    """Flip one cell of the table; tell whether the role it is of, and no other, answers otherwise."""
    rule = PERMISSIONS[action]
    flipped = {**PERMISSIONS, action: Rule(rule.scope, {**rule.reach, role: reach})}
    patch.setattr(permissions, "PERMISSIONS", flipped)
    found = list(differences(service, role, routes))
    return bool(found) and all(line.startswith(role) for line in found)


@pytest.mark.parametrize(
    ("action", "role", "reach"),
    [
        (Action.READ_STARTUP, Role.MANAGER, Reach.EVERY),
        (Action.READ_FUND, Role.STARTUP, Reach.EVERY),
        (Action.READ_INTRODUCTION, Role.STARTUP, Reach.EVERY),
        (Action.SHORTLIST, Role.SERVICE, Reach.NONE),
    ],
)
def test_one_cell_flipped_on_purpose_is_caught(
    service: Service,
    routes: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
    role: Role,
    reach: Reach,
) -> None:
    assert caught(service, routes, monkeypatch, action, role, reach)


CELLS = [
    (action, role, reach)
    for action in Action
    for role in Role
    for reach in Reach
    if reach is not PERMISSIONS[action].reach[role]
]
SAME = {
    (Action.WRITE_STARTUP, Role.AUDITOR, Reach.PROGRAM),
    (Action.SEE_SUGGESTIONS, Role.STARTUP, Reach.EVERY),
}
"""Flips that change no answer: an auditor runs no program, and a startup's suggestions are about itself."""


@pytest.mark.acceptance
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("action", "role", "reach"), CELLS)
def test_every_cell_flipped_on_purpose_is_caught(
    service: Service,
    routes: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
    role: Role,
    reach: Reach,
) -> None:
    about = [endpoint for endpoint in endpoints(routes) if endpoint.action == action]
    owned = any(endpoint.owned or "/me/" in endpoint.path for endpoint in about)
    matters = owned or Reach.NONE in (reach, PERMISSIONS[action].reach[role])
    same = not matters or (action, role, reach) in SAME
    assert caught(service, routes, monkeypatch, action, role, reach) is not same


@pytest.mark.parametrize("role", [Role.MANAGER, Role.STARTUP])
def test_foreign_and_unknown_ids_answer_alike(service: Service, routes: FastAPI, role: Role) -> None:
    for endpoint in endpoints(routes):
        if endpoint.owned and endpoint.method != "PUT":
            foreign, unknown = (ask(service, role, endpoint, id_) for id_ in (FOREIGN, UNKNOWN))
            told = [
                {name: value for name, value in answer.json().items() if name != "request_id"}
                for answer in (foreign, unknown)
            ]
            assert told[0] == told[1], endpoint


def test_lists_hold_what_is_within_reach(service: Service) -> None:
    def ids(role: Role, path: str, key: str) -> list[str]:
        return [item[key] for item in service.get(role, path).json()["items"]]

    everything = ["backed", "free", "mine", "rival"]
    within = {Role.MANAGER: ["mine"], Role.STARTUP: ["mine"]}
    for role in Role:
        assert ids(role, "/v1/startups", "id") == within.get(role, everything)
        assert ids(role, "/v1/startups?program=autumn", "id") == (
            [] if role is Role.MANAGER else ids(role, "/v1/startups?program=autumn", "id")
        )
        told = ids(role, "/v1/introductions", "introduction_id")
        assert told == (["old-mine"] if role in within else ["old-mine", "old-rival"])
        foreign = ids(role, "/v1/introductions?startup_id=rival", "introduction_id")
        assert foreign == ([] if role in within else ["old-rival"])


@pytest.mark.parametrize("scope", Scope)
def test_a_key_does_no_more_than_its_scope(service: Service, routes: FastAPI, scope: Scope) -> None:
    app = service.app
    admin = by_email(app.database, email(Role.ADMIN))
    assert admin is not None
    _, key = add_key(app.database, admin.account_id, [scope], 1, actor="test", at=app.now)
    for endpoint in endpoints(routes):
        if endpoint.action in ("open", "anybody known") or endpoint.action == Action.SEE_SUGGESTIONS:
            continue
        wanted = PERMISSIONS[Action(endpoint.action)].scope is scope
        if wanted and endpoint.method == "DELETE":
            continue
        answer = _with_key(service, key, endpoint)
        assert (answer.status_code != 403) == wanted, endpoint


def _with_key(service: Service, key: str, endpoint: Endpoint) -> Any:
    """Ask as a service with another key, which stands for the admin."""
    service.keys[Role.SERVICE] = key
    return ask(service, Role.SERVICE, endpoint, OWN)
