from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.database import connect
from data.releases import Decision, Release, Releases, StoredRelease
from data.tables import release as table
from data.tables import release_event
from matching.errors import BadValue, NotFound, NotReady
from matching.vocabulary import ReleaseEvent, ReleaseStatus
from tests.databases import Databases, opened

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PROMOTED, RETIRED, ROLLED_BACK = ReleaseEvent


@pytest.fixture
def releases(engine: Engine) -> Releases:
    return Releases(engine)


def register(releases: Releases, until: date = date(2026, 1, 1), **told: Any) -> str:
    """Register a release whose artefact is made of what tells it from others; return its id."""
    values: dict[str, Any] = {
        "kind": "boosted",
        "synthetic": False,
        "metrics": {"recall@10": 0.25},
        "settings": {"trees": 3},
        "at": NOON,
        **told,
    }
    artefact = values.pop("artefact", f"trees of {until}".encode())
    return releases.register(artefact, data_until=until, **values).release_id


def champion(releases: Releases, as_of: date | None = None) -> str | None:
    stored = releases.champion(as_of)
    return stored.release.release_id if stored else None


def corrupt(engine: Engine, release_id: str) -> None:
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.release_id == release_id).values(artefact=b"other"))


@contextmanager
def breaking_off(engine: Engine, at: str) -> Iterator[None]:
    """Let the power fail where a statement begins with `at`."""

    def break_off(*args: object) -> None:
        if str(args[2]).startswith(at):
            raise RuntimeError("power cut")

    event.listen(engine, "before_cursor_execute", break_off)
    try:
        with pytest.raises(RuntimeError, match="power cut"):
            yield
    finally:
        event.remove(engine, "before_cursor_execute", break_off)


# --- registering and reading ---


def test_what_is_registered_is_read_back(releases: Releases) -> None:
    told = Release(
        release_id="2026-11-24-1",
        created_at=NOON,
        data_until=date(2026, 1, 1),
        kind="boosted",
        synthetic=True,
        checksum=sha256(b"trees").hexdigest(),
        metrics={"recall@10": 0.25, "ece": None},
        settings={"trees": 3, "rate": {"first": 0.1}},
        status=ReleaseStatus.CANDIDATE,
        promoted_at=None,
    )
    registered = releases.register(
        b"trees",
        kind="boosted",
        data_until=date(2026, 1, 1),
        synthetic=True,
        metrics={"recall@10": 0.25, "ece": None},
        settings={"trees": 3, "rate": {"first": 0.1}},
        at=NOON,
    )
    assert registered == releases.get("2026-11-24-1") == told
    assert releases.list() == (told,)
    assert releases.read("2026-11-24-1") == StoredRelease(told, b"trees")
    assert releases.champion() is None
    assert releases.history() == ()


def test_ids_count_the_releases_of_a_day_in_utc(releases: Releases) -> None:
    hanoi = timezone(timedelta(hours=7))
    days = (NOON, NOON, datetime(2026, 11, 25, 6, tzinfo=hanoi), datetime(2026, 11, 25, 7, tzinfo=hanoi))
    ids = [register(releases, at=at) for at in days]
    assert ids == ["2026-11-24-1", "2026-11-24-2", "2026-11-24-3", "2026-11-25-1"]
    assert [release.created_at for release in releases.list()][:2] == [
        datetime(2026, 11, 25, tzinfo=UTC),
        datetime(2026, 11, 24, 23, tzinfo=UTC),
    ]


def test_the_list_begins_with_the_newest(releases: Releases) -> None:
    ids = [register(releases, at=NOON + timedelta(days=day)) for day in (1, 3, 2)]
    assert [release.release_id for release in releases.list()] == [ids[1], ids[2], ids[0]]


def test_more_than_nine_releases_of_a_day_are_listed_newest_first(releases: Releases) -> None:
    for minute in range(11):
        register(releases, at=NOON + timedelta(minutes=minute))
    assert [release.release_id for release in releases.list()][:2] == ["2026-11-24-11", "2026-11-24-10"]


@pytest.mark.parametrize("field", ["metrics", "settings"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, date(2026, 1, 1)])
def test_figures_that_json_cannot_say_are_refused(releases: Releases, field: str, value: object) -> None:
    told: dict[str, Any] = {field: {"a": {"b": value}}}
    with pytest.raises(BadValue, match=f"^{field} must be plain JSON values"):
        register(releases, **told)
    assert releases.list() == ()


def test_an_unknown_id_is_refused_with_those_that_look_alike(releases: Releases) -> None:
    register(releases)
    for ask in (releases.get, releases.read, lambda id_: releases.promote(id_, "", NOON)):
        with pytest.raises(
            NotFound, match=r"id of a release, got '2026-11-2-1'; did you mean 2026-11-24-1\?$"
        ):
            ask("2026-11-2-1")
        with pytest.raises(NotFound, match=r"^RELEASE must be the id of a release, got 'qqq'$"):
            ask("qqq")


def test_what_is_told_of_releases_reads_no_artefact(engine: Engine, releases: Releases) -> None:
    asked: list[str] = []
    register(releases)
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(str(args[2])))
    releases.list()
    releases.get("2026-11-24-1")
    releases.history()
    assert asked and not any("artefact" in statement for statement in asked)
    releases.read("2026-11-24-1")
    assert "artefact" in asked[-1]


# --- promotion and rollback ---


def test_a_promotion_retires_the_champion_before(releases: Releases) -> None:
    a, b = register(releases), register(releases)
    later = NOON + timedelta(days=30)
    assert releases.promote(a, "the first", NOON).status is ReleaseStatus.CHAMPION
    assert champion(releases) == a
    promoted = releases.promote(b, " better  ", later)
    assert (promoted.status, promoted.promoted_at) == (ReleaseStatus.CHAMPION, later)
    assert champion(releases) == b
    assert (releases.get(a).status, releases.get(a).promoted_at) == (ReleaseStatus.RETIRED, NOON)
    assert releases.history() == (
        Decision(a, PROMOTED, NOON, "the first"),
        Decision(a, RETIRED, later, "better"),
        Decision(b, PROMOTED, later, "better"),
    )
    assert releases.history(b) == releases.history()[2:]


def test_promoting_the_champion_changes_nothing(releases: Releases) -> None:
    a = register(releases)
    first = releases.promote(a, "", NOON)
    assert releases.promote(a, "again", NOON + timedelta(days=1)) == first
    assert len(releases.history()) == 1


def test_a_rollback_brings_the_champion_before_back(releases: Releases) -> None:
    a, b = register(releases), register(releases)
    for one in (a, b):
        releases.promote(one, "", NOON)
    later = NOON + timedelta(days=1)
    back = releases.rollback("it hid all funds of Huế", later)
    assert back == releases.get(a) and back is not None
    assert (back.status, back.promoted_at) == (ReleaseStatus.CHAMPION, later)
    assert releases.get(b).status is ReleaseStatus.RETIRED
    assert [(d.release_id, d.event) for d in releases.history()[3:]] == [(b, ROLLED_BACK), (a, PROMOTED)]


def test_rollbacks_go_back_step_by_step_to_the_prior(releases: Releases) -> None:
    a, b, c = (register(releases) for _ in range(3))
    for one in (a, b, c):
        releases.promote(one, "", NOON)
    found = []
    for _ in range(3):
        releases.rollback("", NOON)
        found.append(champion(releases))
    assert found == [b, a, None]
    assert {release.status for release in releases.list()} == {ReleaseStatus.RETIRED}
    with pytest.raises(NotReady, match=r"^no release is champion: there is nothing to roll back$"):
        releases.rollback("", NOON)
    releases.promote(c, "", NOON)
    assert champion(releases) == c


def test_what_was_rolled_back_is_not_what_a_later_rollback_goes_back_to(releases: Releases) -> None:
    a, b, c = (register(releases) for _ in range(3))
    releases.promote(a, "", NOON)
    releases.promote(b, "", NOON)
    releases.rollback("", NOON)
    releases.promote(c, "", NOON)
    releases.rollback("", NOON)
    assert champion(releases) == a


@pytest.mark.parametrize("reason", ["x" * 1_001, "two\nlines", "\x1b[31m"])
def test_a_reason_that_cannot_be_shown_is_refused(releases: Releases, reason: str) -> None:
    a = register(releases)
    with pytest.raises(BadValue, match=r"^reason must be at most 1,000 printable characters, got "):
        releases.promote(a, reason, NOON)
    assert champion(releases) is None


@given(st.lists(st.integers(0, 4), max_size=12))
@settings(deadline=None, max_examples=20)
def test_champions_follow_a_stack_and_there_is_never_a_second(databases: Databases, steps: list[int]) -> None:
    """Each step promotes one of four, or rolls back; a list of reigns is the oracle."""
    with opened(databases) as engine:
        follow(Releases(engine), steps)


def follow(releases: Releases, steps: list[int]) -> None:
    ids = [register(releases) for _ in range(4)]
    reigns: list[str] = []
    for step in steps:
        if step < 4:
            releases.promote(ids[step], "", NOON)
            reigns += [ids[step]] if reigns[-1:] != [ids[step]] else []
        elif reigns:
            releases.rollback("", NOON)
            reigns.pop()
        else:
            with pytest.raises(NotReady):
                releases.rollback("", NOON)
        top = reigns[-1] if reigns else None
        assert champion(releases) == top
        marked = [r.release_id for r in releases.list() if r.status is ReleaseStatus.CHAMPION]
        assert marked == ([top] if top else [])


# --- as of a day ---


def test_only_a_release_whose_data_end_by_the_day_may_score(releases: Releases) -> None:
    a, b, c = (register(releases, date(year, 1, 1)) for year in (2020, 2022, 2024))
    never = register(releases, date(2019, 1, 1))
    for one in (a, b, c):
        releases.promote(one, "", NOON)
    asked = {
        None: c,
        date(2024, 1, 1): c,
        date(2023, 12, 31): b,
        date(2022, 1, 1): b,
        date(2021, 12, 31): a,
        date(2020, 1, 1): a,
        date(2019, 12, 31): None,
    }
    assert {day: champion(releases, day) for day in asked} == asked
    assert never not in asked.values(), "a candidate that was never champion is not served"


def test_of_earlier_champions_the_one_that_reigned_last_scores(releases: Releases) -> None:
    a, b, c = (register(releases, date(year, 1, 1)) for year in (2021, 2020, 2024))
    for one in (a, b, c):
        releases.promote(one, "", NOON)
    assert champion(releases, date(2022, 1, 1)) == b


def test_a_release_that_was_rolled_back_scores_for_no_day(releases: Releases) -> None:
    a, b, c = (register(releases, date(year, 1, 1)) for year in (2020, 2021, 2024))
    releases.promote(a, "", NOON)
    releases.promote(b, "", NOON)
    releases.rollback("", NOON)
    releases.promote(c, "", NOON)
    assert champion(releases, date(2022, 1, 1)) == a


# --- what is broken ---


def test_a_changed_artefact_is_neither_served_nor_promoted(engine: Engine, releases: Releases) -> None:
    a, b = register(releases), register(releases)
    releases.promote(a, "", NOON)
    corrupt(engine, a)
    told = rf"^the artefact of release {a} must be as it was registered \(SHA-256 \w+\), got '\w+'$"
    for ask in (releases.champion, lambda: releases.read(a)):
        with pytest.raises(BadValue, match=told):
            ask()
    releases.promote(b, "the other is broken", NOON)
    assert champion(releases) == b
    with pytest.raises(BadValue, match=told):
        releases.promote(a, "", NOON)
    with pytest.raises(BadValue, match=told):
        releases.rollback("", NOON)
    assert champion(releases) == b
    assert [release.release_id for release in releases.list()] == [b, a], "its line can still be read"


def test_the_database_holds_no_second_champion(engine: Engine, releases: Releases) -> None:
    a, b = register(releases), register(releases)
    releases.promote(a, "", NOON)
    crowned = update(table).where(table.c.release_id == b).values(status=ReleaseStatus.CHAMPION.value)
    with pytest.raises(IntegrityError, match=r"(?i)unique constraint"), engine.begin() as connection:
        connection.execute(crowned)


def test_a_decision_about_no_release_is_refused_by_the_database(engine: Engine) -> None:
    told = {"release_id": "x", "event": PROMOTED.value, "at": NOON, "reason": ""}
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), engine.begin() as connection:
        connection.execute(insert(release_event), told)


@pytest.mark.parametrize("at", ["UPDATE", "INSERT INTO release_event"])
def test_a_promotion_that_breaks_off_leaves_the_champion(engine: Engine, releases: Releases, at: str) -> None:
    a, b = register(releases), register(releases)
    releases.promote(a, "", NOON)
    before = (releases.list(), releases.history())
    with breaking_off(engine, at):
        releases.promote(b, "", NOON)
    assert (releases.list(), releases.history()) == before
    with breaking_off(engine, at):
        releases.rollback("", NOON)
    assert (releases.list(), releases.history()) == before


# --- several processes ---


def test_another_connection_sees_the_champion_at_once(url: str, releases: Releases) -> None:
    replica = connect(url)
    a, b = register(releases), register(releases)
    for one in (a, b):
        releases.promote(one, "", NOON)
        assert champion(Releases(replica)) == one
    replica.dispose()


def test_promotions_and_registrations_at_the_same_moment_come_one_after_another(
    url: str, engine: Engine, releases: Releases
) -> None:
    ids = [register(releases), register(releases)]
    barrier, failed = Barrier(2), list[Exception]()

    def promote(mine: int) -> None:
        own = connect(url)
        barrier.wait()
        try:
            for _ in range(10):
                Releases(own).promote(ids[mine], f"by {mine}", NOON)
                register(Releases(own))
        except Exception as error:
            failed.append(error)
        own.dispose()

    threads = [Thread(target=promote, args=(mine,)) for mine in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(releases.list()) == 2 + 20
    with engine.connect() as connection:
        marked = select(table.c.release_id).where(table.c.status == ReleaseStatus.CHAMPION.value)
        assert connection.execute(marked).scalars().all() == [champion(releases)]
    told = [(d.release_id, d.event) for d in releases.history()]
    promoted = [id_ for id_, event in told if event is PROMOTED]
    assert all(one != following for one, following in pairwise(promoted))
    assert [id_ for id_, event in told if event is RETIRED] == promoted[:-1]
