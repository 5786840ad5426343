"""What every format gives: a header, then rows of text with the line each stands at."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from data.faults import Fault

Row = tuple[int, Sequence[str]]
"""The line a row starts at, and its cells in the order of the columns, stripped."""


MAX_COLUMNS = 1_000
"""Columns of a file; the contract's widest has sixteen."""


class Unreadable(Exception):
    """The file as a whole cannot be read; carries the one fault that says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


@dataclass
class Sheet:
    """A file that is being read.

    Attributes
    ----------
    rows : to be read once; going through them raises `Unreadable` where the format breaks.
    faults : of rows that do not fit; filled while `rows` is read.
    columns : their names; none only where a file without rows has no header either.
    expected : rows there are at most, as far as is known beforehand.
    """

    columns: list[str]
    rows: Iterator[Row]
    faults: list[Fault] = field(default_factory=list)
    expected: int = 0

    def batches(self, size: int) -> Iterator[list[Row]]:
        """Read the rows by the batch."""
        while batch := list(islice(self.rows, size)):
            yield batch

    def with_rows(self, rows: Iterator[Row]) -> "Sheet":
        """Give the same sheet with other rows; faults go to the same list."""
        return replace(self, rows=rows)


def checked_header(file: str, header: Sequence[str]) -> list[str]:
    """Give the names of the columns.

    Raises
    ------
    Unreadable
        If there is none or too many, one has no name, or two have the same.
    """
    if len(header) > MAX_COLUMNS:
        raise Unreadable(Fault(file, 1, "", "", f"have at most {MAX_COLUMNS:,} columns, not {len(header):,}"))
    columns = [name.strip() for name in header]
    if not any(columns):
        raise Unreadable(Fault(file, 1, "", "", "begin with a header line of column names"))
    if not all(columns):
        raise Unreadable(Fault(file, 1, "", ",".join(columns), "name every column in its header"))
    for name, times in Counter(columns).items():
        if times > 1:
            raise Unreadable(Fault(file, 1, name, ",".join(columns), "name a column once only"))
    return columns


def ragged(file: str, line: int, cells: Sequence[str], width: int) -> Fault:
    """Say that a row has not as many cells as the header."""
    rule = f"have {width} cells, as the header has, not {len(cells)}"
    return Fault(file, line, "", ",".join(cells), rule)
