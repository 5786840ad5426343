import numpy as np

from matching.rank import PriorRanker
from models.served import Served
from tests.matching.worlds import hand_made


def test_scores_are_those_of_the_served_list_and_gated_funds_are_on_none() -> None:
    engine = hand_made()
    startups = engine.market.companies
    method = Served(PriorRanker())
    scores = method.fit(engine.market, engine.vectors).scores(startups)
    assert method.name == "prior-1"
    assert scores.shape == (len(startups), len(engine.market.funds))
    for startup, row in zip(startups, scores, strict=True):
        served = engine.rank(startup, len(row))
        assert len(served) == np.isfinite(row).sum()
        assert {r.score for r in served} == set(row[np.isfinite(row)].tolist())
        assert all(row[engine.market.funds.row_of[r.fund_id]] == r.score for r in served)
    assert method.fit(engine.market, engine.vectors).scores([]).shape == (0, len(engine.market.funds))
