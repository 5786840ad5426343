from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import Engine, select

from data.exposures import Exposures
from data.service_tables import exposure


def rows(engine: Engine) -> Sequence[tuple[object, ...]]:
    columns = (exposure.c.startup_hash, exposure.c.fund_id, exposure.c.rank, exposure.c.release)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(exposure.c.exposure_id))]


def test_what_was_shown_is_written_at_the_end_at_the_latest(engine: Engine, now: datetime) -> None:
    with Exposures(engine, b"key") as log:
        log.add("mine", ["north", "south"], "prior-1", now)
    who = log.hashed("mine")
    assert rows(engine) == [(who, "north", 1, "prior-1"), (who, "south", 2, "prior-1")]
    assert log.dropped == 0


def test_the_log_names_no_startup_and_another_key_another_hash(engine: Engine, now: datetime) -> None:
    one, other = Exposures(engine, b"key"), Exposures(engine, b"another")
    assert one.hashed("mine") != other.hashed("mine") and "mine" not in one.hashed("mine")
    assert one.hashed("mine") == Exposures(engine, b"key").hashed("mine")


def test_what_does_not_fit_is_dropped_and_counted(engine: Engine, now: datetime) -> None:
    log = Exposures(engine, b"key", most=3)
    log.add("mine", ["north", "south"], "prior-1", now)
    log.add("mine", ["north", "south"], "prior-1", now)
    log.write()
    assert (len(rows(engine)), log.dropped) == (2, 2)


def test_what_cannot_be_written_now_waits(
    engine: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Exposures(engine, b"key")
    log.add("mine", ["north"], "prior-1", now)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE exposure RENAME TO away")
    log.write()
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO exposure")
    assert rows(engine) == []
    log.write()
    assert [row[1] for row in rows(engine)] == ["north"]
