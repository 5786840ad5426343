from datetime import date

import pytest

from matching.errors import BadValue
from matching.knowledge import Knowledge
from matching.records import Deal, Fund, Startup
from models.history import Remembered
from models.snapshots import snapshot_days, snapshots
from tests.matching.worlds import HashedVectors

VECTORS = HashedVectors()
WORLD = Knowledge(
    (Startup(startup_id="s"), Startup(startup_id="seen", first_seen_on=date(2020, 3, 1))),
    (Fund(fund_id="f"),),
    tuple(
        Deal(startup_id="s", fund_id="f", announced_on=day, announced=str(day))
        for day in (date(2020, 3, 1), date(2021, 3, 1))
    ),
)


@pytest.mark.parametrize(
    ("since", "before", "months", "days"),
    [
        ("2020-01-01", "2021-07-01", 6, ["2020-01-01", "2020-07-01", "2021-01-01"]),
        ("2020-01-02", "2021-07-01", 6, ["2020-07-01", "2021-01-01"]),
        ("2021-01-01", "2021-03-31", 1, ["2021-01-31", "2021-02-28"]),
        ("2021-01-01", "2021-03-31", 3, []),
        ("2019-11-30", "2020-05-31", 3, ["2019-11-30", "2020-02-29"]),
    ],
)
def test_days_are_counted_back_from_the_end_and_every_window_is_whole(
    since: str, before: str, months: int, days: list[str]
) -> None:
    found = snapshot_days(date.fromisoformat(since), date.fromisoformat(before), months)
    assert [str(day) for day in found] == days


@pytest.mark.parametrize("months", [-1, 0, 7])
def test_windows_of_no_length_or_over_half_a_year_are_refused(months: int) -> None:
    with pytest.raises(BadValue, match=f"months must be from 1 to 6, got '{months}'"):
        snapshot_days(date(2020, 1, 1), date(2021, 1, 1), months)


def test_each_market_holds_what_was_known_on_its_day_and_answers_up_to_the_next() -> None:
    days = date(2020, 3, 1), date(2020, 3, 2), date(2021, 3, 2)
    asked: list[date] = []

    class Noting(Remembered):
        def knowledge(self, as_of: date | None) -> Knowledge:
            assert as_of is not None
            asked.append(as_of)
            return super().knowledge(as_of)

    found = list(snapshots(Noting(WORLD), VECTORS, days, date(2021, 7, 1)))
    assert [(s.market.as_of, s.until) for s in found] == [
        *zip(days, (*days[1:], date(2021, 7, 1)), strict=True)
    ]
    assert [len(snapshot.market.deals.records) for snapshot in found] == [0, 1, 2]
    assert tuple(asked) == days


@pytest.mark.parametrize(
    "days", [("2021-01-01", "2020-07-01"), ("2021-01-01", "2021-01-01"), ("2021-07-01",)]
)
def test_days_that_do_not_rise_up_to_the_end_are_refused(days: tuple[str, ...]) -> None:
    told = [date.fromisoformat(day) for day in days]
    with pytest.raises(BadValue, match="snapshots must be rising days before the day of training"):
        list(snapshots(Remembered(WORLD), VECTORS, told, date(2021, 7, 1)))
