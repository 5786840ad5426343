import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given

from matching.market import Market
from matching.records import Deal, Fund, Startup
from models.features.activity import COLUMNS, activity
from tests.matching.worlds import QUICK, market_of, years_ago
from tests.models.features.plain import Told, asked, deals_of

AT = {column.name: at for at, column in enumerate(COLUMNS)}


def deal(company: str, fund: str, age: float) -> Deal:
    return Deal(startup_id=company, fund_id=fund, announced_on=years_ago(age))


def planted() -> Market:
    companies = [Startup(startup_id=id_) for id_ in "ab"]
    funds = [Fund(fund_id=id_) for id_ in ("f", "g", "idle")]
    return market_of(
        companies, funds, [deal("a", "f", 4), deal("a", "g", 4), deal("a", "f", 0), deal("b", "f", 4)]
    )


def test_what_three_funds_did_is_counted_by_hand() -> None:
    found = activity(planted())
    f, g, idle = ({name: found[row, at] for name, at in AT.items()} for row in range(3))
    assert f["deals_2y"] == pytest.approx(np.log1p(1 + 2 * 0.25))  # one of today, two of 4 years
    assert g["deals_2y"] == pytest.approx(np.log1p(0.25))
    assert f["trend"] == pytest.approx(np.log((1 + 2 / 256 + 0.5) / (1.5 + 0.5)))
    assert (f["since_last"], f["since_start"], g["since_last"]) == (0, 4, 4)
    assert f["companies"] == pytest.approx(np.log1p(2)) and g["companies"] == pytest.approx(np.log1p(1))
    assert f["first_deals_1y"] == pytest.approx(np.log1p(2 / 16))  # both of four years ago
    assert (f["since_last_first"], g["since_last_first"]) == (4, 4)
    assert idle["deals_5y"] == idle["companies"] == 0
    assert idle["trend"] == 0, "neither more nor less than before"


def test_a_fund_without_a_deal_is_unknown_where_the_column_says_so() -> None:
    idle = activity(planted())[2]
    assert [bool(np.isnan(idle[AT[c.name]])) for c in COLUMNS] == [bool(c.missing) for c in COLUMNS]
    assert activity(market_of()).shape == (0, len(COLUMNS))


@QUICK
@given(asked())
def test_every_column_is_that_of_plain_python(question: tuple[Market, Startup]) -> None:
    market, _ = question
    deals, found = deals_of(market), activity(market)
    for fund in range(len(market.funds)):
        mine = [deal for deal in deals if deal.fund == fund]

        def tally(years: float, told: Sequence[Told] = mine) -> float:
            return sum(math.pow(0.5, deal.age / years) for deal in told)

        first = [deal for deal in mine if deal.first]
        expected = [
            *(np.log1p(tally(years)) for years in (0.25, 0.5, 1, 2, 5)),
            *(np.log1p(tally(years, first)) for years in (0.5, 1)),
            np.log((tally(0.5) + 0.5) / (tally(2) + 0.5)),
            min((deal.age for deal in mine), default=np.nan),
            min((deal.age for deal in first), default=np.nan),
            max((deal.age for deal in mine), default=np.nan),
            np.log1p(len({deal.company for deal in mine})),
        ]
        assert found[fund] == pytest.approx(expected, nan_ok=True)


def test_one_new_first_deal_moves_every_column_where_its_direction_points() -> None:
    before = planted()
    told = [*before.deals.records, deal("c", "g", 0)]
    after = market_of([*before.companies, Startup(startup_id="c")], before.funds.records, told)
    gained = (activity(after) - activity(before))[1]
    for column, more in zip(COLUMNS, gained, strict=True):
        assert more * column.direction > 0 or column.direction == 0, column.name
