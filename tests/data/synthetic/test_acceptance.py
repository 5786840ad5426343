import numpy as np

from data.synthetic.acceptance import (
    FIT_GAIN,
    MOST_LOAD,
    QUALITY_GAIN,
    USUAL_FIT,
    acceptance,
    causes,
    expit,
    loads,
    logit,
)
from data.synthetic.catalogue import Ints
from data.synthetic.market import NEVER, TOPIC_GAIN, draw_funds, draw_startups
from data.synthetic.settings import MarketSettings

SETTINGS = MarketSettings(200, 100, seed=4, base_acceptance=0.3, congestion=2.0)
STARTUPS, FUNDS = draw_startups(SETTINGS), draw_funds(SETTINGS)


def ints(*values: int) -> Ints:
    return np.array(values)


def test_the_log_odds_add_fit_quality_and_load() -> None:
    fund, on, everyone = ints(7), FUNDS.born[ints(7)], np.arange(200)
    best = int(np.argmax(acceptance(SETTINGS, STARTUPS, everyone, FUNDS, fund, on, np.zeros(1))))
    asking = ints(best)
    fit = (
        FUNDS.sector_taste[0, 7, STARTUPS.sector[best]]
        + TOPIC_GAIN * (STARTUPS.topic[best] in FUNDS.topics[0, 7])
        + FUNDS.city_taste[7, STARTUPS.city[best]]
        + FUNDS.stage_taste[7, STARTUPS.first_stage[best]]
    )
    assert fit > -8
    odds = np.log(3 / 7) + FIT_GAIN * (fit - USUAL_FIT) + QUALITY_GAIN * STARTUPS.quality[best]
    for load, cost in ((0.0, 0.0), (0.5, 1.0), (2.0, 4.0), (9.0, 2.0 * MOST_LOAD)):
        found = acceptance(SETTINGS, STARTUPS, asking, FUNDS, fund, on, np.array([load]))
        assert np.isclose(found[0], 1 / (1 + np.exp(cost - odds)))


def test_pairs_broadcast() -> None:
    on = np.array([FUNDS.born.max()])
    found = acceptance(
        SETTINGS, STARTUPS, np.arange(200)[:, None], FUNDS, np.arange(100)[None, :], on, np.zeros(1)
    )
    assert found.shape == (200, 100)
    assert ((found > 0) == (FUNDS.died > on)).all()


def test_a_fund_accepts_nothing_before_its_birth_and_from_its_death_on() -> None:
    (fund, *_) = np.flatnonzero(FUNDS.died < NEVER)
    on = np.array([FUNDS.born[fund] - 1, FUNDS.born[fund], FUNDS.died[fund] - 1, FUNDS.died[fund]])
    found = acceptance(SETTINGS, STARTUPS, ints(0), FUNDS, ints(int(fund)), on, np.zeros(1))
    assert (found > 0).tolist() == [False, True, True, False]


def test_a_load_counts_the_asks_of_ninety_days_before_over_three_months_of_capacity() -> None:
    fund = ints(5, 5, 5, 5, 5, 6)
    on = ints(1_000, 1_000, 1_010, 1_090, 1_091, 1_011)
    asked = np.array([True, True, False, True, True, True])
    found = loads(FUNDS, fund, on, asked) * 3 * FUNDS.capacity[fund]
    assert found.tolist() == [0, 0, 2, 2, 1, 0]


def test_causes_are_never_in_favour() -> None:
    asking, fund = np.arange(100), np.arange(100)
    why = causes(SETTINGS, STARTUPS, asking, FUNDS, fund, FUNDS.born, np.full(100, 0.5))
    for part in (why.line, why.place, why.stage, why.quality, why.load):
        assert (part <= 0).all()
    assert (why.load == -1.0).all()


def test_log_odds_and_chances_are_inverse() -> None:
    assert np.isclose(expit(np.array([logit(0.3)]))[0], 0.3)
