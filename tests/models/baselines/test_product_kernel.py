from dataclasses import replace

import numpy as np
import pytest

from matching.records import Startup
from matching.vocabulary import Stage
from models.baselines.product_kernel import Exponent, ProductKernel
from tests.models.baselines.towns import VECTORS, one_deal_each

NO_TEXT = ProductKernel(
    words=0,
    tags=0,
    cities=0,
    city=1.0,
    country=5.0,
    stage=2.0,
    unknown_city=0.5,
    unknown_stage=0.25,
    silent_stage=0,
)
HERE = Startup(startup_id="here", country="VN", place="vn-hue", stage=Stage.SEED)
COMPANIES = (
    HERE,
    Startup(startup_id="later", country="VN", place="vn-hanoi", stage=Stage.SERIES_A),
    Startup(startup_id="abroad", country="SG", place="sg", stage=Stage.SEED),
    Startup(startup_id="silent"),
)
MARKET = one_deal_each(COMPANIES)


def exponents(kernel: ProductKernel, query: Startup) -> list[float]:
    return list(Exponent.of(kernel, MARKET).exponents([replace(query, startup_id="new")])[0])


def test_matches_add_up_and_unknown_lies_between_match_and_mismatch() -> None:
    assert exponents(NO_TEXT, HERE) == [1 + 5 + 2, 5, 2, 0.5 + 0.25]


def test_what_the_query_does_not_tell_sets_no_company_apart() -> None:
    assert exponents(NO_TEXT, Startup(startup_id="")) == [0, 0, 0, 0]
    assert exponents(NO_TEXT, Startup(startup_id="", country="SG")) == [0, 0, 5, 0]


def test_stages_are_compared_in_the_words_they_were_told_in_else_by_their_code() -> None:
    told = (
        Startup(startup_id="angel", stage=Stage.SEED, stage_told="angel"),
        Startup(startup_id="code", stage=Stage.SEED),
        Startup(startup_id="venture", stage_told="venture"),
        Startup(startup_id="silent"),
    )
    kernel = replace(NO_TEXT, silent_stage=0.125)
    learned = Exponent.of(kernel, one_deal_each(told))
    found = learned.exponents([replace(startup, startup_id="new") for startup in told])
    assert found.tolist() == [
        [2, 0, 0, 0.25],
        [0, 2, 0, 0.25],
        [0, 0, 2, 0.25],
        [0, 0, 0, 0.125],
    ]


def test_a_fund_gets_exp_of_the_exponent_to_the_scale_of_the_nearest() -> None:
    scores = NO_TEXT.fit(MARKET, VECTORS).scores([replace(HERE, startup_id="new")])[0]
    assert scores == pytest.approx(np.exp([0, 5 - 8, 2 - 8, 0.75 - 8]), rel=1e-5)
    nearest = replace(NO_TEXT, nearest=2).fit(MARKET, VECTORS).scores([replace(HERE, startup_id="new")])[0]
    assert nearest == pytest.approx([1, np.exp(-3), 0, 0], rel=1e-5)


def test_words_count_by_their_cosine() -> None:
    told = [
        Startup(startup_id=f"s{at}", tags=tags) for at, tags in enumerate((("A",), ("a", "b"), ("b",), ()))
    ]
    kernel = ProductKernel(words=2.0, tags=0, cities=0, silent_stage=0)
    found = Exponent.of(kernel, one_deal_each(told)).exponents([Startup(startup_id="new", tags=("a",))])[0]
    assert found == pytest.approx([2, 2 / 2**0.5, 0, 0], rel=1e-5)


def test_learned_tags_and_cities_reach_where_no_word_is_shared() -> None:
    towns = [("pay", "x"), ("farm", "z"), ("lend", "y"), ("farm", "z")] * 2
    told = [Startup(startup_id=f"s{at}", tags=(tag,), place=town) for at, (tag, town) in enumerate(towns)]
    market = one_deal_each(told, n_funds=2)  # one fund backs pay and lend, the other farm
    for kernel, query in (
        (
            ProductKernel(words=0, tags=3.0, cities=0, silent_stage=0),
            Startup(startup_id="new", tags=("pay",)),
        ),
        (
            ProductKernel(cities=3.0, city=0, unknown_city=0, silent_stage=0),
            Startup(startup_id="new", place="x"),
        ),
    ):
        pay, farm, lend = Exponent.of(kernel, market).exponents([query])[0][:3]
        # each has 2 companies, so their product is 2 / (2 + 1)
        assert [pay, lend] == pytest.approx([3 * 2 / 3, 3 * 2 / 3], rel=1e-4)
        assert farm < 0.1
