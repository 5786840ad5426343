from dataclasses import replace

import numpy as np
import pytest

from matching.engine import Engine
from matching.errors import BadValue
from matching.market import Market, build_market
from matching.pairs import Pairs
from matching.vocabulary import Band, Feature, Outcome, Rung
from models.acceptance import FAR, Acceptance, Linear
from models.acceptance_trees import Trees
from models.artefact import Artefact
from models.calibration import Sigmoid
from models.exposure import DISTANCE_GAIN, Exposure
from models.history import Remembered
from models.pair_columns import COLUMNS, EXPECTED
from tests.matching.worlds import HashedVectors
from tests.models.answered import END, answered, startup

VECTORS = HashedVectors()
NAMES = [column.name for column in COLUMNS]
SIGMOID = Sigmoid(0.9, -0.1, ((0.01, 0.0), (0.0, 0.01)))


def trained(trees: Trees | None = None, exposure: Exposure | None = None) -> Acceptance:
    like = Exposure(np.zeros(len(COLUMNS)), usual=0.0, least=-1.0)
    linear = Linear(EXPECTED, -1.0, 0.01 * np.eye(len(COLUMNS) + 1))
    rung = Rung.BOOSTED if trees else Rung.LOGISTIC
    return Acceptance(rung, linear, trees, exposure or like, 1.0, SIGMOID, 0.3, {"rows": 600, "steps": []})


def grown() -> Trees:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(2_000, len(COLUMNS)))
    matrix[rng.random(matrix.shape) < 0.2] = np.nan
    accepted = np.nan_to_num(matrix[:, NAMES.index("fund")]) + rng.normal(size=2_000) > 0
    return Trees.fit(matrix, accepted, np.ones(2_000), [column.direction for column in COLUMNS])


def market() -> Market:
    return build_market(Remembered(answered(60)).knowledge(END), END, VECTORS)


@pytest.mark.parametrize("trees", [None, grown()], ids=["logistic", "boosted"])
def test_a_ranker_beside_a_market_tells_one_story(trees: Trees | None) -> None:
    of = market()
    ranker = trained(trees).on(of)
    pairs = Pairs.of(startup(9_999, 0, END), np.zeros(VECTORS.width, np.float32), of)
    rows = np.arange(len(of.funds))
    ranking = ranker.beside(pairs)
    scores, parts = ranking.scores(rows), ranking.contributions(rows)
    assert (ranker.outcome, ranker.name) == (
        Outcome.ACCEPTS,
        f"acceptance {'boosted' if trees else 'logistic'}",
    )
    assert parts.shape == (len(rows), len(Feature))
    if trees is None:
        rest = scores - parts.sum(axis=1)
        assert rest == pytest.approx(rest[0])  # what no column adds is the same for all
    told = ranking.chances(rows, scores)
    for row in rows:
        one = np.array([row])
        assert ranking.scores(one)[0] == scores[row]
        assert ranking.contributions(one).tobytes() == parts[one].tobytes()
        assert ranking.chances(one, scores[one])[0] == told[int(row)]
    chances = [chance.probability for chance in told if chance]
    assert chances == pytest.approx(SIGMOID.chances(scores).tolist())


def test_an_unsure_weight_widens_the_interval_and_a_far_pair_has_no_chance() -> None:
    found = trained()
    matrix = np.full((3, len(COLUMNS)), np.nan)
    at = NAMES.index("asked")
    matrix[:, at] = [0, 5, np.sqrt(100 * FAR) + 1]
    usual, wider, far = found.told(matrix)
    assert usual is not None
    assert wider is not None
    assert far is None
    width = [high - low for low, high in SIGMOID.intervals(found.linear.odds(matrix)).tolist()]
    assert wider.high - wider.low > width[1] * 1.5
    assert usual.high - usual.low > width[0]
    assert usual.low < usual.probability < usual.high


def test_a_pair_unlike_those_introduced_is_less_likely_and_has_no_chance() -> None:
    weights = np.zeros(len(COLUMNS))
    weights[NAMES.index("portfolio")] = 1.0
    found = trained(exposure=Exposure(weights, usual=3.0, least=1.0))
    matrix = np.zeros((3, len(COLUMNS)))
    matrix[:, NAMES.index("portfolio")] = [4.0, 2.0, 0.5]
    plain = trained().odds(matrix)
    assert found.odds(matrix) - plain == pytest.approx(DISTANCE_GAIN * np.array([0, -1, -2.5]))
    assert [chance is None for chance in found.told(matrix)] == [False, False, True]
    by_trees = trained(grown(), Exposure(weights, usual=3.0, least=1.0))
    assert by_trees.odds(matrix).tolist() == trained(grown()).odds(matrix).tolist()
    assert [chance is None for chance in by_trees.told(matrix)] == [False, False, True]


def test_bands_compare_with_the_share_that_accepts() -> None:
    of = market()
    asking = Pairs.of(startup(9_999, 0, END), np.zeros(VECTORS.width, np.float32), of)
    ranking = trained().on(of).beside(asking)
    scores = np.array([5.0, -0.85, -5.0])
    assert ranking.bands(scores, np.array([2, 0, 1])) == [Band.LOW, Band.STRONG, Band.MEDIUM]


@pytest.mark.parametrize(
    "exposure", [None, Exposure(np.linspace(0, 1, len(COLUMNS)), 0.5, -1.0)], ids=["like", "unlike"]
)
@pytest.mark.parametrize("trees", [None, grown()], ids=["logistic", "boosted"])
def test_it_comes_back_from_an_artefact(trees: Trees | None, exposure: Exposure | None) -> None:
    found = trained(trees, exposure)
    back = Acceptance.from_artefact(Artefact.from_bytes(found.to_artefact().to_bytes()))
    matrix = np.random.default_rng(0).normal(size=(20, len(COLUMNS)))
    assert back.told(matrix) == found.told(matrix)
    assert (back.rung, back.base_rate, back.trial) == (found.rung, found.base_rate, found.trial)


def test_other_columns_are_refused() -> None:
    artefact = trained().to_artefact()
    other = replace(artefact, settings={**artefact.settings, "columns": ["something"]})
    with pytest.raises(BadValue, match="something"):
        Acceptance.from_artefact(other)


def test_the_engine_passes_chances_on() -> None:
    of = market()
    shortlist = Engine(of, trained().on(of), VECTORS).shortlist(startup(9_999, 0, END), 3)
    for suggestion in shortlist.suggestions:
        assert suggestion.ranked.outcome is Outcome.ACCEPTS
        assert suggestion.ranked.chance is not None
        assert suggestion.ranked.probability == suggestion.ranked.chance.probability
