from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine

from data.audit import entries
from data.jobs import JobKind, JobState, JobUnderWay, begin_job, end_job, find_job, jobs, open_job
from data.releases import Releases
from data.steps import Conflict
from matching.errors import NotFound, Stale

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = {"as_of": None, "promote": False}


def put(engine: Engine, job_id: str) -> bool:
    return open_job(engine, job_id, JobKind.TRAIN, SETTINGS, actor="an account", now=NOON)[1]


def together(n: int, do: Callable[[int], object]) -> list[object]:
    """Let n threads begin at the same moment; return what each returns or raises."""
    gate = Barrier(n)

    def one(number: int) -> object:
        gate.wait()
        try:
            return do(number)
        except (JobUnderWay, Conflict, Stale) as refused:
            return type(refused)

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(one, range(n)))


def test_of_many_that_start_a_job_at_once_one_does(engine: Engine) -> None:
    told = together(6, lambda number: put(engine, f"j{number}"))
    assert sorted(map(str, told)) == sorted(map(str, [True, *[JobUnderWay] * 5]))
    assert len(jobs(engine, 10, NOON)) == 1
    assert [entry.object[:5] for entry in entries(engine)] == ["job/j"]


def test_of_many_that_send_the_same_job_at_once_one_makes_it(engine: Engine) -> None:
    assert sorted(together(6, lambda _: put(engine, "j")), key=str) == [False] * 5 + [True]


def test_of_many_processes_one_begins_a_job(engine: Engine) -> None:
    put(engine, "j")
    assert sorted(together(6, lambda _: begin_job(engine, "j", NOON)), key=str) == [False] * 5 + [True]
    assert find_job(engine, "j", NOON).state is JobState.RUNNING


def test_a_job_ends_once(engine: Engine) -> None:
    put(engine, "j")
    assert end_job(engine, "j", JobState.DONE, NOON, result={"a": [1, None]})
    assert not end_job(engine, "j", JobState.FAILED, NOON, error="late")
    job = find_job(engine, "j", NOON)
    assert (job.state, job.result, job.error, job.finished_at) == (JobState.DONE, {"a": [1, None]}, "", NOON)


def test_an_unknown_job_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound, match=r"no job 'j'"):
        find_job(engine, "j", NOON)


def test_of_many_that_choose_over_the_same_champion_one_does(engine: Engine) -> None:
    releases = Releases(engine)
    ids = [
        releases.register(
            b"x", kind="k", data_until=NOON.date(), synthetic=False, metrics={}, settings={}, at=NOON
        ).release_id
        for _ in range(4)
    ]
    told = together(4, lambda number: releases.promote(ids[number], "", NOON, seen="").release_id)
    assert told.count(Stale) == 3
    assert len(releases.history()) == 1 and releases.champion_id() in told
    with pytest.raises(Stale, match="the champion was changed since it was read"):
        releases.rollback("", NOON, seen="")
    assert releases.rollback("", NOON, seen=releases.champion_id()) is None
    assert [entry.action.value for entry in entries(engine)] == ["promoted", "rolled_back"]
