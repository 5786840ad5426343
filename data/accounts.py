"""Accounts: who may log in, and as what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.audit import AuditAction, note
from data.database import writing
from data.service_tables import account as table
from data.service_tables import account_program, api_key, session
from data.tables import program, startup
from matching.errors import BadValue, NotFound
from matching.roles import Role
from matching.text import normalise

LONGEST_EMAIL, LONGEST_NAME = 254, 200


@dataclass(frozen=True, kw_only=True)
class Account:
    """A person, or a machine.

    Attributes
    ----------
    programs : those that a manager runs.
    startup_id : the profile that an account of a startup owns.
    password_hash : empty where nobody logs in.
    closed_at : since when it may do nothing.
    """

    account_id: str
    role: Role
    email: str = field(repr=False)
    name: str = field(default="", repr=False)
    programs: frozenset[str] = frozenset()
    startup_id: str | None = None
    password_hash: str = field(default="", repr=False)
    closed_at: datetime | None = None


def add_account(
    engine: Engine,
    *,
    role: Role,
    email: str,
    name: str,
    actor: str,
    at: datetime,
    programs: Sequence[str] = (),
    startup_id: str | None = None,
    password_hash: str = "",
) -> Account:
    """Open an account.

    Raises
    ------
    BadValue
        If the address is none, or is one of another account; if an account of a startup has no profile or
        another role has one; if a program or a startup is not known.
    """
    told = Account(
        account_id=token_hex(8),
        role=role,
        email=_address(email),
        name=_name(name),
        programs=frozenset(programs),
        startup_id=startup_id,
        password_hash=password_hash,
    )
    if (role is Role.STARTUP) != (startup_id is not None):
        raise BadValue("the profile of an account of a startup, and of no other", startup_id, "startup_id")
    if programs and role is not Role.MANAGER:
        raise BadValue("empty but for a manager", ", ".join(sorted(programs)), "programs")
    with writing(engine) as connection:
        _require_known(connection, told)
        names = ("account_id", "role", "email", "name", "startup_id", "password_hash")
        values = {name: getattr(told, name) for name in names}
        try:
            connection.execute(insert(table).values(**values, created_at=at.astimezone(UTC)))
        except IntegrityError:
            raise BadValue("of no other account", email, "email") from None
        for program_id in sorted(told.programs):
            connection.execute(
                insert(account_program).values(account_id=told.account_id, program_id=program_id)
            )
        object_ = f"account/{told.account_id}"
        note(connection, at, actor, AuditAction.CREATED, object_, role=role.value, programs=sorted(programs))
    return told


def accounts(engine: Engine) -> list[Account]:
    """List all accounts, oldest first."""
    with engine.connect() as connection:
        rows = connection.execute(select(table).order_by(table.c.created_at, table.c.account_id)).mappings()
        return [_account(connection, row) for row in rows.all()]


def find_account(engine: Engine, account_id: str) -> Account:
    """Return an account.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    with engine.connect() as connection:
        row = connection.execute(select(table).where(table.c.account_id == account_id)).mappings().first()
        if row is None:
            raise NotFound(f"no account {account_id!r}")
        return _account(connection, row)


def by_email(engine: Engine, email: str) -> Account | None:
    """Return the account of an address, None where there is none."""
    with engine.connect() as connection:
        row = connection.execute(select(table).where(table.c.email == folded(email))).mappings().first()
        return None if row is None else _account(connection, row)


def set_password(engine: Engine, account_id: str, password_hash: str, *, actor: str, at: datetime) -> None:
    """Change a password, which ends all sessions.

    Raises
    ------
    NotFound
        If there is no such account.
    """
    with writing(engine) as connection:
        _change(connection, account_id, password_hash=password_hash)
        connection.execute(delete(session).where(session.c.account_id == account_id))
        note(connection, at, actor, AuditAction.CHANGED, f"account/{account_id}", column="password")


def close_account(engine: Engine, account_id: str, *, actor: str, at: datetime) -> None:
    """Close an account: its sessions end and its keys open nothing any more.

    Raises
    ------
    NotFound
        If there is no such account.
    """
    moment = at.astimezone(UTC)
    with writing(engine) as connection:
        _change(connection, account_id, closed_at=moment)
        connection.execute(delete(session).where(session.c.account_id == account_id))
        mine = (api_key.c.account_id == account_id) & api_key.c.revoked_at.is_(None)
        connection.execute(update(api_key).where(mine).values(revoked_at=moment))
        note(connection, at, actor, AuditAction.CHANGED, f"account/{account_id}", column="closed_at")


def account_of(connection: Connection, account_id: str) -> Account | None:
    """Return an account that is open."""
    open_ = (table.c.account_id == account_id) & table.c.closed_at.is_(None)
    row = connection.execute(select(table).where(open_)).mappings().first()
    return None if row is None else _account(connection, row)


def _change(connection: Connection, account_id: str, **values: object) -> None:
    done = connection.execute(update(table).where(table.c.account_id == account_id).values(**values))
    if not done.rowcount:
        raise NotFound(f"no account {account_id!r}")


def _account(connection: Connection, row: RowMapping) -> Account:
    return Account(
        account_id=row["account_id"],
        role=Role(row["role"]),
        email=row["email"],
        name=row["name"],
        programs=_programs(connection, row["account_id"]) if row["role"] == Role.MANAGER else frozenset(),
        startup_id=row["startup_id"],
        password_hash=row["password_hash"],
        closed_at=row["closed_at"],
    )


def _programs(connection: Connection, account_id: str) -> frozenset[str]:
    mine = select(account_program.c.program_id).where(account_program.c.account_id == account_id)
    return frozenset(connection.execute(mine).scalars())


def _require_known(connection: Connection, told: Account) -> None:
    known = set(
        connection.execute(
            select(program.c.program_id).where(program.c.program_id.in_(told.programs))
        ).scalars()
    )
    if strange := sorted(told.programs - known):
        raise BadValue("an id of a program", ", ".join(strange), "programs")
    if told.startup_id is not None:
        found = connection.execute(select(startup).where(startup.c.startup_id == told.startup_id)).first()
        if found is None:
            raise BadValue("an id of a startup", told.startup_id, "startup_id")


def folded(email: str) -> str:
    """Return the one spelling of an address under which an account is found."""
    return normalise(email).casefold()


def _address(email: str) -> str:
    told = folded(email)
    name, at, host = told.partition("@")
    fits = name and at and "." in host.strip(".") and "@" not in host and " " not in told
    if not fits or len(told) > LONGEST_EMAIL or not told.isprintable():
        raise BadValue("an address like an@example.vn", email, "email")
    return told


def _name(name: str) -> str:
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise BadValue(f"at most {LONGEST_NAME} printable characters", name, "name")
    return normalise(name)
