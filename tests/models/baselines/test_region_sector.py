from datetime import timedelta

import pytest

from matching.knowledge import Knowledge
from matching.market import build_market
from matching.records import Deal, Fund, Startup
from models.baselines.region_sector import ANY, RegionSector
from tests.models.baselines.towns import CUT, VECTORS, one_deal_each

COMPANIES = (
    Startup(startup_id="city and tag", country="VN", place="vn-hue", tags=("Pay", "AI")),
    Startup(startup_id="country and tag", country="VN", place="vn-hanoi", tags=("pay",)),
    Startup(startup_id="country", country="VN", tags=("farm",)),
    Startup(startup_id="city", country="VN", place="vn-hue"),
    Startup(startup_id="tag", country="SG", tags=("pay",)),
    Startup(startup_id="nothing"),
)
METHOD = RegionSector(country=0.25, city=8.0)
MARKET = one_deal_each(COMPANIES)


def asked(country: str | None = None, place: str = "", tags: tuple[str, ...] = ()) -> list[float]:
    query = Startup(startup_id="new", country=country, place=place, tags=tags)
    scores = METHOD.fit(MARKET, VECTORS).scores([query])
    return [float(score) - ANY for score in scores[0]]


def test_what_is_shared_is_what_counts() -> None:
    found = asked(country="VN", place="vn-hue", tags=("PAY",))
    assert found == pytest.approx([0.25 + 1 + 8, 0.25 + 1, 0.25, 0.25, 0, 0], abs=1e-6)


def test_a_query_without_city_without_tags_or_with_nothing_falls_back() -> None:
    assert asked(country="VN", tags=("pay",)) == pytest.approx([1.25, 1.25, 0.25, 0.25, 0, 0], abs=1e-6)
    assert asked(country="VN", place="vn-hue") == pytest.approx([0.25] * 4 + [0, 0], abs=1e-6)
    assert asked(tags=("pay",)) == pytest.approx([1.25, 1.25, 0.25, 0.25, 1.25, 0.25], abs=1e-6)
    assert asked() == pytest.approx([0.25] * 6, abs=1e-6)


def test_deals_weigh_by_age_by_order_and_by_syndicate() -> None:
    ago = CUT - timedelta(days=1461)  # two half-lives of 2 years
    told = (("a", "first", ago), ("a", "beside", ago), ("a", "again", CUT), ("b", "new", CUT))
    market = build_market(
        Knowledge(
            (Startup(startup_id="a", country="VN"), Startup(startup_id="b", country="VN")),
            tuple(Fund(fund_id=fund) for _, fund, _ in told),
            tuple(Deal(startup_id=s, fund_id=f, announced_on=day) for s, f, day in told),
        ),
        CUT,
        VECTORS,
    )
    method = RegionSector(country=1.0, half_life=2.0, follow_on=0.5, syndicate=0.5)
    query = Startup(startup_id="new", country="VN")
    scores = method.fit(market, VECTORS).scores([query])[0] / (1 + ANY)
    by_fund = {fund.fund_id: scores[row] for row, fund in enumerate(market.funds.records)}
    old = 0.25 / 2**0.5
    assert by_fund == pytest.approx({"first": old, "beside": old, "again": 0.5, "new": 1.0})
