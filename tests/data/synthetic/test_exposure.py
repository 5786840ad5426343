from dataclasses import replace

import numpy as np
import pytest

from data.synthetic.exposure import PICK_FIRST, SHOWN, pick_chance
from data.synthetic.market import NEVER, day
from data.synthetic.settings import MarketSettings
from data.synthetic.write import SyntheticMarket, draw_market
from tests.data.synthetic.conftest import CENTRE


def test_the_chance_of_a_pick_falls_with_the_rank() -> None:
    settings = MarketSettings(100, 50, position_bias=1.0)
    assert pick_chance(settings, np.array([1, 2, 4])).tolist() == [0.6, 0.3, 0.15]
    assert set(pick_chance(replace(settings, position_bias=0.0), np.arange(1, 11))) == {PICK_FIRST}


def test_picks_come_at_the_stated_propensities(centre: SyntheticMarket) -> None:
    shown = centre.exposures
    for rank in range(1, SHOWN + 1):
        picked = shown.picked[shown.rank == rank]
        chance = shown.propensity[shown.rank == rank]
        assert chance == pytest.approx(PICK_FIRST * rank**-CENTRE.position_bias)
        assert abs(picked.mean() - chance[0]) < 4 * np.sqrt(chance[0] * (1 - chance[0]) / len(picked))


def test_a_list_has_ranks_in_order_and_a_startup_sees_a_fund_once(centre: SyntheticMarket) -> None:
    shown = centre.exposures
    begins = np.append(True, np.diff(shown.number) > 0)
    assert (shown.rank[begins] == 1).all()
    assert (np.diff(shown.rank)[~begins[1:]] == 1).all()
    assert shown.rank.max() == SHOWN
    assert len(np.unique(shown.startup * CENTRE.n_funds + shown.fund)) == len(shown.fund)


def test_lists_hold_funds_that_are_known_then_and_have_not_invested_yet(centre: SyntheticMarket) -> None:
    shown, funds, deals = centre.exposures, centre.funds, centre.deals
    assert (funds.born[shown.fund] < shown.day).all()
    assert (centre.startups.first_seen[shown.startup] <= shown.day).all()
    assert shown.day.min() >= day(2022) and shown.day.max() < day(2026)
    on = dict[tuple[int, int], int]()
    pairs = zip(centre.rounds.startup[deals.round].tolist(), deals.fund.tolist(), strict=True)
    for pair, date in zip(pairs, centre.rounds.day[deals.round].tolist(), strict=True):
        on[pair] = min(date, on.get(pair, NEVER))
    asked = zip(shown.startup.tolist(), shown.fund.tolist(), shown.day.tolist(), strict=True)
    assert [pair for *pair, date in asked if on.get((pair[0], pair[1]), NEVER) < date] == []


def test_the_policy_shows_what_fits_and_what_is_popular(centre: SyntheticMarket) -> None:
    shown, funds = centre.exposures, centre.funds
    by_lot = np.random.default_rng(0).integers(0, CENTRE.n_funds, len(shown.fund))
    no_load = np.zeros(len(shown.fund))
    by_policy = centre.acceptance(shown.startup, shown.fund, shown.day, no_load)
    assert by_policy.mean() > 3 * centre.acceptance(shown.startup, by_lot, shown.day, no_load).mean()
    assert np.median(funds.log_activity[shown.fund]) > np.median(funds.log_activity) + 0.5


@pytest.mark.parametrize("wanted", [0, 10, 50, 300, 3_000])
def test_so_many_introductions_as_asked_for(wanted: int) -> None:
    market = draw_market(MarketSettings(1_000, 300, seed=2, n_introductions=wanted))
    assert len(market.introductions.startup) == market.exposures.picked.sum() == wanted
    assert wanted == 0 or market.exposures.picked[-1]  # the last list ends with the last pick


def test_more_introductions_leave_the_first_lists_as_they_are() -> None:
    few, more = (
        draw_market(MarketSettings(1_000, 300, seed=2, n_introductions=n)).exposures for n in (100, 400)
    )
    n = len(few.fund)
    assert (few.fund == more.fund[:n]).all() and (few.picked == more.picked[:n]).all()


def test_a_startup_asks_again_after_some_weeks() -> None:
    shown = draw_market(MarketSettings(200, 300, seed=2, n_introductions=2_000)).exposures
    assert np.bincount(shown.startup[shown.rank == 1]).max() > 5
    for startup in np.unique(shown.startup):
        asked = shown.day[(shown.startup == startup) & (shown.rank == 1)]  # in the order of the lists
        assert (np.diff(asked) >= 45).all()
