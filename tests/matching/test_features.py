from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import given

from matching.candidates import retrieve
from matching.features import Track, count, features
from matching.knowledge import Knowledge
from matching.market import Market, profile_vectors
from matching.records import Deal, Fund, Startup
from matching.vocabulary import PLAIN_FEATURES, Feature, Sector, Stage
from tests.matching.worlds import (
    ASKING,
    FIELDS,
    FIXED,
    MONEY,
    PAYCO,
    QUICK,
    HashedVectors,
    hand_made,
    market_of,
    questions,
    years_ago,
)

MARKET = hand_made().market


def column(feature: Feature, startup: Startup = ASKING, market: Market = MARKET) -> list[float]:
    """One feature for every fund of the market, in its order."""
    retrieved = retrieve(startup, profile_vectors([startup], FIXED)[0], market)
    rows = np.arange(len(market.funds))
    matrix = features(startup, market, retrieved, count(startup, market), rows)
    assert matrix.shape == (len(rows), len(PLAIN_FEATURES))
    found: list[float] = matrix[:, list(Feature).index(feature)].tolist()
    return found


def told(track: Track) -> list[tuple[float, float]]:
    return list(zip(track.n.tolist(), track.of.tolist(), strict=True))


def test_tracks_count_companies_of_each_fund_and_deals_by_stage() -> None:
    counts = count(ASKING, MARKET)
    assert told(counts.sector) == [(2, 2), (1, 2), (0, 0)]  # pay and lend; lend of lend and farm
    assert told(counts.country) == [(1, 2), (1, 2), (0, 0)]  # pay; farm
    assert told(counts.stage) == [(2, 3), (1, 1), (0, 0)]  # the undated deal tells no stage
    assert counts.companies.tolist() == [2, 2, 0]
    assert counts.recent.tolist() == [1, 0, 0]


def test_a_lift_is_the_shrunk_share_of_the_fund_over_that_of_the_market() -> None:
    # sector: market 3 of 4; money (2 + 3 * .75) / 5 = .85, fields (1 + 2.25) / 5 = .65
    assert count(ASKING, MARKET).sector.lift == pytest.approx([0.1, -0.1, 0])
    # stage: market 3 of 4; money (2 + 2.25) / 6, fields (1 + 2.25) / 4
    assert count(ASKING, MARKET).stage.lift == pytest.approx([4.25 / 6 - 0.75, 3.25 / 4 - 0.75, 0])


def test_declared_match_adds_and_mismatch_takes_half_a_unit_and_silence_nothing() -> None:
    assert column(Feature.SECTOR) == pytest.approx([0.1 + 0.5, -0.1, 0])
    assert column(Feature.SECTOR, replace(ASKING, sectors=frozenset({Sector.SAAS}))) == [-0.5, 0, 0]
    assert column(Feature.COUNTRY) == pytest.approx([0 + 0.5, 0 + 0.5, 0])  # market 2 of 4, as each fund
    thai = replace(ASKING, country="TH")
    assert column(Feature.COUNTRY, thai) == pytest.approx([-0.5, -0.5, 0])


def test_only_the_declared_stage_itself_is_a_match() -> None:
    asked = replace(ASKING, stage=Stage.PRE_SEED)
    assert column(Feature.STAGE, asked) == [-0.5, 0, 0]
    assert column(Feature.STAGE)[0] == pytest.approx(4.25 / 6 - 0.75 + 0.5)


@pytest.mark.parametrize("feature", [Feature.STAGE, Feature.COUNTRY])
def test_a_partly_understood_field_declares_nothing(feature: Feature) -> None:
    unsure = replace(
        MONEY,
        stages=frozenset({Stage.GROWTH}),
        countries=frozenset({"TH"}),
        not_understood=frozenset({"stages", "countries"}),
    )
    assert column(feature, market=market_of([], [unsure], vectors=FIXED)) == [0]


@pytest.mark.parametrize(
    ("low", "high", "value"),
    [
        (100_000, 500_000, 1),
        (200_000, 200_000, 1),
        (None, 500_000, 0.5),
        (100_000, None, 0.5),
        (None, None, 0),
        (300_000, 500_000, 0),
        (100_000, 150_000, 0),
        (300_000, None, 0),
    ],
)
def test_a_ticket_range_counts_half_for_each_end_known_and_nothing_where_the_ask_is_outside(
    low: float | None, high: float | None, value: float
) -> None:
    fund = Fund(fund_id="f", ticket_min_usd=low, ticket_max_usd=high)
    assert column(Feature.TICKET, market=market_of([], [fund], vectors=FIXED)) == [value]


@pytest.mark.parametrize(("years", "recent"), [(0, 1), (1.9, 1), (2.1, 0), (-1, 1)])
def test_activity_counts_dated_deals_of_the_last_two_years(years: float, recent: int) -> None:
    dated = Deal(startup_id="pay", fund_id="fields", announced_on=years_ago(years))
    undated = Deal(startup_id="pay", fund_id="fields")
    market = market_of([PAYCO], [FIELDS], [dated, undated], vectors=FIXED)
    assert column(Feature.ACTIVITY, market=market) == pytest.approx([log(1 + recent)])


def test_popularity_counts_companies_not_deals() -> None:
    assert column(Feature.POPULARITY) == pytest.approx([log(3), log(3), 0])


def test_thesis_and_portfolio_are_logs_of_the_evidence() -> None:
    retrieved = retrieve(ASKING, profile_vectors([ASKING], FIXED)[0], MARKET)
    assert column(Feature.THESIS) == np.log1p(retrieved.thesis).tolist()
    assert column(Feature.PORTFOLIO) == np.log1p(retrieved.portfolio).tolist()


def test_the_own_company_is_on_no_track() -> None:
    counts = count(replace(ASKING, startup_id="pay"), MARKET)
    assert told(counts.sector) == [(1, 1), (1, 2), (0, 0)]
    assert told(counts.country) == [(0, 1), (1, 2), (0, 0)]
    assert told(counts.stage) == [(1, 1), (1, 1), (0, 0)]


def test_a_startup_that_tells_nothing_has_no_track_and_no_declared_match() -> None:
    counts = count(Startup(), MARKET)
    for track in (counts.sector, counts.stage, counts.country):
        assert told(track) == [(0, 0)] * 3
        assert track.lift.tolist() == [0, 0, 0]
    for feature in (Feature.SECTOR, Feature.STAGE, Feature.COUNTRY, Feature.TICKET, Feature.THESIS):
        assert column(feature, Startup()) == [0, 0, 0]


def test_rows_choose_and_order_the_funds() -> None:
    retrieved = retrieve(ASKING, profile_vectors([ASKING], FIXED)[0], MARKET)
    counts = count(ASKING, MARKET)
    everyone = features(ASKING, MARKET, retrieved, counts, np.arange(3))
    chosen = features(ASKING, MARKET, retrieved, counts, np.array([2, 0]))
    assert chosen.tolist() == everyone[[2, 0]].tolist()


@QUICK
@given(questions())
def test_tracks_are_recounted_from_the_records_without_the_own_company(
    question: tuple[Knowledge, Startup],
) -> None:
    world, asking = question
    counts = count(asking, market_of(world.startups, world.funds, world.deals))
    by_id = {startup.startup_id: startup for startup in world.startups}
    for row, fund in enumerate(world.funds):
        mine = [d for d in world.deals if d.fund_id == fund.fund_id and d.startup_id != asking.startup_id]
        held = [by_id[startup_id] for startup_id in {deal.startup_id for deal in mine}]
        sectors = [s for s in held if s.sectors and asking.sectors]
        countries = [s for s in held if s.country and asking.country]
        stages = [deal for deal in mine if deal.stage and asking.stage]
        assert told(counts.sector)[row] == (
            len([s for s in sectors if s.sectors & asking.sectors]),
            len(sectors),
        )
        assert told(counts.country)[row] == (
            len([s for s in countries if s.country == asking.country]),
            len(countries),
        )
        assert told(counts.stage)[row] == (len([d for d in stages if d.stage == asking.stage]), len(stages))


@QUICK
@given(questions())
def test_every_feature_is_finite(question: tuple[Knowledge, Startup]) -> None:
    world, asking = question
    market = market_of(world.startups, world.funds, world.deals)
    retrieved = retrieve(asking, profile_vectors([asking], HashedVectors())[0], market)
    matrix = features(asking, market, retrieved, count(asking, market), np.arange(len(market.funds)))
    assert np.isfinite(matrix).all()
