"""ETag and If-Match: nobody writes over what they have not seen (RFC 9110, 13.1)."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Header, Response

from api.http.problems import Problem, ProblemType
from data.records import ABSENT

IfMatch = Annotated[str | None, Header(description="The ETag of the record that is to be changed.")]
IfNoneMatch = Annotated[str | None, Header(description="`*` where the record is not there yet.")]


def expected(if_match: str | None, if_none_match: str | None) -> str:
    """Tell the tag that a record must have, ABSENT where it is to be new.

    Raises
    ------
    Problem
        428 where neither header says it.
    """
    if if_none_match is not None and if_none_match.strip() == "*":
        return ABSENT
    if if_match is None:
        detail = "Send If-Match with the ETag of the record, or If-None-Match: * for a new one."
        raise Problem(HTTPStatus.PRECONDITION_REQUIRED, ProblemType.PRECONDITION_REQUIRED, detail)
    return if_match.strip().removeprefix("W/").strip('"') or "-"


def require_new(if_none_match: str | None, why: str) -> None:
    """Require of what is made once that its maker says so.

    Raises
    ------
    Problem
        428 without If-None-Match: *.
    """
    if (if_none_match or "").strip() != "*":
        detail = f"Send If-None-Match: *, as {why}."
        raise Problem(HTTPStatus.PRECONDITION_REQUIRED, ProblemType.PRECONDITION_REQUIRED, detail)


def tag(response: Response, value: str) -> None:
    """Put a tag on an answer."""
    response.headers["ETag"] = f'"{value}"'
