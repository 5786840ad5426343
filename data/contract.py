"""The import contract: the files of a folder, their columns, and how a row becomes a record.

DESIGN.md section 4 is its description for people; docs/import.md lists every column.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from data import tables
from data.cells import Cells
from data.glossary import CACHED_TEXTS, Glossary
from data.terms import taxonomy
from matching.dates import end_of_period
from matching.vocabulary import Sector

Record = dict[str, Any]


@lru_cache(CACHED_TEXTS)  # few lists are met, each by many rows
def _fine(glossary: Glossary[Sector], items: str) -> str:
    """Read the sub-sectors of a list, as one text of sorted codes."""
    return ";".join(sorted(glossary(items.split(";")).fine))


def _startup(cells: Cells) -> Record:
    terms = taxonomy()
    country, tags = cells.term("country", terms.countries), cells.items("sectors")
    return {
        "startup_id": cells.id("startup_id"),
        "program_id": cells.text("program_id", 200) or None,
        "name": cells.label("name", required=True),
        "description": cells.text("description"),
        "description_vi": cells.text("description_vi"),
        "sectors": cells.terms("sectors", terms.sectors),
        "subsectors": _fine(terms.sectors, tags),
        "tags": tags,
        "business_model": cells.term("business_model", terms.business_models),
        "country": country,
        "city": cells.label("city"),
        "place": cells.term("city", terms.places.within(country)) or "",
        "stage": cells.term("stage", terms.stages),
        "founded_on": cells.date("founded_on"),
        "raising_usd": cells.money("raising_usd"),
        "instrument": cells.term("instrument", terms.instruments),
        "first_seen_on": cells.date("first_seen_on"),
        "website": cells.website("website"),
        "exclusions": cells.ids("exclusions"),
        "opted_out": bool(cells.boolean("opted_out")),
    }


def _fund(cells: Cells) -> Record:
    terms = taxonomy()
    record: Record = {
        "fund_id": cells.id("fund_id"),
        "name": cells.label("name", required=True),
        "type": cells.term("type", terms.fund_types),
        "thesis": cells.text("thesis"),
        "thesis_vi": cells.text("thesis_vi"),
        "stages": cells.terms("stages", terms.stages),
        "sectors": cells.terms("sectors", terms.sectors),
        "subsectors": _fine(terms.sectors, cells.items("sectors")),
        "excluded_sectors": cells.terms("excluded_sectors", terms.exclusions),
        "excluded_subsectors": _fine(terms.exclusions, cells.items("excluded_sectors")),
        "countries": cells.terms("countries", terms.countries),
        "ticket_min_usd": cells.money("ticket_min_usd"),
        "ticket_max_usd": cells.money("ticket_max_usd"),
        "status": cells.term("status", terms.fund_statuses),
        "monthly_capacity": cells.count("monthly_capacity"),
        "hq_country": cells.term("hq_country", terms.countries),
        "website": cells.website("website"),
        "verified_on": cells.date("verified_on"),
    }
    low, high = record["ticket_min_usd"], record["ticket_max_usd"]
    if low is not None and high is not None and low > high:
        cells.fault("ticket_min_usd", f"be at most ticket_max_usd, which is {high:,.0f}")
    return record


def _investment(cells: Cells) -> Record:
    announced_on = cells.date("announced_on") or ""
    return {
        "startup_id": cells.id("startup_id"),
        "fund_id": cells.id("fund_id"),
        "announced_on": announced_on,
        "round": cells.text("round", 200),
        "announced_end": _end(announced_on),
        "stage": cells.term("round", taxonomy().stages),
        "amount_usd": cells.money("amount_usd"),
        "lead": cells.boolean("lead"),
    }


def _end(announced_on: str) -> object:
    try:
        return end_of_period(announced_on) if announced_on else None
    except ValueError:
        return None  # the cell has its fault already


@dataclass(frozen=True)
class FileContract:
    """One file of the contract.

    Attributes
    ----------
    name : its stem.
    columns : every column it may have; others are kept in `extra`.
    key : columns that name a row; a second row of the same key is refused.
    required : columns its header must have.
    record : turns a row into a record of `table`, recording faults.
    versions : the table of versions, for records that change.
    needs : for the columns that hold ids of other files, the file each belongs to.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    required: tuple[str, ...]
    record: Callable[[Cells], Record]
    table: Table
    versions: Table | None = None
    needs: tuple[tuple[str, str], ...] = ()


STARTUPS = FileContract(
    name="startups",
    columns=(
        "startup_id",
        "program_id",
        "name",
        "description",
        "description_vi",
        "sectors",
        "business_model",
        "country",
        "city",
        "stage",
        "founded_on",
        "raising_usd",
        "instrument",
        "first_seen_on",
        "website",
        "exclusions",
        "opted_out",
    ),
    key=("startup_id",),
    required=("startup_id", "name"),
    record=_startup,
    table=tables.startup,
    versions=tables.startup_version,
)
FUNDS = FileContract(
    name="funds",
    columns=(
        "fund_id",
        "name",
        "type",
        "thesis",
        "thesis_vi",
        "stages",
        "sectors",
        "excluded_sectors",
        "countries",
        "ticket_min_usd",
        "ticket_max_usd",
        "status",
        "monthly_capacity",
        "hq_country",
        "website",
        "verified_on",
    ),
    key=("fund_id",),
    required=("fund_id", "name"),
    record=_fund,
    table=tables.fund,
    versions=tables.fund_version,
)
INVESTMENTS = FileContract(
    name="investments",
    columns=("startup_id", "fund_id", "announced_on", "round", "amount_usd", "lead"),
    key=("startup_id", "fund_id", "announced_on", "round"),
    required=("startup_id", "fund_id"),
    record=_investment,
    table=tables.investment,
    needs=(("startup_id", "startups"), ("fund_id", "funds")),
)
FILES = (STARTUPS, FUNDS, INVESTMENTS)
"""In the order they are read: what a file needs stands before it."""

NOT_YET = ("programs", "introductions", "introduction_events")
"""Files of the contract that this version names in its report but does not read."""
