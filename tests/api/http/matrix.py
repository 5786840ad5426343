"""Every role asks every endpoint about its own, a foreign and an unknown record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.compose import App
from api.http.identity import Require, known
from data.links import make_link
from matching.roles import Role
from tests.api.http.service import JOB, OWNED, PROGRAMS, RELEASE, Service
from tests.api.installation import ROOT

DOCS = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
OWN, FOREIGN, UNKNOWN = "mine", "rival", "unknown"
PROGRAM_OF = {OWN: "spring", FOREIGN: "autumn"}
REFUSED = {401, 403, 404}


@dataclass(frozen=True)
class Endpoint:
    """A route, and the action it is declared with; `open` and `anybody known` stand for none."""

    method: str
    path: str
    action: str

    @property
    def owned(self) -> bool:
        """Whether it is about a startup, so that it makes a difference whose."""
        return bool(re.search("{startup_id}|{introduction_id}", self.path))


def endpoints(app: FastAPI) -> list[Endpoint]:
    """List the endpoints as the code has them; deletions last."""
    found = []
    for route in iter_route_contexts(app.routes):
        if getattr(route, "dependant", None) is None:
            continue
        calls = [dependency.call for dependency in route.dependant.dependencies]
        actions = [call.action.value for call in calls if isinstance(call, Require)]
        action = actions[0] if actions else "anybody known" if known in calls else "open"
        found += [Endpoint(method, str(route.path), action) for method in route.methods or ()]
    return sorted(found, key=lambda endpoint: (endpoint.method == "DELETE", endpoint.path, endpoint.method))


def rows(heading: str) -> list[list[str]]:
    """Read the table under a heading of docs/api.md, without its head."""
    lines = DOCS.split(f"## {heading}\n")[1].split("\n## ")[0].splitlines()
    table = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"]
    return table[2:]


def documented_reach() -> dict[tuple[str, Role], str]:
    """Read how far each role's right to each action reaches, as docs/api.md says."""
    return {
        (action, role): reach
        for action, _, *reaches in rows("Who may do what")
        for role, reach in zip(Role, reaches, strict=True)
    }


def expected(endpoint: Endpoint, role: Role | None, startup_id: str) -> set[int]:
    """Tell how an endpoint has to answer, by the documents; an empty set: anything but a refusal."""
    if endpoint.action == "open":
        return set()
    if role is None:
        return {401}
    if endpoint.action == "anybody known":
        return set()
    reach = documented_reach()[endpoint.action, role]
    if reach == "none":
        return {403}
    within = {
        "every": startup_id != UNKNOWN,
        "program": PROGRAM_OF.get(startup_id) in PROGRAMS.get(role, ()),
        "own": startup_id == OWNED.get(role),
    }[reach]
    return set() if within or not endpoint.owned else {404}


def ask(service: Service, role: Role | None, endpoint: Endpoint, startup_id: str) -> Any:
    """Ask an endpoint about a record, with a body and a tag that are good for who may."""
    path = endpoint.path.format(
        startup_id=startup_id,
        introduction_id=f"old-{startup_id}",
        fund_id="north",
        number=2,
        release_id=RELEASE,
        job_id=JOB,
        token=_link(service) if "token" in endpoint.path else "",
    )
    if "feedback" in path or "why" in path:
        return service(
            role, endpoint.method, path, json={"verdict": "accept"} if "PUT" in endpoint.method else None
        )
    if endpoint.path == "/v1/imports":
        return service(role, "POST", path, files=[("files", ("programs.csv", "program_id,name\np,P\n"))])
    bodies: dict[str, Any] = {
        "/v1/introductions/{introduction_id}": {"startup_id": startup_id, "fund_id": "late"},
        "/v1/introductions/{introduction_id}/events/{number}": {
            "status": "founder_ok" if role is Role.STARTUP else "investor_ok"
        },
        "/v1/answers/{token}": {"answer": "confirm"},
        "/v1/shortlists": {"description": "Boats"},
        "/v1/champion": {"release_id": RELEASE},
        "/v1/jobs/{job_id}": {"kind": "train"},
        "/v1/session": {"email": "nobody@example.vn", "password": "x"},
    }
    headers, body = {}, bodies.get(endpoint.path)
    if endpoint.path in ("/v1/startups/{startup_id}", "/v1/funds/{fund_id}"):
        stored = service.get(Role.ADMIN, path)
        headers = {"If-Match": stored.headers.get("ETag", '"none"')}
        body = stored.json().get("profile", {"name": "New"})
        if role is Role.MANAGER and "startup" in path:
            body["program_id"] = "spring"
    elif endpoint.path == "/v1/champion":
        headers = {"If-Match": service.get(Role.ADMIN, path).headers.get("ETag", '"none"')}
    elif endpoint.method == "PUT":
        headers = {"If-None-Match": "*"}
    return service(
        role, endpoint.method, path, headers=headers, json=None if endpoint.method == "GET" else body
    )


def _link(service: Service) -> str:
    """Make a link, whoever may do so over HTTP."""
    app: App = service.client.app.state.app  # type: ignore[attr-defined]
    return make_link(app.database, "north", None, actor="test", now=app.now)[1]


def differences(service: Service, role: Role | None, app: FastAPI) -> Iterator[str]:
    """Go through all cells of a role; tell those that answer otherwise than is documented."""
    for endpoint in endpoints(app):
        subjects = (FOREIGN, UNKNOWN, OWN) if endpoint.owned else (OWN,)
        for startup_id in subjects:
            answer, wanted = ask(service, role, endpoint, startup_id), expected(endpoint, role, startup_id)
            if endpoint.path == "/v1/session" and endpoint.method == "POST":
                fits = answer.status_code == 401  # the password is wrong
            else:
                fits = answer.status_code in wanted if wanted else answer.status_code not in REFUSED
            if not fits or answer.status_code >= 500:
                yield f"{role} {endpoint.method} {endpoint.path} of {startup_id}: {answer.status_code}"
