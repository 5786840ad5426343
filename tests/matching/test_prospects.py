from dataclasses import replace

import pytest
from hypothesis import given, settings

from matching.chances import Chance
from matching.errors import BadValue, NotFound
from matching.gates import gate
from matching.knowledge import Knowledge
from matching.market import Floats, Ints
from matching.pairs import Pairs
from matching.prospects import prospects
from matching.rank import PriorRanker, PriorRanking
from matching.records import Startup
from matching.suggestions import Prospect
from tests.matching.worlds import ASKING, FARM, QUICK, engine_of, hand_made, questions

FARMING = replace(ASKING, startup_id="farming", description=FARM, sectors=frozenset())
CHANCES = {"a": Chance(0.2, 0.1, 0.3), "b": Chance(0.5, 0.3, 0.7), "c": Chance(0.2, 0.1, 0.3)}


class Telling(PriorRanking):
    def chances(self, rows: Ints, scores: Floats) -> list[Chance | None]:
        return [CHANCES.get(self.pairs.startup.startup_id)] * len(rows)


class Teller(PriorRanker):
    def beside(self, pairs: Pairs) -> PriorRanking:
        return Telling(pairs, self)


@settings(QUICK, max_examples=10)
@given(questions())
def test_a_fund_is_suggested_exactly_as_the_whole_shortlist_suggests_it(
    question: tuple[Knowledge, Startup],
) -> None:
    world, asking = question
    engine = engine_of(world)
    whole = engine.shortlist(asking, max(1, len(world.funds)))
    own = {suggestion.fund.fund_id: suggestion for suggestion in whole.suggestions}
    gated = gate(asking, engine.market)
    for row, fund in enumerate(engine.market.funds.records):
        told = engine.prospect(asking, fund.fund_id)
        if fund.fund_id in own:
            assert told == Prospect(whole.startup, own[fund.fund_id])
        else:
            assert told and told == gated.failures(row)


def named(startup: Startup, *ids: str) -> list[Startup]:
    return [replace(startup, startup_id=id_) for id_ in ids]


def test_those_with_a_chance_come_first_by_it_and_the_others_by_the_fund_s_place_on_their_lists() -> None:
    engine = replace(hand_made(), ranker=Teller())
    startups = [*named(FARMING, "y", "x", "c"), *named(ASKING, "d", "a", "b")]
    found = prospects(engine, "fields", startups, 9)
    shown = [
        (one.startup.startup_id, one.suggestion.ranked.probability, one.suggestion.ranked.rank)
        for one in found.shown
    ]
    assert shown == [
        ("b", 0.5, 2),
        ("c", 0.2, 1),
        ("a", 0.2, 2),
        ("x", None, 1),
        ("y", None, 1),
        ("d", None, 2),
    ]
    assert prospects(engine, "fields", startups, 2).shown == found.shown[:2]


def test_what_gates_keep_out_is_counted_by_gate() -> None:
    startups = [
        ASKING,
        replace(ASKING, startup_id="out", opted_out=True),
        replace(ASKING, startup_id="far", country="FR", raising_usd=1e9),
    ]
    found = prospects(hand_made(), "money", iter(startups), 9)
    assert [one.startup.startup_id for one in found.shown] == ["asking"]
    assert (found.considered, found.eligible) == (3, 1)
    assert found.gated == {"startup_opted_out": 1, "country": 1, "ticket": 1}


def test_what_is_no_question_is_refused() -> None:
    for startups in ([ASKING], []):
        with pytest.raises(NotFound):
            prospects(hand_made(), "none", startups, 1)
    with pytest.raises(BadValue, match="k must be at least 1"):
        prospects(hand_made(), "money", [ASKING], 0)
