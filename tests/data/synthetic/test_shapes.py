"""The shapes of a market beside those measured in Crunchbase (docs/decisions/0010-synthetic-market.md)."""

from pathlib import Path

import pytest

from data.synthetic.settings import MarketSettings
from data.synthetic.shapes import measure
from data.synthetic.write import draw_market, write_market

CRUNCHBASE = {
    "deals a fund": (3.80, 0.4),
    "funds with one deal": (0.636, 0.05),
    "tail exponent from 5 deals": (2.04, 0.15),
    "share of deals of the top 1 %": (0.232, 0.05),
    "share of deals of the top 10 %": (0.614, 0.05),
    "pairs a backed startup": (2.90, 0.2),
    "rounds with one new investor": (0.539, 0.04),
    "rounds with two": (0.212, 0.03),
    "rounds with five or more": (0.082, 0.02),
    "new investors a round": (2.10, 0.15),
    "share of pairs in first rounds": (0.747, 0.05),
    "rounds a backed startup": (1.385, 0.06),
    "startups with one round": (0.736, 0.04),
    "years between rounds, 1st quartile": (0.71, 0.1),
    "years between rounds, median": (1.26, 0.15),
    "years between rounds, 3rd quartile": (2.04, 0.2),
    "repeated co-investors, first rounds": (0.194, 0.06),
}
"""Measured there, and how far a market of its size may be off."""


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    folder = tmp_path_factory.mktemp("shapes") / "market"
    write_market(draw_market(MarketSettings(16_000, 12_200, seed=1)), folder)
    return measure(folder)


@pytest.mark.parametrize("shape", CRUNCHBASE)
def test_a_market_of_the_size_of_crunchbase_has_its_shape(shapes: dict[str, float], shape: str) -> None:
    target, tolerance = CRUNCHBASE[shape]
    assert abs(shapes[shape] - target) <= tolerance


def test_the_market_grows_at_the_rate_set(shapes: dict[str, float]) -> None:
    assert abs(shapes["growth of first rounds a year"] - 0.14) < 0.02


def test_most_startups_are_vietnamese(shapes: dict[str, float]) -> None:
    assert abs(shapes["share of the first country"] - 0.60) < 0.02


def test_shapes_of_a_market_told_by_hand(tmp_path: Path) -> None:
    (tmp_path / "startups.csv").write_text("startup_id,country,city\na,VN,Hue\nb,Vietnam,Hue\nc,SG,\n")
    deals = (
        "a,f,2020-01-01,seed\na,g,2020-01-01,seed\na,f,2021-01-01,series-a\na,h,2021-12-31,series-a\n"
        "b,f,2020,seed\nb,g,2020,seed\nc,i,2022-01,\n"
    )
    (tmp_path / "investments.csv").write_text("startup_id,fund_id,announced_on,round\n" + deals)
    found = measure(tmp_path)
    assert found["pairs a backed startup"] == 2.0  # the second deal of a and f is a follow-on
    assert found["deals a fund"] == 1.5 and found["funds with one deal"] == 0.5
    assert found["rounds a backed startup"] == pytest.approx(4 / 3)
    assert found["share of pairs in first rounds"] == pytest.approx(5 / 6)
    assert found["years between rounds, median"] == pytest.approx(730 / 365.25)
    assert found["repeated co-investors, first rounds"] == 1.0  # f and g, twice
    assert found["share of the first country"] == pytest.approx(2 / 3)
