"""Whether a startup wants to be introduced to a fund."""

from sqlalchemy import Connection

from data.feedback import rejections
from data.records import fields_within
from data.store import startup_from


def is_willing(connection: Connection, startup_id: str, fund_id: str) -> bool:
    """Tell whether a startup has neither opted out nor excluded or rejected a fund.

    Raises
    ------
    NotFound
        If there is no such startup.
    """
    startup = startup_from(fields_within(connection, "startup", startup_id)[0])
    unwanted = startup.exclusions | rejections(connection, [startup_id])[startup_id]
    return not startup.opted_out and fund_id not in unwanted
