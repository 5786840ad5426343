"""A few records and accounts for the tests of what the service keeps."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert

from data.accounts import Account, add_account
from data.records import put
from data.steps import open_introduction, take_step
from data.tables import program
from matching.roles import Role
from matching.vocabulary import IntroductionStatus as Status


def add_records(engine: Engine, now: datetime) -> None:
    """Write a program, two startups and two funds."""
    with engine.begin() as connection:
        connection.execute(
            insert(program).values(program_id="spring", name="Spring", recorded_at=now, extra={})
        )
    for id_, program_id in (("mine", "spring"), ("rival", "")):
        told = {"startup_id": id_, "name": id_.title(), "program_id": program_id}
        put(engine, "startup", told, expected="", actor="test", now=now)
    for id_ in ("north", "south"):
        put(engine, "fund", {"fund_id": id_, "name": id_.title()}, expected="", actor="test", now=now)


def open_account(engine: Engine, now: datetime, **told: Any) -> Account:
    """Open an account; an admin's, unless told otherwise."""
    values: dict[str, Any] = {"role": Role.ADMIN, "email": "lan@example.vn", "name": "Lan"}
    return add_account(engine, **{**values, "actor": "test", "at": now, **told})


def ask_fund(engine: Engine, now: datetime, startup_id: str = "mine", fund_id: str = "north") -> None:
    """Open the introduction "i" and take it as far as asking its fund."""
    open_introduction(engine, "i", startup_id, fund_id, actor="lan", now=now)
    for number, status in enumerate((Status.FOUNDER_ASKED, Status.FOUNDER_OK, Status.INVESTOR_ASKED), 1):
        told = {"status": status.value, "at": "", "reason": ""}
        take_step(engine, "i", number, told, actor="lan", now=now)
