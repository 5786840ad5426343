"""Two written markets, 50 startups and 2,000, and a centre with many introductions."""

from pathlib import Path

import pytest

from data.synthetic.settings import MarketSettings
from data.synthetic.write import SyntheticMarket, draw_market, write_market

SMALL = MarketSettings(n_startups=50, n_funds=30, seed=7)
MIDDLE = MarketSettings(n_startups=2_000, n_funds=1_500, seed=7)
CENTRE = MarketSettings(n_startups=6_000, n_funds=900, seed=7, n_introductions=12_000)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a market of 50 startups."""
    folder = tmp_path_factory.mktemp("small") / "market"
    write_market(draw_market(SMALL), folder)
    return folder


@pytest.fixture(scope="session")
def drawn() -> SyntheticMarket:
    """A market of 2,000 startups and its truth."""
    return draw_market(MIDDLE)


@pytest.fixture(scope="session")
def middle(tmp_path_factory: pytest.TempPathFactory, drawn: SyntheticMarket) -> Path:
    """The folder of `drawn`."""
    folder = tmp_path_factory.mktemp("middle") / "market"
    write_market(drawn, folder)
    return folder


@pytest.fixture(scope="session")
def centre() -> SyntheticMarket:
    """A market with 12,000 introductions, its funds often full."""
    return draw_market(CENTRE)


@pytest.fixture(params=["small", "middle"])
def folder(request: pytest.FixtureRequest) -> Path:
    """Each of the two folders."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Path)
    return found
