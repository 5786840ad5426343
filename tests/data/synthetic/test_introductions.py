from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from data.synthetic.acceptance import logit
from data.synthetic.catalogue import Bools, Floats
from data.synthetic.courses import OF_CENTRE, REASONS, STATUSES
from data.synthetic.introductions import OWN_ROUND
from data.synthetic.market import NEVER, day
from data.synthetic.settings import MarketSettings
from data.synthetic.write import SyntheticMarket, draw_market
from matching.vocabulary import IntroductionStatus as Status
from matching.vocabulary import PassGroup
from tests.data.synthetic.conftest import CENTRE


def near(found: float, expected: float, n: int) -> bool:
    """Tell whether a share is within four standard errors of a binomial."""
    return bool(abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / n))


def test_funds_accept_as_often_as_the_truth_expects(centre: SyntheticMarket) -> None:
    drawn = centre.introductions
    asked = drawn.founder_ok
    assert near(drawn.accepted[asked].mean(), drawn.chance[asked].mean(), int(asked.sum()))
    assert not drawn.accepted[~asked].any()


def test_a_usual_centre_has_the_starting_rates() -> None:
    parts = [draw_market(MarketSettings(1_000, 300, seed=s)).introductions for s in range(8)]
    steps = {s: sum(int((part.day_of(s) < NEVER).sum()) for part in parts) for s in Status}
    founders = steps[Status.FOUNDER_OK] + steps[Status.FOUNDER_DECLINED]
    assert near(steps[Status.FOUNDER_OK] / founders, 0.85, founders)
    assert 0.25 < steps[Status.INVESTOR_OK] / steps[Status.INVESTOR_ASKED] < 0.36
    meetings = steps[Status.MET] + steps[Status.NO_SHOW]
    assert near(steps[Status.MET] / meetings, 0.80, meetings)
    assert 0.10 < steps[Status.DUE_DILIGENCE] / steps[Status.MET] < 0.20


def test_the_chance_is_calibrated_against_the_outcomes(centre: SyntheticMarket) -> None:
    drawn = centre.introductions
    use = drawn.founder_ok & (drawn.chance > 0)
    odds = np.array([[logit(chance)] for chance in drawn.chance[use].tolist()])
    model = LogisticRegression(C=1e6).fit(odds, drawn.accepted[use])
    assert abs(float(model.coef_[0, 0]) - 1) < 0.1
    assert abs(float(model.intercept_[0])) < 0.1


def test_the_function_of_the_market_gives_the_chance_of_each(centre: SyntheticMarket) -> None:
    drawn = centre.introductions
    told = centre.acceptance(drawn.startup, drawn.fund, drawn.asked_on, drawn.load)
    assert np.allclose(told, drawn.chance)


def test_weights_by_propensity_recover_the_mean_that_picks_miss(centre: SyntheticMarket) -> None:
    shown = centre.exposures
    chance = centre.acceptance(shown.startup, shown.fund, shown.day, np.zeros(1))
    picked = shown.picked
    weights = 1 / shown.propensity[picked]
    error = chance[picked].std() * np.sqrt((weights**2).sum()) / weights.sum()
    assert abs(np.average(chance[picked], weights=weights) - chance.mean()) < 4 * error
    assert chance[picked].mean() - chance.mean() > 8 * error


def test_loaded_funds_accept_less_and_keep_silent_more(centre: SyntheticMarket) -> None:
    drawn = centre.introductions
    asked = drawn.founder_ok & (drawn.chance > 0)
    free, full = asked & (drawn.load == 0), asked & (drawn.load > 1)
    assert min(free.sum(), full.sum()) > 1_000
    assert drawn.accepted[full].mean() < 0.6 * drawn.accepted[free].mean()

    def silence(rows: Bools) -> float:
        return float(drawn.silent[rows & ~drawn.accepted].mean())

    assert near(silence(free), CENTRE.silence, int((free & ~drawn.accepted).sum()))
    assert silence(full) > silence(free) + 0.2


def test_the_silent_have_no_answer_and_some_expire(centre: SyntheticMarket) -> None:
    drawn = centre.introductions
    silent = drawn.silent
    for status in (Status.INVESTOR_OK, Status.INVESTOR_DECLINED, Status.INTRODUCED):
        assert (drawn.day_of(status)[silent] == NEVER).all()
    expired = drawn.day_of(Status.EXPIRED_NO_REPLY) < NEVER
    assert not expired[~silent].any()
    assert 0.3 < expired[silent].mean() < 0.42


def test_answers_come_within_three_weeks_and_decisions_in_four_to_twelve(centre: SyntheticMarket) -> None:
    drawn = centre.introductions

    def waits(status: Status, before: Status) -> Floats:
        days, start = drawn.day_of(status), drawn.day_of(before)
        both = (days < NEVER) & (start < NEVER)
        return (days - start)[both].astype(np.float64)

    replies = waits(Status.INVESTOR_DECLINED, Status.INVESTOR_ASKED)
    assert 0.9 < (replies <= 21).mean() < 0.99
    decisions = waits(Status.PASSED, Status.MET)
    assert ((decisions >= 28) & (decisions <= 84)).mean() > 0.75


def test_no_event_is_later_than_the_last_year_or_the_death_of_its_fund(centre: SyntheticMarket) -> None:
    drawn = centre.introductions
    assert (drawn.at[drawn.at < NEVER] < day(2026)).all()
    dead = drawn.asked_on >= centre.funds.died[drawn.fund]
    assert dead.sum() > 50
    assert not drawn.accepted[dead].any() and drawn.silent[dead & drawn.founder_ok].all()
    of_fund = [at for at, status in enumerate(STATUSES) if status not in OF_CENTRE]
    days = drawn.at[:, of_fund]
    assert ((days < centre.funds.died[drawn.fund][:, None]) | (days == NEVER)).all()


def test_every_step_stands_behind_the_one_it_needs(centre: SyntheticMarket) -> None:
    drawn = centre.introductions
    path = (
        Status.FOUNDER_ASKED,
        Status.FOUNDER_OK,
        Status.INVESTOR_ASKED,
        Status.INVESTOR_OK,
        Status.INTRODUCED,
        Status.MEETING_SET,
        Status.MET,
        Status.DUE_DILIGENCE,
        Status.TERM_SHEET,
        Status.INVESTED,
    )
    for before, after in pairwise(path):
        there = drawn.day_of(after) < NEVER
        assert (drawn.day_of(before)[there] <= drawn.day_of(after)[there]).all()
    assert (np.diff(drawn.opened) >= 0).all()
    ends = (Status.INVESTED, Status.PASSED, Status.WITHDRAWN, Status.ON_HOLD, Status.NO_SHOW)
    assert np.sum([drawn.day_of(end) < NEVER for end in ends], axis=0).max() == 1


def test_reasons_tell_what_lowered_the_chance(centre: SyntheticMarket) -> None:
    drawn = centre.introductions
    told = drawn.reason >= 0
    passed = np.minimum(drawn.day_of(Status.INVESTOR_DECLINED), drawn.day_of(Status.PASSED)) < NEVER
    assert not told[~passed].any()
    assert 0.70 < told[passed].mean() < 0.80
    groups = np.array([REASONS[at].group if at >= 0 else "" for at in drawn.reason])
    assert set(Counter(groups.tolist())) == {"", *PassGroup}
    quality = centre.startups.quality[drawn.startup]
    assert quality[groups == PassGroup.QUALITY].mean() < quality[groups == PassGroup.FIT].mean() - 0.2
    assert drawn.load[groups == PassGroup.CAPACITY].mean() > 2 * drawn.load[groups == PassGroup.FIT].mean()


def test_an_invested_introduction_is_a_deal_of_that_day(centre: SyntheticMarket) -> None:
    drawn, rounds, deals = centre.introductions, centre.rounds, centre.deals
    invested = np.flatnonzero(drawn.day_of(Status.INVESTED) < NEVER)
    assert len(invested) > 30
    assert (drawn.round >= 0).nonzero()[0].tolist() == invested.tolist()
    there = set(zip(deals.round.tolist(), deals.fund.tolist(), strict=True))
    for row in invested:
        joined = drawn.round[row]
        assert rounds.startup[joined] == drawn.startup[row]
        assert rounds.day[joined] == drawn.day_of(Status.INVESTED)[row]
        assert (int(joined), int(drawn.fund[row])) in there
    own = rounds.number == OWN_ROUND
    assert 0 < own.sum() < len(invested)  # some join a round that was there
    assert len(there) == len(deals.round)


def test_quiet_funds_are_met_and_never_invest(centre: SyntheticMarket) -> None:
    drawn = centre.introductions
    quiet = centre.funds.quiet[drawn.fund]
    assert (drawn.day_of(Status.MET)[quiet] < NEVER).sum() > 5
    assert (drawn.day_of(Status.DUE_DILIGENCE)[quiet] == NEVER).all()


def test_introductions_leave_the_market_as_it_is(centre: SyntheticMarket) -> None:
    without = draw_market(replace(CENTRE, n_introductions=0))
    n, m = len(without.rounds.day), len(without.deals.fund)
    assert (without.rounds.day == centre.rounds.day[:n]).all()
    assert (without.deals.fund == centre.deals.fund[:m]).all()
    assert (without.funds.died == centre.funds.died).all()
    assert len(without.introductions.outcome()) == 0


def test_the_outcome_is_the_last_step(centre: SyntheticMarket) -> None:
    drawn = centre.introductions
    outcome = drawn.outcome()
    days = drawn.at[np.arange(len(outcome)), outcome]
    assert (days == np.where(drawn.at < NEVER, drawn.at, -1).max(axis=1)).all()


@pytest.mark.parametrize(("n_startups", "n_funds"), [(10, 10), (50, 30), (50, 10)])
def test_the_smallest_markets_have_as_many_as_they_can(n_startups: int, n_funds: int) -> None:
    for seed in range(5):
        drawn = draw_market(MarketSettings(n_startups, n_funds, seed=seed)).introductions
        assert len(drawn.startup) <= min(300, n_startups * n_funds)


def test_the_log_weight_of_the_market_knows_who_can_make_a_deal(centre: SyntheticMarket) -> None:
    on = np.array([day(2024)])
    everyone = np.arange(CENTRE.n_funds)
    weight = centre.log_weight(np.array([5]), everyone, on)
    funds = centre.funds
    able = (funds.born <= on) & (on < funds.died) & ~funds.quiet
    assert (np.isfinite(weight) == able).all() and 0 < able.sum() < len(able)
