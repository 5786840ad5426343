from dataclasses import replace

import numpy as np
import pytest

from matching.kernel import USUAL_TEXT_FLOOR, USUAL_THESIS_FLOOR, Kernel
from matching.market import profile_vectors
from matching.records import Deal, Fund, Startup
from matching.vocabulary import Stage
from tests.matching.worlds import (
    FARM,
    FIXED,
    LEND,
    MONEY,
    PAY,
    PAYCO,
    SAYS_FARM,
    SAYS_PAY,
    FixedVectors,
    hand_made,
    market_of,
    years_ago,
)

MARKET = hand_made().market


def test_only_backed_startups_are_companies_and_all_funds_are_kept() -> None:
    assert [company.startup_id for company in MARKET.companies] == ["pay", "lend", "farm"]
    assert [fund.fund_id for fund in MARKET.funds.records] == ["money", "fields", "quiet"]
    assert MARKET.company_row == {"pay": 0, "lend": 1, "farm": 2}
    assert MARKET.company_countries.tolist() == ["VN", "SG", "VN"]
    assert (len(MARKET.funds), MARKET.index.n_companies, MARKET.index.n_sentences) == (3, 3, 2)


def test_a_deal_halves_in_two_years_and_an_undated_one_is_as_old_as_the_median() -> None:
    # dated deals are 4, 0, 4 and 12 years old: the median is 4, the mean 5
    assert MARKET.deals.age_years.tolist() == [4, 0, 4, 4, 12]
    assert MARKET.deals.weight.tolist() == [0.25, 1, 0.25, 0.25, 1 / 64]
    assert MARKET.deals.dated.tolist() == [True, True, True, False, True]
    assert MARKET.deals.stage.tolist() == [2, 4, 2, -1, 2]


def test_where_no_deal_is_dated_all_count_as_new_and_a_future_one_is_not_above_one() -> None:
    undated = Deal(startup_id="s", fund_id="f")
    startup, fund = Startup(startup_id="s"), Fund(fund_id="f")
    assert market_of([startup], [fund], [undated]).deals.weight.tolist() == [1]
    future = replace(undated, announced_on=years_ago(-4))
    assert market_of([startup], [fund], [future]).deals.weight.tolist() == [1]


def test_a_holding_is_one_company_of_one_fund_with_the_weight_of_its_newest_deal() -> None:
    held = MARKET.holdings
    assert held.company.tolist() == [0, 1, 1, 2]
    assert held.fund.tolist() == [0, 0, 1, 1]
    assert held.weight.tolist() == [1, 0.25, 0.25, 1 / 64]


def test_columns_of_funds_hold_what_is_told_and_nan_where_nothing_is() -> None:
    columns = MARKET.funds
    assert columns.stages.tolist() == [1 << 2, 0, 0]
    assert columns.stages_told.tolist() == [True, False, False]
    assert columns.countries_told.tolist() == [True, True, False]
    assert columns.status_told.tolist() == [True, False, False]
    assert columns.closed.tolist() == [False, False, False]
    np.testing.assert_array_equal(columns.ticket_min, [100_000, np.nan, np.nan])
    np.testing.assert_array_equal(columns.ticket_max, [500_000, np.nan, np.nan])


@pytest.mark.parametrize(
    ("fund", "same"),
    [
        (Fund(fund_id="other", name="Money", thesis=SAYS_PAY), True),
        (Fund(fund_id="other", name="Money"), False),
        (Fund(fund_id="other", name="Cash", thesis=SAYS_PAY), False),
    ],
)
def test_the_tie_key_tells_a_fund_without_its_id(fund: Fund, same: bool) -> None:
    first, second = market_of([], [Fund(fund_id="f", name="Money", thesis=SAYS_PAY), fund]).funds.tie_key
    assert (first == second) is same


def test_a_thesis_in_two_languages_counts_once() -> None:
    sentence = "We lead the seed rounds of software companies in Vietnam and its neighbours."
    twice = Fund(fund_id="f", thesis=f"{sentence} {sentence}", thesis_vi=sentence)
    once = Fund(fund_id="g", thesis=sentence)
    market = market_of([], [twice, once])
    assert market.sentence_fund.tolist() == [0, 0, 0, 1]
    assert market.sentence_weight.tolist() == [0.5, 0.5, 0.5, 1]


def test_a_profile_in_two_languages_is_their_mean_of_unit_length() -> None:
    vectors = FixedVectors({"pays": (1.0, 0.0), "trả": (0.0, 1.0)})
    told = [
        Startup(description="pays", description_vi="trả"),
        Startup(description="pays"),
        Startup(),
        Startup(tags=("pays",)),
    ]
    half = 0.5**0.5
    np.testing.assert_allclose(
        profile_vectors(told, vectors), [[half, half], [1, 0], [0, 0], [1, 0]], rtol=1e-7
    )
    assert profile_vectors([], vectors).shape == (0, 2)


def test_the_layout_has_the_places_of_companies_only() -> None:
    assert MARKET.layout.countries == ("SG", "VN")
    assert MARKET.layout.cities == ("vn-hanoi",)


def test_a_query_s_floors_are_its_mean_cosines_with_the_market_drawn_to_the_usual_ones() -> None:
    pays = np.array(FIXED.known[PAY], np.float32)
    # with the texts of pay, lend and farm: 1, .8 and 0; with the two thesis sentences: .96 and .28
    assert MARKET.layout.text_floor.of(pays) == pytest.approx((1.8 + 20 * USUAL_TEXT_FLOOR) / 23)
    assert MARKET.layout.thesis_floor.of(pays) == pytest.approx((1.24 + 20 * USUAL_THESIS_FLOOR) / 22)


def test_a_market_has_the_usual_kernel_unless_one_is_given() -> None:
    assert MARKET.layout.kernel == Kernel()
    assert market_of(kernel=Kernel(text=1)).layout.kernel.text == 1


def test_the_text_vectors_of_companies_are_kept() -> None:
    assert (
        MARKET.company_texts.tolist() == np.array([FIXED.known[t] for t in (PAY, LEND, FARM)], "f4").tolist()
    )


def test_an_empty_market_can_be_built() -> None:
    market = market_of()
    assert (len(market.funds), market.companies, market.sentences) == (0, (), ())
    assert market.funds.countries.shape == (0, 11)


def test_stages_of_deals_are_positions_in_the_vocabulary() -> None:
    startup, fund = Startup(startup_id="s"), Fund(fund_id="f")
    told = [Deal(startup_id="s", fund_id="f", stage=stage) for stage in Stage]
    assert market_of([startup], [fund], told).deals.stage.tolist() == list(range(9))


def test_a_thesis_moves_the_floor_of_the_others_once_its_fund_has_a_deal() -> None:
    backer, other = (replace(MONEY, fund_id=id_, name=id_, thesis=says) for id_, says in FLOOR_FUNDS)
    deal = Deal(startup_id="pay", fund_id="backer", announced_on=years_ago(4))
    with_other = market_of((PAYCO,), (backer, other), (deal,), vectors=FIXED)
    without = market_of((PAYCO,), (backer,), (deal,), vectors=FIXED)
    assert with_other.layout.thesis_floor.mean.tolist() == without.layout.thesis_floor.mean.tolist()
    assert with_other.layout.thesis_floor.n == 1
    nobody = market_of((PAYCO,), (backer, other), (), vectors=FIXED).layout.thesis_floor
    assert nobody.n == 2, "with no deal at all every thesis counts"
    assert nobody.mean == pytest.approx([0.62, 0.62])  # of (.96, .28) and (.28, .96)


FLOOR_FUNDS = (("backer", SAYS_PAY), ("other", SAYS_FARM))
