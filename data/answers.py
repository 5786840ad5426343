"""Read the answers to questions of one's own: which funds invested, and which there were to choose from."""

from collections.abc import Iterator
from pathlib import Path

from data.faults import Fault
from data.formats.csv_file import read_csv
from data.formats.sheet import Unreadable
from data.profiles import Refused


def read_truth(path: Path) -> dict[str, frozenset[str]]:
    """Read a csv of startup_id and fund_id, one row a true pair; return the funds of each startup.

    Raises
    ------
    Refused
        If the file cannot be read, lacks a column or leaves a cell of one empty.
    """
    found: dict[str, set[str]] = {}
    for startup_id, fund_id in _cells(path, ("startup_id", "fund_id")):
        found.setdefault(startup_id, set()).add(fund_id)
    return {startup_id: frozenset(funds) for startup_id, funds in found.items()}


def read_candidates(path: Path) -> frozenset[str]:
    """Read a csv with a column fund_id: the funds to choose from.

    Raises
    ------
    Refused
        If the file cannot be read, lacks the column or leaves a cell of it empty.
    """
    return frozenset(fund_id for (fund_id,) in _cells(path, ("fund_id",)))


def _cells(path: Path, columns: tuple[str, ...]) -> Iterator[list[str]]:
    try:
        with read_csv(path) as sheet:
            missing = [column for column in columns if column not in sheet.columns]
            if missing:
                rule = f"have the column {missing[0]}"
                raise Refused([Fault(path.name, 1, "", ",".join(sheet.columns), rule)])
            at = [sheet.columns.index(column) for column in columns]
            faults = sheet.faults
            for line, cells in sheet.rows:
                told = [cells[column] for column in at]
                empty = (name for name, cell in zip(columns, told, strict=True) if not cell)
                faults.extend(Fault(path.name, line, name, "", "not be empty") for name in empty)
                yield told
            if faults:
                raise Refused(faults)
    except Unreadable as unreadable:
        raise Refused([unreadable.fault]) from None
