from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from matching.market import Floats, Market
from matching.records import Deal, Fund, Startup
from models.features.lenses import Lens, Lenses, Weights
from models.features.portfolios import HALF_LIVES, Portfolios
from models.features.tracks import CLOSEST, COLUMNS, LATEST, NEAREST, SHRINKAGE, TINY, Scale, tracks
from tests.matching.worlds import QUICK, market_of, years_ago
from tests.models.features.plain import asked, deals_of

AT = {column.name: at for at, column in enumerate(COLUMNS)}
EXACT = (*LATEST, Lens.CITY_TAG, Lens.CITY_STAGE)
"""Lenses whose weight is 0 or 1."""


def seen(market: Market, asking: Startup) -> tuple[Weights, Floats]:
    """The weights of the lenses and the columns of all funds."""
    weights, portfolios = Lenses.of(market).weights(asking), Portfolios.of(market)
    scale = Scale.of(weights, portfolios)
    return weights, tracks(weights, scale, portfolios.entries(np.arange(len(market.funds))))


@QUICK
@given(asked())
def test_every_column_is_that_of_plain_python(question: tuple[Market, Startup]) -> None:
    market, asking = question
    weights, found = seen(market, asking)
    deals, funds = deals_of(market), range(len(market.funds))
    held = [sorted({deal.company for deal in deals if deal.fund == fund}) for fund in funds]
    for lens, like in zip(Lens, weights.astype(np.float64), strict=True):
        for years in HALF_LIVES:
            every = sum(deal.weight(years) for deal in deals)
            base = max(abs(sum(d.weight(years) * like[d.company] for d in deals)) / max(every, TINY), TINY)
            for fund in funds:
                of = sum(d.weight(years) for d in deals if d.fund == fund)
                n = max(0.0, sum(d.weight(years) * like[d.company] for d in deals if d.fund == fund))
                sums, lifts = (found[fund, AT[f"{lens}_{what}_{years:g}y"]] for what in ("sum", "lift"))
                assert np.exp(sums) == pytest.approx(n + TINY, rel=1e-4, abs=1e-6)
                lift = (n + SHRINKAGE * base) / (of + SHRINKAGE) / base
                assert np.exp(lifts) == pytest.approx(lift, rel=1e-3)
    for fund, mine in enumerate(held):
        for lens in CLOSEST:
            closest = max((weights[list(Lens).index(lens), c] for c in mine), default=np.nan)
            np.testing.assert_equal(found[fund, AT[f"{lens}_closest"]], closest)
        for lens in LATEST:
            like = weights[list(Lens).index(lens)]
            ages = [deal.age for deal in deals if deal.fund == fund and like[deal.company]]
            np.testing.assert_equal(found[fund, AT[f"{lens}_since"]], min(ages, default=np.nan))
        kernel = weights[0]
        for n in NEAREST:
            above = [sum(other > kernel[c] for other in kernel) for c in mine]
            assert found[fund, AT[f"among_{n}"]] == sum(nearer <= n for nearer in above)


LIKE = Startup(country="VN", place="vn-hue", tags=("pay",), stage_told="seed")
OTHER = Startup(country="SG", place="sg", tags=("farm",), stage_told="angel")
COMPANIES = tuple(
    replace(what, startup_id=f"{name}{at}")
    for what, name in ((LIKE, "like"), (OTHER, "other"))
    for at in range(5)
)
ASKING = replace(LIKE, startup_id="new")
FUNDS = (Fund(fund_id="f"), Fund(fund_id="g"))


def deal(startup_id: str, fund_id: str, age: float) -> Deal:
    return Deal(startup_id=startup_id, fund_id=fund_id, announced_on=years_ago(age))


BEFORE = (
    *(deal(f"other{at}", "f", 8) for at in range(5)),
    *(deal(f"like{at}", "g", 8) for at in range(5)),
)
ONE_MORE = deal("like0", "f", 4)


def test_one_deal_more_with_one_like_the_startup_moves_every_column_where_its_direction_points() -> None:
    before = seen(market_of(COMPANIES, FUNDS, BEFORE), ASKING)[1][0]
    after = seen(market_of(COMPANIES, FUNDS, (*BEFORE, ONE_MORE)), ASKING)[1][0]
    for column, one, more in zip(COLUMNS, before, after, strict=True):
        if column.missing == "no such company backed":
            assert np.isnan(one) and more == 4, column.name
        else:
            assert (more - one) * column.direction > 0, column.name


def test_a_newer_deal_with_one_like_the_startup_was_less_long_ago() -> None:
    told = (*BEFORE, ONE_MORE, deal("like0", "f", 0))
    found = seen(market_of(COMPANIES, FUNDS, told), ASKING)[1][0]
    assert {found[AT[f"{lens}_since"]] for lens in LATEST} == {0}


def test_a_lift_is_a_share_so_that_a_like_deal_of_a_fund_with_no_others_lifts_it_no_more() -> None:
    """What the deal adds to the share of all funds outweighs what it adds to a share that is whole."""
    more = (*BEFORE, deal("like0", "g", 4))
    columns = [AT[f"{lens}_lift_5y"] for lens in EXACT]
    one = seen(market_of(COMPANIES, FUNDS, BEFORE), ASKING)[1][1]
    again = seen(market_of(COMPANIES, FUNDS, more), ASKING)[1][1]
    assert (again - one)[columns].max() < 0
    assert (again - one)[[AT[f"{lens}_sum_5y"] for lens in EXACT]].min() > 0


def test_a_fund_without_a_company_is_unknown_where_the_column_says_so() -> None:
    for market in (market_of(COMPANIES, (*FUNDS, Fund(fund_id="idle")), BEFORE), market_of((), FUNDS)):
        idle = seen(market, ASKING)[1][-1]
        assert [bool(np.isnan(value)) for value in idle] == [bool(column.missing) for column in COLUMNS]
        lifts = [idle[at] for name, at in AT.items() if "_lift_" in name]
        assert lifts == pytest.approx([0.0] * len(lifts)), "neither more nor less than all funds"
    assert seen(market_of(), ASKING)[1].shape == (0, len(COLUMNS))
