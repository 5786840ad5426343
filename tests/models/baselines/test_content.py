import numpy as np
import pytest

from matching.knowledge import Knowledge
from matching.market import lay_out
from matching.records import Deal, Fund, Startup
from models.baselines.content import ContentNeighbours
from tests.matching.worlds import FixedVectors
from tests.models.baselines.towns import CUT, one_deal_each

VECTORS = FixedVectors({"pay": (1.0, 0.0), "lend": (0.8, 0.6), "farm": (0.0, 1.0)})
TEXTS = ("pay", "lend", "farm", "")
MARKET = lay_out(
    Knowledge(
        tuple(Startup(startup_id=f"s{at}", description=text) for at, text in enumerate(TEXTS)),
        tuple(Fund(fund_id=f"f{at}") for at in range(4)),
        tuple(Deal(startup_id=f"s{at}", fund_id=f"f{at}", announced_on=CUT) for at in range(4)),
    ),
    CUT,
    VECTORS,
)


def test_a_dense_neighbour_weighs_exp_of_its_distance_to_the_nearest_one() -> None:
    scorer = ContentNeighbours(dense=True, sharpness=5.0).fit(MARKET, VECTORS)
    scores = scorer.scores([Startup(startup_id="new", description="pay")])[0]
    assert scores == pytest.approx([1, np.exp(-1), np.exp(-5), 0], rel=1e-5)


def test_without_an_encoder_nothing_is_alike() -> None:
    none = FixedVectors(dict.fromkeys(TEXTS, ()), width=0)
    market = lay_out(Knowledge(MARKET.companies, MARKET.funds.records, MARKET.deals.records), CUT, none)
    scores = (
        ContentNeighbours(dense=True).fit(market, none).scores([Startup(startup_id="new", description="pay")])
    )
    assert scores.tolist() == [[0, 0, 0, 0]]


def test_a_sparse_neighbour_shares_a_word() -> None:
    told = [
        Startup(startup_id=f"s{at}", tags=tags) for at, tags in enumerate((("A",), ("a", "b"), ("b",), ()))
    ]
    scorer = ContentNeighbours(sharpness=3.0).fit(one_deal_each(told), VECTORS)
    scores = scorer.scores([Startup(startup_id="new", tags=("a",))])[0]
    assert scores == pytest.approx([1, np.exp(3 / 2**0.5 - 3), 0, 0], rel=1e-5)
