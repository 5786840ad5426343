"""The audit log: who did what to which record. Entries are only added, in the transaction they tell of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from data.moments import utc
from data.service_tables import audit_entry as table

CLI = "cli"
"""What the log calls the command line."""


class AuditAction(StrEnum):
    """What was done."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    STEP = "step"
    FEEDBACK = "feedback"
    ANSWERED = "answered"
    LOGGED_IN = "logged_in"
    IMPORTED = "imported"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One deed.

    Attributes
    ----------
    actor : id of the account, or what acted: `cli`.
    object : kind and id of what was acted on, as in `startup/dat-bike`.
    detail : plain values; never a name, an address or a profile's text.
    """

    entry_id: int
    at: datetime
    actor: str
    action: AuditAction
    object: str
    detail: Mapping[str, Any]


def note(
    connection: Connection, at: datetime, actor: str, action: AuditAction, object_: str, **detail: Any
) -> None:
    """Add an entry within the transaction of the deed: either both are there or none."""
    connection.execute(
        insert(table).values(
            at=at.astimezone(UTC), actor=actor, action=action.value, object=object_, detail=detail
        )
    )


def entries(engine: Engine, after: int = 0, limit: int = 100) -> list[AuditEntry]:
    """List entries in the order they were made, `limit` from the first whose id is above `after`."""
    query = select(table).where(table.c.entry_id > after).order_by(table.c.entry_id).limit(limit)
    with engine.connect() as connection:
        return [
            AuditEntry(
                entry_id=row["entry_id"],
                at=utc(row["at"]),
                actor=row["actor"],
                action=AuditAction(row["action"]),
                object=row["object"],
                detail=row["detail"],
            )
            for row in connection.execute(query).mappings()
        ]
