from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.arrange import arrange
from matching.market import Market
from matching.records import Fund, Startup
from tests.matching.worlds import QUICK, market_of

FOUR = tuple(Fund(fund_id=f"f{i}", name=name) for i, name in enumerate(("Alpha", "Bình", "Cát", "Dawn")))
MARKET = market_of([], FOUR)
ASKING = Startup(name="Rice")


def shown(scores: list[float], k: int, *, startup: Startup = ASKING, market: Market = MARKET) -> list[str]:
    """Names of the funds in the order shown; `scores` are by row of the market."""
    rows = np.arange(len(scores))
    order = arrange(startup, market, rows, np.array(scores), k)
    return [market.funds.records[row].name for row in rows[order]]


def test_the_best_come_first_and_no_more_than_k() -> None:
    assert shown([1.0, 4.0, 2.0, 3.0], 3) == ["Bình", "Dawn", "Cát"]
    assert shown([1.0, 4.0, 2.0, 3.0], 9) == ["Bình", "Dawn", "Cát", "Alpha"]
    assert shown([1.0, 4.0, 2.0, 3.0], 0) == shown([], 3) == []


def test_positions_are_in_the_rows_given() -> None:
    rows = np.array([3, 1])
    assert arrange(ASKING, MARKET, rows, np.array([1.0, 2.0]), 2).tolist() == [1, 0]


@QUICK
@given(st.lists(st.sampled_from([0.0, 1.0, 2.0]), max_size=4), st.integers(1, 5))
def test_a_shorter_list_is_the_beginning_of_a_longer_one(scores: list[float], k: int) -> None:
    everyone = shown(scores, 4)
    assert shown(scores, k) == everyone[:k]
    assert sorted(everyone) == sorted(fund.name for fund in FOUR[: len(scores)])


@pytest.mark.parametrize("startup", [ASKING, Startup(description="Sensors"), Startup()])
def test_a_tie_falls_the_same_way_whatever_the_ids_and_the_row_order(startup: Startup) -> None:
    other_ids = [replace(fund, fund_id=f"g{9 - i}") for i, fund in enumerate(FOUR)]
    expected = shown([1.0] * 4, 4, startup=startup)
    for funds in (FOUR, FOUR[::-1], other_ids, other_ids[::-1]):
        market = market_of([], funds)
        assert shown([1.0] * 4, 4, startup=startup, market=market) == expected
        assert shown([1.0] * 4, 2, startup=startup, market=market) == expected[:2]


def test_two_funds_of_the_same_profile_fall_the_same_way_whatever_the_row_order() -> None:
    twins = [Fund(fund_id=fund_id, name="Twin") for fund_id in ("f", "g")]
    firsts = set()
    for startup in (Startup(name=f"Startup {i}") for i in range(20)):
        orders = []
        for funds in (twins, twins[::-1]):
            market = market_of([], funds)
            order = arrange(startup, market, np.arange(2), np.ones(2), 2)
            orders.append([market.funds.records[row].fund_id for row in order])
        assert orders[0] == orders[1]
        firsts.add(orders[0][0])
    assert firsts == {"f", "g"}


@pytest.mark.parametrize("pair", [FOUR[:2], [Fund(fund_id="f", name="Twin"), Fund(fund_id="g", name="Twin")]])
def test_each_of_two_funds_that_tie_comes_first_about_half_of_the_time(pair: list[Fund]) -> None:
    market = market_of([], pair)
    startups = [Startup(name=f"Startup {i}") for i in range(400)]
    first = sum(int(arrange(s, market, np.arange(2), np.ones(2), 1)[0]) for s in startups)
    assert 160 < first < 240  # fixed names: four standard deviations, and never another number


def test_a_tie_between_others_does_not_move_those_above_and_below() -> None:
    assert shown([2.0, 1.0, 1.0, 0.0], 4)[0] == "Alpha"
    assert shown([2.0, 1.0, 1.0, 0.0], 4)[3] == "Dawn"
