from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from data.accounts import accounts, by_email, close_account, find_account, set_password
from data.audit import AuditAction, entries
from data.records import remove
from matching.errors import BadValue, NotFound
from matching.roles import Role
from tests.data.people import add_records, open_account


@pytest.fixture(autouse=True)
def records(engine: Engine, now: datetime) -> None:
    add_records(engine, now)


def test_an_account_is_found_by_its_address_however_it_is_written(engine: Engine, now: datetime) -> None:
    made = open_account(engine, now, email=" Lan@Example.VN ")
    assert by_email(engine, "LAN@example.vn") == find_account(engine, made.account_id) == made
    assert by_email(engine, "minh@example.vn") is None


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"email": "lan"}, "email"),
        ({"email": "lan@host"}, "email"),
        ({"email": "a b@example.vn"}, "email"),
        ({"email": f"{'x' * 250}@example.vn"}, "email"),
        ({"name": "x" * 201}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"role": Role.STARTUP}, "startup_id"),
        ({"startup_id": "mine"}, "startup_id"),
        ({"role": Role.STARTUP, "startup_id": "none"}, "startup_id"),
        ({"programs": ["spring"]}, "programs"),
        ({"role": Role.MANAGER, "programs": ["none"]}, "programs"),
    ],
)
def test_a_bad_account_is_refused_by_its_field(
    engine: Engine, now: datetime, told: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        open_account(engine, now, **told)
    assert refused.value.field == field
    assert accounts(engine) == []


def test_two_accounts_never_share_an_address(engine: Engine, now: datetime) -> None:
    open_account(engine, now)
    with pytest.raises(BadValue, match="email must be of no other account"):
        open_account(engine, now, email="LAN@example.vn")
    assert len(accounts(engine)) == 1


def test_what_is_shown_of_an_account_tells_no_person(engine: Engine, now: datetime) -> None:
    shown = repr(open_account(engine, now, password_hash="secret"))
    assert not any(word in shown for word in ("lan@example.vn", "Lan", "secret"))


def test_a_deleted_startup_takes_its_account_along(engine: Engine, now: datetime) -> None:
    open_account(engine, now, role=Role.STARTUP, startup_id="mine")
    remove(engine, "startup", "mine", expected=None, actor="test", now=now)
    assert accounts(engine) == []


def test_every_change_is_in_the_audit_log_without_names(engine: Engine, now: datetime) -> None:
    made = open_account(engine, now, role=Role.MANAGER, programs=["spring"])
    set_password(engine, made.account_id, "hash", actor="cli", at=now)
    close_account(engine, made.account_id, actor="cli", at=now)
    told = [entry for entry in entries(engine) if entry.object == f"account/{made.account_id}"]
    assert [(entry.actor, entry.action) for entry in told] == [
        ("test", AuditAction.CREATED),
        ("cli", AuditAction.CHANGED),
        ("cli", AuditAction.CHANGED),
    ]
    assert "Lan" not in str(told) and "hash" not in str(told)
    assert find_account(engine, made.account_id).closed_at is not None


def test_a_change_of_nobody_is_refused(engine: Engine, now: datetime) -> None:
    with pytest.raises(NotFound):
        set_password(engine, "none", "hash", actor="cli", at=now)
    with pytest.raises(NotFound):
        close_account(engine, "none", actor="cli", at=now)
