from dataclasses import replace
from datetime import timedelta
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.candidates import NEAREST, TYPICAL, Retrieved, by_fund, retrieve
from matching.knowledge import Knowledge
from matching.market import build_market, profile_vectors
from matching.records import Deal, Fund, Startup
from tests.matching.worlds import (
    ASKING,
    FIXED,
    QUICK,
    TODAY,
    HashedVectors,
    hand_made,
    market_of,
    questions,
)

MARKET = hand_made().market


def ask(startup: Startup) -> Retrieved:
    return retrieve(startup, profile_vectors([startup], FIXED)[0], MARKET)


# floors of ASKING's text, the mean over the market drawn to the usual: see test_market
TEXT_FLOOR, THESIS_FLOOR = (1.8 + 20 * 0.83) / 23, (1.24 + 20 * 0.78) / 22
# text 10 (cosine - floor), sectors 2.5 cosine, country 4, city 2; no company tells its stage but LENDCO: 1.5
PAY_WEIGHT = exp(10 * (1 - TEXT_FLOOR) + 2.5 + 4 + 2)
LEND_WEIGHT = exp(10 * (0.8 - TEXT_FLOOR) + 2.5 / 2**0.5 + 1.5)
FARM_WEIGHT = exp(10 * (0 - TEXT_FLOOR) + 4)


def test_each_company_weighs_the_exponential_of_its_kernel() -> None:
    assert ask(ASKING).company_weight == pytest.approx([PAY_WEIGHT, LEND_WEIGHT, FARM_WEIGHT], rel=1e-5)


def test_a_fund_s_portfolio_is_the_sum_over_its_companies_by_age_in_typical_units() -> None:
    assert exp(2) == TYPICAL
    assert ask(ASKING).portfolio == pytest.approx(
        [
            (PAY_WEIGHT + 0.25 * LEND_WEIGHT) / exp(2),
            (0.25 * LEND_WEIGHT + FARM_WEIGHT / 64) / exp(2),
            0,
        ],
        rel=1e-5,
    )


def test_a_sentence_weighs_how_much_closer_than_unrelated_it_is_and_never_below_nothing() -> None:
    # cosines .96 and .28: the second is below the floor
    pays = exp(40 * (0.96 - THESIS_FLOOR)) - 1
    assert ask(ASKING).sentence_weight == pytest.approx([pays, 0], rel=1e-5)
    assert ask(ASKING).thesis == pytest.approx([pays, 0, 0], rel=1e-5)


def test_without_a_text_no_thesis_speaks_and_companies_count_by_their_other_fields() -> None:
    mute = ask(replace(ASKING, description=""))
    assert mute.sentence_weight.tolist() == [0, 0]
    assert mute.thesis.tolist() == [0, 0, 0]
    assert mute.company_weight == pytest.approx([exp(8.5), exp(2.5 / 2**0.5 + 1.5), exp(4)], rel=1e-5)


def test_the_own_company_is_no_evidence() -> None:
    own = ask(replace(ASKING, startup_id="pay"))
    assert own.company_weight == pytest.approx([0, LEND_WEIGHT, FARM_WEIGHT], rel=1e-5)
    assert own.portfolio[0] == pytest.approx(0.25 * LEND_WEIGHT / exp(2), rel=1e-5)


def test_an_unknown_country_is_a_mismatch_with_no_company() -> None:
    homeless = ask(replace(ASKING, country=None, city="", place=""))
    at_home = ask(replace(ASKING, city="", place=""))
    assert homeless.company_weight[[0, 2]] == pytest.approx(at_home.company_weight[[0, 2]], rel=1e-5)
    assert homeless.company_weight[1] == pytest.approx(at_home.company_weight[1] * exp(4), rel=1e-5)


def test_a_startup_that_tells_nothing_weighs_every_company_alike() -> None:
    nothing = ask(Startup())
    assert nothing.company_weight == pytest.approx([exp(4)] * 3)
    assert nothing.portfolio == pytest.approx([1.25 * exp(2), (0.25 + 1 / 64) * exp(2), 0])


def test_an_empty_market_gives_no_evidence() -> None:
    market = market_of(vectors=FIXED)
    found = retrieve(ASKING, np.array((1, 0), np.float32), market)
    assert found.portfolio.tolist() == found.thesis.tolist() == found.company_weight.tolist() == []


def test_values_are_summed_by_fund_whatever_their_order_bit_for_bit() -> None:
    market = hand_made().market
    random = np.random.default_rng(5)
    fund, values = random.integers(0, 3, 300), np.exp(random.normal(0, 4, 300))
    order = random.permutation(300)
    sums = by_fund(fund, values, market)
    assert sums.tolist() == by_fund(fund[order], values[order], market).tolist()
    assert sums == pytest.approx([values[fund == row].sum() for row in range(3)])


@QUICK
@given(st.tuples(*[st.integers(0, 3_000)] * 3))
def test_a_fund_has_the_same_bits_whichever_of_two_alike_stands_first(days: tuple[int, int, int]) -> None:
    one, two, three = (TODAY - timedelta(days=day) for day in days)
    startups = [Startup(startup_id=id_, name=id_[0], country="VN") for id_ in ("a0", "a1", "c", "o0", "o1")]
    funds = [Fund(fund_id=id_) for id_ in ("f0", "f1")]
    told = [("a0", "f0", one), ("a1", "f0", two), ("a0", "f1", two), ("a1", "f1", one)]
    told += [("c", "f0", three), ("c", "f1", three), ("o0", "f0", one), ("o1", "f1", one)]
    deals = tuple(Deal(startup_id=s, fund_id=f, announced_on=day) for s, f, day in told)
    found = set()
    for order in (1, -1):
        world = Knowledge(tuple(startups[::order]), tuple(funds[::order]), deals)
        market = build_market(world, TODAY, HashedVectors())
        portfolio = retrieve(startups[3], np.zeros(market.layout.text_width, np.float32), market).portfolio
        found.add((portfolio[market.funds.row_of["f0"]], portfolio[market.funds.row_of["f1"]]))
    assert len(found) == 1


@QUICK
@given(questions())
def test_portfolio_is_recounted_from_the_records(question: tuple[Knowledge, Startup]) -> None:
    world, asking = question
    market = market_of(world.startups, world.funds, world.deals)
    found = retrieve(asking, profile_vectors([asking], HashedVectors())[0], market)
    for row, fund in enumerate(world.funds):
        newest: dict[str, float] = {}
        for deal, weight in zip(world.deals, market.deals.weight.tolist(), strict=True):
            if deal.fund_id == fund.fund_id and deal.startup_id != asking.startup_id:
                newest[deal.startup_id] = max(weight, newest.get(deal.startup_id, 0.0))
        parts = [found.company_weight[market.company_row[held]] * part for held, part in newest.items()]
        assert found.portfolio[row] == pytest.approx(sum(parts) / exp(2), rel=1e-9)


def test_of_companies_that_tie_at_the_edge_of_retrieval_none_is_left_out_for_its_row() -> None:
    unlike = [Startup(startup_id=f"s{i}", country="SG") for i in range(NEAREST + 5)]
    like = Startup(startup_id="like", country="VN")
    fund = Fund(fund_id="f")
    deals = [Deal(startup_id=startup.startup_id, fund_id="f") for startup in (*unlike, like)]
    market = market_of([*unlike, like], [fund], deals)
    found = retrieve(Startup(country="VN"), np.zeros(market.layout.text_width, np.float32), market)
    assert found.portfolio[0] == pytest.approx((exp(4) + NEAREST + 5) / exp(2), rel=1e-5)
