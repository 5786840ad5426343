"""What a fund answers by a link, carried out: link, step or fund, audit log and version change together."""

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, update

from data.audit import AuditAction, note
from data.contract import FUNDS
from data.courses import NOTE, Course, required
from data.database import Lock, writing
from data.exporter import cells_of
from data.links import Link, find_link, link_within
from data.races import settled
from data.records import fields_within, put_within
from data.service_tables import answer_link as table
from data.steps import add_step, step_row
from data.willing import is_willing
from matching.errors import KetnoiError
from matching.replies import Answer, Question, Reply, answer_to, status_after
from matching.vocabulary import FundStatus
from matching.vocabulary import IntroductionStatus as Status


class Ended(StrEnum):
    """Why a link that is known asks nothing any more."""

    ANSWERED = "answered"
    MOVED_ON = "moved_on"


class Gone(KetnoiError):
    """A question that is asked no more: answered by this link, or settled without it."""

    def __init__(self, why: Ended) -> None:
        self.why = why
        super().__init__(f"the question is {why}")


def require_asked(engine: Engine, link: Link) -> None:
    """Require that a link still asks something.

    Raises
    ------
    Gone
        If it was answered, or its introduction has moved on, or the startup does not want it any more.
    """
    if link.used_at is not None:
        raise Gone(Ended.ANSWERED)
    with engine.connect() as connection:
        _asked_about(connection, link)


def answer_link(engine: Engine, token: str, answer: Answer, *, now: datetime) -> tuple[Link, bool]:
    """Answer by a link, which uses it up; tell whether it was not answered before.

    Raises
    ------
    NotFound
        As `find_link`.
    BadValue
        If it is no answer to the question.
    Gone
        If the question is asked no more; the same answer again is no error.
    """
    question = find_link(engine, token, now).question
    given = answer_to(question, answer)
    lock = Lock.RECORDS if question is Question.FUND else None

    def write() -> tuple[Link, bool]:
        with writing(engine, lock) as connection:
            link = link_within(connection, token, now, hold=True)
            return _answered(connection, link, given, now)

    return settled(write)


def _answered(connection: Connection, link: Link, answer: Answer, now: datetime) -> tuple[Link, bool]:
    plain = vars(answer)
    if link.used_at is not None:
        if link.answer != plain:
            raise Gone(Ended.ANSWERED)
        return link, False
    _carry_out(connection, link, answer, now)
    used: dict[str, Any] = {"used_at": now.astimezone(UTC), "answer": plain}
    connection.execute(update(table).where(table.c.link_id == link.link_id).values(**used))
    object_ = f"answer_link/{link.link_id}"
    note(connection, now, link.actor, AuditAction.ANSWERED, object_, answer=answer.reply.value)
    return replace(link, **used), True


def _carry_out(connection: Connection, link: Link, answer: Answer, now: datetime) -> None:
    course = _asked_about(connection, link)
    if course is None:
        _update_fund(connection, link, answer, now)
        return
    told = {"status": answer.step.value, "at": "", "reason": answer.reason or "", NOTE: answer.note}
    row = step_row(course.introduction_id, told, now)
    add_step(connection, course, len(course.steps) + 1, row, actor=link.actor, now=now)


def _asked_about(connection: Connection, link: Link) -> Course | None:
    """Return the introduction that waits for the answer; None where it is about the fund itself."""
    if link.introduction_id is None:
        return None
    course = required(connection, link.introduction_id)
    willing = is_willing(connection, course.startup_id, course.fund_id)
    if not willing or Status.INVESTOR_OK not in course.legal:
        raise Gone(Ended.MOVED_ON)
    return course


def _update_fund(connection: Connection, link: Link, answer: Answer, now: datetime) -> None:
    """Write what a fund says of itself: whether it invests, its cap, and that its thesis holds today."""
    row, tag = fields_within(connection, "fund", link.fund_id)
    before = FundStatus(row["status"]) if row["status"] else None
    changes = {"status": status_after(answer.reply, before).value}
    if answer.reply is Reply.CONFIRM:
        changes["verified_on"] = now.date().isoformat()
    if answer.monthly_capacity is not None:
        changes["monthly_capacity"] = str(answer.monthly_capacity)
    told = {**cells_of(FUNDS, row), **changes}
    put_within(connection, "fund", told, expected=tag, actor=link.actor, now=now)
