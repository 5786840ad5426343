import numpy as np
import pytest
from scipy.special import expit

from matching.market import Floats
from models.exposure import DISTANCE_GAIN, RARE, Exposure
from models.pair_columns import COLUMNS

NAMES = [column.name for column in COLUMNS]
SECTOR, FUND = NAMES.index("sector"), NAMES.index("fund")


def pairs(n: int, seed: int = 0) -> Floats:
    found = np.zeros((n, len(COLUMNS)))
    found[:, [SECTOR, FUND]] = np.random.default_rng(seed).normal(size=(n, 2))
    return found


def test_it_finds_the_rule_by_which_pairs_were_introduced() -> None:
    every = pairs(40_000)
    chosen = np.random.default_rng(1).random(len(every)) < expit(1.5 * every[:, SECTOR] - 2)
    found = Exposure.fit(every[chosen], every[~chosen])
    assert found.weights[SECTOR] == pytest.approx(1.5, abs=0.1)
    assert found.weights[np.arange(len(COLUMNS)) != SECTOR] == pytest.approx(0)  # answers tell nothing of fit


def test_a_pair_loses_by_what_it_lacks_to_the_usual_one() -> None:
    found = Exposure.fit(pairs(2_000) + 1, pairs(2_000, 1))
    told = found.offset(pairs(500, 2))
    lacks = found.usual - found.odds(pairs(500, 2))
    assert told == pytest.approx(-DISTANCE_GAIN * np.maximum(lacks, 0))
    assert np.mean(found.offset(pairs(2_000) + 1) == 0) == pytest.approx(0.5, abs=0.01)


def test_the_rarest_of_the_introduced_mark_the_end() -> None:
    introduced = pairs(3_000) + 1
    found = Exposure.fit(introduced, pairs(3_000, 1))
    assert np.mean(found.odds(introduced) < found.least) == pytest.approx(RARE, abs=0.002)


@pytest.mark.parametrize("others", [0, 50])
def test_where_nothing_tells_pairs_apart_nobody_is_unlike(others: int) -> None:
    introduced = np.full((100, len(COLUMNS)), 0.1)
    introduced[:, NAMES.index("ticket")] = np.nan
    found = Exposure.fit(introduced, introduced[:others])
    assert found.offset(introduced) == pytest.approx(0)
    assert np.all(found.odds(introduced) >= found.least)
