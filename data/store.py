"""Read records: what was known on a date, one startup, one fund."""

from collections.abc import Callable, Iterable, Mapping, Set
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Engine, RowMapping, Select, Table, func, select

from data import overrides, tables
from data.archive import Archive, Of, Versions, profiles
from data.database import reading
from data.terms import taxonomy
from matching.dates import end_of_period
from matching.knowledge import Knowledge, known_before
from matching.records import Deal, Fund, Introduction, IntroductionEvent, Startup
from matching.vocabulary import (
    BusinessModel,
    FundStatus,
    FundType,
    Instrument,
    IntroductionStatus,
    PassReason,
    Sector,
    Stage,
)

_STATUS = {status.value: status for status in IntroductionStatus}


class Store:
    """Answers questions about the records in a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def knowledge(self, as_of: date | None) -> Knowledge:
        """Return all that was known at the start of `as_of`; everything, where it is None."""
        with reading(self._engine) as connection:
            startups = _versions(connection, tables.startup_version, as_of)
            funds = _versions(connection, tables.fund_version, as_of)
            knowledge = Knowledge(
                startups=tuple(startup_from(row) for row in startups),
                funds=tuple(_fund(row) for row in funds),
                deals=tuple(_deal(row) for row in connection.execute(_deals(as_of)).mappings()),
                introductions=_introductions(connection, as_of),
                overrides=overrides.read(connection, as_of),
            )
        return known_before(knowledge, as_of)

    def profiles(self, asked: Iterable[tuple[str, date]]) -> dict[tuple[str, date], Startup]:
        """Return the profile of each startup as it was known at the end of its day, of those known by then.

        The same as `knowledge` of the day after holds, without reading the whole for every day.
        """
        deal, asked = tables.investment, tuple(asked)
        first = select(deal.c.startup_id, func.min(deal.c.announced_end)).group_by(deal.c.startup_id)
        with reading(self._engine) as connection:
            deals = {
                id_: (Deal(startup_id=id_, fund_id="", announced_on=day),)
                for id_, day in connection.execute(first)
            }
            wanted = {startup_id for startup_id, _ in asked}
            startups = _versions_of(connection, tables.startup_version, startup_from, wanted)
        return profiles(startups, deals, asked)

    def archive(self) -> Archive:
        """Read everything, to look back to many days."""
        with self._engine.connect() as connection:
            return Archive(
                startups=_versions_of(connection, tables.startup_version, startup_from),
                funds=_versions_of(connection, tables.fund_version, _fund),
                deals=tuple(_deal(row) for row in connection.execute(_deals(None)).mappings()),
                introductions=_introductions(connection, None),
            )

    def sources(self) -> Mapping[tuple[str, str, date | None], str]:
        """Return where each deal was read, by startup, fund and date; only of deals that say so."""
        table = tables.investment
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(table.c.startup_id, table.c.fund_id, table.c.announced_end, table.c.extra)
            )
            return {(s, f, day): extra["source"] for s, f, day, extra in rows if extra.get("source")}

    def unknown_exclusions(self) -> list[str]:
        """List the ids that startups exclude and that belong to no fund and no startup, in order."""
        with self._engine.connect() as connection:
            known = {
                id_
                for key in (tables.startup.c.startup_id, tables.fund.c.fund_id)
                for id_ in connection.execute(select(key)).scalars()
            }
            excluding = tables.startup_version.c.exclusions != ""
            rows = connection.execute(_newest(tables.startup_version, None).where(excluding)).mappings()
            return sorted({id_ for row in rows for id_ in _items(row["exclusions"])} - known)

    def is_synthetic(self) -> bool:
        """Tell whether any startup or fund is marked as invented."""
        with self._engine.connect() as connection:
            return any(
                connection.execute(select(table.c.version).where(marked).limit(1)).first() is not None
                for table in (tables.startup_version, tables.fund_version)
                for marked in (table.c.extra["synthetic"].as_string() == "true",)
            )

    def counts(self) -> dict[str, int]:
        """Count the records of each kind."""
        with self._engine.connect() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (tables.startup, tables.fund, tables.investment, tables.embedding)
            }


def _versions(connection: Connection, table: Table, as_of: date | None) -> list[RowMapping]:
    return list(connection.execute(_newest(table, as_of)).mappings())


def _versions_of(
    connection: Connection, table: Table, record: Callable[[RowMapping], Of], ids: Set[str] | None = None
) -> dict[str, Versions[Of]]:
    """Read every version of the records `ids`, of all where it is None."""
    key = table.c[table.primary_key.columns.keys()[0]]
    rows = connection.execute(select(*_told(table)).order_by(key, table.c.version)).mappings()
    by_id = groupby(rows, key=itemgetter(key.name))
    told = ((id_, versions) for id_, versions in by_id if ids is None or id_ in ids)
    return {id_: tuple((row["valid_from"], record(row)) for row in versions) for id_, versions in told}


def _newest(table: Table, as_of: date | None) -> Select[Any]:
    """Select the newest version of each record that is valid before `as_of`, in the order of ids."""
    key = table.c[table.primary_key.columns.keys()[0]]
    newest = select(key, func.max(table.c.version).label("version")).group_by(key)
    if as_of is not None:
        newest = newest.where(table.c.valid_from.is_(None) | (table.c.valid_from < as_of))
    latest = newest.subquery()
    same = (key == latest.c[key.name]) & (table.c.version == latest.c.version)
    return select(*_told(table)).join(latest, same).order_by(key)


def _told(table: Table) -> list[Column[Any]]:
    """List the columns that records are made of: decoding the JSON of the others is slow."""
    return [column for column in table.c if column.name != "extra"]


def _deals(as_of: date | None) -> Select[Any]:
    table = tables.investment
    told = (table.c.startup_id, table.c.fund_id, table.c.announced_on, table.c.announced_end, table.c.stage)
    query = select(*told).order_by(table.c.startup_id, table.c.fund_id, table.c.announced_on, table.c.round)
    return query if as_of is None else query.where(table.c.announced_end < as_of)


def _introductions(connection: Connection, as_of: date | None) -> tuple[Introduction, ...]:
    """Read introductions and their events; what `known_before` would drop for its day is not read at all."""
    table, event = tables.introduction, tables.introduction_event
    events: dict[str, list[IntroductionEvent]] = {}
    query = select(event.c.introduction_id, event.c.status, event.c.at_end, event.c.pass_reason)
    found = select(table.c.introduction_id, table.c.startup_id, table.c.fund_id, table.c.opened_end)
    if as_of is not None:
        query = query.where(event.c.at_end < as_of)
        found = found.where(table.c.opened_end.is_(None) | (table.c.opened_end < as_of))
    for id_, status, at, reason in connection.execute(query.order_by(*event.primary_key)):
        told = IntroductionEvent(status=_STATUS[status], at=at, reason=PassReason(reason) if reason else None)
        events.setdefault(id_, []).append(told)
    return tuple(
        Introduction(
            introduction_id=id_,
            startup_id=startup_id,
            fund_id=fund_id,
            opened_on=opened_on,
            events=tuple(events.get(id_, ())),
        )
        for id_, startup_id, fund_id, opened_on in connection.execute(found.order_by(table.c.introduction_id))
    )


def _day(text: str | None) -> date | None:
    return end_of_period(text) if text else None


def _items(text: str) -> list[str]:
    return text.split(";") if text else []


def startup_from(row: Mapping[Any, Any]) -> Startup:
    """Make a startup of a row of `startup_version`, or of a record that would become one."""
    return Startup(
        startup_id=row["startup_id"],
        name=row["name"],
        description=row["description"],
        description_vi=row["description_vi"],
        sectors=frozenset(map(Sector, _items(row["sectors"]))),
        subsectors=frozenset(_items(row["subsectors"])),
        tags=tuple(_items(row["tags"])),
        business_model=BusinessModel(row["business_model"]) if row["business_model"] else None,
        country=row["country"],
        city=row["city"],
        place=row["place"],
        stage=Stage(row["stage"]) if row["stage"] else None,
        stage_told=row["stage_told"].casefold(),
        founded_on=_day(row["founded_on"]),
        first_seen_on=_day(row["first_seen_on"]),
        raising_usd=row["raising_usd"],
        instrument=Instrument(row["instrument"]) if row["instrument"] else None,
        exclusions=frozenset(_items(row["exclusions"])),
        opted_out=row["opted_out"],
        not_understood=frozenset(row["raw"]),
    )


def _fund(row: RowMapping) -> Fund:
    excluded = frozenset(_items(row["excluded_subsectors"]))
    return Fund(
        fund_id=row["fund_id"],
        name=row["name"],
        type=FundType(row["type"]) if row["type"] else None,
        thesis=row["thesis"],
        thesis_vi=row["thesis_vi"],
        stages=frozenset(map(Stage, _items(row["stages"]))),
        sectors=frozenset(map(Sector, _items(row["sectors"]))),
        subsectors=frozenset(_items(row["subsectors"])),
        excluded_sectors=frozenset(map(Sector, _items(row["excluded_sectors"]))),
        excluded_subsectors=excluded,
        partly_excluded=frozenset(map(taxonomy().parent, excluded)) if excluded else frozenset(),
        countries=frozenset(_items(row["countries"])),
        ticket_min_usd=row["ticket_min_usd"],
        ticket_max_usd=row["ticket_max_usd"],
        status=FundStatus(row["status"]) if row["status"] else None,
        monthly_capacity=row["monthly_capacity"],
        hq_country=row["hq_country"],
        verified_on=_day(row["verified_on"]),
        not_understood=frozenset(row["raw"]),
    )


def _deal(row: RowMapping) -> Deal:
    return Deal(
        startup_id=row["startup_id"],
        fund_id=row["fund_id"],
        announced_on=row["announced_end"],
        announced=row["announced_on"],
        stage=Stage(row["stage"]) if row["stage"] else None,
    )
