import numpy as np
import pytest

from matching.records import Deal, Fund, Startup
from models.features.lifts import COLUMNS, Lifts
from models.features.tracks import SHRINKAGE
from tests.matching.worlds import market_of, years_ago

NAMES = [column.name for column in COLUMNS]


def test_a_fund_s_share_of_deals_alike_is_compared_with_that_of_all_funds() -> None:
    startups = [Startup(startup_id="here", country="VN"), Startup(startup_id="there", country="SG")]
    funds = [Fund(fund_id="near"), Fund(fund_id="far"), Fund(fund_id="new")]
    deals = [
        Deal(startup_id="here", fund_id="near", announced_on=years_ago(0)),
        Deal(startup_id="there", fund_id="far", announced_on=years_ago(0)),
    ]
    market = market_of(startups, funds, deals)
    lifts, rows = Lifts.of(market), np.array([market.funds.row_of[id_] for id_ in ("near", "far", "new")])
    asking = Startup(startup_id="asking", country="VN")
    weights = lifts.weights(asking)
    near, far, new = lifts.matrix(weights, rows)[:, NAMES.index("site_lift_5y")]
    like = {id_: float(weights[1, market.company_row[id_]]) for id_ in ("here", "there")}
    base = (like["here"] + like["there"]) / 2
    shares = [(like[id_] + SHRINKAGE * base) / (1 + SHRINKAGE) for id_ in ("here", "there")]
    assert [near, far] == pytest.approx(np.log(np.array(shares) / base), rel=1e-5)
    assert near > 0 > far
    assert new == pytest.approx(0)


def test_its_own_company_counts_for_nothing() -> None:
    startups = [Startup(startup_id="here", country="VN"), Startup(startup_id="there", country="SG")]
    deals = [Deal(startup_id=s.startup_id, fund_id="f", announced_on=years_ago(0)) for s in startups]
    market = market_of(startups, [Fund(fund_id="f")], deals)
    assert not Lifts.of(market).weights(startups[0])[:, market.company_row["here"]].any()
