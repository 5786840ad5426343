from dataclasses import replace

import numpy as np

from data.synthetic.introductions import OWN_ROUND
from data.synthetic.market import NEVER, alive, log_weight
from data.synthetic.write import SyntheticMarket, draw_market
from tests.data.synthetic.conftest import MIDDLE


def test_a_fund_joins_a_round_once_and_after_its_birth(drawn: SyntheticMarket) -> None:
    rounds, deals, funds = drawn.rounds, drawn.deals, drawn.funds
    assert len(np.unique(deals.round * len(funds.city) + deals.fund)) == len(deals.fund)
    assert (funds.born[deals.fund] <= rounds.day[deals.round]).all()
    assert not funds.quiet[deals.fund].any()


def test_a_dead_fund_makes_no_deal(drawn: SyntheticMarket) -> None:
    funds, deals = drawn.funds, drawn.deals
    on = drawn.rounds.day[deals.round]
    assert (on < funds.died[deals.fund]).all()
    late = drawn.rounds.day.max() - 365
    before = (funds.born < late - 1_500) & ~funds.quiet
    dead, living = before & (funds.died < late), before & (funds.died == NEVER)
    busy = np.bincount(deals.fund[on > late], minlength=len(funds.died)) > 0
    assert dead.sum() > 40 and not busy[dead].any()
    assert busy[living].mean() > 0.2


def test_a_fund_that_turned_backs_the_topics_it_turned_to() -> None:
    market = draw_market(replace(MIDDLE, share_turning=0.5, follow_on=0.0, n_introductions=0))
    funds, deals = market.funds, market.deals
    startup, on = market.rounds.startup[deals.round], market.rounds.day[deals.round]
    topic = market.startups.topic[startup][:, None]
    turned = funds.turned[deals.fund] < NEVER
    after = turned & (on >= funds.turned[deals.fund])
    new, old = ((funds.topics[turn][deals.fund] == topic).any(axis=1) for turn in (1, 0))
    assert after.sum() > 300 and (turned & ~after).sum() > 300
    assert new[after].mean() > 3 * old[after].mean()
    assert old[turned & ~after].mean() > 3 * new[turned & ~after].mean()


def test_only_funded_startups_have_rounds_and_those_in_order(drawn: SyntheticMarket) -> None:
    usual = drawn.rounds.number != OWN_ROUND
    startup, on, stage = (
        part[usual] for part in (drawn.rounds.startup, drawn.rounds.day, drawn.rounds.stage)
    )
    assert set(startup.tolist()) == set(np.flatnonzero(drawn.startups.funded).tolist())
    same = np.diff(startup) == 0
    assert (np.diff(on)[same] > 30).all()
    assert (np.diff(stage)[same] >= 0).all()


def test_at_most_one_lead_a_round(drawn: SyntheticMarket) -> None:
    assert np.bincount(drawn.deals.round[drawn.deals.lead]).max() == 1
    assert drawn.deals.lead.sum() > 0.9 * len(drawn.rounds.startup)


def test_follow_ons_come_at_about_the_rate_set(drawn: SyntheticMarket) -> None:
    def share(market: SyntheticMarket) -> float:
        startup = market.rounds.startup[market.deals.round]
        pair = startup * len(market.funds.city) + market.deals.fund
        seen, follows = set[int](), 0
        later = market.rounds.number[market.deals.round] > 0
        for key, again in zip(pair.tolist(), later.tolist(), strict=True):
            follows += again and key in seen
            seen.add(key)
        return float(follows / later.sum())

    by_chance = share(draw_market(replace(MIDDLE, follow_on=0.0)))  # a popular fund, or a circle, once more
    assert by_chance < 0.2
    assert by_chance + 0.06 < share(drawn) < 0.40


def test_deals_go_where_the_weight_is(drawn: SyntheticMarket) -> None:
    """An open place is a softmax of the weight: the funds chosen weigh more than funds by lot."""
    rounds, deals = drawn.rounds, drawn.deals
    startup, stage = rounds.startup[deals.round], rounds.stage[deals.round]
    by_lot = np.random.default_rng(0).integers(0, MIDDLE.n_funds, len(startup))
    chosen = log_weight(drawn.funds, deals.fund, drawn.startups, startup, stage, rounds.day[deals.round])
    other = log_weight(drawn.funds, by_lot, drawn.startups, startup, stage, rounds.day[deals.round])
    assert np.median(chosen) > np.median(other) + 3


def test_leads_are_drawn_by_the_softmax_of_the_weight_over_funds_alive() -> None:
    market = draw_market(replace(MIDDLE, n_funds=60, share_quiet=0.0, follow_on=0.0))
    funds, rounds, deals = market.funds, market.rounds, market.deals
    at = deals.round[deals.lead]
    everyone, asking, stage = np.arange(60)[None, :], rounds.startup[at][:, None], rounds.stage[at][:, None]
    on = rounds.day[at][:, None]
    weight = log_weight(funds, everyone, market.startups, asking, stage, on)
    weight[~alive(funds, everyone, on)] = -np.inf
    chance = np.exp(weight - weight.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    expected, spread = chance.sum(axis=0), np.sqrt((chance * (1 - chance)).sum(axis=0))
    found = np.bincount(deals.fund[deals.lead], minlength=60)
    assert expected.max() > 100
    assert (np.abs(found - expected) <= 4 * spread + 2).all()  # a fund's first deal is drawn otherwise


def test_more_deals_are_drawn_where_more_are_asked_for() -> None:
    market = draw_market(replace(MIDDLE, deals_per_startup=10.0))
    assert abs(market.rounds.places.sum() / market.startups.funded.sum() - 10) < 0.1
    assert 8.5 < len(market.deals.fund) / market.startups.funded.sum() <= 10
