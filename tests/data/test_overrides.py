from datetime import date, datetime

import pytest
from sqlalchemy import Engine

from data.importer import import_folder
from data.overrides import decide
from data.store import Store
from matching.errors import BadValue
from matching.records import Override
from matching.vocabulary import OVERRIDABLE, Gate
from tests.data.conftest import WriteFolder

MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)


def override(day: date, reason: str = "met in person", gate: Gate = Gate.TICKET) -> Override:
    return Override(startup_id="a", fund_id="f", gate=gate, reason=reason, decided_on=day)


@pytest.fixture
def store(engine: Engine, now: datetime, write_folder: WriteFolder) -> Store:
    files = {
        "startups": "startup_id,name,first_seen_on\na,A,2020\n",
        "funds": "fund_id,name,verified_on\nf,F,2020\n",
    }
    assert import_folder(engine, write_folder(**files), now).ok
    return Store(engine)


def test_the_newest_decision_before_a_day_is_in_force_on_it(engine: Engine, store: Store) -> None:
    decide(engine, override(MAY), lifts=True)
    decide(engine, override(JUNE, "a mistake"), lifts=False)
    decide(engine, override(JULY, "they asked again"), lifts=True)
    assert store.knowledge(MAY).overrides == ()
    assert store.knowledge(JUNE).overrides == (override(MAY),)
    assert store.knowledge(JULY).overrides == ()
    assert store.knowledge(None).overrides == (override(JULY, "they asked again"),)


@pytest.mark.parametrize("gate", sorted(set(Gate) - OVERRIDABLE))
def test_what_the_startup_decided_cannot_be_lifted(engine: Engine, store: Store, gate: Gate) -> None:
    with pytest.raises(BadValue, match="GATE must be one of"):
        decide(engine, override(MAY, gate=gate), lifts=True)
    assert store.knowledge(None).overrides == ()
