from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, insert

from data.audit import AuditAction, entries
from data.courses import Course, courses, find
from data.records import Invalid
from data.steps import Conflict, open_introduction, take_step
from data.store import Store
from data.tables import introduction_event
from data.versions import version
from matching.errors import BadValue, NotFound
from matching.vocabulary import IntroductionStatus as Status
from tests.data.people import add_records

WAY = (Status.FOUNDER_ASKED, Status.FOUNDER_OK, Status.INVESTOR_ASKED)


@pytest.fixture(autouse=True)
def records(engine: Engine, now: datetime) -> None:
    add_records(engine, now)


def begin(engine: Engine, now: datetime, startup_id: str = "mine", fund_id: str = "north") -> bool:
    return open_introduction(engine, "i", startup_id, fund_id, actor="lan", now=now)[1]


def step(
    engine: Engine,
    now: datetime,
    number: int,
    status: str,
    *,
    at: str = "",
    reason: str = "",
    actor: str = "lan",
) -> tuple[Course, bool]:
    told = {"status": status, "at": at, "reason": reason}
    return take_step(engine, "i", number, told, actor=actor, now=now)


def test_an_introduction_goes_step_by_step_and_the_release_has_its_person(
    engine: Engine, now: datetime
) -> None:
    assert begin(engine, now)
    for number, status in enumerate(WAY, 1):
        course, created = step(engine, now, number, status, actor=f"person {number}")
        assert created
    assert [s.status for s in course.steps] == list(WAY)
    assert [s.by for s in course.steps] == ["person 1", "person 2", "person 3"]
    assert course.released_by == "person 3"
    assert find(engine, "i") == course
    (known,) = Store(engine).knowledge(None).introductions
    assert [event.status for event in known.events] == list(WAY)
    told = [e.detail for e in entries(engine) if e.action is AuditAction.STEP]
    assert told == [{"number": n, "status": s} for n, s in enumerate(WAY, 1)]


def test_the_same_again_changes_nothing(engine: Engine, now: datetime) -> None:
    begin(engine, now)
    first, _ = step(engine, now, 1, Status.FOUNDER_ASKED, reason="by  mail ")
    before = version(engine)
    assert not begin(engine, now)
    assert step(engine, now + timedelta(days=3), 1, Status.FOUNDER_ASKED, reason="by mail") == (first, False)
    assert version(engine) == before


def test_another_content_of_the_same_number_is_refused(engine: Engine, now: datetime) -> None:
    begin(engine, now)
    step(engine, now, 1, Status.FOUNDER_ASKED)
    for told in ({"status": Status.SUGGESTED}, {"reason": "other"}, {"at": "2024-06-01"}):
        with pytest.raises(Conflict, match="says something else") as refused:
            step(engine, now, 1, **{"status": Status.FOUNDER_ASKED, **told})
        assert refused.value.legal == ["expired_no_reply", "founder_declined", "founder_ok", "withdrawn"]
    with pytest.raises(Conflict, match="another pair"):
        begin(engine, now, fund_id="south")
    assert len(find(engine, "i").steps) == 1


@pytest.mark.parametrize(
    ("number", "status", "told"),
    [
        (1, Status.INVESTOR_ASKED, "investor_asked may not follow nothing"),
        (2, Status.FOUNDER_ASKED, "the next step is number 1, not 2"),
    ],
)
def test_an_illegal_step_is_refused_with_what_is_legal(
    engine: Engine, now: datetime, number: int, status: Status, told: str
) -> None:
    begin(engine, now)
    with pytest.raises(Conflict, match=told) as refused:
        step(engine, now, number, status)
    assert refused.value.legal == ["founder_asked", "shortlisted", "suggested"]
    assert find(engine, "i").steps == ()


def test_no_step_is_of_the_future_or_before_the_last(engine: Engine, now: datetime) -> None:
    begin(engine, now)
    step(engine, now, 1, Status.FOUNDER_ASKED, at="2024-06-10")
    for at, rule in (("2024-06-16", "at most 2024-06-15"), ("2024-06-09", "at least 2024-06-10")):
        with pytest.raises(BadValue, match=rule):
            step(engine, now, 2, Status.FOUNDER_OK, at=at)
    with pytest.raises(Invalid):
        step(engine, now, 2, Status.FOUNDER_OK, at="2024-06-31")
    assert step(engine, now, 2, Status.FOUNDER_OK, at="2024-06-12")[0].steps[-1].at == "2024-06-12"


def test_a_step_may_be_of_the_month_that_the_one_before_it_is_dated_by(engine: Engine, now: datetime) -> None:
    begin(engine, now)
    with engine.begin() as connection:  # as an import that knows the month alone
        told = {"introduction_id": "i", "number": 1, "status": Status.FOUNDER_ASKED.value, "at": "2024-06"}
        end = {"at_end": date(2024, 6, 30), "reason": "", "recorded_at": now, "extra": {}}
        connection.execute(insert(introduction_event).values(**told, **end))
    with pytest.raises(BadValue, match="at least 2024-06-01"):
        step(engine, now, 2, Status.FOUNDER_OK, at="2024-05-31")
    assert step(engine, now, 2, Status.FOUNDER_OK)[1]


def test_what_is_not_there_is_not_introduced(engine: Engine, now: datetime) -> None:
    with pytest.raises(NotFound):
        step(engine, now, 1, Status.FOUNDER_ASKED)
    with pytest.raises(BadValue, match="fund_id must be an id of funds"):
        begin(engine, now, fund_id="none")
    with pytest.raises(Invalid):
        open_introduction(engine, "two words", "mine", "north", actor="lan", now=now)
    assert courses(engine, limit=9) == []


def test_of_two_who_take_the_same_step_one_has_taken_it(engine: Engine, now: datetime) -> None:
    begin(engine, now)
    for number, status in enumerate(WAY[:2], 1):
        step(engine, now, number, status)
    start, done = Barrier(8), []

    def release(actor: str) -> None:
        start.wait()
        done.append(step(engine, now, 3, Status.INVESTOR_ASKED, actor=actor))

    threads = [Thread(target=release, args=(f"replica {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [created for _, created in done].count(True) == 1
    assert len({course.released_by for course, _ in done}) == 1 and len(done) == 8


def test_a_list_is_what_was_asked_for(engine: Engine, now: datetime) -> None:
    begin(engine, now)
    step(engine, now, 1, Status.FOUNDER_ASKED)
    open_introduction(engine, "j", "rival", "south", actor="lan", now=now)

    def ids(**told: object) -> str:
        return "".join(c.introduction_id for c in courses(engine, **{"limit": 9, **told}))  # type: ignore[arg-type]

    assert ids() == "ij" and ids(limit=1) == "i" and ids(after="i") == "j"
    assert ids(startup_id="mine") == "i" and ids(fund_id="south") == "j"
    assert ids(status=Status.FOUNDER_ASKED) == "i" and ids(status=Status.MET) == ""
    assert ids(programs=["spring"]) == "i" and ids(programs=[]) == ""
