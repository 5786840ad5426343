from datetime import date, timedelta

import numpy as np
import pytest

from matching.knowledge import Knowledge
from matching.market import lay_out
from matching.records import Deal, Fund, Startup
from models.baselines.popularity import Popularity
from tests.matching.worlds import HashedVectors

CUT = date(2020, 1, 1)
DAYS = 1461  # 4 years of 365.25 days
MARKET = lay_out(
    Knowledge(
        (Startup(startup_id="a"), Startup(startup_id="b")),
        (Fund(fund_id="f"), Fund(fund_id="g"), Fund(fund_id="idle")),
        (
            Deal(startup_id="a", fund_id="f", announced_on=CUT),
            Deal(startup_id="b", fund_id="f", announced_on=CUT - timedelta(days=DAYS)),
            Deal(startup_id="b", fund_id="g", announced_on=CUT - timedelta(days=DAYS)),
        ),
    ),
    CUT,
    HashedVectors(),
)
QUERIES = [Startup(startup_id="new"), Startup(startup_id="a"), Startup(startup_id="b")]


def test_counts_deals_but_those_of_the_query() -> None:
    scores = Popularity().fit(MARKET, HashedVectors()).scores(QUERIES)
    assert scores.tolist() == [[2, 1, 0], [1, 1, 0], [1, 0, 0]]


def test_a_deal_of_two_half_lives_ago_counts_a_quarter() -> None:
    scores = Popularity(half_life=2.0).fit(MARKET, HashedVectors()).scores(QUERIES)
    assert scores == pytest.approx(np.array([[1.25, 0.25, 0], [0.25, 0.25, 0], [1, 0, 0]]))
