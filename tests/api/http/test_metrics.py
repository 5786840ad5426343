import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.commands.serve import figures_together
from api.http.metrics import SHARED
from matching.roles import Role
from tests.api.http.crowd import figure
from tests.api.http.service import Service, email
from tests.api.installation import ROOT

SHORTLIST = 'method="GET",route="/startups/{startup_id}/shortlist",status="200"'


def test_requests_are_counted_by_template_method_and_status(service: Service) -> None:
    for _ in range(3):
        service.get(Role.MANAGER, "/v1/startups/mine/shortlist")
    service.get(Role.MANAGER, "/v1/startups/rival/shortlist")
    name = "ketnoi_request_seconds_count"
    assert figure(service, f"{name}{{{SHORTLIST}}}") == 3
    assert figure(service, f"{name}{{{SHORTLIST.replace('200', '404')}}}") == 1
    assert figure(service, f"ketnoi_request_seconds_sum{{{SHORTLIST}}}") > 0
    assert figure(service, "ketnoi_requests_in_flight") == 1  # this one


def test_no_label_holds_what_a_sender_chose(service: Service) -> None:
    service(Role.ADMIN, "INVENTED", "/v1/funds/north")
    service.get(Role.ADMIN, "/nowhere/at-all")
    service.get(Role.ADMIN, "/v1/startups/mine?q=Lan")
    service(None, "POST", "/v1/session", json={"email": email(Role.ADMIN), "password": "wrong"})
    text = service.get(Role.AUDITOR, "/metrics").text
    said = ("INVENTED", "nowhere", "mine", "north", "Lan", "example.vn", "kn_", "testclient")
    assert [word for word in said if word in text] == []
    assert 'method="other",route="/funds/{fund_id}",status="405"' in text
    assert 'method="GET",route="",status="404"' in text


def test_what_is_served_and_written_is_shown(service: Service) -> None:
    serving = service.client.app.state.serving  # type: ignore[attr-defined]
    shown = service.get(Role.MANAGER, "/v1/startups/mine/shortlist").json()["suggestions"]
    before = figure(service, "ketnoi_served_data_version")
    service.put(Role.ADMIN, "/v1/funds/new", {"name": "New"}, "")
    serving.refresh()
    serving.exposures.write()
    assert figure(service, "ketnoi_served_data_version") == before + 1
    assert figure(service, "ketnoi_data_version") == before + 1
    assert figure(service, "ketnoi_picture_timestamp_seconds") == service.app.now.timestamp()
    assert figure(service, 'ketnoi_exposures_total{outcome="written"}') == len(shown)
    assert figure(service, 'ketnoi_exposures_total{outcome="dropped"}') == 0
    with service.app.database.connect():
        assert figure(service, "ketnoi_database_connections") >= 1


def test_figures_are_text_for_prometheus_and_for_those_who_may_see_them(service: Service) -> None:
    answer = service.get(Role.SERVICE, "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert "# TYPE ketnoi_request_seconds histogram" in answer.text
    for role, status in ((None, 401), (Role.MANAGER, 403), (Role.STARTUP, 403)):
        assert service.get(role, "/metrics").status_code == status


WORKER = """
from api.http.metrics import Metrics, forget_ended_workers
forget_ended_workers()
metrics = Metrics()
metrics.begin()
metrics.data_version.set(7)
metrics.end("GET", "/me", 200, 0.1, "")
metrics.begin()
print(metrics.text().decode())
"""


def test_several_workers_add_up_their_figures_and_those_that_ended_hold_no_gauge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SHARED, "put back by the test")
    with figures_together(2):
        folder = Path(os.environ[SHARED])
        for _ in range(2):
            told = subprocess.run(
                [sys.executable, "-c", WORKER], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
            ).stdout
    assert 'ketnoi_request_seconds_count{method="GET",route="/me",status="200"} 2.0' in told
    assert "ketnoi_requests_in_flight 1.0" in told and "ketnoi_data_version 7.0" in told
    assert not folder.exists()


def test_one_worker_needs_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SHARED, raising=False)
    with figures_together(1):
        assert SHARED not in os.environ
