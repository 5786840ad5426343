import io
import os
import signal
import socket
import subprocess
import sys

import pytest

from api.compose import App
from api.passwords import Passwords
from api.settings import Settings
from data.accounts import accounts
from data.audit import entries
from data.credentials import by_key
from tests.api.installation import ROOT, Ketnoi

PASSWORD = "a long enough password"
ADD = ("account", "add", "--role", "admin", "--email", "lan@example.vn", "--name", "Lan")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))


def test_an_account_is_opened_listed_and_closed(app: App, ketnoi: Ketnoi, typed: None) -> None:
    assert "No account yet" in ketnoi("account", "list").out
    made = ketnoi(*ADD, "--password", "--json").json
    assert made["logs_in"] is True and PASSWORD not in str(made)
    (stored,) = accounts(app.database)
    assert Passwords().verify(stored.password_hash, PASSWORD)
    assert ketnoi("account", "list", "--json").json == [made]
    listed = ketnoi("account", "list").out.splitlines()
    assert listed[1].split() == [made["account_id"], "admin", "lan@example.vn", "open"]
    assert "is closed" in ketnoi("account", "close", "lan@example.vn").out
    assert ketnoi("account", "list").out.splitlines()[1].endswith("closed")
    assert {entry.actor for entry in entries(app.database)} == {"cli"}


def test_a_password_is_changed(app: App, ketnoi: Ketnoi, typed: None) -> None:
    account_id = ketnoi(*ADD, "--json").json["account_id"]
    assert ketnoi("account", "password", account_id).code == 0
    (stored,) = accounts(app.database)
    assert Passwords().verify(stored.password_hash, PASSWORD)


def test_a_short_password_is_refused_and_not_shown(
    app: App, ketnoi: Ketnoi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("hunter2\n"))
    said = ketnoi(*ADD, "--password")
    assert (
        said.code == 1 and "password must be 12 to 200 characters" in said.err and "hunter2" not in said.err
    )
    assert accounts(app.database) == []


def test_a_key_is_shown_once_and_revoked(app: App, ketnoi: Ketnoi) -> None:
    assert "No key yet" in ketnoi("key", "list").out
    ketnoi(*ADD)
    said = ketnoi("key", "add", "lan@example.vn", "--scope", "read", "--scope", "write", "--days", "3")
    secret = said.out.strip()
    assert "shown this once" in said.err
    found = by_key(app.database, secret, app.now)
    assert found is not None and found.scopes == frozenset({"read", "write"})
    listed = ketnoi("key", "list").out
    assert secret not in listed and "read, write" in listed and "in use" in listed
    key_id = ketnoi("key", "list", "--json").json[0]["key_id"]
    assert ketnoi("key", "revoke", key_id).out == f"Key {key_id} is revoked\n"
    assert by_key(app.database, secret, app.now) is None
    assert "revoked" in ketnoi("key", "list").out
    assert ketnoi("key", "revoke", key_id, "--json").code == 1


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (("account", "add", "--role", "king", "--email", "a@b.vn"), 2, "'king' is not one of"),
        (("account", "add", "--role", "admin", "--email", "a"), 1, "email must be an address like"),
        (("account", "add", "--role", "startup", "--email", "a@b.vn"), 1, "startup_id must be"),
        (("account", "close", "nobody@example.vn"), 1, "no account has the address 'nobody@example.vn'"),
        (("account", "password", "none"), 1, "no account 'none'"),
        (("key", "add", "none", "--scope", "read"), 1, "no account 'none'"),
        (("key", "add", "none"), 2, "Missing option"),
        (("key", "revoke", "none"), 1, "no key 'none' that is in use"),
        (("serve", "--port", "70000"), 2, "--port"),
        (("serve", "--workers", "0"), 2, "--workers"),
    ],
)
def test_a_bad_invocation_says_what_is_wrong(
    app: App, ketnoi: Ketnoi, args: tuple[str, ...], code: int, told: str
) -> None:
    said = ketnoi(*args)
    assert (said.code, said.out) == (code, "") and told in said.err and "Traceback" not in said.err


def test_without_a_database_or_a_secret_nothing_is_served(
    ketnoi: Ketnoi, monkeypatch: pytest.MonkeyPatch
) -> None:
    for args in (("serve",), ("account", "list"), ("key", "list")):
        said = ketnoi(*args)
        assert said.code == 1 and "run `ketnoi init`" in said.err
    ketnoi("init")
    monkeypatch.setenv("KETNOI_ENVIRONMENT", "production")
    said = ketnoi("serve")
    assert said.code == 1 and "KETNOI_SECRET_KEY must be 32 or more characters in production" in said.err


@pytest.mark.enable_socket
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.acceptance)])
def test_the_service_answers_in_a_process_and_stops_when_told(app: App, workers: int) -> None:
    import httpx2

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = "from api.cli import main; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", program, "serve", "--port", str(port), "--workers", str(workers)],
        cwd=ROOT,
        env={**os.environ, "KETNOI_HOME": str(Settings().home)},
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        transport = httpx2.HTTPTransport(retries=8)  # 0, .5, 1, 2 ... seconds between
        with httpx2.Client(transport=transport, base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            assert client.get("/readyz").json()["status"] == "ok"
            assert client.get("/v1/me").status_code == 401
    finally:
        running.send_signal(signal.SIGTERM)
        _, told = running.communicate(timeout=60)
    assert running.returncode in (0, -signal.SIGTERM)
    assert f"Serving on http://127.0.0.1:{port}/v1" in told and '"route": "/me"' in told
    assert "Traceback" not in told


def test_loopback_is_the_default(app: App, ketnoi: Ketnoi, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}
    monkeypatch.setattr("uvicorn.run", lambda *_, **told: asked.update(told))
    assert ketnoi("serve").code == 0
    assert (asked["host"], asked["port"], asked["workers"]) == ("127.0.0.1", 8000, 1)
