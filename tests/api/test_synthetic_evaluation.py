"""An evaluation of a market whose truth is known: who knows the truth comes first, who knows nothing last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from api.compose import App
from api.jobs.evaluation import choose
from api.settings import Settings
from data.database import migrate
from data.importer import import_folder
from data.synthetic.ids import fund_id, startup_id
from data.synthetic.settings import MarketSettings
from data.synthetic.write import SyntheticMarket, draw_market, write_market
from matching.market import Floats, Market
from matching.protocols import VectorStore
from matching.records import Startup
from models.checks import check
from models.evaluation import Evaluator, Trial
from models.judging import Judged
from models.metrics import mean_interval, per_query

END = date(2025, 1, 1)
SETTINGS = MarketSettings(2_000, 600, seed=11)


@dataclass(frozen=True)
class Oracle:
    """Ranks by the law that the deals were drawn by."""

    truth: SyntheticMarket
    name: str = "oracle"

    def fit(self, market: Market, vectors: VectorStore) -> "Knowing":
        """Look the rows of the funds up."""
        row_of = {fund_id(row): row for row in range(len(self.truth.funds.born))}
        funds = np.array([row_of[fund.fund_id] for fund in market.funds.records])
        startups = {startup_id(row): row for row in range(len(self.truth.startups.funded))}
        return Knowing(self.truth, funds, startups, (market.as_of - date(1970, 1, 1)).days)


@dataclass(frozen=True)
class Knowing:
    """Rows of the truth."""

    truth: SyntheticMarket
    funds: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    startups: dict[str, int]
    on: int

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Weigh every fund."""
        rows = np.array([self.startups[query.startup_id] for query in queries], np.int64)
        return self.truth.log_weight(rows[:, None], self.funds[None, :], np.array(self.on))


@pytest.fixture(scope="module")
def truth() -> SyntheticMarket:
    return draw_market(SETTINGS)


@pytest.fixture(scope="module")
def evaluator(truth: SyntheticMarket, tmp_path_factory: pytest.TempPathFactory) -> Evaluator:
    folder = tmp_path_factory.mktemp("evaluation")
    write_market(truth, folder / "market")
    app = App(Settings(home=folder, database_url="", embedding_model="none", threads=1))
    migrate(app.database)
    assert import_folder(app.database, folder / "market", app.now).ok
    assert app.store.is_synthetic()
    families = [[Oracle(truth)], *choose([], "none")]
    return Evaluator(app.store, app.vectors, families)


@pytest.fixture(scope="module")
def trial(evaluator: Evaluator) -> Trial:
    return next(iter(evaluator.rolling(END, 1)))


def test_an_oracle_that_knows_the_truth_is_best_by_every_measure(trial: Trial) -> None:
    assert trial.questions.reachable > 150
    best = per_query(trial.results["oracle"].judged)
    for name, result in trial.results.items():
        other = per_query(result.judged)
        for measure in ("recall_10", "recall_50", "ndcg_10", "mrr"):
            gain = mean_interval(getattr(best, measure) - getattr(other, measure))
            assert name == "oracle" or gain.mean > 0, (name, measure, gain)
            # the ridge map finds most of what can be found among 50 of 300 funds
            sure = name == "oracle" or (name, measure) == ("ridge map", "recall_50")
            assert sure or gain.low > 0, (name, measure, gain)


def test_baselines_stand_in_the_order_of_what_they_know(trial: Trial) -> None:
    recall = {name: recall_of(result.judged) for name, result in trial.results.items()}
    assert recall["product kernel"] > recall["popularity"] > recall["random"]
    assert recall["prior-1"] > 1.5 * recall["popularity"]
    by_chance = 10 / len(trial.questions.candidates)
    assert recall["random"] == pytest.approx(by_chance, abs=0.03)


@pytest.mark.acceptance
def test_controls_pass(evaluator: Evaluator) -> None:
    kernel = choose(["product kernel"], "none")[0][:1]
    alone = Evaluator(evaluator.history, evaluator.vectors, [kernel])
    trial = next(iter(alone.rolling(END, 1)))
    by_lot, masked, stage = check(alone, [trial])
    assert (by_lot.passed, masked.passed, stage.passed) == (True, True, None)
    assert by_lot.recall_10.mean < by_lot.expected + 0.03 < recall_of(trial.results["product kernel"].judged)


def recall_of(judged: Judged) -> float:
    return float(per_query(judged).recall_10.mean())
