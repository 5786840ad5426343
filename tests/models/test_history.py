from datetime import date

from matching.knowledge import known_before
from models.history import Remembered, Until
from tests.models.test_snapshots import WORLD

FIRST, BEFORE = date(2020, 3, 1), date(2020, 2, 29)


def test_a_profile_is_known_on_the_evening_of_the_day_it_is_first_seen() -> None:
    read = Remembered(WORLD).profiles
    s, seen = WORLD.startups
    assert read([("s", FIRST), ("seen", FIRST), ("s", BEFORE), ("seen", BEFORE), ("nobody", FIRST)]) == {
        ("s", FIRST): s,
        ("seen", FIRST): seen,
    }


def test_a_history_that_ended_knows_nothing_of_the_day_and_later() -> None:
    cut = Until(Remembered(WORLD), FIRST)
    assert cut.knowledge(None) == cut.knowledge(date(2100, 1, 1)) == known_before(WORLD, FIRST)
    assert cut.knowledge(BEFORE) == known_before(WORLD, BEFORE)
    assert cut.profiles([("s", FIRST), ("seen", date(2021, 1, 1))]) == {}
