"""How the learned ranking moves with a profile, on a market whose funds have known tastes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from matching.engine import Engine
from matching.market import Market, build_market
from matching.records import Fund, Startup
from matching.vocabulary import Gate, Outcome, Rung, Stage
from models.calibration import Sigmoid
from models.features.view import DealView
from models.learned_ranker import Learned, LearnedRanking
from models.over_market import OverMarket
from tests.models.lessons import DAY, VECTORS, market, releases

MARKET = build_market(market(), DAY, VECTORS)
ASKING = [replace(one, startup_id="asking", exclusions=frozenset()) for one in market().startups[:60]]
learned = pytest.mark.parametrize("rung", [Rung.KERNEL, Rung.LOGISTIC, Rung.BOOSTED])


def engine_of(rung: Rung) -> Engine:
    return Engine(MARKET, releases()[rung].on(MARKET), VECTORS)


def mean_share(rung: Rung, asking: list[Startup], is_theirs: Callable[[int], bool]) -> float:
    """Tell the mean share of the first ten funds that do what is asked about."""
    engine, row_of = engine_of(rung), MARKET.funds.row_of
    lists = [engine.rank(one, 10) for one in asking]
    return float(np.mean([np.mean([is_theirs(row_of[r.fund_id]) for r in told]) for told in lists if told]))


def backs_mostly(country: str) -> Callable[[int], bool]:
    held = MARKET.holdings
    n = np.bincount(held.fund, minlength=len(MARKET.funds))
    there = MARKET.company_countries[held.company] == country
    of = np.bincount(held.fund[there], minlength=len(MARKET.funds))
    return lambda row: bool(of[row] > 0.5 * max(1, n[row]))


@learned
def test_in_another_country_other_funds_come_first(rung: Rung) -> None:
    here, there = ([replace(one, country=c, city="", place="") for one in ASKING] for c in ("VN", "SG"))
    for country, mine, other in (("VN", here, there), ("SG", there, here)):
        theirs = backs_mostly(country)
        assert mean_share(rung, mine, theirs) > mean_share(rung, other, theirs) + 0.05


@learned
def test_at_a_later_stage_funds_that_back_it_come_first(rung: Rung) -> None:
    deals = MARKET.deals
    late = np.bincount(
        deals.fund[deals.stage >= list(Stage).index(Stage.SERIES_B)], minlength=len(MARKET.funds)
    )
    every = np.maximum(1, np.bincount(deals.fund[deals.stage >= 0], minlength=len(MARKET.funds)))
    usual = float(np.median(late / every))

    def backs_late(row: int) -> bool:
        return bool(late[row] / every[row] > usual)

    early, later = (
        [replace(one, stage=stage, stage_told="") for one in ASKING] for stage in (Stage.SEED, Stage.SERIES_B)
    )
    assert mean_share(rung, later, backs_late) > mean_share(rung, early, backs_late)


@learned
def test_ten_times_the_ask_is_kept_from_funds_whose_ticket_ends_below(rung: Rung) -> None:
    engine, top = engine_of(rung), MARKET.funds.ticket_max
    for one in ASKING[:20]:
        asked = 10 * (one.raising_usd or 1e6)
        told = engine.rank(replace(one, raising_usd=asked), 60)
        assert all(not top[MARKET.funds.row_of[r.fund_id]] < asked for r in told)


@learned
def test_the_investors_of_a_declared_competitor_are_out_and_nobody_else(rung: Rung) -> None:
    engine, rival = engine_of(rung), market().deals[0]
    asking = ASKING[0]
    before = {r.fund_id for r in engine.rank(asking, 60)}
    after = {r.fund_id for r in engine.rank(replace(asking, exclusions=frozenset({rival.startup_id})), 60)}
    investors = {deal.fund_id for deal in market().deals if deal.startup_id == rival.startup_id}
    assert after == before - investors
    verdict = engine.why(replace(asking, exclusions=frozenset({rival.startup_id})), rival.fund_id)
    assert Gate.COMPETITOR in {failure.gate for failure in verdict.failures}


BUSIEST = MARKET.funds.records[int(np.bincount(MARKET.deals.fund).argmax())]


def with_newcomers() -> Market:
    """Add two funds that no release has seen: one without a word or a deal, and a twin of the busiest."""
    world = market()
    deals = [replace(deal, fund_id="twin") for deal in world.deals if deal.fund_id == BUSIEST.fund_id]
    funds = Fund(fund_id="silent", name="Silent"), replace(BUSIEST, fund_id="twin")
    return build_market(
        replace(world, funds=(*funds, *world.funds), deals=(*deals, *world.deals)), DAY, VECTORS
    )


@learned
def test_a_fund_that_nobody_learned_from_is_ranked_by_what_it_did(rung: Rung) -> None:
    """With the deals and words of another it has its score, bit for bit; with none it stands behind."""
    built = with_newcomers()
    engine = Engine(built, releases()[rung].on(built), VECTORS)
    scores = np.array([engine.scores(asking) for asking in ASKING])
    busiest, twin, silent = (
        scores[:, built.funds.row_of[id_]] for id_ in (BUSIEST.fund_id, "twin", "silent")
    )
    assert busiest.tolist() == twin.tolist()
    allowed = np.isfinite(twin)
    assert allowed.any() and (silent < twin)[allowed].mean() > 0.9


@learned
def test_no_chance_is_made_up_for_a_fund_that_no_channel_finds(rung: Rung) -> None:
    built, trained = with_newcomers(), releases()[rung]
    assert isinstance(trained, Learned)
    told = replace(trained, sigmoid=Sigmoid(1, 0, ((0.01, 0), (0, 0.01))))
    few = replace(DealView.of(built), best=3)
    ranker = OverMarket(told, lambda pairs: LearnedRanking(told, few.beside(pairs)), Outcome.INVESTS)
    engine = Engine(built, ranker, VECTORS)
    for asking in ASKING[:10]:
        chances = {one.fund_id: one.chance for one in engine.rank(asking, len(built.funds))}
        assert chances["silent"] is None and any(chances.values())
