from dataclasses import replace

import numpy as np

from data.synthetic.catalogue import CITY_COUNTRY, STAGES
from data.synthetic.market import NEVER, SAFE_DAYS, TOPIC_GAIN, day, draw_funds, draw_startups, log_weight
from data.synthetic.settings import MarketSettings
from data.synthetic.stated import state
from data.synthetic.tastes import CIRCLE_SIZE

SETTINGS = MarketSettings(5_000, 2_000, seed=3)


def test_startups_are_founded_then_seen_then_funded() -> None:
    startups = draw_startups(SETTINGS)
    assert (startups.founded < startups.first_seen).all()
    assert (startups.first_seen < startups.first_round).all()
    assert (startups.first_round - startups.first_seen < 120).all()
    assert startups.first_round.min() >= day(2010) and startups.first_round.max() < day(2026)


def test_settings_are_kept_to() -> None:
    startups = draw_startups(replace(SETTINGS, share_vietnamese=0.8, share_never_funded=0.3))
    assert startups.funded.sum() == 3_500
    assert abs((CITY_COUNTRY[startups.city] == 0).mean() - 0.8) < 0.02
    assert startups.quality[startups.funded].mean() > startups.quality[~startups.funded].mean() + 0.5


def test_sectors_of_a_startup_differ() -> None:
    startups = draw_startups(SETTINGS)
    for own, others in zip(startups.sector.tolist(), startups.others.tolist(), strict=True):
        told = [own, *(other for other in others if other >= 0)]
        assert len(set(told)) == len(told)


def test_another_number_of_funds_leaves_the_startups_as_they_are() -> None:
    first, again = (draw_startups(replace(SETTINGS, n_funds=n)) for n in (100, 200))
    assert (first.topic == again.topic).all() and (first.first_round == again.first_round).all()


def test_funds_stand_by_birth_in_circles_of_one_country() -> None:
    funds = draw_funds(SETTINGS)
    assert (np.diff(funds.born) >= 0).all()
    assert np.bincount(funds.circle).max() == CIRCLE_SIZE
    inside = [np.unique(CITY_COUNTRY[funds.city[funds.circle == at]]) for at in range(funds.circle.max())]
    assert np.mean([len(countries) == 1 for countries in inside]) > 0.9


def test_the_log_weight_adds_activity_and_tastes() -> None:
    startups, funds = draw_startups(SETTINGS), draw_funds(SETTINGS)
    fund, asking, stage, on = np.array([11]), np.array([5]), np.array([2]), np.array([0])
    funds.topics[0, 11] = [startups.topic[5], 0]
    told = (
        funds.log_activity[11]
        + funds.sector_taste[0, 11, startups.sector[5]]
        + funds.city_taste[11, startups.city[5]]
        + funds.stage_taste[11, 2]
        + TOPIC_GAIN
    )
    assert np.isclose(log_weight(funds, fund, startups, asking, stage, on)[0], told)


def test_most_funds_say_what_they_do() -> None:
    funds = draw_funds(SETTINGS)
    for share in (0.0, 0.4):
        said = state(replace(SETTINGS, share_off_thesis=share), funds, np.random.default_rng(0))
        assert abs(said.off.mean() - share) < 0.03
        taste = funds.sector_taste[0, np.arange(2_000), said.sectors[:, 0]]
        assert (taste[~said.off] >= -1e-9).all()
        if share:
            assert (taste[said.off] < -0.5).mean() > 0.2


def test_stated_ranges_are_in_order() -> None:
    said = state(SETTINGS, draw_funds(SETTINGS), np.random.default_rng(0))
    assert (said.low <= said.stage).all() and (said.stage <= said.high).all()
    assert (said.low >= 0).all() and (said.high < len(STAGES)).all()
    assert (said.ticket_min < said.ticket_max).all()


def test_the_weight_follows_a_turn_from_its_day_on() -> None:
    startups, funds = draw_startups(SETTINGS), draw_funds(SETTINGS)
    fund = np.flatnonzero(funds.turned < NEVER)[0]
    asking, stage, turned = np.arange(5_000), np.zeros(5_000, np.int64), funds.turned[fund]
    before, on, later = (
        log_weight(funds, np.array([fund]), startups, asking, stage, np.array([day]))
        for day in (turned - 1, turned, turned + 900)
    )
    liked = funds.sector_taste[:, fund][:, startups.sector]
    topics = (funds.topics[:, fund][:, :, None] == startups.topic).any(axis=1)
    assert np.allclose(on - before, (liked + TOPIC_GAIN * topics)[1] - (liked + TOPIC_GAIN * topics)[0])
    assert (on == later).all() and np.abs(on - before).max() > 1


def test_funds_live_two_lives_at_the_rates_set() -> None:
    usual = replace(SETTINGS, n_funds=20_000)
    funds = draw_funds(replace(usual, closing=0.1, share_turning=0.5))
    begun = np.maximum(funds.born, day(2010)) + SAFE_DAYS
    assert (funds.died >= begun).all()
    year = begun + 365 < day(2026)
    assert abs((funds.died < begun + 365)[year].mean() - 0.1) < 0.01
    old = (funds.born < day(2015)) & (funds.died == NEVER)
    assert abs((funds.turned < NEVER)[old].mean() - 0.5) < 0.03
    assert (funds.turned[funds.turned < NEVER] >= funds.born[funds.turned < NEVER] + 365).all()
    immortal = draw_funds(replace(usual, closing=0.0, share_turning=0.0))
    assert (immortal.died == NEVER).all() and (immortal.turned == NEVER).all()
    assert (immortal.sector_taste[0] == immortal.sector_taste[1]).all()
    assert (immortal.sector_taste[0] == funds.sector_taste[0]).all()  # streams of their own
