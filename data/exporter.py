"""Write the records back as files of the contract, so that an import of them gives the same database.

Of startups and funds the newest version alone is written.
"""

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, func, select

from data import tables
from data.cells import Words
from data.contract import FILES, INTRODUCTION_EVENTS, INTRODUCTIONS, FileContract
from data.database import reading
from data.formats.files import WRITERS, Format, found
from data.formats.xlsx_file import number_text
from matching.errors import BadValue
from matching.protocols import Progress

CHUNK = 5_000
"""Rows read from the database at a time."""


def export_folder(
    engine: Engine, folder: Path, format_: Format, *, force: bool = False, progress: Progress | None = None
) -> dict[str, int]:
    """Write every file of the contract into `folder`; return the rows of each.

    Each file is there whole or not at all. All of them show the database at one moment.

    Raises
    ------
    BadValue
        If a file is there already and `force` is not set, or is there in another format, which would
        make the folder one that cannot be imported.
    """
    paths = {contract.name: folder / f"{contract.name}.{format_}" for contract in FILES}
    _refuse_files(folder, paths, force)
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    with reading(engine) as connection:
        for number, contract in enumerate(FILES, 1):
            path = paths[contract.name]
            written[path.name] = _write(connection, contract, path, format_)
            if progress is not None:
                progress(number, len(FILES))
    return written


def _refuse_files(folder: Path, paths: Mapping[str, Path], force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise BadValue("a folder", folder, "DIR")
    for name, path in paths.items():
        for there in found(folder, name) if folder.is_dir() else ():
            if there != path:
                raise BadValue(f"a folder without {there.name}, the same in another format", folder, "DIR")
            if not force:
                raise BadValue(f"a folder without {there.name} (--force replaces it)", folder, "DIR")


def _write(connection: Connection, contract: FileContract, path: Path, format_: Format) -> int:
    extra = _extra_columns(connection, contract)
    partial = path.with_name(f".{path.stem}.partial.{format_}")
    try:
        with closing(_rows(connection, contract, extra)) as rows:
            counted = _Counted(rows)
            WRITERS[format_](partial, (*contract.columns, *extra), counted)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return counted.rows


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterator[Sequence[str]]) -> None:
        self._rows, self.rows = rows, 0

    def __iter__(self) -> Iterator[Sequence[str]]:
        """Go through the rows."""
        for row in self._rows:
            self.rows += 1
            yield row


def _extra_columns(connection: Connection, contract: FileContract) -> list[str]:
    """List the columns outside the contract that any record has."""
    query = _query(contract)
    kept = query.selected_columns["extra"]
    names = {name for (extra,) in connection.execute(query.with_only_columns(kept)) for name in extra}
    return sorted(names - set(contract.columns))


def _rows(connection: Connection, contract: FileContract, extra: Sequence[str]) -> Generator[Sequence[str]]:
    readers = [_reader(contract, column) for column in contract.columns]
    with connection.execute(_query(contract), execution_options={"yield_per": CHUNK}) as result:
        for row in result.mappings():
            yield [*(reader(row) for reader in readers), *(row["extra"].get(name, "") for name in extra)]


def _reader(contract: FileContract, column: str) -> Callable[[Mapping[Any, Any]], str]:
    """Make what writes one column: of words, the cell as it came where it was not understood."""
    fields = [field for field in contract.fields if field.source == column]
    names = [field.name for field in fields]
    if "tags" in names:  # the sectors in their own words, which tell the sub-sectors too
        names = ["tags"]
    elif all(isinstance(field.read, Words) and field.read.several for field in fields):
        return lambda row: row["raw"].get(column) or ";".join(row[name] for name in names if row[name])
    if contract.versions is None:
        return lambda row: _text(row[names[0]])
    return lambda row: row["raw"].get(column) or _first_told(row, names)


def cells_of(contract: FileContract, row: Mapping[Any, Any]) -> dict[str, str]:
    """Write one record as the cells of its file, by column."""
    return {column: _reader(contract, column)(row) for column in contract.columns}


def _first_told(row: Mapping[Any, Any], names: Sequence[str]) -> str:
    return next(filter(None, (_text(row[name]) for name in names)), "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, float) else str(value)


def _query(contract: FileContract) -> Select[Any]:
    """Select the records of a file in an order that gives the same numbers on the way back."""
    if contract.versions is not None:
        return _newest(contract)
    table = contract.table
    order = list(table.primary_key)
    if contract.name not in (INTRODUCTIONS.name, INTRODUCTION_EVENTS.name):
        return select(table).order_by(*order)
    person = tables.introduction_person
    number = table.c.number if "number" in table.c else 0
    same = and_(person.c.introduction_id == table.c.introduction_id, person.c.number == number)
    return select(table, person.c.person).outerjoin_from(table, person, same).order_by(*order)


def _newest(contract: FileContract) -> Select[Any]:
    versions = contract.versions
    assert versions is not None
    key = versions.c[contract.key[0]]
    latest = select(key, func.max(versions.c.version).label("version")).group_by(key).subquery()
    same = (key == latest.c[key.name]) & (versions.c.version == latest.c.version)
    return select(versions).join(latest, same).order_by(key)
