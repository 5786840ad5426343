import numpy as np

from data.synthetic.columns import apart, dates, dollars, fund_name, iso, startup_name
from data.synthetic.deals import Rounds
from data.synthetic.market import day

RNG = np.random.default_rng(0)


def test_days_are_counted_from_1970() -> None:
    assert day(1970) == 0 and day(2020, 2, 29) == 18_321
    assert iso(np.array([0, 18_321])) == ["1970-01-01", "2020-02-29"]


def test_a_date_is_told_to_the_year_the_month_or_the_day() -> None:
    days = np.full(3_000, day(2020, 5, 17))
    told = dates(days, (0.2, 0.3), RNG)
    assert set(told) == {"2020", "2020-05", "2020-05-17"}
    assert abs(told.count("2020") / 3_000 - 0.2) < 0.03
    assert abs(told.count("2020-05") / 3_000 - 0.3) < 0.03


def test_a_period_that_ends_too_late_is_told_to_the_day() -> None:
    days, limit = np.full(100, day(2020, 5, 17)), np.full(100, day(2020, 12, 31))
    assert set(dates(days, (1, 0), RNG, limit)) == {"2020-05-17"}
    assert set(dates(days, (1, 0), RNG, limit + 1)) == {"2020"}
    assert set(dates(days, (0, 1), RNG, np.full(100, day(2020, 5, 31)))) == {"2020-05-17"}


def test_amounts_have_two_digits_that_count() -> None:
    assert dollars(np.array([123_456.0, 98_700_000.0])) == ["120000", "99000000"]


def test_rounds_of_a_startup_never_read_alike() -> None:
    same = np.zeros(3, np.int64)
    rounds = Rounds(
        startup=np.array([4, 4, 5]),
        number=same,
        day=np.array([0, 31, 31]),
        stage=same,
        places=same,
        ask_usd=same.astype(np.float64),
    )
    assert apart(rounds, ["1970", "1970", "1970"], ["", "", ""]) == ["1970", "1970-02-01", "1970"]
    assert apart(rounds, ["1970", "1970", "1970"], ["", "seed", ""]) == ["1970"] * 3


def test_names_say_that_they_are_synthetic() -> None:
    assert startup_name(3, 0, False) == "Zlazlazla 3 (synthetic)"
    assert fund_name(3, 0, True) == "Quỹ Zlazlazla 3 (dữ liệu tổng hợp)"
