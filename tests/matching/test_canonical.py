from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.canonical import canonical
from matching.knowledge import Knowledge
from matching.market import Market, build_market
from matching.records import Deal, Fund, Introduction, IntroductionEvent, Override, Startup
from matching.vocabulary import Gate, IntroductionStatus, Stage
from tests.matching.worlds import (
    DAYS,
    QUICK,
    TODAY,
    HashedVectors,
    market_of,
    renamed,
    retold,
    worlds,
)

Pairs = list[tuple[int, int]]


def alike(n_startups: int, n_funds: int, pairs: Pairs) -> Knowledge:
    """Startups that tell nothing, funds that tell nothing, and deals of one kind between them."""
    return Knowledge(
        tuple(Startup(startup_id=f"s{at}") for at in range(n_startups)),
        tuple(Fund(fund_id=f"f{at}") for at in range(n_funds)),
        tuple(Deal(startup_id=f"s{s}", fund_id=f"f{f}") for s, f in pairs),
    )


def told_of(knowledge: Knowledge) -> Knowledge:
    """Tell a knowledge by row: the place of a startup or a fund is its id."""
    new = {startup.startup_id: f"s{row}" for row, startup in enumerate(knowledge.startups)}
    return renamed(knowledge, new | {fund.fund_id: f"f{row}" for row, fund in enumerate(knowledge.funds)})


@st.composite
def duplicated(draw: st.DrawFn) -> Knowledge:
    """Draw a world in which most records have others of the same profile, apart from exclusions."""
    world = draw(worlds(3))
    startups = [
        replace(s, exclusions=frozenset()) for s in world.startups for _ in range(draw(st.integers(1, 3)))
    ]
    funds = [replace(f, name="Fund") for f in world.funds for _ in range(draw(st.integers(1, 3)))]
    startups = [replace(startup, startup_id=f"s{at}") for at, startup in enumerate(startups)]
    funds = [replace(fund, fund_id=f"f{at}") for at, fund in enumerate(funds)]
    if not startups or not funds:
        return Knowledge(tuple(startups), tuple(funds), ())
    pair = {
        "startup_id": st.sampled_from([startup.startup_id for startup in startups]),
        "fund_id": st.sampled_from([fund.fund_id for fund in funds]),
    }
    day = st.sampled_from(DAYS[:3])
    event = st.builds(
        IntroductionEvent,
        status=st.sampled_from((IntroductionStatus.MET, IntroductionStatus.PASSED)),
        at=st.just(TODAY),
    )
    deal = st.builds(Deal, **pair, announced_on=day, stage=st.sampled_from((None, Stage.SEED)))
    met = st.builds(
        Introduction,
        introduction_id=st.just(""),
        **pair,
        opened_on=day,
        events=st.tuples(event) | st.just(()),
    )
    lifted = st.builds(
        Override, **pair, gate=st.sampled_from(tuple(Gate)[:2]), reason=st.just(""), decided_on=st.just(TODAY)
    )
    return Knowledge(
        tuple(startups),
        tuple(funds),
        tuple(draw(st.lists(deal, max_size=9))),
        tuple(draw(st.lists(met, max_size=4))),
        tuple(draw(st.lists(lifted, max_size=2))),
    )


@given(st.data())
@QUICK
def test_other_ids_and_another_order_of_rows_give_the_same_records_row_by_row(data: st.DataObject) -> None:
    world = data.draw(duplicated())
    assert told_of(canonical(data.draw(retold(world)))) == told_of(canonical(world))


def bits_of(value: Any) -> Any:
    """Break a value down to what can be compared bit for bit."""
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, tuple):
        return [bits_of(one) for one in value]
    if is_dataclass(value):
        return {field.name: bits_of(getattr(value, field.name)) for field in fields(value)}
    return value


def columns_of(market: Market) -> dict[str, Any]:
    """A Market without its records, which hold ids, and with its maps by row."""
    row = {id_: f"s{at}" for id_, at in market.company_row.items()}
    fund = {id_: f"f{at}" for id_, at in market.funds.row_of.items()}
    kept = {
        field.name: bits_of(getattr(market, field.name))
        for field in fields(market)
        if field.name not in ("companies", "company_row", "index", "introduced", "introductions", "overrides")
    }
    for told in ("funds", "deals"):
        kept[told] = {name: bits for name, bits in kept[told].items() if name not in ("records", "row_of")}
    index, query = market.index, np.ones((1, market.index.width), np.float32)
    kept["near"] = [bits_of(found(query, 99)) for found in (index.companies, index.sentences)]
    for name in ("introductions", "overrides"):
        kept[name] = {
            row[id_]: [replace(one, startup_id="", fund_id=fund[one.fund_id]) for one in told]
            for id_, told in getattr(market, name).items()
            if id_ in row
        }
    return kept


@given(st.data())
@QUICK
def test_other_ids_and_another_order_of_rows_give_the_same_market_bit_for_bit(data: st.DataObject) -> None:
    world = data.draw(duplicated() | worlds())
    one, two = (build_market(told, TODAY, HashedVectors()) for told in (world, data.draw(retold(world))))
    assert columns_of(two) == columns_of(one)


def test_the_columns_compared_tell_two_orders_apart() -> None:
    first, second = Startup(startup_id="a", country="VN"), Startup(startup_id="b", country="SG")
    deals = [Deal(startup_id="a", fund_id="f"), Deal(startup_id="b", fund_id="f")]
    one, two = (market_of(told, [Fund(fund_id="f")], deals) for told in ([first, second], [second, first]))
    assert columns_of(one) != columns_of(two)


def test_every_record_is_kept_and_the_order_is_its_own_order() -> None:
    world = alike(3, 2, [(0, 0), (1, 0), (2, 1)])
    found = canonical(world)
    for field in fields(Knowledge):
        assert set(getattr(found, field.name)) == set(getattr(world, field.name))
    assert canonical(found) == found


def test_a_record_more_moves_no_other_two_past_each_other() -> None:
    known = [Fund(fund_id=f"f{at}", name=f"Fund {at}") for at in range(9)]
    before = canonical(Knowledge((), tuple(known), ())).funds
    startup = Startup(startup_id="s")
    more = Knowledge((startup,), (*known, Fund(fund_id="new")), (Deal(startup_id="s", fund_id="f3"),))
    assert tuple(fund for fund in canonical(more).funds if fund.fund_id != "new") == before


@pytest.mark.parametrize(
    ("told", "other"),
    [
        (Deal(startup_id="s1", fund_id="f"), Deal(startup_id="s1", fund_id="f", stage=Stage.SEED)),
        (Deal(startup_id="s1", fund_id="f"), Deal(startup_id="s1", fund_id="f", announced_on=TODAY)),
        (
            Introduction(introduction_id="1", startup_id="s1", fund_id="f", opened_on=TODAY),
            Introduction(introduction_id="1", startup_id="s1", fund_id="f", opened_on=date(2020, 1, 1)),
        ),
    ],
)
def test_startups_of_one_profile_are_told_apart_by_what_is_between_them_and_a_fund(
    told: Deal | Introduction, other: Deal | Introduction
) -> None:
    other = replace(other, startup_id="s2")
    firsts = set()
    for ids in (("s1", "s2"), ("s2", "s1")):
        world = Knowledge(tuple(Startup(startup_id=id_) for id_ in ids), (Fund(fund_id="f"),), ())
        if isinstance(told, Deal) and isinstance(other, Deal):
            world = replace(world, deals=(told, other))
        elif isinstance(told, Introduction) and isinstance(other, Introduction):
            world = replace(world, introductions=(told, other))
        firsts.add(canonical(world).startups[0].startup_id)
    assert len(firsts) == 1


@pytest.mark.parametrize(
    "pairs",
    [
        [(0, 0), (1, 1), (2, 2), (3, 3)],  # couples
        [(0, 0), (1, 0), (2, 1), (3, 1)],  # whoever is singled out takes its partner along
        [(0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (0, 3)],  # a ring
        [(s, f) for s in range(4) for f in range(4)],
    ],
)
@given(data=st.data())
@QUICK
def test_what_refinement_alone_leaves_alike_has_one_order_too(pairs: Pairs, data: st.DataObject) -> None:
    world = alike(4, 4, pairs)
    assert told_of(canonical(data.draw(retold(world)))) == told_of(canonical(world))


@given(st.data())
@QUICK
def test_a_pair_may_be_told_apart_by_two_others_at_once(data: st.DataObject) -> None:
    pairs = [("a0", "g0"), ("a0", "h0"), ("a1", "g1"), ("a1", "h1")]
    pairs += [("t0", "g0"), ("t0", "h1"), ("t1", "g1"), ("t1", "h0")]
    world = Knowledge(
        tuple(Startup(startup_id=id_, name=id_[0]) for id_ in ("a0", "a1", "t0", "t1")),
        tuple(Fund(fund_id=id_, name=id_[0]) for id_ in ("g0", "g1", "h0", "h1")),
        tuple(Deal(startup_id=startup, fund_id=fund) for startup, fund in pairs),
    )
    assert told_of(canonical(data.draw(retold(world)))) == told_of(canonical(world))


def test_an_override_for_a_startup_that_nobody_told_of_stays() -> None:
    lifted = Override(startup_id="asks", fund_id="f0", gate=Gate.COUNTRY, reason="known", decided_on=TODAY)
    world = replace(alike(1, 2, [(0, 1)]), overrides=(lifted,))
    assert canonical(world).overrides == (lifted,)
    assert canonical(world).funds == canonical(replace(world, funds=world.funds[::-1])).funds


def test_exclusions_hold_ids_and_decide_nothing() -> None:
    told = Startup(startup_id="a", name="A"), Startup(startup_id="b", name="B")
    shy = tuple(replace(one, exclusions=frozenset({f"f{at}"})) for at, one in enumerate(told))
    orders = [[s.startup_id for s in canonical(Knowledge(known, (), ())).startups] for known in (told, shy)]
    assert orders[0] == orders[1]
