"""The features as a whole, and each family against sums in plain Python."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.knowledge import Knowledge
from matching.market import Market, build_market, profile_vectors
from matching.pairs import Pairs
from matching.records import Deal, Fund, Startup
from matching.vocabulary import PLAIN_FEATURES, Feature
from models.features.activity import NO_DEAL
from models.features.lenses import Lens
from models.features.portfolios import HALF_LIVES
from models.features.view import COLUMNS, PLAIN, DealView, Matrix
from tests.matching.worlds import QUICK, TODAY, HashedVectors, market_of, questions, years_ago

VECTORS = HashedVectors()
AT = {column.name: at for at, column in enumerate(COLUMNS)}


COUNTRY_SUM = f"{Lens.COUNTRY}_sum_{HALF_LIVES[0]:g}y"


def matrix_of(market: Market, asking: Startup) -> Matrix:
    """The features of all funds."""
    pairs = Pairs.of(asking, profile_vectors([asking], VECTORS)[0], market)
    return DealView.of(market).beside(pairs).matrix(np.arange(len(market.funds)))


def test_every_column_has_a_name_of_its_own_a_unit_and_a_reason() -> None:
    assert len(AT) == len(COLUMNS) == DealView.of(market_of()).width
    assert all(column.unit and isinstance(column.reason, Feature) for column in COLUMNS)
    assert {column.direction for column in COLUMNS} <= {-1, 0, 1}
    assert [column.name for column in COLUMNS[: len(PLAIN_FEATURES)]] == [f.value for f in PLAIN_FEATURES]
    assert {column.reason for column in COLUMNS} == set(PLAIN_FEATURES), "no reason is told by no column"


@QUICK
@given(questions())
def test_a_value_is_unknown_where_its_column_says_so_and_nowhere_else(
    question: tuple[Knowledge, Startup],
) -> None:
    world, asking = question
    market = build_market(world, TODAY, VECTORS)
    found = matrix_of(market, asking)
    assert found.shape == (len(world.funds), len(COLUMNS)) and found.dtype == np.float32
    assert not np.isinf(found).any()
    backs = np.bincount(market.deals.fund, minlength=len(market.funds)) > 0
    told = np.array([fund.hq_country is not None for fund in market.funds.records], np.bool_)
    for column in COLUMNS:
        known = np.isfinite(found[:, AT[column.name]])
        if column.name == "at_home":
            assert known.tolist() == (told & (asking.country is not None)).tolist()
        elif column.missing == NO_DEAL:
            assert not known[~backs].any(), column.name
        elif not column.missing:
            assert known.all(), column.name


@QUICK
@given(questions(), st.data())
def test_the_row_of_a_fund_is_the_same_bits_whichever_others_are_asked_for(
    question: tuple[Knowledge, Startup], data: st.DataObject
) -> None:
    world, asking = question
    market = build_market(world, TODAY, VECTORS)
    pairs = Pairs.of(asking, profile_vectors([asking], VECTORS)[0], market)
    seen = DealView.of(market).beside(pairs)
    every = seen.matrix(np.arange(len(market.funds)))
    rows = data.draw(st.lists(st.integers(0, max(0, len(market.funds) - 1)), max_size=4 * bool(len(every))))
    assert seen.matrix(np.array(rows, np.int64)).tobytes() == every[rows].tobytes()
    assert seen.pool.tolist() == sorted(set(seen.pool.tolist()))


COMPANIES = tuple(
    Startup(startup_id=f"c{at}", country="VN" if at < 3 else "SG", tags=("pay",) if at % 2 else ("farm",))
    for at in range(6)
)
FUNDS = tuple(Fund(fund_id=id_, name=id_, hq_country=home) for id_, home in (("f", "VN"), ("g", None)))
ASKING = Startup(startup_id="new", country="VN", tags=("PAY",))


def deal(company: str, fund: str, age: float = 4) -> Deal:
    return Deal(startup_id=company, fund_id=fund, announced_on=years_ago(age))


def test_one_more_like_deal_never_lowers_what_can_only_speak_for_a_fund() -> None:
    before = [deal("c0", "f"), deal("c3", "f"), deal("c4", "g"), deal("c2", "g")]
    one = matrix_of(market_of(COMPANIES, FUNDS, before), ASKING)
    more = matrix_of(market_of(COMPANIES, FUNDS, [*before, deal("c1", "f")]), ASKING)
    gained = more[0] - one[0]
    for lens in (Lens.COUNTRY, Lens.TAG, Lens.COUNTRY_TAG):
        for years in HALF_LIVES:
            assert gained[AT[f"{lens}_sum_{years:g}y"]] > 0
    assert (gained[[AT["deals_1y"], AT["companies"], AT["region_gap"], AT["region_share"]]] >= 0).all()
    assert gained[AT["region_place"]] <= 0


def test_its_own_company_counts_for_nothing() -> None:
    deals = [deal("c1", "f"), deal("c1", "g"), deal("c0", "g")]
    market = market_of(COMPANIES, FUNDS, deals)
    own = matrix_of(market, replace(ASKING, startup_id="c1"))
    assert own[0, AT[COUNTRY_SUM]] == pytest.approx(np.log(1e-9))
    assert own[0, AT["kernel_closest"]] == 0
    assert own[0, AT["region_gap"]] < 0
    other = matrix_of(market, ASKING)
    assert other[0, AT[COUNTRY_SUM]] > own[0, AT[COUNTRY_SUM]]


def test_at_home_is_a_country_shared_where_both_are_known() -> None:
    market = market_of(COMPANIES, FUNDS, [deal("c0", "f")])
    at_home = matrix_of(market, ASKING)[:, AT["at_home"]]
    assert at_home[0] == 1 and np.isnan(at_home[1])
    assert matrix_of(market, replace(ASKING, country="SG"))[0, AT["at_home"]] == 0
    assert np.isnan(matrix_of(market, replace(ASKING, country=None))[:, AT["at_home"]]).all()


@QUICK
@given(questions())
def test_sums_and_lifts_of_the_same_country_are_those_of_plain_python(
    question: tuple[Knowledge, Startup],
) -> None:
    world, asking = question
    market = build_market(world, TODAY, VECTORS)
    found = matrix_of(market, asking)
    deals = market.deals
    together = Counter(zip(deals.company.tolist(), deals.age_years.tolist(), strict=True))
    for years in HALF_LIVES:
        like, every = np.zeros(len(market.funds)), np.zeros(len(market.funds))
        for company, fund, age in zip(deals.company, deals.fund, deals.age_years, strict=True):
            first = age >= max(deals.age_years[deals.company == company])
            weight = 0.5 ** (age / years) * (1 if first else 0.3) / together[int(company), float(age)] ** 0.33
            told = market.companies[company]
            every[fund] += weight
            if told.country and told.country == asking.country and told.startup_id != asking.startup_id:
                like[fund] += weight
        base = max(like.sum() / max(every.sum(), 1e-9), 1e-9)
        lift = np.log((like + base) / (every + 1) / base)
        sums = found[:, AT[f"country_sum_{years:g}y"]]
        assert sums == pytest.approx(np.log(like + 1e-9), rel=1e-4, abs=1e-4)
        assert found[:, AT[f"country_lift_{years:g}y"]] == pytest.approx(lift, rel=1e-3, abs=1e-3)


def test_the_plain_features_are_those_of_the_prior() -> None:
    market = market_of(COMPANIES, FUNDS, [deal("c0", "f"), deal("c1", "g")])
    pairs = Pairs.of(ASKING, profile_vectors([ASKING], VECTORS)[0], market)
    rows = np.arange(2)
    assert matrix_of(market, ASKING)[:, : len(PLAIN)].tolist() == pairs.matrix(rows).astype("f4").tolist()
