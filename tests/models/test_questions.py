from collections import Counter
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from matching.knowledge import Knowledge, known_before
from matching.vocabulary import Dropped, Kind
from models.questions import Ledger
from tests.matching.worlds import QUICK, retold
from tests.models.histories import SNAPSHOTS, TRAINED, facts


def asked(world: Knowledge) -> tuple[list[dict[str, Any]], Counter[Dropped]]:
    """The questions of all snapshots, with profiles in the place of ids."""
    known = known_before(world, TRAINED)
    startups = {s.startup_id: (s.name, s.description, s.country, s.founded_on) for s in known.startups}
    funds = {f.fund_id: (f.name, f.thesis) for f in known.funds}
    dropped: Counter[Dropped] = Counter()
    told = Ledger(known, TRAINED).between(SNAPSHOTS[0], TRAINED, dropped)
    return [
        {
            "day": question.day,
            "kind": question.kind,
            "startup": startups[question.startup_id],
            "answers": Counter((funds[id_], labels) for id_, labels in question.answers.items()),
            "introduced": Counter(funds[id_] for id_ in question.introduced),
        }
        for question in told
    ], dropped


@QUICK
@given(st.data())
def test_neither_ids_nor_the_order_of_rows_decide_the_order_of_questions(data: st.DataObject) -> None:
    world = data.draw(facts())
    assert asked(data.draw(retold(world))) == asked(world)


@QUICK
@given(facts())
def test_questions_stand_by_day_and_those_of_a_startup_on_one_day_by_kind(world: Knowledge) -> None:
    known = known_before(world, TRAINED)
    told = Ledger(known, TRAINED).between(SNAPSHOTS[0], TRAINED, Counter())
    days = [question.day for question in told]
    assert days == sorted(days)
    for one, other in pairwise(told):
        if (one.day, one.startup_id) == (other.day, other.startup_id):
            assert (one.kind, other.kind) == tuple(sorted(Kind))
