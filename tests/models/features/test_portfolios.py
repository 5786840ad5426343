import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.market import Market
from matching.records import Startup
from models.features.portfolios import HALF_LIVES, LASTING, Portfolios
from tests.matching.worlds import QUICK, market_of
from tests.models.features.plain import asked, deals_of

NONE = np.zeros(0, np.int64)


@QUICK
@given(asked())
def test_each_company_of_a_fund_has_the_weights_of_its_deals_and_the_age_of_the_newest(
    question: tuple[Market, Startup],
) -> None:
    market, _ = question
    deals, found = deals_of(market), Portfolios.of(market)
    pairs = sorted({(deal.fund, deal.company) for deal in deals})
    fund = np.repeat(np.arange(len(market.funds)), np.diff(found.start)).tolist()
    assert list(zip(fund, found.company.tolist(), strict=True)) == pairs
    of = [[deal for deal in deals if (deal.fund, deal.company) == pair] for pair in pairs]
    assert found.age.tolist() == [min(deal.age for deal in mine) for mine in of]
    for weight, every, years in zip(found.weight, found.of_company, HALF_LIVES, strict=True):
        assert weight == pytest.approx([sum(d.weight(years) for d in mine) for mine in of], rel=1e-5)
        told = [sum(d.weight(years) for d in deals if d.company == at) for at in range(len(every))]
        assert every == pytest.approx(told, rel=1e-5)
    lasting = np.zeros((len(market.funds), len(market.companies)))
    for deal in deals:
        lasting[deal.fund, deal.company] += deal.weight(LASTING)
    assert found.lasting.toarray() == pytest.approx(lasting, rel=1e-5)


@QUICK
@given(asked(), st.data())
def test_entries_of_some_funds_add_up_and_compare_fund_by_fund(
    question: tuple[Market, Startup], data: st.DataObject
) -> None:
    market, _ = question
    found, n = Portfolios.of(market), len(market.funds)
    rows = data.draw(st.lists(st.integers(0, n - 1), max_size=2 * n)) if n else []  # twice is allowed
    entries = found.entries(np.array(rows, np.int64))
    mine = [found.company[found.start[row] : found.start[row + 1]] for row in rows]
    assert entries.company.tolist() == np.concatenate([NONE, *mine]).tolist()
    value = np.sqrt(1.0 + entries.company)
    assert entries.sums(value) == pytest.approx([np.sqrt(1.0 + own).sum() for own in mine])
    largest = [np.sqrt(1.0 + own).max() if len(own) else np.nan for own in mine]
    np.testing.assert_array_equal(entries.largest(value), largest)


def test_an_empty_market_has_no_entry() -> None:
    entries = Portfolios.of(market_of()).entries(NONE)
    assert (len(entries.company), len(entries.start), entries.weight.shape) == (0, 0, (len(HALF_LIVES), 0))
    assert entries.sums(np.zeros(0)).shape == entries.largest(np.zeros(0)).shape == (0,)
