from datetime import date

import numpy as np
import pytest

from matching.knowledge import Knowledge
from matching.market import lay_out
from matching.records import Deal, Fund, Startup
from models.baselines.deals import DealWeight, holdings, own_rows
from models.judging import NOBODY
from tests.matching.worlds import HashedVectors

CUT = date(2020, 1, 1)
TOLD = [
    ("a", "f", date(2018, 1, 1)),  # 730 days before: 1.9986 years
    ("a", "g", date(2018, 1, 1)),
    ("a", "f", date(2019, 1, 1)),  # a follow-on, 365 days before
    ("b", "g", date(2019, 1, 1)),
]
MARKET = lay_out(
    Knowledge(
        (Startup(startup_id="a"), Startup(startup_id="b"), Startup(startup_id="unfunded")),
        (Fund(fund_id="f"), Fund(fund_id="g")),
        tuple(Deal(startup_id=s, fund_id=f, announced_on=day) for s, f, day in TOLD),
    ),
    CUT,
    HashedVectors(),
)


def test_every_deal_weighs_one_unless_told_otherwise() -> None:
    assert DealWeight().of(MARKET).tolist() == [1, 1, 1, 1]


def test_age_follow_ons_and_syndicates() -> None:
    half = 0.5 ** (np.array([730, 730, 365, 365]) / 365.25)
    assert DealWeight(half_life=1.0).of(MARKET) == pytest.approx(half)
    assert DealWeight(follow_on=0.3).of(MARKET).tolist() == [1, 1, 0.3, 1]
    assert DealWeight(syndicate=0.5).of(MARKET) == pytest.approx([0.5**0.5, 0.5**0.5, 1, 1])
    both = half * [1, 1, 0.3, 1] * np.array([0.5, 0.5, 1, 1])
    assert DealWeight(1.0, 0.3, 1.0).of(MARKET) == pytest.approx(both)


def test_holdings_add_up_the_deals_of_a_pair() -> None:
    held = holdings(MARKET, np.array([1.0, 2.0, 4.0, 8.0]))
    assert held.toarray().tolist() == [[5, 2], [0, 8]]


def test_own_rows() -> None:
    asked = [Startup(startup_id="b"), Startup(startup_id="unfunded"), Startup(startup_id="new")]
    assert own_rows(asked, MARKET).tolist() == [1, NOBODY, NOBODY]
