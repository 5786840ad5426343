from hypothesis import given
from hypothesis import strategies as st

from matching.lifecycle import next_steps
from matching.vocabulary import IntroductionStatus as Status

WHOLE = [
    Status.SUGGESTED,
    Status.SHORTLISTED,
    Status.FOUNDER_ASKED,
    Status.FOUNDER_OK,
    Status.INVESTOR_ASKED,
    Status.INVESTOR_OK,
    Status.INTRODUCED,
    Status.MEETING_SET,
    Status.MET,
    Status.DUE_DILIGENCE,
    Status.TERM_SHEET,
    Status.INVESTED,
]
ENDS = {Status.FOUNDER_DECLINED, Status.INVESTOR_DECLINED, Status.INVESTED, Status.PASSED, Status.WITHDRAWN}
walks = st.lists(st.integers(0, 20), max_size=25)


def walk(choices: list[int]) -> list[Status]:
    """Take legal steps, as the choices say."""
    taken: list[Status] = []
    for choice in choices:
        legal = sorted(next_steps(taken))
        if not legal:
            break
        taken.append(legal[choice % len(legal)])
    return taken


def test_the_whole_way_can_be_gone() -> None:
    for at, status in enumerate(WHOLE):
        assert status in next_steps(WHOLE[:at])
    assert next_steps(WHOLE) == frozenset()


@given(walks)
def test_nobody_is_introduced_without_a_yes_of_both_sides(choices: list[int]) -> None:
    taken = walk(choices)
    if Status.INVESTOR_ASKED in taken:
        assert Status.FOUNDER_OK in taken[: taken.index(Status.INVESTOR_ASKED)]
    if Status.INTRODUCED in taken:
        assert Status.INVESTOR_OK in taken[: taken.index(Status.INTRODUCED)]


@given(walks)
def test_what_is_over_stays_over_and_nothing_else_ends(choices: list[int]) -> None:
    taken = walk(choices)
    for at, status in enumerate(taken, 1):
        assert bool(next_steps(taken[:at])) == (status not in ENDS)


def test_an_answer_still_counts_after_its_ask_expired() -> None:
    asked = [Status.FOUNDER_ASKED, Status.EXPIRED_NO_REPLY]
    assert next_steps(asked) == {Status.FOUNDER_OK, Status.FOUNDER_DECLINED, Status.WITHDRAWN}
    both = [*WHOLE[2:5], Status.EXPIRED_NO_REPLY]
    assert next_steps(both) == {Status.INVESTOR_OK, Status.INVESTOR_DECLINED, Status.WITHDRAWN}


def test_on_hold_goes_on_where_it_stood_and_holds_once() -> None:
    before = [Status.INTRODUCED]
    assert next_steps([*before, Status.ON_HOLD]) == next_steps(before) - {Status.ON_HOLD}


def test_an_imported_history_without_its_ask_can_go_on() -> None:
    assert Status.INVESTOR_OK in next_steps([Status.EXPIRED_NO_REPLY])
