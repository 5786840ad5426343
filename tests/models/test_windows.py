from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.dates import months_before
from matching.knowledge import Knowledge, known_before
from matching.records import Deal, Fund, Startup
from models.history import Remembered
from models.windows import Window, ask, candidates, first_rounds, rolling, undated

CUT, END = date(2020, 1, 1), date(2021, 1, 1)


def deal(startup_id: str, fund_id: str, day: date | None) -> Deal:
    return Deal(startup_id=startup_id, fund_id=fund_id, announced_on=day)


def test_windows_follow_each_other_up_to_the_end() -> None:
    assert rolling(date(2012, 7, 1), 2) == (
        Window(date(2010, 7, 1), date(2011, 7, 1)),
        Window(date(2011, 7, 1), date(2012, 7, 1)),
    )
    assert rolling(END, 1, months=6) == (Window(date(2020, 7, 1), END),)
    assert rolling(END, 0) == ()


@given(st.dates(date(1900, 1, 1)), st.integers(0, 240))
def test_going_back_by_months_keeps_the_day_or_ends_the_month(day: date, months: int) -> None:
    back = months_before(day, months)
    assert (day.year - back.year) * 12 + day.month - back.month == months
    assert back.day == day.day or (back.day < day.day and (back.replace(day=28).month) == back.month)
    if back.day != day.day:
        with pytest.raises(ValueError, match="day"):
            back.replace(day=back.day + 1)


def test_a_first_round_is_the_earliest_day_with_all_who_invested_on_it() -> None:
    early, late = date(2020, 3, 1), date(2020, 5, 1)
    deals = [
        deal("a", "f", late),
        deal("a", "g", early),
        deal("a", "h", early),
        deal("b", "f", late),
        deal("undated", "f", early),
        deal("undated", "g", None),
    ]
    expected = {"a": (early, frozenset("gh")), "b": (late, frozenset("f"))}
    assert undated(deals) == {"undated"}
    assert first_rounds(deals, {"undated"}) == first_rounds(deals[::-1], {"undated"}) == expected
    assert first_rounds(deals) == {**expected, "undated": (early, frozenset("f"))}


def test_candidates_have_a_deal_in_the_three_years_before_the_cut() -> None:
    days = {
        "day before": date(2019, 12, 31),
        "first day": date(2017, 1, 1),
        "too old": date(2016, 12, 31),
        "the cut itself": CUT,
        "undated": None,
    }
    assert candidates([deal("a", *told) for told in days.items()], CUT) == {"day before", "first day"}


def test_questions_of_a_window() -> None:
    facts = Knowledge(
        startups=(
            Startup(startup_id="old", first_seen_on=date(2018, 1, 1)),
            Startup(startup_id="new", founded_on=date(2020, 6, 1), first_seen_on=date(2020, 6, 2)),
            Startup(startup_id="later", first_seen_on=END),
        ),
        funds=(Fund(fund_id="f"), Fund(fund_id="g"), Fund(fund_id="late")),
        deals=(
            deal("old", "f", date(2019, 1, 1)),
            deal("old", "g", date(2020, 2, 1)),
            deal("new", "f", date(2020, 6, 2)),
            deal("new", "late", date(2020, 6, 2)),
            deal("new", "g", date(2020, 7, 1)),
            deal("later", "f", END),
        ),
    )
    known = known_before(facts, CUT)
    asked = ask(Window(CUT, END), first_rounds(facts.deals), Remembered(facts), known)
    assert [query.startup_id for query in asked.queries] == ["new"]
    assert asked.queries[0].founded_on is None, "a founding after the cut is not known on it"
    assert asked.queries[0].first_seen_on is None, "it is the day of the round"
    assert asked.truth == {"new": {"f", "late"}}
    assert asked.candidates == {"f"}
    assert asked.deals_before == {"f": 1}
    assert asked.reachable == 1
