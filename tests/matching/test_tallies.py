import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.tallies import UNTOLD, Tally

N_FUNDS, N_CODES = 3, 4
ENTRIES = st.lists(
    st.tuples(st.integers(0, N_FUNDS - 1), st.integers(UNTOLD, N_CODES - 1), st.booleans()), max_size=20
)


@given(ENTRIES, st.sets(st.integers(0, N_CODES - 1)))
def test_a_tally_counts_what_a_scan_counts(entries: list[tuple[int, int, bool]], asked: set[int]) -> None:
    fund, code = (np.array([entry[part] for entry in entries], np.int64) for part in (0, 1))
    left_out = np.flatnonzero([entry[2] for entry in entries])
    n, of = Tally.by(fund, code, N_CODES, N_FUNDS).count(sorted(asked), left_out)
    counted = [(who, what) for who, what, left in entries if not left and what != UNTOLD]
    assert of.tolist() == [sum(who == row for who, _ in counted) for row in range(N_FUNDS)]
    assert n.tolist() == [
        sum(who == row and what in asked for who, what in counted) for row in range(N_FUNDS)
    ]
