import numpy as np
import pytest

from matching.records import Startup
from models.baselines.deals import DealWeight, holdings
from models.baselines.neighbours import Neighbours, only_nearest
from tests.models.baselines.towns import one_deal_each

MARKET = one_deal_each([Startup(startup_id=f"s{at}") for at in range(4)], n_funds=2)


def scored(weights: list[float], asking: str, nearest: int | None = None) -> list[float]:
    held = holdings(MARKET, DealWeight().of(MARKET))
    told = np.array([weights], np.float32)
    found = Neighbours(MARKET, lambda queries: told.copy(), held, nearest)
    return list(found.scores([Startup(startup_id=asking)])[0])


def test_a_fund_gets_the_weights_of_the_companies_it_backed() -> None:
    assert scored([1, 2, 4, 8], "new") == [1 + 4, 2 + 8]


def test_the_query_itself_lends_nothing_and_takes_no_neighbour_s_place() -> None:
    assert scored([1, 2, 4, 8], "s3") == [1 + 4, 2]
    assert scored([1, 2, 4, 8], "s3", nearest=2) == [4, 2]


def test_only_the_nearest_count_and_what_ties_with_the_last() -> None:
    assert scored([1, 2, 4, 8], "new", nearest=1) == [0, 8]
    tied = np.array([[3, 1, 2, 2 - 1e-6, 1]], np.float32)
    assert only_nearest(tied, 2)[0] == pytest.approx([3, 0, 2, 2, 0], abs=1e-5)
    assert only_nearest(tied, 9) is tied
    assert only_nearest(tied, None) is tied
