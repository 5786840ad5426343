from typing import Any

import pytest

from api.http.serving import Serving
from data.audit import entries
from matching.roles import Role
from models.artefact import Artefact
from tests.api.http.service import RELEASE, Service, add_release

PATH = "/v1/champion"


def choose(service: Service, release_id: str, tag: str, **more: str) -> Any:
    return service.put(Role.ADMIN, PATH, {"release_id": release_id, **more}, tag)


def take_back(service: Service, tag: str | None, query: str = "") -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    return service(Role.ADMIN, "DELETE", f"{PATH}{query}", headers=headers)


def champion(service: Service) -> tuple[str, str | None]:
    """Read the tag, and the release that ranks."""
    answer = service.get(Role.AUDITOR, PATH)
    release = answer.json()["release"]
    return answer.headers["ETag"], release and release["release_id"]


def test_releases_are_read_with_their_figures_and_history(service: Service) -> None:
    second = add_release(service.app)
    listed = service.get(Role.MANAGER, "/v1/releases").json()["items"]
    assert [release["release_id"] for release in listed] == [second, RELEASE]
    assert listed[0]["metrics"] == {"recall@10": 0.25} and listed[0]["status"] == "candidate"
    choose(service, RELEASE, '"none"', reason="steady")
    told = service.get(Role.SERVICE, f"/v1/releases/{RELEASE}").json()
    at = "2026-11-24T12:00:00Z"
    assert told["history"] == [{"event": "promoted", "at": at, "reason": "steady"}]
    assert (told["status"], told["data_until"], told["promoted_at"]) == ("champion", "2026-11-24", at)
    assert "artefact" not in told


def test_the_champion_is_chosen_and_taken_back_like_a_stack(service: Service) -> None:
    second = add_release(service.app)
    assert champion(service) == ('"none"', None)
    first = choose(service, RELEASE, '"none"')
    assert (first.status_code, first.headers["ETag"]) == (200, f'"{RELEASE}"')
    choose(service, second, first.headers["ETag"])
    assert champion(service) == (f'"{second}"', second)
    back = take_back(service, f'"{second}"', "?reason=worse")
    assert (back.status_code, back.json()["release"]["release_id"]) == (200, RELEASE)
    last = take_back(service, back.headers["ETag"])
    assert (last.json(), last.headers["ETag"]) == ({"release": None}, '"none"')
    nothing = take_back(service, '"none"')
    assert (nothing.status_code, nothing.json()["type"]) == (409, "/problems/conflict")
    history = [(one.release_id, one.event) for one in service.app.releases.history()]
    assert history[-2:] == [(RELEASE, "promoted"), (RELEASE, "rolled_back")]


def test_nobody_chooses_over_a_choice_they_have_not_seen(service: Service) -> None:
    second = add_release(service.app)
    assert service.put(Role.ADMIN, PATH, {"release_id": RELEASE}).status_code == 428
    assert take_back(service, None).status_code == 428
    assert choose(service, RELEASE, '"none"').status_code == 200
    for stale in (choose(service, second, '"none"'), take_back(service, '"none"'), take_back(service, '"x"')):
        assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")
    assert champion(service) == (f'"{RELEASE}"', RELEASE)
    assert choose(service, RELEASE, f'"{RELEASE}"').status_code == 200
    assert len(service.app.releases.history()) == 1


def test_what_is_no_release_is_refused_by_its_field(service: Service) -> None:
    answer = choose(service, "2026-11-24-9", '"none"')
    (error,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert error == {"field": "release_id", "rule": "be the id of a release", "value": "2026-11-24-9"}


@pytest.mark.parametrize(
    ("artefact", "settings"),
    [
        (b"of a later version", {}),
        (Artefact("oracle", {}).to_bytes(), {}),
        (Artefact("prior", {}).to_bytes(), {"embedding_model": "an/other"}),
    ],
)
def test_what_this_installation_cannot_rank_with_is_not_chosen(
    service: Service, artefact: bytes, settings: dict[str, str]
) -> None:
    app = service.app
    release = app.releases.register(
        artefact,
        kind="k",
        data_until=app.now.date(),
        synthetic=False,
        metrics={},
        settings=settings,
        at=app.now,
    )
    assert choose(service, release.release_id, '"none"').status_code == 422
    assert champion(service) == ('"none"', None)


def test_a_choice_is_served_and_written_down(service: Service) -> None:
    choose(service, RELEASE, '"none"')
    serving: Serving = service.client.app.state.serving  # type: ignore[attr-defined]
    serving.refresh()
    ranker = service.get(Role.ADMIN, "/v1/startups/mine/shortlist").json()["ranker"]
    assert ranker.endswith(RELEASE)
    take_back(service, f'"{RELEASE}"')
    me = service.get(Role.ADMIN, "/v1/me").json()["account_id"]
    last = entries(service.app.database, limit=1_000)[-2:]
    assert [(e.actor, e.action, e.object) for e in last] == [
        (me, "promoted", f"release/{RELEASE}"),
        (me, "rolled_back", f"release/{RELEASE}"),
    ]
