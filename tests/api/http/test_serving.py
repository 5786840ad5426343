from collections.abc import Iterator
from datetime import timedelta

import pytest

from api.compose import App
from api.http.serving import Serving
from data.database import writing
from data.records import put
from data.tables import fund_version
from matching.errors import BadValue
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
