import numpy as np
import pytest
from hypothesis import given

from matching.market import Market
from matching.records import Startup
from models.features.channels import co_investment
from models.features.habits import COLUMNS, NO_DEAL, habits
from tests.matching.worlds import QUICK, market_of
from tests.models.features.plain import Told, asked, deals_of
from tests.models.features.test_activity import deal, planted

AT = {column.name: at for at, column in enumerate(COLUMNS)}


def test_how_three_funds_invest_is_counted_by_hand() -> None:
    market = planted()
    found = habits(market, co_investment(market))
    f, g, idle = ({name: found[row, at] for name, at in AT.items()} for row in range(3))
    assert f["first_share"] == pytest.approx(2 / 3) and g["first_share"] == 1
    assert f["first_share_2y"] == pytest.approx(0.5 / 1.5)
    assert f["together"] == pytest.approx(np.log(2) / 3)  # two investors in a, alone twice
    assert f["alone"] == pytest.approx(2 / 3) and g["alone"] == 0
    assert f["most_on_a_day"] == pytest.approx(np.log(2)) and g["most_on_a_day"] == 0
    assert f["partners"] == g["partners"] == pytest.approx(np.log1p(1))
    assert idle["partners"] == 0
    assert all(np.isnan(idle[column.name]) for column in COLUMNS if column.missing == NO_DEAL)


def test_an_empty_market_has_columns() -> None:
    empty = market_of()
    assert habits(empty, co_investment(empty)).shape == (0, len(COLUMNS))


def mean(values: list[float], weights: list[float] | None = None) -> float:
    weights = weights or [1.0] * len(values)
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights) if weights else np.nan


def age_of_company(deal: Told, market: Market) -> float | None:
    """How old a company was at its first round, if that is told and no slip."""
    founded = deal.startup.founded_on
    years = None if founded is None else (market.as_of - founded).days / 365.25 - deal.age
    return years if deal.first and years is not None and years >= 0 else None


@QUICK
@given(asked())
def test_every_column_is_that_of_plain_python(question: tuple[Market, Startup]) -> None:
    market, _ = question
    deals, found = deals_of(market), habits(market, co_investment(market))
    backers = {deal.company: {d.fund for d in deals if d.company == deal.company} for deal in deals}
    for fund in range(len(market.funds)):
        mine = [deal for deal in deals if deal.fund == fund]
        held = {deal.company: deal.startup for deal in mine}
        ages = [age for deal in mine if (age := age_of_company(deal, market)) is not None]
        days = [sum(other.age == deal.age for other in mine) for deal in mine]
        shared = {other: sum(other in backers[c] for c in held) for other in range(len(market.funds))}
        partners = {other: n for other, n in shared.items() if n and other != fund}
        busy = [sum(0.5**d.age for d in deals if d.fund == other) for other in partners]
        fields = (
            [c.country for c in held.values()],
            [c.place for c in held.values()],
            [c.stage_told or c.stage for c in held.values()],
        )
        expected = [
            mean([deal.first for deal in mine]),
            mean([deal.first for deal in mine], [0.5 ** (deal.age / 2) for deal in mine]),
            mean([*ages, 2.0]),
            mean([float(np.log(deal.size)) for deal in mine]),
            mean([deal.size == 1 for deal in mine]),
            np.log(max(days, default=np.nan)),
            np.log1p(len(partners)),
            np.log1p(mean(busy, [float(n) for n in partners.values()])) if partners else 0.0,
            *(concentration([value for value in values if value]) for values in fields),
        ]
        assert found[fund] == pytest.approx(expected, nan_ok=True)


def concentration(values: list[str]) -> float:
    """The chance that two draws are the same."""
    return mean([values.count(value) / len(values) for value in values])


def test_one_first_deal_more_raises_the_share_of_them() -> None:
    before = planted()
    told = [*before.deals.records, deal("c", "f", 0)]
    after = market_of([*before.companies, Startup(startup_id="c")], before.funds.records, told)
    one, more = (habits(market, co_investment(market))[0] for market in (before, after))
    for column, gained in zip(COLUMNS, more - one, strict=True):
        assert gained * column.direction > 0 or column.direction == 0, column.name


def test_a_fund_whose_companies_tell_no_field_is_unknown_in_that_field_alone() -> None:
    market = market_of(
        [Startup(startup_id="a", country="VN")],
        planted().funds.records,
        [deal("a", "f", 0), deal("a", "g", 4)],
    )
    told = habits(market, co_investment(market))[0]
    assert told[AT["one_country"]] == 1
    assert np.isnan(told[[AT["one_city"], AT["one_stage"]]]).all()
    assert np.isfinite([told[AT[column.name]] for column in COLUMNS if column.missing in ("", NO_DEAL)]).all()
