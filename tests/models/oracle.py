"""Every feature and every example once more, in plain Python from raw facts, a pair at a time.

Written from what the features are documented to mean (docs/decisions/0006-prior.md and the docstrings); it
shares records, vocabulary and the given vectors with the code under test, no step of it. Markets have to be
small: all evidence is taken, where the index would stop at the nearest thousand and at 64 cities.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from matching.knowledge import Knowledge
from matching.protocols import VectorStore
from matching.records import Deal, Fund, Introduction, Startup
from matching.vocabulary import Feature, Kind, Prompt, Sector, Stage

YEAR = 365.25
LADDER = list(Stage)
Vector = list[float]
Key = tuple[Kind, str, date, str]


def last_day(text: str) -> date:
    """The last day of a year, a month or a day."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return date(*parts)
    year, month = parts if len(parts) == 2 else (parts[0], 12)
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def begun(introduction: Introduction) -> date | None:
    """The day an introduction was opened, else that of its first event."""
    return introduction.opened_on or min((event.at for event in introduction.events), default=None)


def dot(a: Vector, b: Vector) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


@dataclass(frozen=True)
class Oracle:
    """What was known at the start of `as_of`, filtered out of all facts, and the features that follow."""

    facts: Knowledge
    vectors: VectorStore
    as_of: date

    # --- what was known ---

    def dated(self) -> list[Deal]:
        return [deal for deal in self.facts.deals if deal.announced and last_day(deal.announced) < self.as_of]

    def opened(self) -> list[Introduction]:
        return [i for i in self.facts.introductions if (day := begun(i)) is not None and day < self.as_of]

    def startups(self) -> dict[str, Startup]:
        dealt = {deal.startup_id for deal in self.dated()}
        return {
            s.startup_id: s
            for s in self.facts.startups
            if (s.first_seen_on < self.as_of if s.first_seen_on else s.startup_id in dealt)
        }

    def funds(self) -> dict[str, Fund]:
        dealt = {deal.fund_id for deal in self.dated()} | {one.fund_id for one in self.opened()}
        return {
            f.fund_id: f
            for f in self.facts.funds
            if (f.verified_on < self.as_of if f.verified_on else f.fund_id in dealt)
        }

    def deals(self) -> list[Deal]:
        startups, funds = self.startups(), self.funds()
        return [deal for deal in self.dated() if deal.startup_id in startups and deal.fund_id in funds]

    def introductions(self) -> list[Introduction]:
        startups, funds = self.startups(), self.funds()
        return [one for one in self.opened() if one.startup_id in startups and one.fund_id in funds]

    def companies(self) -> list[Startup]:
        backed = {deal.startup_id for deal in self.deals()}
        return [startup for id_, startup in self.startups().items() if id_ in backed]

    def age(self, deal: Deal) -> float:
        return (self.as_of - last_day(deal.announced)).days / YEAR

    def held(self) -> set[tuple[str, str]]:
        return {(deal.startup_id, deal.fund_id) for deal in self.deals()}

    # --- texts ---

    def text(self, startup: Startup) -> Vector | None:
        """The unit mean of a profile's texts."""
        rows = [self.vector(text, Prompt.QUERY) for text in startup.texts]
        if not rows:
            return None
        total = [sum(column) for column in zip(*rows, strict=True)]
        return [x / math.sqrt(dot(total, total)) for x in total]

    def vector(self, text: str, prompt: Prompt) -> Vector:
        return [float(x) for x in self.vectors.vectors([text], prompt)[0]]

    def floor(self, mine: Vector, others: list[Vector], usual: float) -> float:
        """The mean cosine with others, the usual one counting for twenty of them."""
        return (20 * usual + sum(dot(mine, other) for other in others)) / (20 + len(others))

    def read_sectors(self, startup: Startup) -> Startup:
        """Give a profile without sectors those of the companies told alike."""
        mine = self.text(startup)
        others = [
            (text, company.sectors)
            for company in self.companies()
            if company.startup_id != startup.startup_id and (text := self.text(company)) is not None
        ]
        if startup.sectors or mine is None or not others:
            return startup
        nearest = max(dot(mine, text) for text, _ in others)
        weights = [math.exp(100 * (dot(mine, text) - nearest)) for text, _ in others]
        read = set()
        for sector in Sector:
            has = [weight for weight, (_, told) in zip(weights, others, strict=True) if sector in told]
            if sum(has) / sum(weights) >= 0.4:
                read.add(sector)
        return replace(startup, sectors=frozenset(read))

    # --- features ---

    def features(self, asking: Startup, fund_id: str) -> dict[Feature, float]:
        """All features of a pair."""
        asking, fund = self.read_sectors(asking), self.funds()[fund_id]
        return {
            Feature.THESIS: self.thesis(asking, fund),
            Feature.PORTFOLIO: self.portfolio(asking, fund_id),
            Feature.SECTOR: self.sector(asking, fund),
            Feature.STAGE: self.stage(asking, fund),
            Feature.COUNTRY: self.country(asking, fund),
            Feature.TICKET: ticket(asking, fund),
            Feature.ACTIVITY: math.log(
                1 + sum(1 for deal in self.deals() if deal.fund_id == fund_id and self.age(deal) <= 2)
            ),
            Feature.POPULARITY: math.log(1 + sum(1 for _, holder in self.held() if holder == fund_id)),
        }

    def thesis(self, asking: Startup, fund: Fund) -> float:
        mine = self.text(asking)
        if mine is None:
            return 0.0
        told = [fund for fund in self.funds().values() if fund.sentences]
        active = {deal.fund_id for deal in self.deals()}
        usual = [fund for fund in told if fund.fund_id in active] or told
        everything = [
            self.vector(sentence.text, Prompt.PASSAGE) for each in usual for sentence in each.sentences
        ]
        floor, total = self.floor(mine, everything, 0.78), 0.0
        languages = {sentence.language for sentence in fund.sentences}
        for sentence in fund.sentences:
            above = dot(mine, self.vector(sentence.text, Prompt.PASSAGE)) - floor
            total += max(0.0, math.exp(40 * above) - 1) / len(languages)
        return math.log(1 + total)

    def portfolio(self, asking: Startup, fund_id: str) -> float:
        total = 0.0
        for company in self.companies():
            ages = [
                self.age(d)
                for d in self.deals()
                if (d.startup_id, d.fund_id) == (company.startup_id, fund_id)
            ]
            if ages and company.startup_id != asking.startup_id:
                total += math.exp(self.alike(asking, company)) * 0.5 ** (min(ages) / 2)
        return math.log(1 + total / math.exp(2))

    def alike(self, asking: Startup, company: Startup) -> float:
        """The exponent of the kernel."""
        exponent = 0.0
        mine, theirs = self.text(asking), self.text(company)
        if mine is not None and theirs is not None:
            told = [text for each in self.companies() if (text := self.text(each)) is not None]
            gain = 10.0 if asking.sectors else 60.0
            exponent += gain * (dot(mine, theirs) - self.floor(mine, told, 0.83))
        if asking.sectors and company.sectors:
            shared = len(asking.sectors & company.sectors)
            exponent += 2.5 * shared / math.sqrt(len(asking.sectors) * len(company.sectors))
        if asking.country is None or asking.country == company.country:
            exponent += 4.0
        if asking.place and asking.place == company.place:
            exponent += 2.0
        if asking.stage and company.stage:
            exponent += 1.5 * 0.5 ** abs(LADDER.index(asking.stage) - LADDER.index(company.stage))
        return exponent

    def sector(self, asking: Startup, fund: Fund) -> float:
        startups = self.startups()
        told = [
            (holder, bool(startups[id_].sectors & asking.sectors))
            for id_, holder in self.held()
            if id_ != asking.startup_id and startups[id_].sectors and asking.sectors
        ]
        match = bool(fund.sectors & asking.sectors)
        return lift(told, fund) + declared(match, bool(asking.sectors), fund, "sectors")

    def stage(self, asking: Startup, fund: Fund) -> float:
        told = [
            (deal.fund_id, deal.stage == asking.stage)
            for deal in self.deals()
            if deal.startup_id != asking.startup_id and deal.stage and asking.stage
        ]
        match = asking.stage in fund.stages
        return lift(told, fund) + declared(match, asking.stage is not None, fund, "stages")

    def country(self, asking: Startup, fund: Fund) -> float:
        startups = self.startups()
        told = [
            (holder, startups[id_].country == asking.country)
            for id_, holder in self.held()
            if id_ != asking.startup_id and startups[id_].country and asking.country
        ]
        match = asking.country in fund.countries
        return lift(told, fund) + declared(match, asking.country is not None, fund, "countries")

    # --- examples ---

    def active(self) -> set[str]:
        """The funds with a deal in the three years before."""
        return {deal.fund_id for deal in self.deals() if self.age(deal) <= 3}

    def examples(self, until: date, trained: date) -> Iterator[tuple[Key, bool]]:
        """The rows of the window [as_of, until), as known on `trained`, and whether a deal made each."""
        known, end = self.funds(), replace(self, as_of=trained)
        for one in end.introductions():
            day = begun(one)
            if day is not None and self.as_of <= day < until and one.fund_id in known:
                first = min(
                    begun(other) or date.max
                    for other in end.introductions()
                    if (other.startup_id, other.fund_id) == (one.startup_id, one.fund_id)
                    and (begun(other) or date.min) >= self.as_of
                )
                if day == first and self.profiled(one.startup_id, day):
                    yield (Kind.INTRODUCTION, one.startup_id, day, one.fund_id), False
        for startup_id in {deal.startup_id for deal in end.deals()}:
            mine = [deal for deal in end.deals() if deal.startup_id == startup_id]
            day = min(last_day(deal.announced) for deal in mine)
            brought = {
                i.fund_id
                for i in end.introductions()
                if i.startup_id == startup_id and (begun(i) or date.max) <= day
            }
            investors = {deal.fund_id for deal in mine if last_day(deal.announced) == day}
            new = investors - brought
            if new and self.as_of <= day < until and self.profiled(startup_id, day):
                for fund_id in self.active() - (investors & brought):
                    yield (Kind.DEAL, startup_id, day, fund_id), fund_id in new

    def profiled(self, startup_id: str, day: date) -> bool:
        return startup_id in replace(self, as_of=day + timedelta(days=1)).startups()


def lift(told: list[tuple[str, bool]], fund: Fund) -> float:
    """How much oftener than the market a fund does it, drawn to the market as by three more of its kind."""
    usual = sum(1 for _, has in told if has) / max(1, len(told))
    mine = [has for holder, has in told if holder == fund.fund_id]
    return (mine.count(True) + 3 * usual) / (len(mine) + 3) - usual


def declared(match: bool, asked: bool, fund: Fund, field: str) -> float:
    """Half for a declared match, half against a mismatch with a field that is understood as a whole."""
    if match:
        return 0.5
    whole = bool(getattr(fund, field)) and field not in fund.not_understood
    return -0.5 if asked and whole else 0.0


def ticket(asking: Startup, fund: Fund) -> float:
    """One inside a range known at both ends, half where one is known, nothing outside."""
    asked, ends = asking.raising_usd, 0
    for border, sign in ((fund.ticket_min_usd, 1), (fund.ticket_max_usd, -1)):
        if asked is not None and border is not None:
            if sign * (asked - border) < 0:
                return 0.0
            ends += 1
    return ends / 2
