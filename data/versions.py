"""A number that rises with every change of the records: by it, what was read is known to be out of date."""

from sqlalchemy import Connection, Engine, select, update

from data.service_tables import data_version as table

RECORDS = "records"


def raise_version(connection: Connection) -> None:
    """Raise the number, in the transaction of the change."""
    connection.execute(update(table).where(table.c.name == RECORDS).values(version=table.c.version + 1))


def version(engine: Engine) -> int:
    """Tell the number; 0 where nothing was ever changed."""
    with engine.connect() as connection:
        found: int = connection.execute(select(table.c.version).where(table.c.name == RECORDS)).scalar_one()
        return found
