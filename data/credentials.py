"""Keys and sessions: 256 random bits that stand for an account; the database keeps their SHA-256 alone."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex, token_urlsafe

from sqlalchemy import Engine, RowMapping, delete, insert, select, update

from data.accounts import Account, account_of, find_account
from data.audit import AuditAction, note
from data.database import writing
from data.moments import utc
from data.service_tables import api_key, session
from matching.errors import BadValue, NotFound
from matching.roles import Scope

KEY_PREFIX = "kn_"
"""What a key begins with, so that one in the wrong place is found."""

BYTES = 32
LONGEST_KEY_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key of an account, without its secret."""

    key_id: str
    account_id: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class Credential:
    """Whom a token stands for.

    Attributes
    ----------
    scopes : of a key; None for a session, which may do all that its account may.
    csrf : what a page has to send along with a session that changes something.
    """

    account: Account
    scopes: frozenset[Scope] | None = None
    csrf: str = field(default="", repr=False)


def add_key(
    engine: Engine, account_id: str, scopes: Collection[Scope], days: int, *, actor: str, at: datetime
) -> tuple[ApiKey, str]:
    """Make a key; its secret is told once, here.

    Raises
    ------
    BadValue
        If it has no scope, or is to last for less than a day or more than LONGEST_KEY_DAYS.
    NotFound
        If there is no such account, or it is closed.
    """
    if not scopes:
        raise BadValue(f"one or more of {', '.join(Scope)}", "", "scopes")
    if not 1 <= days <= LONGEST_KEY_DAYS:
        raise BadValue(f"from 1 to {LONGEST_KEY_DAYS}", days, "days")
    if find_account(engine, account_id).closed_at is not None:
        raise NotFound(f"account {account_id!r} is closed")
    secret, moment = KEY_PREFIX + token_urlsafe(BYTES), at.astimezone(UTC)
    key = ApiKey(
        key_id=token_hex(8),
        account_id=account_id,
        scopes=frozenset(scopes),
        created_at=moment,
        expires_at=moment + timedelta(days=days),
    )
    with writing(engine) as connection:
        connection.execute(
            insert(api_key).values(
                key_id=key.key_id,
                account_id=account_id,
                secret_hash=hashed(secret),
                scopes=";".join(sorted(scopes)),
                created_at=key.created_at,
                expires_at=key.expires_at,
            )
        )
        note(connection, at, actor, AuditAction.CREATED, f"api_key/{key.key_id}", account=account_id)
    return key, secret


def keys(engine: Engine) -> list[ApiKey]:
    """List all keys, oldest first."""
    with engine.connect() as connection:
        rows = connection.execute(select(api_key).order_by(api_key.c.created_at, api_key.c.key_id)).mappings()
        return [_key(row) for row in rows]


def revoke_key(engine: Engine, key_id: str, *, actor: str, at: datetime) -> None:
    """Take a key out of use, for good.

    Raises
    ------
    NotFound
        If there is no such key, or it was revoked before.
    """
    mine = (api_key.c.key_id == key_id) & api_key.c.revoked_at.is_(None)
    with writing(engine) as connection:
        if not connection.execute(update(api_key).where(mine).values(revoked_at=at.astimezone(UTC))).rowcount:
            raise NotFound(f"no key {key_id!r} that is in use")
        note(connection, at, actor, AuditAction.CHANGED, f"api_key/{key_id}", column="revoked_at")


def by_key(engine: Engine, secret: str, at: datetime) -> Credential | None:
    """Tell whom a key stands for; None where it is unknown, expired or revoked, or its account is closed."""
    mine = (api_key.c.secret_hash == hashed(secret)) & api_key.c.revoked_at.is_(None)
    with engine.connect() as connection:
        row = connection.execute(select(api_key).where(mine)).mappings().first()
        if row is None or utc(row["expires_at"]) <= at:
            return None
        account = account_of(connection, row["account_id"])
        return None if account is None else Credential(account, _key(row).scopes)


def open_session(engine: Engine, account_id: str, until: datetime, at: datetime) -> tuple[str, str]:
    """Begin a session, clear away those that ended; return its token and what a page sends along."""
    token, csrf = token_urlsafe(BYTES), token_urlsafe(BYTES)
    with writing(engine) as connection:
        connection.execute(delete(session).where(session.c.expires_at <= at.astimezone(UTC)))
        connection.execute(
            insert(session).values(
                token_hash=hashed(token), account_id=account_id, csrf=csrf, expires_at=until.astimezone(UTC)
            )
        )
        note(connection, at, account_id, AuditAction.LOGGED_IN, f"account/{account_id}")
    return token, csrf


def by_session(engine: Engine, token: str, at: datetime) -> Credential | None:
    """Tell whom a session stands for; None where it is unknown or over, or its account is closed."""
    with engine.connect() as connection:
        mine = select(session).where(session.c.token_hash == hashed(token))
        row = connection.execute(mine).mappings().first()
        if row is None or utc(row["expires_at"]) <= at:
            return None
        account = account_of(connection, row["account_id"])
        return None if account is None else Credential(account, csrf=row["csrf"])


def end_session(engine: Engine, token: str) -> None:
    """End a session; that it is over already does no harm."""
    with writing(engine) as connection:
        connection.execute(delete(session).where(session.c.token_hash == hashed(token)))


def hashed(secret: str) -> str:
    """Return the SHA-256 of a secret, enough for one that cannot be guessed."""
    return sha256(secret.encode()).hexdigest()


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(
        key_id=row["key_id"],
        account_id=row["account_id"],
        scopes=frozenset(map(Scope, row["scopes"].split(";"))),
        created_at=utc(row["created_at"]),
        expires_at=utc(row["expires_at"]),
        revoked_at=utc(row["revoked_at"]) if row["revoked_at"] else None,
    )
