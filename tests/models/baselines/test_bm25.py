from math import log

import numpy as np
import pytest

from matching.records import Startup
from matching.vocabulary import Stage
from models.baselines.bm25 import Bm25, Bm25Neighbours, terms
from tests.models.baselines.towns import VECTORS, one_deal_each

TOLD = [["pay"], ["pay", "farm", "farm"], ["farm", "sea"], ["sea", "sky"]]


def test_terms_are_words_tags_and_fields() -> None:
    startup = Startup(
        startup_id="a", description="Pays well", tags=("AI tools",), country="VN", place="x", stage=Stage.SEED
    )
    assert terms(startup) == [
        "ai tools", "ai", "tools", "pays", "well", "country:VN", "city:x", "stage:seed"
    ]  # fmt: skip


def test_one_term_by_hand() -> None:
    # "pay" stands in 2 of 4: ln(1 + 2.5 / 2.5). Companies have 2 terms on average; k1 = 1.2 and b = .75.
    rarity = log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    short = rarity * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 1 / 2))
    long = rarity * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / 2))
    index = Bm25.over(TOLD)
    asked = [Startup(startup_id="new", description="pay"), Startup(startup_id="none", description="gold")]
    assert index(asked) == pytest.approx(np.array([[short, long, 0, 0], [0, 0, 0, 0]]), rel=1e-5)


def test_a_term_told_twice_counts_more_but_less_than_twice() -> None:
    farm = Bm25.over(TOLD)([Startup(startup_id="new", description="farm")])[0]
    rarity = log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    assert farm[1] == pytest.approx(rarity * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2)), rel=1e-5)
    assert farm[2] == pytest.approx(rarity * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 2)), rel=1e-5)
    assert farm[[0, 3]].tolist() == [0, 0]


def test_a_power_and_the_nearest() -> None:
    companies = [Startup(startup_id=f"s{at}", description=" ".join(words)) for at, words in enumerate(TOLD)]
    market = one_deal_each(companies)
    query = [Startup(startup_id="new", description="pay")]
    plain = Bm25Neighbours(power=1.0).fit(market, VECTORS).scores(query)[0]
    assert plain[0] > plain[1] > 0 == plain[2] == plain[3]
    assert Bm25Neighbours(power=2.0).fit(market, VECTORS).scores(query)[0] == pytest.approx(
        plain**2, rel=1e-5
    )
    nearest = Bm25Neighbours(nearest=1, power=1.0).fit(market, VECTORS).scores(query)[0]
    assert nearest == pytest.approx([plain[0], 0, 0, 0])
