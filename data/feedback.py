"""What people make of suggestions. Rows are only added; of an account and a pair the newest counts."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select

from data.audit import AuditAction, note
from data.database import writing
from data.moments import utc
from data.overrides import MAX_REASON
from data.service_tables import account
from data.service_tables import feedback as table
from data.tables import fund
from data.versions import raise_version
from matching.errors import BadValue, NotFound
from matching.roles import FeedbackVerdict

ANSWERS = frozenset({FeedbackVerdict.ACCEPT, FeedbackVerdict.REJECT})
"""Verdicts of which the later one takes the earlier back."""


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """One verdict on a fund suggested to a startup.

    Attributes
    ----------
    by_startup : whether an account of the startup itself gave it.
    """

    fund_id: str
    account_id: str
    verdict: FeedbackVerdict
    reason: str
    at: datetime
    by_startup: bool

    @property
    def key(self) -> tuple[str, str, str]:
        """What a newer verdict replaces."""
        return self.fund_id, self.account_id, "answer" if self.verdict in ANSWERS else self.verdict


def give(
    engine: Engine,
    startup_id: str,
    fund_id: str,
    *,
    verdict: FeedbackVerdict,
    reason: str,
    actor: str,
    now: datetime,
) -> bool:
    """Add a verdict; tell whether it says something new.

    Raises
    ------
    NotFound
        If there is no such fund.
    BadValue
        If the reason is too long or missing where one is needed.
    """
    told = reason.strip()
    needed = verdict in (FeedbackVerdict.REJECT, FeedbackVerdict.NOTE)
    if len(told) > MAX_REASON or not told.isprintable() or (needed and not told):
        rule = f"{'1' if needed else '0'} to {MAX_REASON:,} printable characters"
        raise BadValue(rule, reason, "reason")
    before = [f for f in given(engine, startup_id) if (f.fund_id, f.account_id) == (fund_id, actor)]
    if any((f.verdict, f.reason) == (verdict, told) for f in before):
        return False
    with writing(engine) as connection:
        if connection.execute(select(fund).where(fund.c.fund_id == fund_id)).first() is None:
            raise NotFound(f"no fund {fund_id!r}")
        connection.execute(
            insert(table).values(
                startup_id=startup_id,
                fund_id=fund_id,
                account_id=actor,
                verdict=verdict.value,
                reason=told,
                at=now.astimezone(UTC),
            )
        )
        object_ = f"startup/{startup_id}/fund/{fund_id}"
        note(connection, now, actor, AuditAction.FEEDBACK, object_, verdict=verdict.value)
        raise_version(connection)
    return True


def given(engine: Engine, startup_id: str) -> list[Feedback]:
    """List the verdicts in force on the funds of a startup, oldest first."""
    mine = select(table, account.c.startup_id.label("owned")).outerjoin_from(
        table, account, account.c.account_id == table.c.account_id
    )
    query = mine.where(table.c.startup_id == startup_id).order_by(table.c.feedback_id)
    with engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    told = [
        Feedback(
            fund_id=row["fund_id"],
            account_id=row["account_id"],
            verdict=FeedbackVerdict(row["verdict"]),
            reason=row["reason"],
            at=utc(row["at"]),
            by_startup=row["owned"] == startup_id,
        )
        for row in rows
    ]
    newest = {feedback.key: at for at, feedback in enumerate(told)}
    return [told[at] for at in sorted(newest.values())]


def rejected(engine: Engine, startup_id: str) -> frozenset[str]:
    """Return the funds that a startup itself does not want to meet."""
    return frozenset(
        feedback.fund_id
        for feedback in given(engine, startup_id)
        if feedback.by_startup and feedback.verdict is FeedbackVerdict.REJECT
    )
