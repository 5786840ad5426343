"""What people make of suggestions. Rows are only added; of an account and a pair the newest counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, insert, select

from data.audit import AuditAction, note
from data.database import writing
from data.moments import utc
from data.overrides import MAX_REASON
from data.service_tables import account
from data.service_tables import feedback as table
from data.tables import fund, startup
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
    with writing(engine) as connection:
        if connection.execute(select(fund).where(fund.c.fund_id == fund_id)).first() is None:
            raise NotFound(f"no fund {fund_id!r}")
        mine = select(startup).where(startup.c.startup_id == startup_id)
        # who sends the same twice at once waits here
        connection.execute(mine.with_for_update(key_share=True))
        same = (fund_id, actor, verdict, told)
        before = _given(connection, [startup_id])[startup_id]
        if same in {(f.fund_id, f.account_id, f.verdict, f.reason) for f in before}:
            return False
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
    with engine.connect() as connection:
        return _given(connection, [startup_id])[startup_id]


def rejected(engine: Engine, startup_id: str) -> frozenset[str]:
    """Return the funds that a startup itself does not want to meet."""
    with engine.connect() as connection:
        return rejections(connection, [startup_id])[startup_id]


def rejections(connection: Connection, startup_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Return the funds that each of some startups does not want to meet, by startup."""
    return {
        startup_id: frozenset(
            feedback.fund_id
            for feedback in told
            if feedback.by_startup and feedback.verdict is FeedbackVerdict.REJECT
        )
        for startup_id, told in _given(connection, startup_ids).items()
    }


def _given(connection: Connection, startup_ids: Collection[str]) -> dict[str, list[Feedback]]:
    mine = select(table, account.c.startup_id.label("owned")).outerjoin_from(
        table, account, account.c.account_id == table.c.account_id
    )
    query = mine.where(table.c.startup_id.in_(startup_ids)).order_by(table.c.feedback_id)
    told: dict[str, list[Feedback]] = {startup_id: [] for startup_id in startup_ids}
    for row in connection.execute(query).mappings():
        feedback = Feedback(
            fund_id=row["fund_id"],
            account_id=row["account_id"],
            verdict=FeedbackVerdict(row["verdict"]),
            reason=row["reason"],
            at=utc(row["at"]),
            by_startup=row["owned"] == row["startup_id"],
        )
        told[row["startup_id"]].append(feedback)
    return {startup_id: _in_force(told_of_it) for startup_id, told_of_it in told.items()}


def _in_force(told: list[Feedback]) -> list[Feedback]:
    newest = {feedback.key: at for at, feedback in enumerate(told)}
    return [told[at] for at in sorted(newest.values())]
