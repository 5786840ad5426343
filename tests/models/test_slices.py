from datetime import date

import numpy as np
import pytest

from matching.records import Startup
from matching.vocabulary import Sector, Stage
from models.metrics import per_query
from models.slices import OTHER, query_slices, slices
from models.windows import Questions, Window
from tests.models.test_metrics import UNREACHABLE, judged_of

QUERIES = (
    Startup(startup_id="a", country="VN", sectors=frozenset({Sector.AI, Sector.SAAS}), description="en"),
    Startup(startup_id="b", country="VN", stage=Stage.SEED, description_vi="vi"),
    Startup(
        startup_id="c", country="SG", sectors=frozenset({Sector.AI}), description="en", description_vi="vi"
    ),
)
QUESTIONS = Questions(
    window=Window(date(2020, 1, 1), date(2021, 1, 1)),
    queries=QUERIES,
    truth={},
    candidates=frozenset({"f0", "f1", "f2", "f3"}),
    deals_before={"f0": 1, "f1": 4, "f2": 30, "f3": 2},
)


def told(dimension: str) -> dict[str, list[int]]:
    return {
        value: np.flatnonzero(mask).tolist() for value, mask in query_slices(QUESTIONS, dimension).items()
    }


def test_queries_by_dimension() -> None:
    assert told("country") == {"VN": [0, 1], "SG": [2]}
    assert told("sector") == {"ai": [0, 2], "saas": [0], "unknown": [1]}
    assert told("stage") == {"unknown": [0, 2], "seed": [1]}
    assert told("language") == {"en": [0], "vi": [1], "vi+en": [2]}
    assert told("described") == {"described": [0, 1, 2]}


def test_rare_values_are_other() -> None:
    countries = [*"ABCDEFGHIJ", *"ABCDEFGH"]
    asked = Questions(
        window=QUESTIONS.window,
        queries=tuple(Startup(startup_id=str(at), country=c) for at, c in enumerate(countries)),
        truth={},
        candidates=frozenset(),
        deals_before={},
    )
    found = query_slices(asked, "country")
    assert [*found] == [*"ABCDEFGH", OTHER]
    assert np.flatnonzero(found[OTHER]).tolist() == [8, 9]


def test_recall_by_slice_and_by_deals_of_the_fund() -> None:
    judged = judged_of([[0, 12], [UNREACHABLE], [3, 30]], n_candidates=4)  # funds f0 f1 - f3 f0
    found = {(s.dimension, s.value): s.recall_10 for s in slices(QUESTIONS, judged, per_query(judged))}
    assert (found["country", "VN"].mean, found["country", "VN"].n) == (0.5, 1)
    assert (found["sector", "ai"].mean, found["sector", "ai"].n) == (0.5, 2)
    assert found["sector", "unknown"].n == 0, "its only query is not reachable"
    funds = {
        value: (r.mean, r.n) for (dimension, value), r in found.items() if dimension == "deals of the fund"
    }
    assert funds == {
        "1": (pytest.approx(0.5), 2),
        "2-4": (pytest.approx(0.5), 2),
        "no candidate": (0, 1),
    }
