"""Who a question is about: a stored startup, a profile in a file, or a text."""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import typer

from data.faults import Fault, FileReport
from data.profiles import Refused, read_profiles
from matching.errors import NotFound
from matching.knowledge import Knowledge, as_asked
from matching.records import Fund, Startup

Record = TypeVar("Record")


def find_startup(knowledge: Knowledge, startup_id: str) -> Startup:
    """Find a stored startup.

    Raises
    ------
    NotFound
        If no startup of this id is known; it names ids that look alike.
    """
    startups = {startup.startup_id: startup for startup in knowledge.startups}
    return _find(startups, "STARTUP", "a startup", startup_id)


def find_fund(knowledge: Knowledge, fund_id: str) -> Fund:
    """Find a fund.

    Raises
    ------
    NotFound
        If no fund of this id is known; it names ids that look alike.
    """
    return _find({fund.fund_id: fund for fund in knowledge.funds}, "FUND", "a fund", fund_id)


def _find(known: Mapping[str, Record], field: str, what: str, value: str) -> Record:
    if value in known:
        return known[value]
    alike = get_close_matches(value, known, n=3)
    hint = f"; did you mean {' or '.join(alike)}?" if alike else ""
    raise NotFound(f"{field} must be the id of {what} known then, got {value!r}{hint}")


def one_profile(path: Path, as_of: date | None) -> tuple[Startup, FileReport]:
    """Read the one profile of a file as a question asked on `as_of`; report what was not understood.

    Raises
    ------
    Refused
        If a value breaks a rule, or the file holds no or several profiles.
    """
    startups, report = read_profiles(path)
    if len(startups) != 1:
        rule = "hold one profile (`ketnoi batch --profiles` takes many)"
        raise Refused([Fault(path.name, 0, "", f"{len(startups)} profiles", rule)])
    return as_asked(startups[0], as_of), report


def told(text: str) -> Startup:
    """Make a profile of a text alone."""
    if not text.strip():
        raise typer.BadParameter("must not be empty", param_hint="--text")
    return Startup(description=text)


def strangers(startup: Startup, knowledge: Knowledge) -> list[str]:
    """List the ids a startup excludes that belong to no fund and no startup known."""
    known = {fund.fund_id for fund in knowledge.funds} | {other.startup_id for other in knowledge.startups}
    return sorted(startup.exclusions - known)
