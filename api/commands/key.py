"""`ketnoi key`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from api.commands.account import find
from api.commands.output import console, opened, print_columns, print_json
from data.audit import CLI
from data.credentials import ApiKey, add_key, keys, revoke_key
from data.database import require_schema
from matching.roles import Scope


def add(account: str, scopes: Sequence[Scope], days: int, *, as_json: bool) -> None:
    """Make a key, and print it this once."""
    with opened() as app:
        account_id = find(app, account).account_id
        made, secret = add_key(app.database, account_id, scopes, days, actor=CLI, at=app.now)
    if as_json:
        print_json({**_plain(made), "secret": secret})
    else:
        console().print(secret, markup=False, soft_wrap=True)
        said = f"Key {made.key_id}, until {made.expires_at:%Y-%m-%d}. It is shown this once: keep it now."
        console(stderr=True).print(said, markup=False, soft_wrap=True)


def show_all(*, as_json: bool) -> None:
    """Print a line a key."""
    with opened() as app:
        require_schema(app.database)
        known, now = keys(app.database), app.now
    if as_json:
        print_json([_plain(key) for key in known])
    elif known:
        print_columns(
            [("Key", "Account", "Scopes", "Until", "State"), *(_row(key, now) for key in known)],
        )
    else:
        console().print("No key yet: `ketnoi key add` makes one.")


def revoke(key_id: str, *, as_json: bool) -> None:
    """Take a key out of use."""
    with opened() as app:
        require_schema(app.database)
        revoke_key(app.database, key_id, actor=CLI, at=app.now)
    if as_json:
        print_json({"key_id": key_id, "revoked": True})
    else:
        console().print(f"Key {key_id} is revoked", markup=False, soft_wrap=True)


def _row(key: ApiKey, now: datetime) -> tuple[str, ...]:
    state = "revoked" if key.revoked_at else "expired" if key.expires_at <= now else "in use"
    return key.key_id, key.account_id, ", ".join(sorted(key.scopes)), f"{key.expires_at:%Y-%m-%d}", state


def _plain(key: ApiKey) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "account_id": key.account_id,
        "scopes": sorted(key.scopes),
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }
