from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.dates import end_of_period
from matching.errors import BadValue
from tests.matching.worlds import QUICK


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021", date(2021, 12, 31)),
        ("2021-03", date(2021, 3, 31)),
        ("2021-04", date(2021, 4, 30)),
        ("2023-02", date(2023, 2, 28)),
        ("2024-02", date(2024, 2, 29)),
        ("1900-02", date(1900, 2, 28)),
        ("2000-02", date(2000, 2, 29)),
        ("2024-02-29", date(2024, 2, 29)),
        ("0001", date(1, 12, 31)),
        ("9999-12", date(9999, 12, 31)),
    ],
)
def test_a_partial_date_counts_at_the_end_of_its_period(text: str, day: date) -> None:
    assert end_of_period(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000",
        "0000-05",
        "2021-00",
        "2021-13",
        "2021-02-31",
        "2023-02-29",
        "2021-02-00",
        "31/02/2021",
        "2021-3",
        "21",
        "2021-03-31T00:00",
        " 2021",
        "2021\n",
        "-2021",
        "Q1 2021",
    ],
)
def test_a_date_that_does_not_exist_is_refused_with_what_was_given(text: str) -> None:
    with pytest.raises(BadValue) as refused:
        end_of_period(text)
    assert refused.value.value == text
    assert repr(text) in str(refused.value)


@QUICK
@given(st.dates())
def test_a_full_date_is_itself(day: date) -> None:
    assert end_of_period(day.isoformat()) == day
