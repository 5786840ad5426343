import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.groups import Groups

NUMBERS = st.lists(st.integers(0, 4), max_size=30)


@given(NUMBERS, st.lists(st.integers(0, 4), max_size=9))
def test_the_entries_of_groups_are_those_that_a_scan_finds_in_order(
    group: list[int], asked: list[int]
) -> None:
    number = np.array(group, np.int64)
    groups = Groups.by(number, 5)
    scanned = [np.flatnonzero(number == wanted).tolist() for wanted in range(5)]
    assert [groups.of(wanted).tolist() for wanted in range(5)] == scanned
    together = [entry for wanted in asked for entry in scanned[wanted]]
    assert groups.of_all(np.array(asked, np.int64)).tolist() == together
