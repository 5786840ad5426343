"""Decisions to lift a gate for one pair: written once, taken back by a later one, never changed."""

from datetime import date

from sqlalchemy import Connection, Engine, insert, select

from data.database import writing
from data.tables import gate_override as table
from data.versions import raise_version
from matching.errors import BadValue
from matching.records import Override
from matching.vocabulary import OVERRIDABLE, Gate

MAX_REASON = 1_000


def decide(engine: Engine, override: Override, *, lifts: bool) -> None:
    """Record that a gate is lifted for a pair, or no longer.

    Raises
    ------
    BadValue
        If the gate is one that nobody may lift, or the reason is empty or too long.
    """
    if override.gate not in OVERRIDABLE:
        raise BadValue(f"one of {', '.join(sorted(OVERRIDABLE))}", override.gate, "GATE")
    if not 0 < len(override.reason.strip()) <= MAX_REASON or not override.reason.isprintable():
        raise BadValue(f"a reason of 1 to {MAX_REASON:,} printable characters", override.reason, "--reason")
    with writing(engine) as connection:
        connection.execute(
            insert(table).values(
                startup_id=override.startup_id,
                fund_id=override.fund_id,
                gate=override.gate.value,
                lifts=lifts,
                reason=override.reason.strip(),
                decided_on=override.decided_on,
            )
        )
        raise_version(connection)


def read(connection: Connection, as_of: date | None) -> tuple[Override, ...]:
    """Read the overrides in force at the start of `as_of`: of each pair and gate the newest decision."""
    query = select(table).order_by(table.c.override_id)
    if as_of is not None:
        query = query.where(table.c.decided_on < as_of)
    newest = {
        (row["startup_id"], row["fund_id"], row["gate"]): row for row in connection.execute(query).mappings()
    }
    return tuple(
        Override(
            startup_id=row["startup_id"],
            fund_id=row["fund_id"],
            gate=Gate(row["gate"]),
            reason=row["reason"],
            decided_on=row["decided_on"],
        )
        for _, row in sorted(newest.items())
        if row["lifts"]
    )
