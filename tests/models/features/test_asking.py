from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given

from matching.market import Floats, Market
from matching.pairs import Pairs
from matching.records import Startup
from models.features.asking import COLUMNS, DENSE, age, asking
from models.features.lenses import Lens, Lenses
from models.features.portfolios import HALF_LIVES, Portfolios
from tests.matching.worlds import HAND_MADE, QUICK, TODAY, market_of
from tests.models.features.plain import VECTORS, asked, deals_of

NO_TEXT = np.zeros(VECTORS.width, np.float32)
SCORES = np.array([3.0, 1.0, 0.0])


def told(market: Market, startup: Startup, scores: Floats = SCORES) -> Mapping[str, float]:
    """The columns by name."""
    pairs, weights = Pairs.of(startup, NO_TEXT, market), Lenses.of(market).weights(startup)
    found = asking(pairs, weights, Portfolios.of(market), scores)
    return dict(zip((column.name for column in COLUMNS), found.tolist(), strict=True))


@QUICK
@given(asked())
def test_what_there_is_like_the_startup_is_counted_again(question: tuple[Market, Startup]) -> None:
    market, startup = question
    found, weights = told(market, startup), Lenses.of(market).weights(startup).astype(np.float64)
    for name in DENSE:
        like = weights[list(Lens).index(Lens(name))]
        n = sum(deal.weight(HALF_LIVES[-1]) * like[deal.company] for deal in deals_of(market))
        assert found[f"like_{name}"] == pytest.approx(np.log1p(n), rel=1e-4, abs=1e-6)
    assert found["eligible"] == np.log1p(len(market.funds))
    assert found["tags"] == len(startup.tags)
    fields = ("country", startup.country), ("city", startup.place), ("stage", startup.stage)
    assert all(found[f"knows_{field}"] == bool(value) for field, value in fields)
    assert found["knows_text"] == bool(startup.description or startup.description_vi or startup.tags)
    unknown = {column.name for column in COLUMNS if np.isnan(found[column.name])}
    assert unknown == ({"age"} if startup.founded_on is None else set())


def test_shares_of_three_and_one_have_the_entropy_of_a_quarter() -> None:
    market = market_of(HAND_MADE.startups, HAND_MADE.funds, HAND_MADE.deals)
    spread = told(market, Startup(startup_id="new"))["spread"]
    assert spread == pytest.approx(-0.75 * np.log(0.75) - 0.25 * np.log(0.25))
    assert told(market, Startup(startup_id="new"), np.ones(3))["spread"] == pytest.approx(np.log(3))
    for nothing in (np.zeros(3), np.zeros(0)):
        assert told(market, Startup(startup_id="new"), nothing)["spread"] == 0


def test_the_age_is_counted_to_the_day_of_the_market() -> None:
    market = market_of()
    founded = Startup(startup_id="new", founded_on=TODAY - timedelta(days=1461))
    assert age(Pairs.of(founded, NO_TEXT, market)) == 4
    assert np.isnan(age(Pairs.of(replace(founded, founded_on=None), NO_TEXT, market)))


def test_a_stage_told_in_words_alone_is_known() -> None:
    assert told(market_of(), Startup(startup_id="new", stage_told="venture"), SCORES[:0])["knows_stage"] == 1
