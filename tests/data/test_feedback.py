from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import Engine

from data.audit import AuditAction, entries
from data.feedback import give, given, rejected
from data.versions import version
from matching.errors import BadValue, NotFound
from matching.roles import FeedbackVerdict, Role
from tests.data.people import add_records, open_account

ACCEPT, REJECT, PIN, NOTE = FeedbackVerdict


@pytest.fixture
def owner(engine: Engine, now: datetime) -> str:
    add_records(engine, now)
    return open_account(engine, now, role=Role.STARTUP, startup_id="mine").account_id


def say(engine: Engine, now: datetime, actor: str, verdict: FeedbackVerdict, reason: str = "") -> bool:
    return give(engine, "mine", "north", verdict=verdict, reason=reason, actor=actor, now=now)


def test_a_later_answer_takes_the_place_of_the_earlier_one(engine: Engine, now: datetime, owner: str) -> None:
    assert say(engine, now, owner, REJECT, "they know our rival")
    assert rejected(engine, "mine") == {"north"}
    assert say(engine, now, owner, ACCEPT)
    assert rejected(engine, "mine") == frozenset()
    assert [(f.verdict, f.by_startup) for f in given(engine, "mine")] == [(ACCEPT, True)]


def test_what_a_manager_rejects_is_not_the_startup_s_word(engine: Engine, now: datetime, owner: str) -> None:
    manager = open_account(
        engine, now, role=Role.MANAGER, programs=["spring"], email="m@example.vn"
    ).account_id
    say(engine, now, manager, REJECT, "not ready")
    say(engine, now, manager, NOTE, "ask in spring")
    say(engine, now, manager, PIN)
    assert rejected(engine, "mine") == frozenset()
    assert [f.verdict for f in given(engine, "mine")] == [REJECT, NOTE, PIN]
    assert not any(f.by_startup for f in given(engine, "mine"))


def test_the_same_again_adds_nothing(engine: Engine, now: datetime, owner: str) -> None:
    say(engine, now, owner, PIN)
    before = version(engine)
    assert not say(engine, now, owner, PIN)
    assert version(engine) == before


def test_the_same_sent_many_times_at_once_is_one(engine: Engine, now: datetime, owner: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        new = list(threads.map(lambda _: say(engine, now, owner, PIN), range(16)))
    assert new.count(True) == 1
    assert [entry.action for entry in entries(engine)].count(AuditAction.FEEDBACK) == 1


@pytest.mark.parametrize(("verdict", "reason"), [(REJECT, " "), (NOTE, ""), (PIN, "x" * 1_001), (PIN, "\0")])
def test_a_bad_reason_is_refused(
    engine: Engine, now: datetime, owner: str, verdict: FeedbackVerdict, reason: str
) -> None:
    with pytest.raises(BadValue, match="reason must be"):
        say(engine, now, owner, verdict, reason)
    assert given(engine, "mine") == []


def test_a_fund_that_is_not_there_is_refused(engine: Engine, now: datetime, owner: str) -> None:
    with pytest.raises(NotFound):
        give(engine, "mine", "none", verdict=PIN, reason="", actor=owner, now=now)
