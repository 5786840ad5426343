"""What is known on a date: the one place where the as-of rule is spelled out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from matching.records import Deal, Fund, Startup


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Startups, funds and deals, each startup and fund in one version."""

    startups: tuple[Startup, ...]
    funds: tuple[Fund, ...]
    deals: tuple[Deal, ...]


def known_before(knowledge: Knowledge, as_of: date | None) -> Knowledge:
    """Keep only what was known at the start of `as_of`; all of it where `as_of` is None.

    A deal is known when the period it is dated by ended before that day; a startup from its
    first_seen_on, a fund from its verified_on, either else from its first deal. What knows no date is
    left out. A deal needs both its sides known.
    """
    if as_of is None:
        return _consistent(knowledge)
    dated = [deal for deal in knowledge.deals if deal.announced_on and deal.announced_on < as_of]
    startup_deals = _first_dates((deal.startup_id, deal.announced_on) for deal in dated)
    fund_deals = _first_dates((deal.fund_id, deal.announced_on) for deal in dated)
    return _consistent(
        Knowledge(
            startups=tuple(
                replace(s, founded_on=s.founded_on if s.founded_on and s.founded_on < as_of else None)
                for s in knowledge.startups
                if _before(s.first_seen_on or startup_deals.get(s.startup_id), as_of)
            ),
            funds=tuple(
                f for f in knowledge.funds if _before(f.verified_on or fund_deals.get(f.fund_id), as_of)
            ),
            deals=tuple(dated),
        )
    )


def _before(known_from: date | None, as_of: date) -> bool:
    return known_from is not None and known_from < as_of


def _first_dates(dates: Iterable[tuple[str, date | None]]) -> dict[str, date]:
    first: dict[str, date] = {}
    for key, day in dates:
        if day is not None and (key not in first or day < first[key]):
            first[key] = day
    return first


def _consistent(knowledge: Knowledge) -> Knowledge:
    startups = {startup.startup_id for startup in knowledge.startups}
    funds = {fund.fund_id for fund in knowledge.funds}
    deals = (d for d in knowledge.deals if d.startup_id in startups and d.fund_id in funds)
    return replace(knowledge, deals=tuple(deals))
