from dataclasses import replace
from typing import Any

import pytest

from data.synthetic.settings import MarketSettings, Missing
from matching.errors import BadValue

USUAL = MarketSettings(100, 50)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n_startups", 9),
        ("n_funds", 1_000_001),
        ("seed", -1),
        ("last_year", 2009),
        ("share_vietnamese", 1.01),
        ("deals_per_startup", 1.0),
        ("deals_per_startup", float("nan")),
        ("growth", -0.6),
        ("circle", -0.1),
        ("closing", 0.6),
        ("share_turning", 1.1),
        ("n_introductions", -1),
        ("introduction_years", 0),
        ("base_acceptance", 0.0),
        ("congestion", 11),
        ("position_bias", float("inf")),
        ("silence", 1.0),
    ],
)
def test_a_number_out_of_its_range_is_refused_by_name(field: str, value: float) -> None:
    told: dict[str, Any] = {field: value}
    with pytest.raises(BadValue, match=f"^{field} must be from "):
        replace(USUAL, **told)


def test_a_share_of_missing_cells_is_a_share() -> None:
    with pytest.raises(BadValue, match=r"^missing\.thesis must be from 0 to 1, got '2'"):
        replace(USUAL, missing=Missing(thesis=2))
