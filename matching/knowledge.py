"""What is known on a date: the one place where the as-of rule is spelled out."""

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import date, timedelta

from matching.records import Deal, Fund, Introduction, Override, Startup


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Startups, funds, deals, introductions and overrides, each startup and fund in one version."""

    startups: tuple[Startup, ...]
    funds: tuple[Fund, ...]
    deals: tuple[Deal, ...]
    introductions: tuple[Introduction, ...] = ()
    overrides: tuple[Override, ...] = ()


def known_before(knowledge: Knowledge, as_of: date | None) -> Knowledge:
    """Keep only what was known at the start of `as_of`; all of it where `as_of` is None.

    A deal is known when the period it is dated by ended before that day, an introduction when it was
    opened (else its first event) before it, with the events before it; a startup from its
    first_seen_on, else its first deal; a fund from its verified_on, else its first deal or
    introduction. What knows no date is left out. Deals and introductions need both their sides known.
    """
    if as_of is None:
        return _consistent(knowledge)
    dated = [deal for deal in knowledge.deals if deal.announced_on and deal.announced_on < as_of]
    opened = [i for i in knowledge.introductions if i.known_from and i.known_from < as_of]
    backed = {deal.startup_id for deal in dated}
    active = {deal.fund_id for deal in dated} | {introduction.fund_id for introduction in opened}
    startups = (s for s in knowledge.startups if _known(s.first_seen_on, s.startup_id, backed, as_of))
    funds = (f for f in knowledge.funds if _known(f.verified_on, f.fund_id, active, as_of))
    return _consistent(
        Knowledge(
            startups=tuple(as_asked(s, as_of) for s in startups),
            funds=tuple(funds),
            deals=tuple(dated),
            introductions=tuple(_until(introduction, as_of) for introduction in opened),
            overrides=tuple(o for o in knowledge.overrides if o.decided_on < as_of),
        )
    )


ARCHIVE_DAYS = 365
"""With nothing known of so many days, the records are an archive."""


def today_of(knowledge: Knowledge, today: date) -> date:
    """Return the day that a question without a day is asked on: today, or the last day of an archive.

    What is dated later than `today` does not count. Ages that are counted from years after the newest fact
    would say that every fund has gone to sleep.
    """
    facts = (
        *(startup.first_seen_on for startup in knowledge.startups),
        *(fund.verified_on for fund in knowledge.funds),
        *(deal.announced_on for deal in knowledge.deals),
        *(event.at for introduction in knowledge.introductions for event in introduction.events),
        *(introduction.opened_on for introduction in knowledge.introductions),
    )
    newest = max((day for day in facts if day and day <= today), default=today)
    return newest + timedelta(days=1) if (today - newest).days > ARCHIVE_DAYS else today


def _until(introduction: Introduction, as_of: date) -> Introduction:
    events = tuple(event for event in introduction.events if event.at < as_of)
    return introduction if events == introduction.events else replace(introduction, events=events)


def as_asked(startup: Startup, as_of: date | None) -> Startup:
    """Give a profile as a question asked on `as_of`: a founding on that day or later is unknown."""
    if as_of is None or startup.founded_on is None or startup.founded_on < as_of:
        return startup
    return replace(startup, founded_on=None)


def _known(known_from: date | None, id_: str, active: Set[str], as_of: date) -> bool:
    return known_from < as_of if known_from else id_ in active


def _consistent(knowledge: Knowledge) -> Knowledge:
    startups = {startup.startup_id for startup in knowledge.startups}
    funds = {fund.fund_id for fund in knowledge.funds}
    deals = (d for d in knowledge.deals if d.startup_id in startups and d.fund_id in funds)
    introductions = (i for i in knowledge.introductions if i.startup_id in startups and i.fund_id in funds)
    return replace(knowledge, deals=tuple(deals), introductions=tuple(introductions))
