from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, select

from data.audit import entries
from data.links import DAYS, PREFIX, find_link, make_link, revoke_links
from data.records import remove
from data.service_tables import METADATA, answer_link
from data.steps import Conflict, open_introduction
from matching.errors import NotFound
from matching.replies import Question
from matching.vocabulary import IntroductionStatus as Status
from tests.data.people import add_records, ask_fund


@pytest.fixture(autouse=True)
def records(engine: Engine, now: datetime) -> None:
    add_records(engine, now)
    ask_fund(engine, now)


def make(engine: Engine, now: datetime, introduction_id: str | None = "i") -> str:
    return make_link(engine, "north", introduction_id, actor="lan", now=now)[1]


def in_force(engine: Engine, token: str, now: datetime) -> bool:
    try:
        find_link(engine, token, now)
    except NotFound:
        return False
    return True


def everything(engine: Engine) -> str:
    with engine.connect() as connection:
        return str([connection.execute(select(table)).all() for table in METADATA.sorted_tables])


def test_a_link_asks_one_question_and_its_token_is_nowhere_kept(engine: Engine, now: datetime) -> None:
    token, other = make(engine, now), make(engine, now, None)
    link, fund_link = (find_link(engine, t, now) for t in (token, other))
    assert (link.question, link.introduction_id, link.fund_id) == (Question.INTRODUCTION, "i", "north")
    assert (fund_link.question, fund_link.introduction_id) == (Question.FUND, None)
    kept = everything(engine)
    assert link.link_id in kept and not any(t.removeprefix(PREFIX) in kept for t in (token, other))
    assert token.startswith(PREFIX) and len(token.removeprefix(PREFIX)) == 43  # 256 bits
    told = [entry for entry in entries(engine) if entry.object == f"answer_link/{link.link_id}"]
    assert [(entry.actor, entry.action) for entry in told] == [("lan", "created")]


def test_a_new_link_takes_the_place_of_the_one_before_it_and_of_no_other(
    engine: Engine, now: datetime
) -> None:
    fund, first = make(engine, now, None), make(engine, now)
    second = make(engine, now)
    assert [in_force(engine, token, now) for token in (fund, first, second)] == [True, False, True]
    make(engine, now, None)
    assert [in_force(engine, token, now) for token in (fund, second)] == [False, True]


def test_a_link_ends_when_it_is_revoked_or_its_days_are_over(engine: Engine, now: datetime) -> None:
    token = make(engine, now)
    end = now + timedelta(days=DAYS)
    assert in_force(engine, token, end - timedelta(seconds=1)) and not in_force(engine, token, end)
    for _ in range(2):  # that there is none does no harm
        revoke_links(engine, "north", "i", actor="lan", now=now)
    assert not in_force(engine, token, now)
    changes = [e for e in entries(engine) if e.detail == {"column": "revoked_at"}]
    assert len(changes) == 1


@pytest.mark.parametrize("token", ["", "kl_", "x" * 10_000, "kl_\0", "’; DROP TABLE answer_link"])
def test_what_is_no_token_is_no_link(engine: Engine, now: datetime, token: str) -> None:
    make(engine, now)
    assert not in_force(engine, token, now)


def test_only_an_introduction_that_waits_for_its_fund_has_a_link(engine: Engine, now: datetime) -> None:
    open_introduction(engine, "new", "mine", "south", actor="lan", now=now)
    with pytest.raises(Conflict, match="waits for no answer") as refused:
        make_link(engine, "south", "new", actor="lan", now=now)
    assert refused.value.legal is not None and Status.FOUNDER_ASKED in refused.value.legal
    for fund_id, introduction_id in (("none", None), ("north", "none")):
        with pytest.raises(NotFound):
            make_link(engine, fund_id, introduction_id, actor="lan", now=now)


def test_a_fund_that_is_deleted_takes_its_links_along(engine: Engine, now: datetime) -> None:
    tokens = make(engine, now), make(engine, now, None)
    remove(engine, "fund", "north", expected=None, actor="lan", now=now)
    assert not any(in_force(engine, token, now) for token in tokens)


@pytest.mark.parametrize("introduction_id", ["i", None])
def test_of_links_made_at_once_one_is_in_force(
    engine: Engine, now: datetime, introduction_id: str | None
) -> None:
    start = Barrier(6)

    def work() -> None:
        start.wait()
        make(engine, now, introduction_id)

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        revoked = connection.execute(select(answer_link.c.revoked_at)).scalars().all()
    assert len(revoked) == 6 and list(revoked).count(None) == 1
