"""Dates of which only the year or the month may be known."""

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache

from matching.errors import BadValue

_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
RULE = "an ISO date (2021, 2021-03 or 2021-03-31) that exists"
DAYS_PER_YEAR = 365.25


@lru_cache(65_536)
def end_of_period(text: str) -> date:
    """Return the last day of a year, month or day: the first moment its fact is surely known.

    Raises
    ------
    BadValue
        If `text` is not an ISO date, month or year.

    >>> end_of_period("2021"), end_of_period("2020-02")
    (datetime.date(2021, 12, 31), datetime.date(2020, 2, 29))
    """
    found = _PARTIAL.fullmatch(text)
    if found is None:
        raise BadValue(RULE, text)
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        if year is None or month is None:
            return date(int(text), 12, 31)
        return date(year, month, monthrange(year, month)[1] if day is None else day)
    except ValueError:
        raise BadValue(RULE, text) from None


def months_before(day: date, months: int) -> date:
    """Go back by calendar months, to the last day of a shorter one.

    >>> months_before(date(2012, 3, 31), 1), months_before(date(2012, 2, 29), 12)
    (datetime.date(2012, 2, 29), datetime.date(2011, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
