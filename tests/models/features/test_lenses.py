from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from numpy import linalg

from matching.market import Market
from matching.records import Startup
from matching.vocabulary import Stage
from models.baselines.ridge import LEAST, WEIGHT, RidgeMap, terms
from models.features.lenses import TOPIC_GAIN, Lens, Lenses, Weights
from tests.matching.worlds import QUICK, market_of
from tests.models.baselines.towns import one_deal_each
from tests.models.features.plain import asked, deals_of

Seen = dict[Lens, Weights]
Question = tuple[Market, Startup]


def seen(market: Market, asking: Startup) -> Seen:
    return dict(zip(Lens, Lenses.of(market).weights(asking), strict=True))


def folded(startup: Startup) -> set[str]:
    return {tag.lower() for tag in startup.tags}


def stage(startup: Startup) -> str:
    return startup.stage_told or startup.stage or ""


SAME: dict[Lens, Callable[[Startup, Startup], bool]] = {
    Lens.COUNTRY: lambda one, other: one.country is not None and one.country == other.country,
    Lens.CITY: lambda one, other: bool(one.place) and one.place == other.place,
    Lens.STAGE: lambda one, other: bool(stage(one)) and stage(one) == stage(other),
    Lens.TAG: lambda one, other: bool(folded(one) & folded(other)),
}
BOTH = {
    Lens.COUNTRY_TAG: (Lens.COUNTRY, Lens.TAG),
    Lens.CITY_TAG: (Lens.CITY, Lens.TAG),
    Lens.COUNTRY_STAGE: (Lens.COUNTRY, Lens.STAGE),
    Lens.CITY_STAGE: (Lens.CITY, Lens.STAGE),
}


@QUICK
@given(asked())
def test_what_is_the_same_or_not_is_that_of_plain_python(question: Question) -> None:
    market, asking = question
    found = seen(market, asking)
    others = [company.startup_id != asking.startup_id for company in market.companies]
    for lens, same in SAME.items():
        told = [is_other and same(asking, c) for c, is_other in zip(market.companies, others, strict=True)]
        assert found[lens].tolist() == told, lens
    for lens, (one, other) in BOTH.items():
        assert found[lens].tolist() == (found[one] * found[other]).tolist(), lens


@QUICK
@given(asked())
def test_kernels_are_powers_of_one_another_and_the_product_of_their_halves(question: Question) -> None:
    market, asking = question
    found = seen(market, replace(asking, startup_id="a stranger"))
    if not market.companies:
        return
    kernel = found[Lens.KERNEL].astype(np.float64)
    assert kernel.max() == found[Lens.TOPIC].max() == found[Lens.SITE].max() == 1
    assert found[Lens.WIDE] == pytest.approx(kernel**0.5, rel=1e-5)
    assert found[Lens.SHARP] == pytest.approx(kernel**2, rel=1e-5)
    halves = found[Lens.TOPIC].astype(np.float64) ** (1 / TOPIC_GAIN) * found[Lens.SITE]
    assert kernel == pytest.approx(halves / halves.max(), rel=1e-4)


@QUICK
@given(asked())
def test_its_own_company_weighs_nothing_and_the_others_what_they_would(question: Question) -> None:
    market, _ = question
    lenses = Lenses.of(market)
    for row, company in enumerate(market.companies):
        expected = lenses.weights(replace(company, startup_id="a stranger"))
        expected[:, row] = 0
        np.testing.assert_array_equal(lenses.weights(company), expected)


def test_the_site_is_the_place_and_the_stage_with_the_gains_of_the_kernel() -> None:
    told = [
        Startup(startup_id="near", country="VN", stage=Stage.SEED),
        Startup(startup_id="later", country="VN", stage=Stage.SERIES_A),
        Startup(startup_id="far", country="SG", stage=Stage.SEED),
        Startup(startup_id="silent"),
    ]
    found = seen(one_deal_each(told), Startup(startup_id="new", country="VN", stage=Stage.SEED))
    exponent = np.array([5.1 + 0.9, 5.1, 0.9, 0.3])
    assert found[Lens.SITE] == pytest.approx(np.exp(exponent - exponent.max()), rel=1e-5)
    assert found[Lens.TOPIC].tolist() == [1, 1, 1, 1]


def test_words_are_a_cosine() -> None:
    tags = (("A",), ("a", "b"), ("b",), ())
    told = [Startup(startup_id=f"s{at}", tags=mine) for at, mine in enumerate(tags)]
    found = seen(one_deal_each(told), Startup(startup_id="new", tags=("a",)))
    assert found[Lens.WORDS] == pytest.approx([1, 2**-0.5, 0, 0], rel=1e-5)
    assert found[Lens.TAG].tolist() == [1, 1, 0, 0]


def test_the_ridge_lens_is_the_smoother_solved_in_plain_algebra() -> None:
    tags, countries = (("pay",), ("farm",), ("pay", "farm")), ("VN", "SG")
    told = [
        Startup(startup_id=f"s{at}", tags=tags[at % 3], country=countries[at % 2], place="rare" * (at < 3))
        for at in range(18)
    ]
    market, asking = one_deal_each(told), Startup(startup_id="new", tags=("pay",), country="VN")
    listed = [terms(company) for company in market.companies]
    kept = sorted({t for ts in listed for t in ts if sum(t in other for other in listed) >= LEAST})
    gain = np.array([WEIGHT.get(term[0], 1.0) for term in kept])
    marks = np.array([[t in ts for t in kept] for ts in listed], np.float64)
    newest = {deal.company: deal.age for deal in deals_of(market)}
    recency = np.array([0.5 ** (newest[row] / 2) for row in range(len(told))])
    rows = marks * gain
    gram = rows.T @ (recency[:, None] * rows) + RidgeMap().penalty * np.eye(len(kept))
    query = gain * np.array([term in terms(asking) for term in kept])
    expected = recency * (rows @ linalg.solve(gram, query))
    assert seen(market, asking)[Lens.RIDGE] == pytest.approx(expected, rel=1e-4)


def test_a_market_without_a_company_has_no_weight() -> None:
    assert Lenses.of(market_of()).weights(Startup(startup_id="new")).shape == (len(Lens), 0)
