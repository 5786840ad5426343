"""The import contract: the files of a folder, their columns, and what a cell of each becomes.

DESIGN.md section 4 is its description for people; docs/import.md lists every column.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from data import tables
from data.cells import (
    Words,
    read_boolean,
    read_count,
    read_date,
    read_end,
    read_id,
    read_ids,
    read_items,
    read_label,
    read_money,
    read_name,
    read_place,
    read_text,
    read_website,
    read_word,
)
from data.funnel import pass_reasons, read_status
from data.glossary import Glossary
from data.terms import taxonomy
from matching.vocabulary import Sector

Values = Mapping[str, Sequence[Any]]
"""Records by column: for each column of a table, what its rows hold."""


@dataclass(frozen=True)
class Field:
    """What a table keeps of a cell; where several keep it, the first is what it is exported as.

    Attributes
    ----------
    name : the column of the table.
    read : makes a value of a cell's text; raises `data.cells.Broken`. `Words` are read through the taxonomy.
    column : the column of the file, where it has another name.
    empty : the value of an empty cell; `read` sees one only if the column is required.
    """

    name: str
    read: Callable[[str], Any]
    column: str = ""
    empty: Any = None

    @property
    def source(self) -> str:
        """The column of the file."""
        return self.column or self.name


@dataclass(frozen=True)
class Need:
    """A column that holds ids of another file; `if_any`: checked only once that file has any."""

    column: str
    owner: str
    if_any: bool = False


Check = Callable[[Values], Iterator[tuple[int, str, str]]]
"""A rule over several columns: tells the row, the column and the rule broken."""

Derive = Callable[[Values, Counter[tuple[str, str]]], Values]
"""Makes columns of a table from several others, and counts the (column, word) pairs it did not understand."""


@dataclass(frozen=True)
class FileContract:
    """One file of the contract.

    Attributes
    ----------
    name : its stem.
    fields : every column it may have, in order; others are kept in `extra`.
    key : fields that name a row; a second row of the same key is refused.
    required : columns its header must have and of which no cell may be empty.
    versions : the table of versions, for records that change.
    check, derive : rules, and the columns `derived`, that take several others.
    """

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    required: tuple[str, ...]
    table: Table
    versions: Table | None = None
    needs: tuple[Need, ...] = ()
    check: Check = lambda values: iter(())
    derive: Derive = lambda values, not_understood: {}
    derived: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the file that is read."""
        return tuple(dict.fromkeys(field.source for field in self.fields))


def _sectors(name: str, fine: str, glossary: Callable[[], Glossary[Sector]]) -> tuple[Field, Field]:
    """Keep the sectors of a list, and under the name `fine` its sub-sectors."""
    return (
        Field(name, Words(glossary, several=True), empty=""),
        Field(fine, Words(glossary, several=True, fine=True), name, ""),
    )


def _country(name: str) -> Field:
    return Field(name, Words(lambda: taxonomy().countries))


def _texts(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, read_text, empty="") for name in names)


def _places(values: Values, not_understood: Counter[tuple[str, str]]) -> Values:
    """Read each city within its country."""
    places, keys = taxonomy().places, []
    for country, city in zip(values["country"], values["city"], strict=True):
        found = places.within(country).read(city) if city else None
        if found is not None:
            not_understood.update(("city", word) for word in found.not_understood)
        keys.append(found.only or "" if found else "")
    return {"place": keys}


def _tickets(values: Values) -> Iterator[tuple[int, str, str]]:
    pairs = zip(values["ticket_min_usd"], values["ticket_max_usd"], strict=True)
    for row, (low, high) in enumerate(pairs):
        if low is not None and high is not None and low > high:
            yield row, "ticket_min_usd", f"be at most ticket_max_usd, which is {high:,.0f}"


PROGRAMS = FileContract(
    name="programs",
    fields=(Field("program_id", read_id, empty=""), Field("name", read_name), Field("opened_on", read_date)),
    key=("program_id",),
    required=("program_id", "name"),
    table=tables.program,
)
STARTUPS = FileContract(
    name="startups",
    fields=(
        Field("startup_id", read_id, empty=""),
        Field("program_id", read_word),
        Field("name", read_name),
        *_texts("description", "description_vi"),
        *_sectors("sectors", "subsectors", lambda: taxonomy().sectors),
        Field("tags", read_items, "sectors", ""),
        Field("business_model", Words(lambda: taxonomy().business_models)),
        _country("country"),
        Field("city", read_place, empty=""),
        Field("stage_told", read_place, "stage", ""),
        Field("stage", Words(lambda: taxonomy().stages)),
        Field("founded_on", read_date),
        Field("raising_usd", read_money),
        Field("instrument", Words(lambda: taxonomy().instruments)),
        Field("first_seen_on", read_date),
        Field("website", read_website, empty=""),
        Field("exclusions", read_ids, empty=""),
        Field("opted_out", read_boolean, empty=False),
    ),
    key=("startup_id",),
    required=("startup_id", "name"),
    table=tables.startup,
    versions=tables.startup_version,
    needs=(Need("program_id", "programs", if_any=True),),
    derive=_places,
    derived=("place",),
)
FUNDS = FileContract(
    name="funds",
    fields=(
        Field("fund_id", read_id, empty=""),
        Field("name", read_name),
        Field("type", Words(lambda: taxonomy().fund_types)),
        *_texts("thesis", "thesis_vi"),
        Field("stages", Words(lambda: taxonomy().stages, several=True), empty=""),
        *_sectors("sectors", "subsectors", lambda: taxonomy().sectors),
        *_sectors("excluded_sectors", "excluded_subsectors", lambda: taxonomy().exclusions),
        Field("countries", Words(lambda: taxonomy().countries, several=True), empty=""),
        Field("ticket_min_usd", read_money),
        Field("ticket_max_usd", read_money),
        Field("status", Words(lambda: taxonomy().fund_statuses)),
        Field("monthly_capacity", read_count),
        _country("hq_country"),
        Field("website", read_website, empty=""),
        Field("verified_on", read_date),
    ),
    key=("fund_id",),
    required=("fund_id", "name"),
    table=tables.fund,
    versions=tables.fund_version,
    check=_tickets,
)
INVESTMENTS = FileContract(
    name="investments",
    fields=(
        Field("startup_id", read_id, empty=""),
        Field("fund_id", read_id, empty=""),
        Field("announced_on", read_date, empty=""),
        Field("announced_end", read_end, "announced_on"),
        Field("round", read_word, empty=""),
        Field("stage", Words(lambda: taxonomy().stages), "round"),
        Field("amount_usd", read_money),
        Field("lead", read_boolean),
    ),
    key=("startup_id", "fund_id", "announced_on", "round"),
    required=("startup_id", "fund_id"),
    table=tables.investment,
    needs=(Need("startup_id", "startups"), Need("fund_id", "funds")),
)
INTRODUCTIONS = FileContract(
    name="introductions",
    fields=(
        Field("introduction_id", read_id, empty=""),
        Field("startup_id", read_id, empty=""),
        Field("fund_id", read_id, empty=""),
        Field("opened_on", read_date),
        Field("opened_end", read_end, "opened_on"),
        Field("person", read_label, "released_by", ""),
    ),
    key=("introduction_id",),
    required=("introduction_id", "startup_id", "fund_id"),
    table=tables.introduction,
    needs=(Need("startup_id", "startups"), Need("fund_id", "funds")),
)
INTRODUCTION_EVENTS = FileContract(
    name="introduction_events",
    fields=(
        Field("introduction_id", read_id, empty=""),
        Field("status", read_status, empty=""),
        Field("at", read_date, empty=""),
        Field("at_end", read_end, "at"),
        Field("reason", read_text, empty=""),
        Field("pass_reason", Words(pass_reasons), "reason"),
        Field("person", read_label, "by", ""),
    ),
    key=("introduction_id", "status", "at"),
    required=("introduction_id", "status", "at"),
    table=tables.introduction_event,
    needs=(Need("introduction_id", "introductions"),),
)
FILES = (PROGRAMS, STARTUPS, FUNDS, INVESTMENTS, INTRODUCTIONS, INTRODUCTION_EVENTS)
"""In the order they are read: what a file needs stands before it."""
