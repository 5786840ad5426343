from datetime import datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine

from data.audit import AuditAction, entries
from data.importer import import_folder
from data.records import ABSENT, Invalid, Stale, fields_of, put, remove, tag_of
from data.versions import version
from matching.errors import NotFound
from tests.data.conftest import WriteFolder


def write(engine: Engine, now: datetime, expected: str | None = ABSENT, **told: str) -> str:
    fields = {"startup_id": "mine", "name": "Mine", **told}
    return put(engine, "startup", fields, expected=expected, actor="an account", now=now).tag


def test_a_record_is_written_by_the_rules_of_a_file(engine: Engine, now: datetime) -> None:
    tag = write(engine, now, sectors="Công nghệ tài chính; spaceships", raising_usd=" 500000 ")
    row, found = fields_of(engine, "startup", "mine")
    assert found == tag == tag_of(engine, "startup", "mine")
    assert (row["sectors"], row["raising_usd"]) == ("fintech", 500_000.0)
    assert row["raw"] == {"sectors": "Công nghệ tài chính; spaceships"}


def test_an_import_of_the_same_changes_nothing(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    write(engine, now, stage="seed", country="VN")
    folder = write_folder(startups="startup_id,name,stage,country\nmine,Mine,seed,VN\n")
    report = import_folder(engine, folder, now)
    assert report.ok and report.files[0].unchanged == 1


def test_who_has_not_seen_the_newest_version_writes_nothing(engine: Engine, now: datetime) -> None:
    first = write(engine, now)
    second = write(engine, now, first, city="Hanoi")
    for seen, told in ((first, "was changed since"), (ABSENT, "was changed since")):
        with pytest.raises(Stale, match=told) as stale:
            write(engine, now, seen, city="Hue")
        assert stale.value.tag == second
    with pytest.raises(NotFound):
        put(engine, "fund", {"fund_id": "f", "name": "F"}, expected="x", actor="a", now=now)
    assert fields_of(engine, "startup", "mine")[0]["city"] == "Hanoi"


def test_the_same_again_makes_no_version_and_no_entry(engine: Engine, now: datetime) -> None:
    tag, before = write(engine, now), version(engine)
    assert write(engine, now, tag) == tag
    assert version(engine) == before and len(entries(engine)) == 1


def test_every_fault_is_told_and_nothing_is_written(engine: Engine, now: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        write(engine, now, raising_usd="-1", founded_on="2021-02-30", website="no address")
    assert {fault.column for fault in refused.value.report.faults} == {"raising_usd", "founded_on", "website"}
    assert tag_of(engine, "startup", "mine") == ABSENT and entries(engine) == []


def test_what_an_import_kept_of_other_columns_stays(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    import_folder(engine, write_folder(startups="startup_id,name,mood\nmine,Mine,good\n"), now)
    write(engine, now, None, city="Hanoi")
    assert fields_of(engine, "startup", "mine")[0]["extra"] == {"mood": "good"}


def test_every_change_raises_the_version_and_is_in_the_audit_log(engine: Engine, now: datetime) -> None:
    before = version(engine)
    tag = write(engine, now)
    tag = write(engine, now, tag, city="Hanoi")
    remove(engine, "startup", "mine", expected=tag, actor="another", now=now)
    assert version(engine) == before + 3
    assert [(e.actor, e.action, e.object) for e in entries(engine)] == [
        ("an account", AuditAction.CREATED, "startup/mine"),
        ("an account", AuditAction.CHANGED, "startup/mine"),
        ("another", AuditAction.DELETED, "startup/mine"),
    ]
    assert [e.entry_id for e in entries(engine, after=1, limit=1)] == [2]


def test_a_record_that_was_changed_or_is_gone_is_not_deleted(engine: Engine, now: datetime) -> None:
    first = write(engine, now)
    write(engine, now, first, city="Hanoi")
    with pytest.raises(Stale):
        remove(engine, "startup", "mine", expected=first, actor="a", now=now)
    with pytest.raises(NotFound):
        remove(engine, "startup", "none", expected=None, actor="a", now=now)
    with pytest.raises(NotFound):
        fields_of(engine, "fund", "none")


def test_of_many_who_write_over_the_same_version_one_has_written(engine: Engine, now: datetime) -> None:
    seen, start = write(engine, now), Barrier(6)
    written, refused = [], []

    def change(city: str) -> None:
        start.wait()
        try:
            written.append(write(engine, now, seen, city=city))
        except Stale:
            refused.append(city)

    threads = [Thread(target=change, args=(f"city {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(written), len(refused)) == (1, 5)
    assert written == [tag_of(engine, "startup", "mine")]
