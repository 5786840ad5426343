"""Read a foreign export as if it kept the contract: its files, columns, dates, lists."""

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from data.cells import Words, read_date, read_ids
from data.contract import FILES, FileContract
from data.faults import Fault
from data.formats.files import found
from data.formats.sheet import Row, Sheet, Unreadable
from matching.errors import BadValue

DAY_FIRST = "dd/mm/yyyy"
_DAY_FIRST = re.compile(r"(?:([0-9]{1,2})/)?([0-9]{1,2})/([0-9]{4})")
KEYS = ("file", "separator", "list_separator", "dates", "columns", "constants")


@dataclass(frozen=True)
class FileMapping:
    """How one file of a foreign export stands for a file of the contract.

    Attributes
    ----------
    file : its name.
    separator : what stands between two columns of a csv file.
    list_separator : what stands between two items of a list.
    dates : "" for ISO dates, else DAY_FIRST; the day, or day and month, may be missing.
    columns : our column by the name of theirs; others keep their names.
    constants : what every row holds in columns that the file has not.
    """

    file: str
    separator: str = ","
    list_separator: str = ";"
    dates: str = ""
    columns: Table[str, str] = field(default_factory=dict)
    constants: Table[str, str] = field(default_factory=dict)

    def applied(self, contract: FileContract, sheet: Sheet, file: str) -> Sheet:
        """Give the sheet as the contract would have it.

        Raises
        ------
        Unreadable
            If the file has not the columns the mapping speaks of, or has those it fills.
        """
        for name in self.columns:
            if name not in sheet.columns:
                rule = "have the column that the mapping names in its header"
                raise Unreadable(Fault(file, 1, name, ",".join(sheet.columns), rule))
        columns = [self.columns.get(name, name) for name in sheet.columns]
        for name in (*self.columns.values(), *self.constants):
            if (*columns, *self.constants).count(name) > 1:
                rule = f"give the column {name} once only: in the file, mapped, or constant"
                raise Unreadable(Fault(file, 1, name, ",".join(sheet.columns), rule))
        dates = _dates_of(contract, columns) if self.dates else []
        lists = _lists_of(contract, columns) if self.list_separator != ";" else []
        mapped = sheet.with_rows(self._rows(sheet.rows, dates, lists))
        return replace(mapped, columns=[*columns, *self.constants])

    def _rows(self, rows: Iterator[Row], dates: Sequence[int], lists: Sequence[int]) -> Iterator[Row]:
        constants = list(self.constants.values())
        for line, cells in rows:
            told = [*cells, *constants]
            for place in dates:
                told[place] = _iso(told[place])
            for place in lists:
                told[place] = told[place].replace(self.list_separator, ";")
            yield line, told

    def foreign(self, column: str) -> str:
        """Name a column as the file does, with our name behind it."""
        return next((f"{theirs} ({ours})" for theirs, ours in self.columns.items() if ours == column), column)


@dataclass(frozen=True)
class Mapping:
    """The files of a foreign export, by the contract's names; empty for a folder that keeps the contract."""

    files: Table[str, FileMapping] = field(default_factory=dict)

    def paths(self, folder: Path, name: str) -> list[Path]:
        """Find what stands for a file of the contract; what a mapping names has to be there."""
        return [folder / self.files[name].file] if name in self.files else found(folder, name)

    def separator(self, name: str) -> str:
        """Tell what stands between two columns of a csv file."""
        return self.files[name].separator if name in self.files else ","

    def applied(self, contract: FileContract, sheet: Sheet, file: str) -> Sheet:
        """Give a sheet as the contract would have it."""
        mapping = self.files.get(contract.name)
        return sheet if mapping is None else mapping.applied(contract, sheet, file)

    def renamed(self, name: str, faults: list[Fault]) -> list[Fault]:
        """Name columns as the file does, so that its owner finds them."""
        mapping = self.files.get(name)
        if mapping is None:
            return faults
        return [replace(fault, column=mapping.foreign(fault.column)) for fault in faults]


NO_MAPPING = Mapping()


def read_mapping(path: Path) -> Mapping:
    """Read a mapping.

    Raises
    ------
    BadValue
        If it is no TOML, or names what the contract does not know.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise BadValue(f"a TOML file ({error})", path, "--mapping") from None
    contracts = {contract.name: contract for contract in FILES}
    _refuse_unknown(told, contracts, "file of the contract")
    if not told:
        raise BadValue(f"a mapping of at least one of {', '.join(contracts)}", path, "--mapping")
    return Mapping({name: _file_mapping(contracts[name], table) for name, table in told.items()})


def _file_mapping(contract: FileContract, table: Any) -> FileMapping:
    place = f"[{contract.name}]"
    if not isinstance(table, dict):
        raise BadValue("a table", table, f"mapping {place}")
    _refuse_unknown(table, KEYS, f"key of {place}")
    columns, constants = (_texts(table.get(key, {}), f"{place} {key}") for key in ("columns", "constants"))
    _refuse_unknown([*columns.values(), *constants], contract.columns, f"column of {contract.name}")
    texts = _texts({key: table[key] for key in KEYS[:4] if key in table}, place)
    mapping = FileMapping(**{"file": f"{contract.name}.csv", **texts}, columns=columns, constants=constants)
    _check(mapping, place)
    return mapping


def _check(mapping: FileMapping, place: str) -> None:
    if Path(mapping.file).name != mapping.file:
        raise BadValue("the name of a file in DIR", mapping.file, f"mapping {place} file")
    for name in ("separator", "list_separator"):
        if len(value := getattr(mapping, name)) != 1:
            raise BadValue("one character", value, f"mapping {place} {name}")
    if mapping.dates not in ("", DAY_FIRST):
        raise BadValue(f"{DAY_FIRST!r}, or left out for ISO dates", mapping.dates, f"mapping {place} dates")


def _texts(table: Any, place: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise BadValue("a table", table, f"mapping {place}")
    for name, value in table.items():
        if not isinstance(value, str):
            raise BadValue("a text in quotes", value, f"mapping {place} {name}")
    return table


def _refuse_unknown(names: Collection[str], known: Collection[str], what: str) -> None:
    for name in names:
        if name not in known:
            alike = get_close_matches(name, known, n=1)
            hint = f" (did you mean {alike[0]}?)" if alike else f" ({', '.join(known)})"
            raise BadValue(f"a {what}{hint}", name, "mapping")


def _dates_of(contract: FileContract, columns: Sequence[str]) -> list[int]:
    named = {field.source for field in contract.fields if field.read is read_date}
    return [place for place, name in enumerate(columns) if name in named]


def _lists_of(contract: FileContract, columns: Sequence[str]) -> list[int]:
    several = {f.source for f in contract.fields if isinstance(f.read, Words) and f.read.several}
    named = {f.source for f in contract.fields if f.read is read_ids} | several
    return [place for place, name in enumerate(columns) if name in named]


def _iso(text: str) -> str:
    """Write 31/03/2021 or 03/2021 as ISO dates are written; anything else stays as it is.

    >>> _iso("1/3/2021"), _iso("03/2021"), _iso("2021"), _iso("soon")
    ('2021-03-01', '2021-03', '2021', 'soon')
    """
    found = _DAY_FIRST.fullmatch(text)
    if found is None:
        return text
    day, month, year = found.groups()
    return "-".join((year, month.zfill(2), *([day.zfill(2)] if day else [])))
