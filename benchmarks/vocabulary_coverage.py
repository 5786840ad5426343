"""Print how much of a folder of the contract the taxonomy understands, and what it does not.

Each mention counts, not each distinct text. Those that "say nothing" are understood and have no code of their
own ("other", "technology", "venture round"). A city outside Vietnam is never "not understood": one that no
file lists is a place of its own. Files and columns that are not there are named.

    python -m benchmarks.vocabulary_coverage FOLDER [FOLDER ...]
"""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.contract import FILES
from data.formats.csv_file import read_csv
from data.formats.sheet import Unreadable
from data.glossary import Glossary
from data.terms import Taxonomy, taxonomy

SHOWN = 15
"""Commonest words not understood that are printed of each column."""


@dataclass
class Coverage:
    """Mentions of one column: understood, of these without a code, and not understood word by word."""

    mentions: int = 0
    silent: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    def add(self, glossary: Glossary[Any], text: str) -> None:
        """Read one mention."""
        reading = glossary.read(text)
        self.mentions += 1
        if reading.not_understood:
            self.unknown[text] += 1
        elif not (reading.codes or reading.fine):
            self.silent += 1

    def __str__(self) -> str:
        """Tell the shares, then the commonest words not understood."""
        if not self.mentions:
            return "no mention"
        understood = 1 - self.unknown.total() / self.mentions
        told = f"{understood:7.2%} of {self.mentions:,} mentions; of these {self.silent:,} say nothing"
        words = ", ".join(f"{text!r} {times}" for text, times in self.unknown.most_common(SHOWN))
        more = len(self.unknown) - SHOWN
        rest = f", and {more} more" if more > 0 else ""
        return f"{told}\n{'':26}not understood: {words}{rest}" if words else told


def columns_of(known: Taxonomy) -> Mapping[str, Mapping[str, tuple[Glossary[Any], bool]]]:
    """List by file the columns that are read through the taxonomy, and whether a cell is a list."""
    startups: dict[str, tuple[Glossary[Any], bool]] = {
        "sectors": (known.sectors, True),
        "country": (known.countries, False),
        "stage": (known.stages, False),
        "business_model": (known.business_models, False),
        "instrument": (known.instruments, False),
    }
    funds: dict[str, tuple[Glossary[Any], bool]] = {
        "sectors": (known.sectors, True),
        "excluded_sectors": (known.exclusions, True),
        "stages": (known.stages, True),
        "countries": (known.countries, True),
        "hq_country": (known.countries, False),
        "type": (known.fund_types, False),
        "status": (known.fund_statuses, False),
    }
    return {"startups": startups, "funds": funds, "investments": {"round": (known.stages, False)}}


def measure(rows: Iterable[Mapping[str, str]], column: str, glossary: Glossary[Any], many: bool) -> Coverage:
    """Read every mention of a column."""
    found = Coverage()
    for row in rows:
        for item in row[column].split(";") if many else [row[column]]:
            if item.strip():
                found.add(glossary, item.strip())
    return found


def measure_cities(rows: Iterable[Mapping[str, str]]) -> str:
    """Read every city, each within its country."""
    known, found, listed = taxonomy(), Coverage(), 0
    for row in rows:
        if row["city"]:
            country = known.countries.read(row.get("country", "")).only
            glossary = known.places.within(country)
            found.add(glossary, row["city"])
            listed += glossary.read(row["city"]).only in known.places.listed
    return f"{found}; {listed:,} are in provinces.csv or cities.csv"


def report(folder: Path) -> None:
    """Print the coverage of every column of every file in a folder."""
    print(f"\n{folder}")
    columns = columns_of(taxonomy())
    for contract in FILES:
        path = folder / f"{contract.name}.csv"
        if not path.is_file():
            print(f"  {path.name}: not there")
            continue
        try:
            with read_csv(path) as sheet:
                rows = [dict(zip(sheet.columns, cells, strict=True)) for _, cells in sheet.rows]
        except Unreadable as unreadable:
            print(f"  {unreadable}")
            continue
        if sheet.faults:
            print(f"  {path.name}: {len(sheet.faults)} rows do not fit the header and are not counted")
        for column, (glossary, many) in columns.get(contract.name, {}).items():
            there = column in sheet.columns
            shown = measure(rows, column, glossary, many) if there else "no such column"
            print(f"  {contract.name:11} {column:16} {shown}")
        if "city" in sheet.columns:
            print(f"  {contract.name:11} {'city':16} {measure_cities(rows)}")


def main(folders: list[str]) -> int:
    """Report each folder; 2 where none is named."""
    if not folders:
        print(__doc__)
        return 2
    for folder in folders:
        report(Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
