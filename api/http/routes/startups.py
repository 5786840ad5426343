"""Startups: their profiles."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.http.identity import Asker, may, not_allowed
from api.http.permissions import Action, Reach
from api.http.problems import not_found
from api.http.schemas import (
    After,
    Id,
    IdFilter,
    Limit,
    StartupBody,
    StartupPage,
    StartupRecord,
    cells,
    record,
)
from api.http.schemas import page as shown
from api.http.strict import StrictRoute
from api.http.tags import IfMatch, IfNoneMatch, expected, tag
from data.listing import page
from data.records import ABSENT, fields_of, put, remove, tag_of
from data.store import startup_from

router = APIRouter(prefix="/startups", tags=["startups"], route_class=StrictRoute)
KIND = "startup"


@router.get("", response_model=StartupPage)
def list_startups(
    asker: Annotated[Asker, may(Action.READ_STARTUP)],
    q: Annotated[str, Query(max_length=200, description="Words of the name; diacritics do not matter.")] = "",
    program: IdFilter = None,
    after: After = "",
    limit: Limit = 50,
) -> object:
    """List the startups within reach, by id."""
    if asker.reach is Reach.OWN:
        row, _ = asker.startup(str(asker.credential.account.startup_id))
        return {"items": [record(KIND, row)], "next": None}
    programs = asker.programs_of(program)
    rows = page(asker.app.database, KIND, limit=limit + 1, after=after, search=q, programs=programs)
    return shown(KIND, rows, limit)


@router.get("/{startup_id}", response_model=StartupRecord)
def read_startup(
    asker: Annotated[Asker, may(Action.READ_STARTUP)], startup_id: Id, response: Response
) -> object:
    """Read a profile."""
    row, version = asker.startup(startup_id)
    tag(response, version)
    return record(KIND, row)


@router.put("/{startup_id}", response_model=StartupRecord, responses={201: {"model": StartupRecord}})
def write_startup(
    asker: Annotated[Asker, may(Action.WRITE_STARTUP)],
    startup_id: Id,
    body: StartupBody,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> object:
    """Write a profile whole: with If-Match what was read, with If-None-Match: * a new one.

    A manager places startups into programs of their own alone; a startup does not change its program.
    """
    seen = expected(if_match, if_none_match)
    _require_place(asker, startup_id, body, seen)
    database = asker.app.database
    told = {"startup_id": startup_id, **cells(body)}
    done = put(database, KIND, told, expected=seen, actor=asker.account_id, now=asker.now)
    row, version = fields_of(database, KIND, startup_id)
    asker.serving.embed_soon(startup_from(row))
    tag(response, version)
    response.status_code = 201 if done.created else 200
    return record(KIND, row)


@router.delete("/{startup_id}", status_code=204)
def delete_startup(
    asker: Annotated[Asker, may(Action.DELETE_STARTUP)], startup_id: Id, if_match: IfMatch = None
) -> None:
    """Delete a startup with all its versions, deals, introductions and accounts."""
    seen = expected(if_match, None)
    asker.startup(startup_id)
    remove(asker.app.database, KIND, startup_id, expected=seen, actor=asker.account_id, now=asker.now)


def _require_place(asker: Asker, startup_id: str, body: StartupBody, seen: str) -> None:
    """Refuse a program that is not the asker's to give, then a startup beyond reach."""
    if asker.reach is Reach.PROGRAM and body.program_id not in asker.credential.account.programs:
        raise not_allowed("program_id has to be a program of yours")
    if tag_of(asker.app.database, KIND, startup_id) != ABSENT:
        row, _ = asker.startup(startup_id)
        if asker.reach is Reach.OWN and body.program_id != row["program_id"]:
            raise not_allowed("a startup does not change its program_id")
    elif asker.reach is Reach.OWN or seen != ABSENT:
        raise not_found()
