import numpy as np
import pytest

from matching.market import Floats
from models.features.channels import COLUMNS, DEPTH, FUSED, OFFSET, Channel, Scores, _places, co_investment
from tests.matching.worlds import market_of
from tests.models.features.test_view import COMPANIES, FUNDS, deal

AT = {column.name: at for at, column in enumerate(COLUMNS)}


def scores_of(*rows: list[float], eligible: list[int]) -> Scores:
    told: Floats = np.array([*rows, *([[0.0] * len(rows[0])] * (len(Channel) - len(rows)))])
    allowed = np.array(eligible, np.int64)
    return Scores(told, allowed, _places(told, allowed))


def test_places_count_the_eligible_above_and_equal_scores_share_one() -> None:
    found = scores_of([5.0, 3.0, 3.0, 9.0, 1.0], eligible=[0, 1, 2, 4])
    assert found.place[0].tolist() == [1, 2, 2, 1, 4]  # the fourth is above all, but not eligible
    assert scores_of([5.0, 3.0], eligible=[]).place[0].tolist() == [DEPTH, DEPTH]


def test_columns_are_told_against_the_best_and_the_sum_of_the_eligible() -> None:
    found = scores_of([4.0, 2.0, 2.0, 8.0], eligible=[0, 1, 2]).matrix(np.array([1, 3]))
    one, outside = found
    assert one[AT["kernel_gap"]] == pytest.approx(np.log(2 / 4))
    assert one[AT["kernel_share"]] == pytest.approx(np.log(2 / 8))
    assert one[AT["kernel_place"]] == pytest.approx(np.log(2))
    assert outside[AT["kernel_gap"]] == pytest.approx(np.log(2))


def test_fusion_adds_reciprocal_places_and_keeps_all_that_tie() -> None:
    found = scores_of([5.0, 3.0, 3.0, 1.0], [1.0, 3.0, 3.0, 5.0], eligible=[0, 1, 2, 3])
    others = (np.count_nonzero(FUSED) - 2) / (OFFSET + 1)  # all tie at 0, so all are first there
    expected = [
        1 / (OFFSET + 1) + 1 / (OFFSET + 4),
        1 / (OFFSET + 2) + 1 / (OFFSET + 2),
        1 / (OFFSET + 2) + 1 / (OFFSET + 2),
    ]
    assert found.fused[:3] - others == pytest.approx(expected)
    assert found.best(1).tolist() == [1, 2]  # 2/62 is above 1/61 + 1/64
    assert found.best(4).tolist() == [0, 1, 2, 3]


def test_who_invests_with_whom_is_the_share_of_its_companies() -> None:
    market = market_of(
        COMPANIES, FUNDS, [deal("c0", "f"), deal("c0", "g"), deal("c1", "g"), deal("c0", "f", 1)]
    )
    # f backs c0, g backs c0 and c1: half of g's companies are f's, and all of f's are g's
    assert co_investment(market).toarray().tolist() == [[0, 0.5], [1, 0]]
