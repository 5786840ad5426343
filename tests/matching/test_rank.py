from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import Engine
from matching.knowledge import Knowledge
from matching.market import Market, build_market, profile_vectors
from matching.pairs import Pairs
from matching.rank import PriorRanker, bands, shares
from matching.records import Deal, Fund, Startup
from matching.vocabulary import PLAIN_FEATURES, Band, Feature, Outcome, Sector, Stage
from tests.matching.worlds import (
    ASKING,
    FIELDS,
    HAND_MADE,
    MONEY,
    PAY,
    QUICK,
    TODAY,
    HashedVectors,
    engine_of,
    hand_made,
    market_of,
    questions,
    years_ago,
)

VECTORS = HashedVectors()


@QUICK
@given(questions())
def test_contributions_add_up_to_the_score_and_no_chance_is_told(question: tuple[Knowledge, Startup]) -> None:
    world, asking = question
    market, rows = build_market(world, TODAY, VECTORS), np.arange(len(world.funds))
    ranking = PriorRanker().beside(Pairs.of(asking, profile_vectors([asking], VECTORS)[0], market))
    parts, scores = ranking.contributions(rows), ranking.scores(rows)
    assert parts.shape == (len(rows), len(Feature))
    assert parts.sum(axis=1).tolist() == scores.tolist()
    assert list(ranking.chances(rows, scores)) == [None] * len(rows)


def test_every_feature_speaks_for_a_fund_where_it_is_positive() -> None:
    assert (np.diag(PriorRanker().parts(np.eye(len(PLAIN_FEATURES)))) > 0).all()
    assert PriorRanker().outcome is Outcome.INVESTS


STRENGTH = {Band.LOW: 0, Band.MEDIUM: 1, Band.STRONG: 2}


@QUICK
@given(st.lists(st.floats(-30, 30), max_size=30))
def test_bands_never_fall_as_scores_rise(scores: list[float]) -> None:
    told = bands(shares(np.array(scores), hand_made().market))
    assert len(told) == len(scores)
    by_score = sorted(zip(scores, (STRENGTH[band] for band in told), strict=True))
    assert [strength for _, strength in by_score] == sorted(strength for _, strength in by_score)


@pytest.mark.parametrize(
    ("others", "band"),
    [(7, Band.STRONG), (9, Band.MEDIUM), (24, Band.MEDIUM), (26, Band.LOW)],
)
def test_equal_funds_share_the_investors_of_a_company(others: int, band: Band) -> None:
    # two investors over 16, 20, 50 and 54 equal funds: .125, .1, .04 and .037 against cuts at .12 and .04
    n = 2 * (others + 1)
    assert bands(shares(np.full(n, 3.0), of_investors(2))) == [band] * n


def test_a_band_is_a_share_of_all_eligible_funds_not_of_those_shown() -> None:
    market = of_investors(1)
    pairs = Pairs.of(Startup(), np.zeros(VECTORS.width, np.float32), market)
    scores, shown = np.array([0.0, 5.0, 2.5]), np.array([2, 1])  # shares .006, .918 and .075
    assert PriorRanker().beside(pairs).bands(scores, shown) == [Band.MEDIUM, Band.STRONG]
    assert PriorRanker().beside(pairs).bands(scores, shown[:1]) == [Band.MEDIUM]


def of_investors(n: int) -> Market:
    """Build a market in which every company has `n` investors."""
    deals = [Deal(startup_id="a", fund_id=str(at), announced_on=years_ago(1)) for at in range(n)]
    return market_of([Startup(startup_id="a")], [Fund(fund_id=str(at)) for at in range(n)], deals)


def score(engine: Engine, startup: Startup, fund_id: str) -> float:
    return next(ranked.score for ranked in engine.rank(startup, 9) if ranked.fund_id == fund_id)


def test_one_more_similar_deal_raises_the_score_of_a_fund() -> None:
    twin = replace(ASKING, startup_id="twin", description="")
    deal = Deal(startup_id="twin", fund_id="quiet", announced_on=years_ago(4))
    world = replace(HAND_MADE, startups=(*HAND_MADE.startups, twin))
    more = replace(world, deals=(*world.deals, deal))
    vectors = hand_made().vectors
    assert score(engine_of(more, vectors), ASKING, "quiet") > score(
        engine_of(world, vectors), ASKING, "quiet"
    )


def with_fund(fund: Fund) -> Engine:
    return engine_of(replace(HAND_MADE, funds=(fund, FIELDS)), hand_made().vectors)


@pytest.mark.parametrize(
    ("match", "mismatch", "startup"),
    [
        # partly understood countries cannot gate, and then say nothing: so a match is compared with silence
        (replace(MONEY, countries=frozenset({"VN"})), replace(MONEY, countries=frozenset()), ASKING),
        (MONEY, replace(MONEY, sectors=frozenset({Sector.AGRITECH})), ASKING),
        (MONEY, replace(MONEY, sectors=frozenset()), ASKING),
        (MONEY, replace(MONEY, stages=frozenset({Stage.PRE_SEED})), ASKING),
        (MONEY, replace(MONEY, stages=frozenset()), ASKING),
        (MONEY, replace(MONEY, ticket_max_usd=None), ASKING),
        (MONEY, replace(MONEY, thesis=""), ASKING),
    ],
)
def test_a_declared_match_scores_above_silence_and_mismatch(
    match: Fund, mismatch: Fund, startup: Startup
) -> None:
    assert score(with_fund(match), startup, "money") > score(with_fund(mismatch), startup, "money")


def test_a_newer_deal_counts_more_than_an_old_one() -> None:
    def aged(years: float) -> float:
        deal = Deal(startup_id="care", fund_id="quiet", announced_on=years_ago(years))
        world = replace(HAND_MADE, deals=(deal,))
        return score(engine_of(world, hand_made().vectors), Startup(description=PAY), "quiet")

    assert aged(0) > aged(1) > aged(4) > aged(12)
    assert years_ago(0) == TODAY
