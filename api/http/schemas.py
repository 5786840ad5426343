"""Bodies of records, columns as in the files of an import, and what is answered about one."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.http.problems import Broken, invalid
from data.exporter import cells_of
from data.records import KINDS

_ID = r"^[^\s;,\x00-\x1f\x7f]+$"
Id = Annotated[str, Path(min_length=1, max_length=200, pattern=_ID, examples=["dat-bike"])]
IdFilter = Annotated[str | None, Query(min_length=1, max_length=200, pattern=_ID)]
After = Annotated[
    str, Query(max_length=200, pattern=r"^[^\x00]*$", description="`next` of the page before this one.")
]
Limit = Annotated[int, Query(ge=1, le=200, description="Items of a page.")]
LongText = Annotated[str, Field(max_length=20_000)]
Label = Annotated[str, Field(max_length=500)]
Labels = Annotated[list[Label], Field(max_length=10_000)]
Money = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False, strict=True)]
Day = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$", examples=["2026-03-31"])]


class Strict(BaseModel):
    """A body in which nothing is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @field_validator("*")
    @classmethod
    def _storable(cls, told: object) -> object:
        """Refuse the one character that PostgreSQL does not take, in a text or a list of them."""
        texts = told if isinstance(told, list) else [told]
        if any("\0" in text for text in texts if isinstance(text, str)):
            raise ValueError("a NUL is no character of a text")
        return told


class StartupBody(Strict):
    """A startup's profile; what is left out is unknown."""

    name: Label = Field(min_length=1, examples=["Sóng Khoẻ"])
    program_id: Label | None = None
    description: LongText = ""
    description_vi: LongText = ""
    sectors: Labels = Field(default=[], examples=[["healthtech"]])
    business_model: Label | None = None
    country: Label | None = Field(default=None, examples=["VN"])
    city: Label = ""
    stage: Label | None = Field(default=None, examples=["seed"])
    founded_on: Day | None = None
    raising_usd: Money | None = None
    instrument: Label | None = None
    first_seen_on: Day | None = None
    website: Label = ""
    exclusions: Labels = []
    opted_out: bool = False


class FundBody(Strict):
    """A fund; what is left out is unknown."""

    name: Label = Field(min_length=1, examples=["Touchstone Partners"])
    type: Label | None = Field(default=None, examples=["vc"])
    thesis: LongText = ""
    thesis_vi: LongText = ""
    stages: Labels = []
    sectors: Labels = []
    excluded_sectors: Labels = []
    countries: Labels = []
    ticket_min_usd: Money | None = None
    ticket_max_usd: Money | None = None
    status: Label | None = None
    monthly_capacity: Annotated[int, Field(ge=0, le=999_999)] | None = None
    hq_country: Label | None = None
    website: Label = ""
    verified_on: Day | None = None


class QuestionBody(StartupBody):
    """A profile that is in no database; it is answered and forgotten."""

    name: Label = ""


class Misread(BaseModel):
    """A word that the taxonomy does not know; it is kept, and counts as unknown."""

    field: str
    value: str


class StartupRecord(BaseModel):
    """A stored startup; `profile` can be changed and sent back."""

    id: str
    profile: StartupBody
    not_understood: list[Misread]


class FundRecord(BaseModel):
    """A stored fund; `profile` can be changed and sent back."""

    id: str
    profile: FundBody
    not_understood: list[Misread]


class StartupPage(BaseModel):
    """A page of startups; `next` is sent as `after` for the page behind it, and is null on the last one."""

    items: list[StartupRecord]
    next: str | None


class FundPage(BaseModel):
    """A page of funds; `next` is sent as `after` for the page behind it, and is null on the last one."""

    items: list[FundRecord]
    next: str | None


BODIES: dict[str, type[Strict]] = {"startup": StartupBody, "fund": FundBody}


def cells(body: Strict) -> dict[str, str]:
    """Write a body as the cells of a row of the import contract.

    Raises
    ------
    Problem
        422, if a value of a list has a semicolon in it.
    """
    return {name: _cell(name, value) for name, value in body.model_dump().items()}


def record(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Show a stored record, its profile in the shape it is written in."""
    contract, body = KINDS[kind], BODIES[kind]
    told = cells_of(contract, row)
    plain = {name: _value(field.default, told[name]) for name, field in body.model_fields.items()}
    profile = body.model_validate(plain, strict=False).model_dump()
    misread = [{"field": name, "value": value} for name, value in sorted(row["raw"].items())]
    return {"id": row[contract.key[0]], "profile": profile, "not_understood": misread}


def page(kind: str, rows: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """Show a page of records of which one more than `limit` was asked for."""
    items = [record(kind, row) for row in rows[:limit]]
    return {"items": items, "next": items[-1]["id"] if len(rows) > limit else None}


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, list):
        return str(value)
    for one in value:
        if ";" in one:
            raise invalid([Broken(name, "hold values without a semicolon", one)])
    return ";".join(value)


def _value(default: object, cell: str) -> object:
    """Read a cell back as what a body holds there; the text of a number is left to the body."""
    if isinstance(default, list):
        return [item for item in cell.split(";") if item]
    if default is None:
        return cell or None
    return cell == "true" if default is False else cell
