"""Pages of the newest versions of records, in the order of their ids; search ignores diacritics."""

from collections.abc import Collection
from contextlib import closing
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Select, Table, func, select

from data.records import KINDS
from matching.text import fold


def page(
    engine: Engine,
    kind: str,
    *,
    limit: int,
    after: str = "",
    search: str = "",
    programs: Collection[str] | None = None,
) -> list[dict[str, Any]]:
    """List records by the columns of their table.

    Parameters
    ----------
    after : the page begins with the first id behind this one.
    search : words that the name has to hold, in any spelling of their letters.
    programs : only startups of these; None stands for all, and for those of no program.
    """
    contract = KINDS[kind]
    versions, wanted = contract.versions, fold(search)
    assert versions is not None
    query = newest(versions).where(versions.c[contract.key[0]] > after)
    if programs is not None:
        query = query.where(versions.c.program_id.in_(programs))
    query = query.order_by(versions.c[contract.key[0]])
    if not wanted:
        query = query.limit(limit)
    chunked = engine.execution_options(yield_per=1_000)
    with chunked.connect() as connection, closing(connection.execute(query)) as result:
        found = (dict(row) for row in result.mappings() if wanted in fold(row["name"]))
        return list(islice(found, limit))


def newest(versions: Table) -> Select[Any]:
    """Select the newest version of each record."""
    key = versions.c[versions.primary_key.columns.keys()[0]]
    other = versions.alias()
    latest = select(func.max(other.c.version)).where(other.c[key.name] == key).scalar_subquery()
    return select(versions).where(versions.c.version == latest)
