"""Find what an import changes and write it: versions of records, facts corrected in place."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import compress
from operator import not_
from typing import Any, Protocol

from sqlalchemy import JSON, Connection, Text, and_, bindparam, cast, func, select, update

from data.bulk import BulkInsert, json_texts
from data.contract import FileContract
from data.faults import FileReport
from data.rows import SEPARATOR, Batch, keys_of

Columns = dict[str, Sequence[Any]]
_NONE = "\0"


class Changes(Protocol):
    """Counts in the report what each batch changes; writes it, where `write` is true."""

    def take(self, batch: Batch, report: FileReport, *, write: bool) -> None:
        """Take the next records of the file."""


def picked(columns: Mapping[str, Sequence[Any]], chosen: Sequence[object]) -> Columns:
    """Keep the rows for which `chosen` is true."""
    if all(chosen):
        return dict(columns)
    return {name: list(compress(column, chosen)) for name, column in columns.items()}


def digests(columns: Sequence[Sequence[Any]]) -> list[str]:
    """Hash each row; no text of a record holds control characters, so that two rows never look the same."""
    texts = ([_NONE if value is None else str(value) for value in column] for column in columns)
    return [sha256(SEPARATOR.join(row).encode()).hexdigest() for row in zip(*texts, strict=True)]


class Versions:
    """Adds a version of every record that is new or says something else than its newest version.

    Parameters
    ----------
    only : the one record that will be given, so that the others need not be read.
    """

    def __init__(
        self, connection: Connection, contract: FileContract, now: datetime, only: str | None = None
    ) -> None:
        versions = contract.versions
        assert versions is not None
        (self._key,) = contract.key
        self._now = now
        self._told = [*(field.name for field in contract.fields), *contract.derived, "extra", "raw"]
        names = [*self._told, "version", "valid_from", "recorded_at", "digest"]
        self._insert = BulkInsert(connection, contract.table, (self._key,))
        self._insert_version = BulkInsert(connection, versions, names)
        key = versions.c[self._key]
        latest = select(key, func.max(versions.c.version).label("version")).group_by(key).subquery()
        same = (key == latest.c[self._key]) & (versions.c.version == latest.c.version)
        query = select(key, versions.c.version, versions.c.digest).join(latest, same)
        if only is not None:
            query = query.where(key == only)
        self._before = {id_: (version, digest) for id_, version, digest in connection.execute(query)}

    def take(self, batch: Batch, report: FileReport, *, write: bool) -> None:
        """Take the next records of the file."""
        columns: Columns = {name: batch.values[name] for name in self._told}
        columns |= {name: json_texts(batch.values[name]) for name in ("extra", "raw")}
        columns["digest"] = digests(list(columns.values()))
        before = [self._before.get(id_, (0, "")) for id_ in columns[self._key]]
        differs = [digest != told for (_, digest), told in zip(before, columns["digest"], strict=True)]
        versions = list(compress((version for version, _ in before), differs))
        fresh = versions.count(0)
        report.added += fresh
        report.changed += len(versions) - fresh
        report.unchanged += len(batch) - len(versions)
        if write and versions:
            columns = picked(columns, differs)
            today = self._now.date()
            columns["version"] = [version + 1 for version in versions]
            columns["valid_from"] = [today if version else None for version in versions]
            columns["recorded_at"] = [self._now] * len(versions)
            self._insert(picked({self._key: columns[self._key]}, list(map(not_, versions))))
            self._insert_version(columns)


class Facts:
    """Adds facts that are new, corrects those of the same key that say something else."""

    def __init__(self, connection: Connection, contract: FileContract, now: datetime) -> None:
        self._connection, self._contract, self._now = connection, contract, now
        table = contract.table
        told = [field.name for field in contract.fields if field.name in table.c] + ["extra"]
        self._told = [name for name in told if name not in contract.key]
        self._insert = BulkInsert(connection, table, (*contract.key, *self._told, "recorded_at"))
        asked = [table.c[name] for name in (*contract.key, *self._told)]
        query = select(*(cast(c, Text) if isinstance(c.type, JSON) else c for c in asked))
        width = len(contract.key)
        # Of a million facts the hashes fit into memory where the facts would not.
        self._before = {
            SEPARATOR.join(row[:width]): hash(tuple(row[width:])) for row in connection.execute(query)
        }

    def take(self, batch: Batch, report: FileReport, *, write: bool) -> None:
        """Take the next records of the file."""
        columns: Columns = {name: batch.values[name] for name in (*self._contract.key, *self._told)}
        columns["extra"] = json_texts(batch.values["extra"])
        before = list(map(self._before.get, keys_of(self._contract.key, batch)))
        fresh = [old is None for old in before]
        changed = [False] * len(batch)
        if not all(fresh):
            told = map(hash, zip(*(columns[name] for name in self._told), strict=True))
            changed = [old is not None and old != new for old, new in zip(before, told, strict=True)]
        report.added += sum(fresh)
        report.changed += sum(changed)
        report.unchanged += len(batch) - sum(fresh) - sum(changed)
        if write:
            self._add(batch, columns, fresh)
            if any(changed):
                self._correct(picked(batch.values, changed))

    def _add(self, batch: Batch, columns: Columns, fresh: Sequence[bool]) -> None:
        self._insert({**picked(columns, fresh), "recorded_at": [self._now] * sum(fresh)})

    def _correct(self, columns: Columns) -> None:
        table, key = self._contract.table, self._contract.key
        names = (*key, *self._told)
        known = and_(*(table.c[name] == bindparam(f"key_{name}") for name in key))
        statement = update(table).where(known).values({name: bindparam(name) for name in self._told})
        rows = [
            {f"key_{name}" if name in key else name: value for name, value in zip(names, row, strict=True)}
            for row in zip(*(columns[name] for name in names), strict=True)
        ]
        statement = statement.values(recorded_at=self._now)
        self._connection.execute(statement, rows)
