from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.kernel import (
    FLOOR_WEIGHT,
    USUAL_TEXT_FLOOR,
    USUAL_THESIS_FLOOR,
    Company,
    Floor,
    Kernel,
    Layout,
    common,
)
from matching.protocols import FloatMatrix
from matching.vocabulary import Sector, Stage
from tests.matching.worlds import COUNTRIES, QUICK, SECTORS

KERNEL = Kernel(text=10, text_alone=60, thesis=40, sector=2.5, country=4, city=2, stage=1.5)


def flat(cosine: float) -> Floor:
    """A floor that is the same for every query."""
    return Floor(np.zeros(2), 0, cosine)


LAYOUT = Layout(KERNEL, 2, ("SG", "VN"), ("hanoi", "hue"), flat(0.5), flat(0.75))
EAST, NORTH, SOUTH_EAST, NONE = (1.0, 0.0), (0.0, 1.0), (0.6, -0.8), (0.0, 0.0)


def company(
    text: tuple[float, float] = NONE,
    sectors: frozenset[Sector] = frozenset(),
    country: str | None = None,
    city: str = "",
    stage: Stage | None = None,
) -> Company:
    return Company(np.array(text, np.float32), sectors, country, city, stage)


def exponent(asking: Company, backed: Company, layout: Layout = LAYOUT) -> float:
    return float((layout.query(asking) @ layout.companies([backed]).T)[0, 0])


FINTECH, BOTH = frozenset({Sector.FINTECH}), frozenset({Sector.FINTECH, Sector.SAAS})


@pytest.mark.parametrize(
    ("asking", "backed", "value"),
    [
        (company(sectors=FINTECH), company(sectors=FINTECH), 2.5),
        (company(sectors=BOTH), company(sectors=BOTH), 2.5),
        (company(sectors=FINTECH), company(sectors=BOTH), 2.5 / 2**0.5),
        (company(sectors=BOTH), company(sectors=frozenset({Sector.SAAS, Sector.AI})), 1.25),
        (company(sectors=FINTECH), company(sectors=frozenset({Sector.AI})), 0),
        (company(sectors=FINTECH), company(), 0),
        (company(country="VN"), company(country="VN"), 4),
        (company(country="VN"), company(country="SG"), 0),
        (company(country="TH"), company(country="TH"), 0),  # in no column, as no company of the market has it
        (company(country="VN"), company(), 0),
        (company(city="hue"), company(city="hue"), 2),
        (company(city="hue"), company(city="hanoi"), 0),
        (company(city="hue"), company(), 0),
        (company(), company(), 0),
        (company(city="vinh"), company(city="vinh"), 0),
        (company(stage=Stage.SEED), company(stage=Stage.SEED), 1.5),
        (company(stage=Stage.SEED), company(stage=Stage.PRE_SERIES_A), 0.75),
        (company(stage=Stage.PRE_SERIES_A), company(stage=Stage.SEED), 0.75),
        (company(stage=Stage.SEED), company(stage=Stage.SERIES_A), 0.375),
        (company(stage=Stage.IDEA), company(stage=Stage.GROWTH), 1.5 / 256),
        (company(stage=Stage.SEED), company(), 0),
        (company(EAST, FINTECH), company(EAST), 10 * (1 - 0.5)),
        (company(EAST, FINTECH), company(NORTH), 10 * (0 - 0.5)),
        (company(EAST, FINTECH), company(SOUTH_EAST), 10 * (0.6 - 0.5)),
        (company(EAST, FINTECH), company(), 0),
        (company(EAST), company(EAST, FINTECH), 60 * (1 - 0.5)),
        (company(EAST), company(SOUTH_EAST), 60 * (0.6 - 0.5)),
        (company(EAST, country="VN"), company(NORTH, country="VN"), 60 * (0 - 0.5) + 4),
        (company(EAST), company(), 0),
        (company(), company(EAST), 0),
        (
            company(EAST, FINTECH, "VN", "hue", Stage.SEED),
            company(SOUTH_EAST, BOTH, "VN", "hanoi", Stage.PRE_SEED),
            1 + 2.5 / 2**0.5 + 4 + 0 + 0.75,
        ),
    ],
)
def test_the_exponent_of_a_pair_is_the_sum_counted_by_hand(
    asking: Company, backed: Company, value: float
) -> None:
    assert exponent(asking, backed) == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "sentence", "value"),
    [(EAST, EAST, 10), (EAST, NORTH, -30), (EAST, SOUTH_EAST, -6), (NONE, EAST, 0)],
)
def test_a_sentence_counts_by_its_text_alone(
    text: tuple[float, float], sentence: tuple[float, float], value: float
) -> None:
    question = LAYOUT.question(np.array(text, np.float32))
    product = question @ LAYOUT.sentences(np.array([sentence], np.float32)).T
    assert product[0, 0] == pytest.approx(value, abs=1e-5)  # 40 (cosine - .75)


def units(width: int) -> st.SearchStrategy[tuple[float, ...]]:
    def unit(seed: int) -> tuple[float, ...]:
        drawn = np.random.default_rng(seed).normal(size=width)
        return tuple((drawn / np.linalg.norm(drawn)).tolist())

    return st.integers(0, 2**32 - 1).map(unit)


CITIES = ("", "hanoi", "hue", "vinh")
COMPANIES = st.builds(
    lambda text, sectors, country, city, stage: Company(
        np.array(text, np.float32), sectors, country, city, stage
    ),
    st.one_of(st.just((0.0,) * 4), units(4)),
    st.frozensets(st.sampled_from(SECTORS)),
    st.sampled_from((None, *COUNTRIES, "TH")),
    st.sampled_from(CITIES),
    st.sampled_from((None, *Stage)),
)


def by_field(kernel: Kernel, floor: float, asking: Company, backed: Company) -> float:
    """Add up the exponent field by field, as the module's first lines have it."""
    total = 0.0
    if asking.text.any() and backed.text.any():
        gain = kernel.text if asking.sectors else kernel.text_alone
        total += gain * (float(asking.text.astype(float) @ backed.text) - floor)
    if asking.sectors and backed.sectors:
        both = len(asking.sectors & backed.sectors)
        total += kernel.sector * both / (len(asking.sectors) * len(backed.sectors)) ** 0.5
    if asking.country and asking.country == backed.country:
        total += kernel.country
    if asking.city and asking.city == backed.city:
        total += kernel.city
    if asking.stage and backed.stage:
        steps = abs(list(Stage).index(asking.stage) - list(Stage).index(backed.stage))
        total += kernel.stage / 2**steps
    return total


@QUICK
@given(COMPANIES, st.lists(COMPANIES, min_size=1, max_size=5))
def test_one_inner_product_is_the_exponent_added_up_field_by_field(
    asking: Company, backed: list[Company]
) -> None:
    texts = np.stack([company.text for company in backed])
    layout = Layout(
        kernel=Kernel(),
        text_width=4,
        countries=common([company.country for company in backed], len(backed)),
        cities=common([company.city for company in backed], 64),
        text_floor=Floor.over(texts, USUAL_TEXT_FLOOR),
        thesis_floor=Floor.over(texts, USUAL_THESIS_FLOOR),
    )
    floor = layout.text_floor.of(asking.text)
    products = (layout.query(asking) @ layout.companies(backed).T)[0]
    expected = [by_field(layout.kernel, floor, asking, one) for one in backed]
    assert products == pytest.approx(expected, abs=1e-4)


def test_rows_have_the_width_of_the_layout_and_their_blocks_do_not_overlap() -> None:
    assert LAYOUT.width == 2 + 1 + 25 + 9 + 2 + 2
    told = company(EAST, FINTECH, "VN", "hue", Stage.SEED)
    assert LAYOUT.companies([told]).shape == LAYOUT.query(told).shape == (1, LAYOUT.width)
    assert LAYOUT.companies([]).shape == (0, LAYOUT.width)
    assert np.count_nonzero(LAYOUT.companies([told])) == 1 + 1 + 1 + 1 + 1 + 1
    assert LAYOUT.sentences(np.zeros((3, 2), np.float32)).any() == np.False_


def test_the_commonest_values_get_a_column_and_ties_go_by_the_alphabet() -> None:
    assert common(["b", "a", "c", "c", None, ""], 2) == ("a", "c")
    assert common([], 3) == ()
    assert common(["x"], 0) == ()


def rows(seeds: list[int]) -> FloatMatrix:
    """Unit rows drawn from seeds, zeros for seed 0 (a company without text)."""
    told = np.zeros((len(seeds), 4), np.float32)
    for row, seed in zip(told, seeds, strict=True):
        if seed:
            drawn = np.random.default_rng(seed).normal(size=4)
            row[:] = drawn / np.linalg.norm(drawn)
    return told


SEEDS = st.lists(st.integers(0, 40), max_size=9)


@QUICK
@given(SEEDS, st.integers(1, 40))
def test_a_floor_is_the_mean_cosine_with_all_texts_drawn_to_the_usual(seeds: list[int], asking: int) -> None:
    query = rows([asking])[0]
    cosines = [float(query.astype(float) @ row) for row in rows(seeds) if row.any()]
    expected = (sum(cosines) + FLOOR_WEIGHT * 0.83) / (len(cosines) + FLOOR_WEIGHT)
    assert Floor.over(rows(seeds), 0.83).of(query) == pytest.approx(expected, abs=1e-6)


def test_without_texts_a_floor_is_exactly_the_usual_one() -> None:
    for seeds in ([], [0, 0]):
        floor = Floor.over(rows(seeds), 0.83)
        assert (floor.n, floor.of(rows([5])[0]), floor.of(rows([0])[0])) == (0, 0.83, 0.83)


def test_a_usual_company_weighs_more_the_more_it_shares() -> None:
    asking = company(EAST, FINTECH, "VN", "hue", Stage.SEED)
    alike = company(EAST, FINTECH, "VN", "hue", Stage.SEED)
    elsewhere = company(EAST, FINTECH, "SG", "hue", Stage.SEED)
    assert exp(exponent(asking, alike)) == pytest.approx(exp(exponent(asking, elsewhere)) * exp(4), rel=1e-4)
