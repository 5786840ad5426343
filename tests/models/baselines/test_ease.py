import numpy as np
import pytest
from scipy import sparse

from matching.records import Startup
from models.baselines import ease
from models.baselines.ease import EaseNeighbours
from tests.models.baselines.towns import VECTORS, one_deal_each

# Four companies, three funds: 0 and 1 invest together twice, 2 alone.
HELD = sparse.csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]], np.float32))


def test_weights_between_three_funds_by_hand() -> None:
    # Gram matrix + 1: [[4, 2, 0], [2, 3, 0], [0, 0, 2]];
    # its inverse: [[3, -2, 0], [-2, 4, 0], [0, 0, 4]] / 8.
    # A column is divided by minus its diagonal: 2/4 for fund 0 to fund 1, 2/3 back.
    weights = ease._between(HELD, 1.0)
    assert weights == pytest.approx(np.array([[0, 1 / 2, 0], [2 / 3, 0, 0], [0, 0, 0]]), abs=1e-6)


def test_the_weights_are_those_of_ridge_regression_of_a_fund_on_the_others() -> None:
    rng = np.random.default_rng(0)
    held = rng.random((30, 5)) * (rng.random((30, 5)) < 0.4)
    weights = ease._between(sparse.csr_array(held.astype(np.float32)), 0.5)
    others = [0, 1, 3, 4]
    x, y = held[:, others], held[:, 2]
    expected = np.linalg.solve(x.T @ x + 0.5 * np.eye(4), x.T @ y)
    assert weights[others, 2] == pytest.approx(expected, abs=1e-5)


def test_a_fund_with_no_company_alike_is_found_beside_one_that_has() -> None:
    companies = [
        Startup(startup_id=f"s{at}", description=text) for at, text in enumerate(("pay", "pay", "sea"))
    ]
    market = one_deal_each(companies)
    query = [Startup(startup_id="new", description="pay")]
    alone = EaseNeighbours().neighbours.fit(market, VECTORS).scores(query)[0]
    spread = EaseNeighbours(shrinkage=1.0).fit(market, VECTORS).scores(query)[0]
    assert spread == pytest.approx(alone)  # nobody invests together here
    assert alone[2] == 0
