"""The prior ranker on a synthetic market: it has to find what was put in, on deals it has not seen."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from api.compose import App
from api.settings import Settings
from data.database import migrate
from data.importer import import_folder
from data.synthetic.settings import MarketSettings
from data.synthetic.write import draw_market, write_market
from matching.engine import Engine
from matching.knowledge import Knowledge
from matching.records import Startup

CUT, END = date(2024, 1, 1), date(2025, 1, 1)
K, QUESTIONS = 10, 200


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, list[tuple[Startup, set[str]]]]:
    """The engine as of CUT, and the startups first funded in the year after it with their known investors."""
    folder = tmp_path_factory.mktemp("ranking")
    write_market(draw_market(MarketSettings(4_000, 3_000, seed=11)), folder / "market")
    app = App(Settings(home=folder, database_url="", embedding_model="none", threads=1))
    migrate(app.database)
    assert import_folder(app.database, folder / "market", app.now).ok
    engine = app.engine(app.store.knowledge(CUT), CUT)
    questions = held_out(app.store.knowledge(None), engine)
    app.close()
    return engine, questions


def held_out(everything: Knowledge, engine: Engine) -> list[tuple[Startup, set[str]]]:
    rounds: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for deal in everything.deals:
        if deal.announced_on:
            rounds[deal.startup_id].append((deal.announced_on, deal.fund_id))
    found = []
    for startup in everything.startups:
        first = min(rounds[startup.startup_id], default=(date.max, ""))[0]
        if CUT <= first < END:
            investors = {fund for day, fund in rounds[startup.startup_id] if day == first}
            reachable = investors & set(engine.market.funds.row_of)
            if reachable:
                found.append((replace(startup, founded_on=None), reachable))
    return found[:QUESTIONS]


def recall(shown: list[str], truth: set[str]) -> float:
    return len(truth & set(shown)) / len(truth)


def test_the_prior_beats_popularity_on_deals_after_a_date(
    asked: tuple[Engine, list[tuple[Startup, set[str]]]],
) -> None:
    engine, questions = asked
    assert len(questions) == QUESTIONS
    held = np.bincount(engine.market.deals.fund, minlength=len(engine.market.funds))
    popular = [engine.market.funds.records[row].fund_id for row in np.argsort(-held, kind="stable")[:K]]
    prior = [
        recall([ranked.fund_id for ranked in engine.rank(startup, K)], truth) for startup, truth in questions
    ]
    by_popularity = [recall(popular, truth) for _, truth in questions]
    assert np.mean(prior) > 1.5 * np.mean(by_popularity)
    gain = np.array(prior) - by_popularity
    assert gain.mean() > 2 * gain.std() / np.sqrt(len(gain))
