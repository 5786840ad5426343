"""One-click links: the right to answer one question, once, without an account.

A link is 256 random bits; the database keeps their SHA-256 alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex, token_urlsafe
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from data import tables
from data.audit import AuditAction, note
from data.courses import required
from data.credentials import BYTES, hashed
from data.database import writing
from data.moments import utc
from data.service_tables import answer_link as table
from data.steps import Conflict
from matching.errors import NotFound
from matching.replies import Question
from matching.vocabulary import IntroductionStatus as Status

PREFIX = "kl_"
"""What a link's token begins with, so that one in the wrong place is found."""

DAYS = 14
"""How long a link can be answered: less than the 21 days after which silence counts as an answer."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link, without its token.

    Attributes
    ----------
    introduction_id : the introduction it asks about; None where it asks a fund about itself.
    answer : what was answered, as plain values; None while nothing was.
    """

    link_id: str
    fund_id: str
    introduction_id: str | None
    expires_at: datetime
    used_at: datetime | None = None
    answer: Mapping[str, Any] | None = None

    @property
    def question(self) -> Question:
        """What it asks."""
        return Question.FUND if self.introduction_id is None else Question.INTRODUCTION

    @property
    def actor(self) -> str:
        """What the audit log calls who answers by it."""
        return f"link:{self.link_id}"


def make_link(
    engine: Engine, fund_id: str, introduction_id: str | None, *, actor: str, now: datetime
) -> tuple[Link, str]:
    """Make a link, and revoke those made before for the same question; its token is told once, here.

    Raises
    ------
    NotFound
        If there is no such fund or introduction.
    Conflict
        If the introduction waits for no answer of its fund.
    """
    token, moment = PREFIX + token_urlsafe(BYTES), now.astimezone(UTC)
    link = Link(
        link_id=token_hex(8),
        fund_id=fund_id,
        introduction_id=introduction_id,
        expires_at=moment + timedelta(days=DAYS),
    )
    told = {
        "link_id": link.link_id,
        "fund_id": fund_id,
        "introduction_id": introduction_id,
        "expires_at": link.expires_at,
    }
    with writing(engine) as connection:
        _hold(connection, fund_id, introduction_id)
        _revoke(connection, fund_id, introduction_id, actor=actor, now=now)
        connection.execute(insert(table).values(**told, token_hash=hashed(token), created_at=moment))
        about = {"fund": fund_id, "introduction": introduction_id}
        note(connection, now, actor, AuditAction.CREATED, f"answer_link/{link.link_id}", **about)
    return link, token


def revoke_links(
    engine: Engine, fund_id: str, introduction_id: str | None, *, actor: str, now: datetime
) -> None:
    """Take the link of a question out of use, for good; that there is none does no harm."""
    with writing(engine) as connection:
        _revoke(connection, fund_id, introduction_id, actor=actor, now=now)


def find_link(engine: Engine, token: str, now: datetime) -> Link:
    """Return the link of a token.

    Raises
    ------
    NotFound
        If it is none, or expired, or revoked: nobody is told which.
    """
    with engine.connect() as connection:
        return link_within(connection, token, now)


def link_within(connection: Connection, token: str, now: datetime, *, hold: bool = False) -> Link:
    """Read a link as `find_link` does, within a transaction; with `hold`, nobody else does meanwhile."""
    query = select(table).where((table.c.token_hash == hashed(token)) & table.c.revoked_at.is_(None))
    row = connection.execute(query.with_for_update() if hold else query).mappings().first()
    if row is None or utc(row["expires_at"]) <= now:
        raise NotFound("no link that is in force")
    return Link(
        link_id=row["link_id"],
        fund_id=row["fund_id"],
        introduction_id=row["introduction_id"],
        expires_at=utc(row["expires_at"]),
        used_at=utc(row["used_at"]) if row["used_at"] else None,
        answer=row["answer"],
    )


def _hold(connection: Connection, fund_id: str, introduction_id: str | None) -> None:
    """Let nobody else make a link for the same question meanwhile, and require that there is one."""
    owner, id_ = (tables.fund, fund_id)
    if introduction_id is not None:
        owner, id_ = (tables.introduction, introduction_id)
    (key,) = owner.primary_key
    if connection.execute(select(key).where(key == id_).with_for_update(key_share=True)).first() is None:
        raise NotFound(f"no {owner.name} {id_!r}")
    if introduction_id is not None:
        course = required(connection, introduction_id)
        if Status.INVESTOR_OK not in course.legal:
            text = f"introduction {introduction_id!r} waits for no answer of its fund"
            raise Conflict(text, course.legal)


def _revoke(
    connection: Connection, fund_id: str, introduction_id: str | None, *, actor: str, now: datetime
) -> None:
    open_ = table.c.revoked_at.is_(None) & table.c.used_at.is_(None)
    mine = (table.c.fund_id == fund_id) & (table.c.introduction_id == introduction_id) & open_
    for link_id in connection.execute(select(table.c.link_id).where(mine)).scalars().all():
        this = update(table).where((table.c.link_id == link_id) & open_)
        if connection.execute(this.values(revoked_at=now.astimezone(UTC))).rowcount:
            object_ = f"answer_link/{link_id}"
            note(connection, now, actor, AuditAction.CHANGED, object_, column="revoked_at")
