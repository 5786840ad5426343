from dataclasses import replace

import numpy as np
import pytest

from matching.errors import BadValue
from matching.market import Ints, build_market, profile_vectors
from matching.pairs import Pairs
from matching.vocabulary import Band, Feature, Rung
from models.artefact import Artefact
from models.calibration import Sigmoid
from models.features.view import POOL, DealView, Matrix, Seen
from models.learned_ranker import BEHIND, Learned, LearnedRanking
from models.releases import read, write
from tests.models.lessons import DAY, VECTORS, market, releases

LEARNED = (Rung.KERNEL, Rung.LOGISTIC, Rung.BOOSTED)
SIGMOID = Sigmoid(1.2, 0.3, ((0.01, 0.02), (0.02, 0.05)), 0.9)
MARKET = build_market(market(), DAY, VECTORS)
ROWS = np.arange(len(MARKET.funds))
each = pytest.mark.parametrize("rung", LEARNED)


def learned(rung: Rung) -> Learned:
    found = releases()[rung]
    assert isinstance(found, Learned)
    return replace(found, sigmoid=SIGMOID)


def beside(trained: Learned, at: int = 0) -> LearnedRanking:
    asking = market().startups[at]
    pairs = Pairs.of(asking, profile_vectors([asking], VECTORS)[0], MARKET)
    ranking = trained.on(MARKET).beside(pairs)
    assert isinstance(ranking, LearnedRanking)
    return ranking


@each
def test_what_is_read_back_scores_the_same_bits(rung: Rung) -> None:
    one = learned(rung)
    data = write(one).to_bytes()
    again = read(Artefact.from_bytes(data), "2026-1")
    assert isinstance(again, Learned)
    assert (again.name, again.sigmoid) == (f"{rung} 2026-1", SIGMOID)
    assert write(again).to_bytes() == data
    assert beside(one).scores(ROWS).tobytes() == beside(again).scores(ROWS).tobytes()
    some = np.array([0]), np.array([0.5])
    assert beside(again).chances(*some) == beside(one).chances(*some)


@each
def test_features_of_another_version_are_one_clear_line(rung: Rung) -> None:
    told = learned(rung).to_artefact()
    columns = told.settings["columns"]
    assert isinstance(columns, list)
    for other in (columns[1:], columns[::-1], [*columns, "more"]):
        with pytest.raises(BadValue, match="release must be trained by this version: run `ketnoi train`"):
            Learned.from_artefact(replace(told, settings={**told.settings, "columns": other}))


@each
def test_contributions_are_of_families_and_nothing_for_the_usual_fund(rung: Rung) -> None:
    ranking = beside(learned(rung))
    parts = ranking.contributions(ROWS)
    assert parts.shape == (len(ROWS), len(Feature)) and np.isfinite(parts).all()
    assert np.abs(parts).max() > 0
    matrix = np.sort(ranking.seen.matrix(ranking.seen.pool), axis=0)
    known = np.count_nonzero(~np.isnan(matrix), axis=0)
    median = matrix[np.maximum(known - 1, 0) // 2, np.arange(matrix.shape[1])]

    class Usual(Seen):
        def matrix(self, rows: Ints) -> Matrix:
            return np.tile(median, (len(rows), 1))

    seen = ranking.seen
    usual = LearnedRanking(ranking.trained, Usual(seen.view, seen.pairs, seen.weights, seen.scores))
    assert np.abs(usual.contributions(ROWS)).max() == 0


def test_chances_rise_with_scores_and_those_behind_have_none() -> None:
    told = beside(learned(Rung.BOOSTED)).chances(ROWS[:4], np.array([-2.0, 0.0, 2.0, BEHIND + 0.1]))
    assert told[3] is None
    known = [chance for chance in told if chance]
    assert [c.probability for c in known] == pytest.approx(
        [0.9 / (1 + np.exp(-(0.3 + 1.2 * score))) for score in (-2, 0, 2)]
    )
    assert all(c.low < c.probability < c.high for c in known)
    without = beside(replace(learned(Rung.BOOSTED), sigmoid=None))
    assert without.chances(ROWS[:2], np.array([1.0, BEHIND])) == [None, None]


def test_bands_are_cuts_of_the_chances() -> None:
    trained = replace(learned(Rung.BOOSTED), sigmoid=Sigmoid(1, 0, ((0, 0), (0, 0))))
    scores = np.log(np.array([0.03, 0.05, 0.2]) / (1 - np.array([0.03, 0.05, 0.2])))
    ranking = beside(trained)
    assert ranking.bands(scores, np.arange(3)) == [Band.LOW, Band.MEDIUM, Band.STRONG]
    assert ranking.bands(np.append(scores, BEHIND), np.array([3, 2])) == [Band.LOW, Band.STRONG]
    assert len(beside(replace(trained, sigmoid=None)).bands(scores, np.array([1]))) == 1


def test_funds_that_no_channel_finds_stand_behind_in_the_order_of_the_channels() -> None:
    trained = learned(Rung.BOOSTED)
    asking = market().startups[3]
    pairs = Pairs.of(asking, profile_vectors([asking], VECTORS)[0], MARKET)
    whole = trained.on(MARKET).beside(pairs)
    ranking = LearnedRanking(trained, replace(DealView.of(MARKET), best=10).beside(pairs))
    scores, pool = ranking.scores(ROWS), ranking.seen.pool
    behind = np.setdiff1d(ROWS, pool)
    assert POOL > len(ROWS) > len(pool) >= 10
    assert scores[pool].tobytes() == whole.scores(ROWS)[pool].tobytes()
    assert (scores[behind] < BEHIND / 2).all()
    assert scores[behind].tolist() == (BEHIND + ranking.seen.scores.fused[behind]).tolist()
    assert ranking.chances(behind[:2], scores[behind[:2]]) == [None, None]
