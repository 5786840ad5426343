from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from api.compose import App
from api.settings import Settings
from benchmarks.hidden_deals import answers, bootstrap, hide, measure, scores, told
from data.database import migrate
from data.importer import import_folder
from matching.records import Startup
from matching.vocabulary import Language, Sector

FALLING = np.arange(100, 0, -1.0)
"""Scores of 100 funds: row 0 is first, row 99 last."""

STARTUPS = "startup_id,name,sectors\na,A,fintech\nb,B,fintech\nc,C,\n"
FUNDS = "fund_id,name\nf,F\ng,G\nh,H\n"
DEALS = "startup_id,fund_id,announced_on\na,g,2021\na,f,2022\nb,f,2021\n"


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        ([0], (1.0, 1.0, 1.0)),
        ([9, 10], (0.5, 1.0, 1 / 10)),
        ([3, 49, 50, 99], (0.25, 0.5, 1 / 4)),
        ([60, 70], (0.0, 0.0, 1 / 61)),
    ],
)
def test_recall_and_reciprocal_rank_by_hand(truth: list[int], expected: tuple[float, ...]) -> None:
    assert measure(FALLING, np.array(truth), seed=0) == pytest.approx(expected)


def test_ties_fall_by_lot_and_the_same_seed_draws_the_same_lots() -> None:
    truth, level = np.array([0]), np.zeros(100)
    found = [measure(level, truth, seed) for seed in range(400)]
    assert found == [measure(level, truth, seed) for seed in range(400)]
    assert np.mean(found, axis=0)[:2] == pytest.approx([0.1, 0.5], abs=0.06)


def test_the_interval_holds_the_mean_and_shrinks_to_it_without_spread() -> None:
    low, high = bootstrap(np.array([0.0, 1.0] * 50))
    assert 0.35 < low < 0.5 < high < 0.65
    assert bootstrap(np.full(10, 0.25)) == (0.25, 0.25)


def test_a_profile_can_be_told_in_one_language_or_in_its_fields_alone() -> None:
    startup = Startup(description="en", description_vi="vi", country="VN", sectors=frozenset({Sector.AI}))
    assert told(startup, None, "all") == startup
    assert told(startup, Language.EN, "all").texts == ("en",)
    assert told(startup, Language.VI, "text").texts == ("vi",)
    assert (told(startup, None, "text").country, told(startup, None, "text").sectors) == (None, frozenset())
    assert (told(startup, None, "fields").texts, told(startup, None, "fields").country) == ((), "VN")


@pytest.fixture
def app(tmp_path: Path) -> App:
    """Three startups, of which two have deals."""
    app = App(Settings(home=tmp_path / "home", database_url="", embedding_model="none"))
    for name, text in (("startups", STARTUPS), ("funds", FUNDS), ("investments", DEALS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    migrate(app.database)
    assert import_folder(app.database, tmp_path, datetime(2024, 6, 15, tzinfo=UTC)).ok
    return app


def test_a_hidden_startup_s_deals_are_in_no_part_of_the_market(app: App) -> None:
    knowledge = app.store.knowledge(None)
    market = hide(app, knowledge, knowledge.startups[0])
    assert [(deal.startup_id, deal.fund_id) for deal in market.deals.records] == [("b", "f")]
    assert len(market.funds) == 3
    assert len(knowledge.deals) == 3
    app.close()


def test_only_startups_with_a_deal_are_asked_for_and_their_own_investors_can_be_found(app: App) -> None:
    found = {startup.startup_id: (engine, truth) for startup, engine, truth in answers(app)}
    names = {
        startup: sorted(engine.market.funds.records[row].fund_id for row in truth)
        for startup, (engine, truth) in found.items()
    }
    assert names == {"a": ["f", "g"], "b": ["f"]}
    engine, _ = found["a"]
    asking = engine.market.companies
    assert all(company.startup_id != "a" for company in asking)
    mine = scores(engine, Startup(startup_id="a", sectors=frozenset({Sector.FINTECH})))
    assert np.isfinite(mine).all()  # none of its own investors is gated: the deals are hidden
    f, g, h = (mine[engine.market.funds.row_of[fund]] for fund in "fgh")
    assert f > g == h  # `f` backs another fintech, of `g` and `h` nothing is known
    app.close()


def test_gated_funds_come_last(app: App) -> None:
    _, engine, _ = next(answers(app))
    mine = scores(engine, Startup(startup_id="z", exclusions=frozenset({"f"})))
    f = engine.market.funds.row_of["f"]
    assert np.flatnonzero(mine == -np.inf).tolist() == [f]
    app.close()
