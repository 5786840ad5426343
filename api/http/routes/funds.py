"""Funds: what they say they look for."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.http.identity import Asker, may
from api.http.permissions import Action
from api.http.schemas import After, FundBody, FundPage, FundRecord, Id, Limit, cells, record
from api.http.schemas import page as shown
from api.http.strict import StrictRoute
from api.http.tags import IfMatch, IfNoneMatch, expected, tag
from data.listing import page
from data.records import fields_of, put, remove

router = APIRouter(prefix="/funds", tags=["funds"], route_class=StrictRoute)
KIND = "fund"


@router.get("", response_model=FundPage)
def list_funds(
    asker: Annotated[Asker, may(Action.READ_FUND)],
    q: Annotated[str, Query(max_length=200, description="Words of the name; diacritics do not matter.")] = "",
    after: After = "",
    limit: Limit = 50,
) -> object:
    """List the funds, by id."""
    rows = page(asker.app.database, KIND, limit=limit + 1, after=after, search=q)
    return shown(KIND, rows, limit)


@router.get("/{fund_id}", response_model=FundRecord)
def read_fund(asker: Annotated[Asker, may(Action.READ_FUND)], fund_id: Id, response: Response) -> object:
    """Read a fund."""
    row, version = fields_of(asker.app.database, KIND, fund_id)
    tag(response, version)
    return record(KIND, row)


@router.put("/{fund_id}", response_model=FundRecord, responses={201: {"model": FundRecord}})
def write_fund(
    asker: Annotated[Asker, may(Action.WRITE_FUND)],
    fund_id: Id,
    body: FundBody,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> object:
    """Write a fund whole: with If-Match what was read, with If-None-Match: * a new one."""
    seen = expected(if_match, if_none_match)
    database = asker.app.database
    told = {"fund_id": fund_id, **cells(body)}
    done = put(database, KIND, told, expected=seen, actor=asker.account_id, now=asker.now)
    row, version = fields_of(database, KIND, fund_id)
    tag(response, version)
    response.status_code = 201 if done.created else 200
    return record(KIND, row)


@router.delete("/{fund_id}", status_code=204)
def delete_fund(
    asker: Annotated[Asker, may(Action.DELETE_FUND)], fund_id: Id, if_match: IfMatch = None
) -> None:
    """Delete a fund with all its versions, deals and introductions."""
    seen = expected(if_match, None)
    remove(asker.app.database, KIND, fund_id, expected=seen, actor=asker.account_id, now=asker.now)
