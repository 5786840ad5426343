"""What every baseline must do, on markets whose right answer is known by construction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.knowledge import Knowledge
from matching.market import Market, build_market
from matching.records import Deal, Fund, Startup
from matching.vocabulary import Stage
from models.baselines import bm25, content, ease, lottery, popularity, product_kernel, region_sector
from models.methods import Method
from tests.matching.worlds import HashedVectors, worlds

GRIDS: tuple[Sequence[Method], ...] = (
    bm25.GRID,
    content.GRID,
    content.DENSE_GRID,
    ease.GRID,
    lottery.GRID,
    popularity.GRID,
    popularity.RECENT_GRID,
    product_kernel.GRID,
    region_sector.GRID,
)
METHODS = [grid[0] for grid in GRIDS]
INFORMED = [method for method in METHODS if method.name != "random"]
BY_CONTENT = [method for method in INFORMED if "popularity" not in method.name]
CUT = date(2020, 1, 1)
VECTORS = HashedVectors()


def name(method: Method) -> str:
    return method.name


each = pytest.mark.parametrize("method", METHODS, ids=name)


def market_of(known: Knowledge) -> Market:
    return build_market(known, CUT, VECTORS)


def two_towns(n: int = 12) -> Knowledge:
    """Payments in Hanoi, backed by "pay", and farms in Singapore, backed by "farm"; "both" backs one each."""
    startups: list[Startup] = []
    deals: list[Deal] = []
    for at in range(n):
        pays = at % 2 == 0
        startups.append(
            Startup(
                startup_id=f"s{at}",
                description=f"{'Mobile payments' if pays else 'Rice farm'} number {at}",
                tags=("payments",) if pays else ("farming",),
                country="VN" if pays else "SG",
                place="vn-hanoi" if pays else "sg-singapore",
                stage=Stage.SEED if pays else Stage.SERIES_A,
            )
        )
        day = date(2019, 1 + at % 12, 1)
        backers = ["pay" if pays else "farm"] + (["both"] if at in (0, 1) else [])
        deals += [Deal(startup_id=f"s{at}", fund_id=fund, announced_on=day) for fund in backers]
    funds = tuple(Fund(fund_id=id_) for id_ in ("both", "farm", "idle", "pay"))
    return Knowledge(tuple(startups), funds, tuple(deals))


PAYS, FARMS = (
    replace(startup, startup_id="new", description=text)
    for startup, text in zip(
        two_towns().startups, ("Mobile payments number 2", "Rice farm number 1"), strict=False
    )
)


def test_the_settings_of_a_grid_have_one_name_and_grids_have_names_of_their_own() -> None:
    assert all(len({method.name for method in grid}) == 1 for grid in GRIDS)
    assert len({grid[0].name for grid in GRIDS}) == len(GRIDS)
    assert all(len(set(grid)) == len(grid) for grid in GRIDS)


@each
@given(world=worlds())
@settings(max_examples=5, deadline=None)
def test_scores_have_a_shape_and_are_numbers(method: Method, world: Knowledge) -> None:
    market = market_of(world)
    scorer = method.fit(market, VECTORS)
    queries = [*world.startups, Startup(startup_id="silent")]
    scores = scorer.scores(queries)
    assert scores.shape == (len(queries), len(market.funds))
    assert np.isfinite(scores).all()
    assert scorer.scores([]).shape == (0, len(market.funds))
    assert np.array_equal(scores, method.fit(market, VECTORS).scores(queries)), "deterministic"


@each
@given(world=worlds(), seed=st.integers(0, 99))
@settings(max_examples=5, deadline=None)
def test_the_order_of_records_changes_no_score_bit_for_bit(
    method: Method, world: Knowledge, seed: int
) -> None:
    rng = Random(seed)
    other = Knowledge(
        tuple(rng.sample(world.startups, len(world.startups))),
        tuple(rng.sample(world.funds, len(world.funds))),
        tuple(rng.sample(world.deals, len(world.deals))),
    )
    one, two = market_of(world), market_of(other)
    query = [replace(startup, startup_id="new") for startup in world.startups[:1]]
    assert [fund.fund_id for fund in two.funds.records] == [fund.fund_id for fund in one.funds.records]
    expected, found = (method.fit(market, VECTORS).scores(query) for market in (one, two))
    assert np.array_equal(found, expected)


@each
def test_no_company_no_deal_no_fund(method: Method) -> None:
    funds = (Fund(fund_id="f"), Fund(fund_id="g"))
    for known in (
        Knowledge((), (), ()),
        Knowledge((), funds, ()),
        Knowledge((Startup(startup_id="a"),), funds, ()),
        Knowledge((Startup(startup_id="a"),), funds, (Deal(startup_id="a", fund_id="f", announced_on=CUT),)),
    ):
        scores = method.fit(market_of(known), VECTORS).scores([PAYS, Startup(startup_id="silent")])
        assert scores.shape == (2, len(known.funds))
        assert np.isfinite(scores).all()


@pytest.mark.parametrize("method", BY_CONTENT, ids=name)
def test_the_fund_that_backs_its_like_comes_first(method: Method) -> None:
    market = market_of(two_towns())
    pays, farms = method.fit(market, VECTORS).scores([PAYS, FARMS])
    row = market.funds.row_of
    assert pays[row["pay"]] == pays.max() > pays[row["farm"]]
    assert farms[row["farm"]] == farms.max() > farms[row["pay"]]
    assert pays[row["idle"]] == pays.min()


@pytest.mark.parametrize("method", INFORMED, ids=name)
def test_a_query_that_tells_nothing_is_answered_by_popularity_or_not_at_all(method: Method) -> None:
    scores = method.fit(market_of(two_towns()), VECTORS).scores([Startup(startup_id="silent")])[0]
    assert np.isfinite(scores).all()
    assert scores.min() >= 0


@pytest.mark.parametrize("method", INFORMED, ids=name)
def test_the_deals_of_the_query_itself_lend_nothing(method: Method) -> None:
    known = two_towns()
    asked = replace(PAYS, startup_id="s2")  # stored, and backed by "pay"
    without = replace(known, deals=tuple(deal for deal in known.deals if deal.startup_id != "s2"))
    extra = Deal(startup_id="s2", fund_id="idle", announced_on=date(2019, 12, 1))
    also = replace(known, deals=(*known.deals, extra))
    market = market_of(also)
    if method.name != "EASE":  # its weights between funds are learned from all companies
        scores = method.fit(market, VECTORS).scores([asked])[0]
        assert scores[market.funds.row_of["idle"]] == pytest.approx(scores.min(), abs=1e-5)
    market = market_of(without)
    lone = method.fit(market, VECTORS).scores([asked])[0]
    assert lone[market.funds.row_of["idle"]] == pytest.approx(0, abs=1e-9)
