"""Ids as they stand in the files, by row: what joins the truth with imported records."""


def startup_id(row: int) -> str:
    """Name the startup of a row.

    >>> startup_id(0)
    'syn-s-000001'
    """
    return f"syn-s-{row + 1:06d}"


def fund_id(row: int) -> str:
    """Name the fund of a row.

    >>> fund_id(41)
    'syn-f-000042'
    """
    return f"syn-f-{row + 1:06d}"


def introduction_id(row: int) -> str:
    """Name the introduction of a row.

    >>> introduction_id(999_999)
    'syn-i-1000000'
    """
    return f"syn-i-{row + 1:06d}"
