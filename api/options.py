"""Options and their types that commands of the command line share."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Ending(StrEnum):
    """Formats of the files that are written."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


class Lang(StrEnum):
    """Languages the command line speaks."""

    VI = "vi"
    EN = "en"


EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def _as_of(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"must be a day like 2021-03-31, got {text!r}") from None
    if not EARLIEST <= day <= LATEST:
        raise typer.BadParameter(f"must be from {EARLIEST} to {LATEST}, got {text!r}")
    return day


AsOf = Annotated[
    date | None,
    typer.Option(parser=_as_of, metavar="DAY", help="Use only what was known before this day (YYYY-MM-DD)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Count = Annotated[int, typer.Option("--k", min=1, max=100_000, help="How many funds.")]
Language = Annotated[
    Lang | None, typer.Option("--lang", help="Language of the answer; else KETNOI_LANGUAGE.")
]
Profiles = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, readable=True, help="A .csv or .json file, columns as in startups.csv."
    ),
]

Truth = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, readable=True, help="A csv of startup_id,fund_id: who invested."
    ),
]
Candidates = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, readable=True, help="A csv with fund_id: who could be found."),
]
Reason = Annotated[str, typer.Option(help="Why; kept in the history of the release.")]
