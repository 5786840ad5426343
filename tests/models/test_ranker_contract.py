"""What every ranker must do, whatever it has learned."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import Engine
from matching.knowledge import Knowledge
from matching.market import build_market, profile_vectors
from matching.pairs import Pairs
from matching.rank import Ranking
from matching.records import Fund, Startup
from matching.vocabulary import Feature, FundStatus, Rung, Sector
from tests.matching.worlds import TEXTS, TODAY, HashedVectors, questions, renamed_startup
from tests.models.lessons import market, releases, told_otherwise

VECTORS = HashedVectors()
each = pytest.mark.parametrize("rung", Rung)
few = settings(deadline=None, max_examples=8)
KEPT_OUT = (
    Fund(fund_id="new deployed", name="New A", status=FundStatus.FULLY_DEPLOYED),
    Fund(fund_id="new country", name="New B", countries=frozenset({"JP"})),
    Fund(fund_id="new sector", name="New C", excluded_sectors=frozenset(Sector)),
)


def engine_of(world: Knowledge, rung: Rung) -> Engine:
    built = build_market(world, TODAY, VECTORS)
    return Engine(built, releases()[rung].on(built), VECTORS)


def ranking_of(engine: Engine, asking: Startup) -> Ranking:
    text = profile_vectors([asking], VECTORS)[0]
    return engine.ranker.beside(Pairs.of(asking, text, engine.market))


def scores_by_fund(world: Knowledge, asking: Startup, rung: Rung) -> dict[str, float]:
    engine = engine_of(world, rung)
    told = zip(engine.market.funds.records, engine.scores(asking), strict=True)
    return {fund.fund_id: float(score) for fund, score in told if score > -np.inf}


@each
@few
@given(st.data())
def test_a_score_is_the_same_bits_whichever_funds_are_asked_for(rung: Rung, data: st.DataObject) -> None:
    world, asking = data.draw(questions())
    ranking = ranking_of(engine_of(world, rung), asking)
    every = ranking.scores(np.arange(len(world.funds)))
    assert every.shape == (len(world.funds),) and np.isfinite(every).all()
    rows = np.array(data.draw(st.permutations(range(len(world.funds)))), np.int64)
    rows = rows[: data.draw(st.integers(0, len(rows)))]
    assert ranking.scores(rows).tobytes() == every[rows].tobytes()
    assert ranking.contributions(rows).shape == (len(rows), len(Feature))
    assert len(ranking.bands(every, rows)) == len(rows)


@each
def test_a_score_is_the_same_bits_for_one_fund_and_for_all_of_a_real_market(rung: Rung) -> None:
    engine = engine_of(market(), rung)
    for asking in market().startups[:5]:
        ranking = ranking_of(engine, asking)
        rows = np.arange(len(engine.market.funds))
        every = ranking.scores(rows)
        assert every.tobytes() == np.concatenate([ranking.scores(rows[at : at + 1]) for at in rows]).tobytes()
        assert every[::-7].tobytes() == ranking.scores(rows[::-7]).tobytes()
        parts = ranking.contributions(rows)
        assert parts[::-7].tobytes() == ranking.contributions(rows[::-7]).tobytes()
        assert np.isfinite(parts).all()


@each
@few
@given(questions(), st.integers(0, 99))
def test_other_ids_and_another_order_change_no_bit(
    rung: Rung, question: tuple[Knowledge, Startup], seed: int
) -> None:
    world, asking = question
    other, new = told_otherwise(world, seed)
    told = renamed_startup(asking, {asking.startup_id: "asks", **new})
    one, retold = scores_by_fund(world, asking, rung), scores_by_fund(other, told, rung)
    assert {new[fund_id]: score for fund_id, score in one.items()} == retold
    if len(set(one.values())) == len(one):  # funds of one profile and one score have but their ids
        ranked = engine_of(world, rung).rank(asking, 9)
        again = engine_of(other, rung).rank(told, 9)
        assert [(new[r.fund_id], r.score, r.band, r.chance) for r in ranked] == [
            (r.fund_id, r.score, r.band, r.chance) for r in again
        ]


@each
def test_nor_do_they_in_a_real_market(rung: Rung) -> None:
    world = market()
    other, new = told_otherwise(world, 3)
    one, another = engine_of(world, rung), engine_of(other, rung)
    for asking in world.startups[:8]:
        ranked, again = one.rank(asking, 20), another.rank(renamed_startup(asking, new), 20)
        assert [(new[r.fund_id], r.score, r.band) for r in ranked] == [
            (r.fund_id, r.score, r.band) for r in again
        ]


@each
@pytest.mark.parametrize(
    "thesis",
    [pytest.param("", id="no thesis", marks=pytest.mark.acceptance), pytest.param(TEXTS[3], id="thesis")],
)
def test_funds_that_a_gate_keeps_out_change_no_score(rung: Rung, thesis: str) -> None:
    world = market()
    more = replace(world, funds=(*(replace(fund, thesis=thesis) for fund in KEPT_OUT), *world.funds))
    for startup in world.startups[:4]:
        asking = replace(startup, country="VN", sectors=startup.sectors or frozenset({Sector.FINTECH}))
        one, other = scores_by_fund(world, asking, rung), scores_by_fund(more, asking, rung)
        assert one == other


@each
@few
@given(questions())
def test_no_fund_that_a_gate_keeps_out_is_returned_at_any_length(
    rung: Rung, question: tuple[Knowledge, Startup]
) -> None:
    world, asking = question
    engine = engine_of(world, rung)
    allowed = scores_by_fund(world, asking, rung)
    for k in (1, 3, 1_000):
        ranked = engine.rank(asking, k)
        assert {one.fund_id for one in ranked} <= set(allowed)
        assert len(ranked) == min(k, len(allowed))
        assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
        assert engine.shortlist(asking, k).suggestions[:1] == () or ranked
    assert [s.ranked for s in engine.shortlist(asking, 1_000).suggestions] == engine.rank(asking, 1_000)


NOTHING = Knowledge((), (), ())
SILENT = Knowledge((), (Fund(fund_id="silent"),), ())


@each
@pytest.mark.parametrize("world", [NOTHING, SILENT], ids=["empty", "a silent fund"])
@pytest.mark.parametrize("asking", [Startup(), Startup(opted_out=True), Startup(description="rice")])
def test_where_little_or_nothing_is_known_there_is_an_answer(
    rung: Rung, world: Knowledge, asking: Startup
) -> None:
    engine = engine_of(world, rung)
    suggested = engine.shortlist(asking, 5).suggestions
    assert len(suggested) == (0 if asking.opted_out else len(world.funds))
    if world.funds:
        verdict = engine.why(asking, "silent")
        assert (verdict.ranked is None) is asking.opted_out


@each
def test_a_startup_that_tells_nothing_gets_a_list_in_a_real_market(rung: Rung) -> None:
    engine = engine_of(market(), rung)
    assert len(engine.shortlist(Startup(), 10).suggestions) == 10
    assert not engine.shortlist(Startup(opted_out=True), 10).suggestions
    gone = replace(market().funds[0], fund_id="gone", status=FundStatus.INACTIVE)
    with_gone = engine_of(replace(market(), funds=(*market().funds, gone)), rung)
    assert with_gone.why(market().startups[0], "gone").ranked is None
