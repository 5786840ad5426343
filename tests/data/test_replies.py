from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine

from data import replies
from data.audit import AuditAction, entries
from data.courses import find
from data.feedback import give
from data.links import Link, find_link, make_link
from data.records import fields_of, put
from data.replies import Ended, Gone, answer_link, require_asked
from data.steps import Conflict, take_step
from data.store import Store
from data.versions import version
from matching.errors import BadValue
from matching.replies import Answer, Reply
from matching.roles import FeedbackVerdict, Role
from matching.vocabulary import FundStatus, PassReason
from matching.vocabulary import IntroductionStatus as Status
from tests.data.people import add_records, ask_fund, open_account

YES = Answer(reply=Reply.YES)
NO = Answer(reply=Reply.NO, reason=PassReason.THESIS, note="We left farming")


@pytest.fixture(autouse=True)
def records(engine: Engine, now: datetime) -> None:
    add_records(engine, now)
    ask_fund(engine, now)


@pytest.fixture
def token(engine: Engine, now: datetime) -> str:
    """A link that asks about the introduction "i"."""
    return make_link(engine, "north", "i", actor="lan", now=now)[1]


@pytest.fixture
def fund_token(engine: Engine, now: datetime) -> str:
    """A link that asks the fund "north" about itself."""
    return make_link(engine, "north", None, actor="lan", now=now)[1]


def answer(engine: Engine, token: str, told: Answer, now: datetime) -> tuple[Link, bool]:
    return answer_link(engine, token, told, now=now)


def step(engine: Engine, now: datetime, status: Status, number: int = 4) -> bool:
    told = {"status": status.value, "at": "", "reason": ""}
    return take_step(engine, "i", number, told, actor="lan", now=now)[1]


def test_an_answer_is_a_step_by_the_link_with_its_entry_and_a_new_version(
    engine: Engine, now: datetime, token: str
) -> None:
    before = version(engine)
    link, created = answer(engine, token, NO, now)
    last = find(engine, "i").steps[-1]
    assert created and last.by == link.actor == f"link:{link.link_id}"
    assert (last.status, last.pass_reason, last.reason) == (Status.INVESTOR_DECLINED, "thesis", "thesis")
    assert last.note == "We left farming" and last.at == now.date().isoformat()
    assert version(engine) == before + 1
    told = [(e.action, e.object, e.detail) for e in entries(engine) if e.actor == link.actor]
    assert told == [
        (AuditAction.STEP, "introduction/i", {"number": 4, "status": "investor_declined"}),
        (AuditAction.ANSWERED, f"answer_link/{link.link_id}", {"answer": "no"}),
    ]
    (known,) = Store(engine).knowledge(None).introductions
    assert known.events[-1].reason is PassReason.THESIS


def test_the_same_answer_again_is_known_and_another_is_refused(
    engine: Engine, now: datetime, token: str
) -> None:
    answer(engine, token, YES, now)
    step(engine, now, Status.INTRODUCED, 5)
    link, created = answer(engine, token, YES, now + timedelta(days=1))
    assert not created and link.answer is not None and link.answer["reply"] == "yes"
    for other in (NO, Answer(reply=Reply.YES, note="and thanks")):
        with pytest.raises(Gone) as gone:
            answer(engine, token, other, now)
        assert gone.value.why is Ended.ANSWERED
    with pytest.raises(Gone):
        require_asked(engine, find_link(engine, token, now))
    assert len(find(engine, "i").steps) == 5


def test_an_answer_that_breaks_off_leaves_step_and_link_as_they_were(
    engine: Engine, now: datetime, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, said = version(engine), len(entries(engine))

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError, match="power cut"):
        patched.setattr(replies, "note", broken)
        answer(engine, token, YES, now)
    assert (len(find(engine, "i").steps), version(engine), len(entries(engine))) == (3, before, said)
    assert answer(engine, token, YES, now)[1]


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.INVESTOR_OK, Status.INVESTOR_DECLINED])
def test_an_introduction_that_has_moved_on_asks_nothing_more(
    engine: Engine, now: datetime, token: str, status: Status
) -> None:
    step(engine, now, status)
    link = find_link(engine, token, now)
    for ask in (lambda: answer(engine, token, YES, now), lambda: require_asked(engine, link)):
        with pytest.raises(Gone) as gone:
            ask()
        assert gone.value.why is Ended.MOVED_ON
    assert len(find(engine, "i").steps) == 4 and find_link(engine, token, now).used_at is None


@pytest.mark.parametrize("how", ["opted out", "excluded", "rejected"])
def test_a_startup_that_does_not_want_to_any_more_is_not_introduced(
    engine: Engine, now: datetime, token: str, how: str
) -> None:
    if how == "rejected":
        owner = open_account(engine, now, role=Role.STARTUP, startup_id="mine").account_id
        verdict = FeedbackVerdict.REJECT
        give(engine, "mine", "north", verdict=verdict, reason="a rival", actor=owner, now=now)
    else:
        told = {"startup_id": "mine", "name": "Mine", "program_id": "spring"}
        more = {"opted_out": "true"} if how == "opted out" else {"exclusions": "north"}
        put(engine, "startup", {**told, **more}, expected=None, actor="mine", now=now)
    with pytest.raises(Gone):
        answer(engine, token, YES, now)
    assert len(find(engine, "i").steps) == 3


def test_an_answer_after_the_ask_has_expired_still_counts(engine: Engine, now: datetime, token: str) -> None:
    step(engine, now, Status.EXPIRED_NO_REPLY)
    assert answer(engine, token, YES, now)[1]
    assert find(engine, "i").steps[-1].status is Status.INVESTOR_OK


def fund(engine: Engine) -> dict[str, Any]:
    row, _ = fields_of(engine, "fund", "north")
    return {name: value for name, value in row.items() if name not in ("digest", "version", "valid_from")}


@pytest.mark.parametrize(
    ("told", "changed"),
    [
        (
            Answer(reply=Reply.CONFIRM, monthly_capacity=3),
            {"status": "deploying", "monthly_capacity": 3, "verified_on": "2024-06-15"},
        ),
        (Answer(reply=Reply.CONFIRM), {"status": "deploying", "verified_on": "2024-06-15"}),
        (Answer(reply=Reply.PAUSE), {"status": "inactive"}),
        (Answer(reply=Reply.PAUSE, monthly_capacity=0), {"status": "inactive", "monthly_capacity": 0}),
    ],
)
def test_a_fund_changes_its_status_its_cap_and_its_day_and_nothing_else(
    engine: Engine, now: datetime, fund_token: str, told: Answer, changed: dict[str, object]
) -> None:
    profile = {
        "fund_id": "north",
        "name": "North",
        "thesis": "Backs farming; and “boats”.",
        "sectors": "InsurTech;spaceships",
        "stages": "seed",
        "countries": "ASEAN;Atlantis",
        "ticket_min_usd": "1e5",
        "status": "asleep",
        "verified_on": "2024-01",
        "source": "a list",
    }
    put(engine, "fund", profile, expected=None, actor="lan", now=now)
    before = fund(engine)
    link, created = answer(engine, fund_token, told, now)
    raw = {name: word for name, word in before["raw"].items() if name != "status"}  # the word is replaced
    assert set(raw) < set(before["raw"])
    assert created and fund(engine) == {**before, **changed, "raw": raw}
    assert [e.action for e in entries(engine) if e.actor == link.actor] == ["changed", "answered"]
    (known,) = [f for f in Store(engine).knowledge(None).funds if f.fund_id == "north"]
    assert known.status is FundStatus(str(changed["status"]))


def test_a_fund_that_confirms_what_it_confirmed_today_is_answered_all_the_same(
    engine: Engine, now: datetime
) -> None:
    for n in range(2):
        token = make_link(engine, "north", None, actor="lan", now=now)[1]
        link, created = answer(engine, token, Answer(reply=Reply.CONFIRM), now)
        assert created
        told = [e.action for e in entries(engine) if e.actor == link.actor]
        assert told == (["answered"] if n else ["changed", "answered"])


def test_no_answer_is_taken_for_another_question(
    engine: Engine, now: datetime, token: str, fund_token: str
) -> None:
    for one, told in ((token, Answer(reply=Reply.PAUSE)), (fund_token, YES)):
        with pytest.raises(BadValue):
            answer(engine, one, told, now)
        assert find_link(engine, one, now).used_at is None


def test_of_answers_that_race_one_is_taken(engine: Engine, now: datetime, token: str) -> None:
    start, ends = Barrier(8), list[tuple[Answer, bool | Ended]]()

    def post(told: Answer) -> None:
        start.wait()
        try:
            ends.append((told, answer(engine, token, told, now)[1]))
        except Gone as gone:
            ends.append((told, gone.why))

    run([Thread(target=post, args=(told,)) for told in (YES, NO) * 4])
    ((won, _),) = [end for end in ends if end[1] is True]
    assert sorted(str(end) for told, end in ends if told is won) == ["False"] * 3 + ["True"]
    assert [end for told, end in ends if told is not won] == [Ended.ANSWERED] * 4
    assert [s.status for s in find(engine, "i").steps[3:]] == [won.step]


def test_an_answer_that_races_with_a_manager_s_step_is_the_only_one_or_none(
    engine: Engine, now: datetime, token: str
) -> None:
    start, ends = Barrier(2), []

    def post() -> None:
        start.wait()
        try:
            ends.append(answer(engine, token, YES, now)[1])
        except Gone as gone:
            ends.append(gone.why is not Ended.MOVED_ON)

    def withdraw() -> None:
        start.wait()
        try:
            ends.append(step(engine, now, Status.WITHDRAWN))
        except Conflict:
            ends.append(False)

    run([Thread(target=post), Thread(target=withdraw)])
    assert sorted(ends) == [False, True] and len(find(engine, "i").steps) == 4


def run(threads: list[Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
