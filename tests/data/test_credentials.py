from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from data.accounts import close_account, set_password
from data.credentials import (
    KEY_PREFIX,
    LONGEST_KEY_DAYS,
    add_key,
    by_key,
    by_session,
    end_session,
    keys,
    open_session,
    revoke_key,
)
from data.service_tables import api_key, session
from matching.errors import BadValue, NotFound
from matching.roles import Scope
from tests.data.people import open_account

DAY = timedelta(days=1)


@pytest.fixture
def account_id(engine: Engine, now: datetime) -> str:
    return open_account(engine, now).account_id


def test_a_key_opens_its_account_until_it_expires(engine: Engine, now: datetime, account_id: str) -> None:
    key, secret = add_key(engine, account_id, [Scope.READ], 2, actor="cli", at=now)
    assert secret.startswith(KEY_PREFIX) and len(secret) > 43
    found = by_key(engine, secret, now + 2 * DAY - timedelta(seconds=1))
    assert (
        found is not None
        and found.account.account_id == account_id
        and found.scopes == frozenset({Scope.READ})
    )
    assert by_key(engine, secret, now + 2 * DAY) is None
    assert by_key(engine, secret + "x", now) is None
    assert keys(engine) == [key]


def test_the_database_holds_no_secret(engine: Engine, now: datetime, account_id: str) -> None:
    _, secret = add_key(engine, account_id, [Scope.READ], 1, actor="cli", at=now)
    token, _ = open_session(engine, account_id, now + DAY, now)
    with engine.connect() as connection:
        rows = str([list(connection.execute(select(table))) for table in (api_key, session)])
    assert secret not in rows and token not in rows


def test_a_revoked_key_opens_nothing_any_more(engine: Engine, now: datetime, account_id: str) -> None:
    key, secret = add_key(engine, account_id, [Scope.READ], 1, actor="cli", at=now)
    revoke_key(engine, key.key_id, actor="cli", at=now)
    assert by_key(engine, secret, now) is None
    with pytest.raises(NotFound):
        revoke_key(engine, key.key_id, actor="cli", at=now)


def test_a_closed_account_has_no_key_and_no_session(engine: Engine, now: datetime, account_id: str) -> None:
    _, secret = add_key(engine, account_id, [Scope.READ], 1, actor="cli", at=now)
    token, _ = open_session(engine, account_id, now + DAY, now)
    close_account(engine, account_id, actor="cli", at=now)
    assert by_key(engine, secret, now) is None and by_session(engine, token, now) is None
    with pytest.raises(NotFound, match="closed"):
        add_key(engine, account_id, [Scope.READ], 1, actor="cli", at=now)


@pytest.mark.parametrize(("scopes", "days"), [([], 1), (list(Scope), 0), (list(Scope), LONGEST_KEY_DAYS + 1)])
def test_a_key_without_a_scope_or_an_end_is_refused(
    engine: Engine, now: datetime, account_id: str, scopes: list[Scope], days: int
) -> None:
    with pytest.raises(BadValue):
        add_key(engine, account_id, scopes, days, actor="cli", at=now)
    assert keys(engine) == []


def test_a_session_lasts_until_its_end(engine: Engine, now: datetime, account_id: str) -> None:
    token, csrf = open_session(engine, account_id, now + DAY, now)
    found = by_session(engine, token, now)
    assert found is not None and found.csrf == csrf and found.scopes is None
    assert by_session(engine, token, now + DAY) is None
    end_session(engine, token)
    assert by_session(engine, token, now) is None
    end_session(engine, token)


def test_a_new_session_clears_away_those_that_ended(engine: Engine, now: datetime, account_id: str) -> None:
    open_session(engine, account_id, now + DAY, now)
    open_session(engine, account_id, now + 3 * DAY, now + 2 * DAY)
    with engine.connect() as connection:
        assert len(connection.execute(select(session)).all()) == 1


def test_a_new_password_ends_all_sessions(engine: Engine, now: datetime, account_id: str) -> None:
    token, _ = open_session(engine, account_id, now + DAY, now)
    set_password(engine, account_id, "hash", actor="cli", at=now)
    assert by_session(engine, token, now) is None
