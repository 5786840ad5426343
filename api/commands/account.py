"""`ketnoi account`."""

import sys
from collections.abc import Sequence
from typing import Any

import typer

from api.commands.output import console, opened, print_columns, print_json
from api.compose import App
from api.passwords import Passwords
from data.accounts import Account, accounts, add_account, by_email, close_account, find_account, set_password
from data.audit import CLI
from data.database import require_schema
from matching.errors import NotFound
from matching.roles import Role


def add(
    role: Role,
    email: str,
    name: str,
    programs: Sequence[str],
    startup_id: str | None,
    *,
    password: bool,
    as_json: bool,
) -> None:
    """Open an account, and print its id."""
    with opened() as app:
        require_schema(app.database)
        made = add_account(
            app.database,
            role=role,
            email=email,
            name=name,
            actor=CLI,
            at=app.now,
            programs=programs,
            startup_id=startup_id,
            password_hash=Passwords().hash(_asked()) if password else "",
        )
    _tell(made, "is open", as_json)


def show_all(*, as_json: bool) -> None:
    """Print a line an account."""
    with opened() as app:
        require_schema(app.database)
        known = accounts(app.database)
    if as_json:
        print_json([_plain(account) for account in known])
    elif known:
        print_columns([("Account", "Role", "Address", "Of", "State"), *map(_row, known)])
    else:
        console().print("No account yet: `ketnoi account add` opens one.")


def password(told: str, *, as_json: bool) -> None:
    """Set a new password."""
    with opened() as app:
        account = find(app, told)
        hashed = Passwords().hash(_asked())
        set_password(app.database, account.account_id, hashed, actor=CLI, at=app.now)
    _tell(account, "has a new password", as_json)


def close(told: str, *, as_json: bool) -> None:
    """Close an account."""
    with opened() as app:
        account = find(app, told)
        close_account(app.database, account.account_id, actor=CLI, at=app.now)
        account = find_account(app.database, account.account_id)
    _tell(account, "is closed", as_json)


def find(app: App, told: str) -> Account:
    """Find an account by its id or its address.

    Raises
    ------
    NotFound
        If there is none.
    """
    require_schema(app.database)
    found = by_email(app.database, told) if "@" in told else find_account(app.database, told)
    if found is None:
        raise NotFound(f"no account has the address {told!r}")
    return found


def _asked() -> str:
    """Ask for a password, twice on a terminal; else the first line of standard input is one."""
    if sys.stdin.isatty():
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _tell(account: Account, what: str, as_json: bool) -> None:
    if as_json:
        print_json(_plain(account))
    else:
        said = f"Account {account.account_id} ({account.role}) {what}"
        console().print(said, markup=False, soft_wrap=True)


def _row(account: Account) -> tuple[str, ...]:
    of = account.startup_id or ", ".join(sorted(account.programs))
    state = "open" if account.closed_at is None else "closed"
    return account.account_id, account.role, account.email, of, state


def _plain(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "role": account.role.value,
        "email": account.email,
        "name": account.name,
        "programs": sorted(account.programs),
        "startup_id": account.startup_id,
        "logs_in": bool(account.password_hash),
        "closed_at": account.closed_at.isoformat() if account.closed_at else None,
    }
