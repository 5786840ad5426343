import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from api.compose import App
from api.http.serving import Serving
from data.database import writing
from data.records import put
from data.tables import fund_version
from matching.errors import BadValue, Busy
from matching.roles import Role
from tests.api.http.crowd import Barrier
from tests.api.http.service import Service


@pytest.fixture
def serving(installation: App) -> Iterator[Serving]:
    with Serving(installation) as serving:
        yield serving


def add_fund(app: App) -> None:
    put(app.database, "fund", {"fund_id": "new", "name": "New"}, expected="", actor="test", now=app.now)


def test_a_change_of_the_records_swaps_the_picture_whole(serving: Serving, installation: App) -> None:
    serving.refresh()
    before = serving.picture
    assert not serving.refresh() and serving.picture is before
    add_fund(installation)
    serving.refresh()
    assert serving.picture is not before
    assert "new" in serving.picture.engine.market.funds.row_of
    assert "new" not in before.engine.market.funds.row_of


def test_the_next_day_has_its_own_picture(
    serving: Serving, installation: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = serving.picture.engine.market.as_of
    tomorrow = installation.now + timedelta(days=1)
    monkeypatch.setattr(App, "now", property(lambda _: tomorrow))
    serving.refresh()
    assert serving.picture.engine.market.as_of == today + timedelta(days=1)


def test_what_cannot_be_read_leaves_the_picture_in_service_and_the_service_not_ready(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving: Serving = service.client.app.state.serving  # type: ignore[attr-defined]
    before = serving.picture

    def broken(*_: object) -> None:
        raise BadValue("readable", "nothing", "the release")

    with monkeypatch.context() as patched:
        patched.setattr(Serving, "_build", broken)
        add_fund(service.app)
        serving.refresh()
        assert serving.picture is before and serving.failure == "BadValue"
        refused = service.get(None, "/readyz")
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/not-ready")
        assert "Retry-After" in refused.headers
        assert service.get(None, "/healthz").status_code == 200
    serving.refresh()
    assert service.get(None, "/readyz").json() == {"status": "ok", "current": True, "exposures_dropped": 0}


def test_a_database_that_cannot_answer_is_said_to_be_not_ready(service: Service) -> None:
    with writing(service.app.database) as connection:
        connection.exec_driver_sql(f"ALTER TABLE {fund_version.name} RENAME TO away")
    answer = service.get(next(iter(service.keys)), "/v1/funds/north")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_a_refresh_that_fails_is_logged_once_with_where_and_without_a_record(
    serving: Serving, installation: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Nguyễn Lan is a name")

    with monkeypatch.context() as patched, capture_logs() as lines:
        patched.setattr(installation.store, "sources", broken)
        add_fund(installation)
        for _ in range(3):
            assert not serving.refresh() and serving.failure == "RuntimeError"
    (told,) = [line for line in lines if line["event"] == "refresh failed"]
    assert told["error"] == "RuntimeError" and "Lan" not in str(told)
    assert any(re.search(r"serving\.py:\d+$", frame) for frame in told["where"])
    assert serving.refresh() and serving.failure == ""


def test_a_database_that_was_away_for_a_moment_is_no_failure_for_ever(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    with monkeypatch.context() as patched:
        patched.setattr("api.http.serving.version", away)
        serving.refresh()
        assert serving.failure == "OperationalError"
    serving.refresh()
    assert serving.failure == ""


def test_who_asks_for_what_was_just_written_waits_a_moment_and_no_longer(
    serving: Serving, installation: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_fund(installation)
    serving.catch_up()
    assert "new" in serving.picture.engine.market.funds.row_of
    monkeypatch.setattr("api.http.serving.CATCH_UP_SECONDS", 0.01)
    with serving._building, pytest.raises(Busy):
        serving.catch_up()


def test_a_refresh_that_takes_long_holds_up_no_request(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Barrier()
    monkeypatch.setattr(Serving, "_build", held.before(Serving._build))
    monkeypatch.setattr("api.http.serving.CATCH_UP_SECONDS", 0.01)
    service.put(Role.ADMIN, "/v1/funds/new", {"name": "New"}, "")
    held.wait_for_one()
    assert service.get(Role.MANAGER, "/v1/startups/mine/shortlist").status_code == 200
    assert service.get(Role.MANAGER, "/v1/startups/mine/why/none").status_code == 404
    assert service.get(Role.MANAGER, "/v1/startups/mine/why/new").json()["type"] == "/problems/busy"
    assert service.get(None, "/readyz").json()["current"] is False
    held.open()


def test_a_database_that_does_not_answer_is_waited_for_no_longer_than_a_probe_may(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Barrier()
    monkeypatch.setattr("api.http.routes.health._look", held)
    monkeypatch.setattr("api.http.routes.health.LOOK_SECONDS", 0.01)
    assert service.get(None, "/readyz").json()["type"] == "/problems/not-ready"
    held.open()
