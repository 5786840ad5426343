import numpy as np
import pytest

from models.features.channels import co_investment
from models.features.habits import COLUMNS, NO_DEAL, habits
from tests.matching.worlds import market_of
from tests.models.features.test_activity import planted

AT = {column.name: at for at, column in enumerate(COLUMNS)}


def test_how_three_funds_invest_is_counted_by_hand() -> None:
    market = planted()
    found = habits(market, co_investment(market))
    f, g, idle = ({name: found[row, at] for name, at in AT.items()} for row in range(3))
    assert f["first_share"] == pytest.approx(2 / 3) and g["first_share"] == 1
    assert f["first_share_2y"] == pytest.approx(0.5 / 1.5)
    assert f["together"] == pytest.approx(np.log(2) / 3)  # two investors in a, alone twice
    assert f["alone"] == pytest.approx(2 / 3) and g["alone"] == 0
    assert f["most_on_a_day"] == pytest.approx(np.log(2)) and g["most_on_a_day"] == 0
    assert f["partners"] == g["partners"] == pytest.approx(np.log1p(1))
    assert idle["partners"] == 0
    assert all(np.isnan(idle[column.name]) for column in COLUMNS if column.missing == NO_DEAL)


def test_an_empty_market_has_columns() -> None:
    empty = market_of()
    assert habits(empty, co_investment(empty)).shape == (0, len(COLUMNS))
