"""A synthetic market as rows of text: ids, names, dates known to the day, month or year, gaps."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.synthetic.catalogue import CITY_COUNTRY, COUNTRIES, STAGES, VIETNAM, Floats, Ints, sectors, topics
from data.synthetic.columns import (
    DEAL_DATES,
    FOUNDED_DATES,
    Keeps,
    apart,
    blank,
    city_cells,
    codes,
    country_cells,
    dates,
    dollars,
    fund_name,
    instrument,
    iso,
    startup_name,
    status_cells,
)
from data.synthetic.deals import Deals, Rounds
from data.synthetic.ids import fund_id, startup_id
from data.synthetic.introductions import OWN_ROUND
from data.synthetic.market import WORDS, Funds, Startups
from data.synthetic.settings import MarketSettings
from data.synthetic.stated import Stated, state
from data.synthetic.tastes import TYPES
from data.synthetic.texts import descriptions, theses
from matching.vocabulary import Language

Row = dict[str, str]


@dataclass(frozen=True)
class Tables:
    """Startups, funds and deals of a market, row by row; introductions move no cell but those of their deals.

    Attributes
    ----------
    known_exactly : rounds that introductions led to; their day is told.
    """

    settings: MarketSettings
    startups_drawn: Startups
    funds_drawn: Funds
    rounds_drawn: Rounds
    deals_drawn: Deals
    known_exactly: Ints

    def startups(self) -> Iterator[Row]:
        """Yield the rows of startups.csv: the profile of each startup as it was when first seen."""
        startups, missing = self.startups_drawn, self.settings.missing
        rng = self._stream(0)
        n, home = len(startups.topic), CITY_COUNTRY[startups.city]
        keeps = Keeps(rng, n)
        subject = rng.integers(0, 1 << 30, (n, 2))
        english = keeps(missing.description, descriptions(startups, subject, Language.EN, rng))
        vietnamese = keeps(missing.description_vi, descriptions(startups, subject, Language.VI, rng))
        told = keeps(missing.sectors, self._sectors(rng))
        country = keeps(missing.country, country_cells(home, rng))
        city = keeps(missing.city, city_cells(startups.city, rng))
        stage = keeps(missing.stage, [STAGES[at].value for at in startups.first_stage])
        founded = keeps(missing.founded_on, dates(startups.founded, FOUNDED_DATES, rng, startups.first_seen))
        asked = keeps(missing.raising_usd, dollars(self._asks(rng)))
        seen = iso(startups.first_seen)
        lots = rng.integers(0, 1 << 30, (n, 3)).tolist()
        for at, lot in enumerate(lots):
            models = sectors()[startups.sector[at]].models
            yield {
                "startup_id": startup_id(at),
                "name": startup_name(at + 1, lot[0], bool(home[at] == VIETNAM)),
                "description": english[at],
                "description_vi": vietnamese[at],
                "sectors": told[at],
                "business_model": models[lot[1] % len(models)],
                "country": country[at],
                "city": city[at],
                "stage": stage[at],
                "founded_on": founded[at],
                "raising_usd": asked[at],
                "instrument": instrument(int(startups.first_stage[at]), lot[2]),
                "first_seen_on": seen[at],
                "website": f"https://s{at + 1}.synthetic.example",
            }

    def funds(self) -> Iterator[Row]:
        """Yield the rows of funds.csv."""
        funds, said, missing, rng = self.funds_drawn, self._stated, self.settings.missing, self._stream(1)
        n = len(funds.city)
        keeps = Keeps(rng, n)
        no_thesis, thesis = keeps.mask(missing.thesis), []
        for language in (Language.EN, Language.VI):
            share = missing.thesis_vi if language is Language.VI else 0.0
            texts = theses(funds, said.sectors, said.stage, language, rng)
            thesis.append(blank(texts, no_thesis | keeps.mask(share)))
        stages = keeps(missing.declared, [
            ";".join(stage.value for stage in STAGES[low : high + 1])
            for low, high in zip(said.low, said.high, strict=True)
        ])  # fmt: skip
        told = keeps(missing.declared, [codes(line) for line in said.sectors.tolist()])
        excluded = [codes([at]) for at in said.excluded.tolist()]
        where = keeps(missing.declared, [self._where(at) for at in range(n)])
        no_ticket = keeps.mask(missing.declared)
        low, high = (blank(dollars(side), no_ticket) for side in (said.ticket_min, said.ticket_max))
        home = keeps(missing.hq_country, [COUNTRIES[c].code for c in CITY_COUNTRY[funds.city]])
        verified = keeps(missing.verified_on, iso(self._verified(rng)))
        born, status, capacity = (
            iso(funds.born),
            status_cells(rng, n),
            keeps(0.7, list(map(str, funds.capacity.tolist()))),
        )
        for at, lot in enumerate(rng.integers(0, 1 << 30, n).tolist()):
            yield {
                "fund_id": fund_id(at),
                "name": fund_name(at + 1, lot, bool(CITY_COUNTRY[funds.city[at]] == VIETNAM)),
                "type": TYPES[funds.kind[at]],
                "thesis": thesis[0][at],
                "thesis_vi": thesis[1][at],
                "stages": stages[at],
                "sectors": told[at],
                "excluded_sectors": excluded[at],
                "countries": where[at],
                "ticket_min_usd": low[at],
                "ticket_max_usd": high[at],
                "status": status[at],
                "monthly_capacity": capacity[at],
                "hq_country": home[at],
                "website": f"https://f{at + 1}.synthetic.example",
                "verified_on": verified[at],
                "born_on": born[at],
            }

    def investments(self) -> Iterator[Row]:
        """Yield the rows of investments.csv; date, name and size are those of the round."""
        rounds, deals, missing, rng = (
            self.rounds_drawn,
            self.deals_drawn,
            self.settings.missing,
            self._stream(2),
        )
        own = rounds.number == OWN_ROUND
        n = int(np.sum(~own))
        keeps = Keeps(rng, n)
        stages, amounts, exact = (
            [STAGES[at].value for at in rounds.stage],
            dollars(rounds.ask_usd),
            iso(rounds.day),
        )
        kind = keeps(missing.round, stages[:n]) + stages[n:]
        told = dates(rounds.day[:n], DEAL_DATES, rng) + exact[n:]
        for at in self.known_exactly.tolist():
            told[at] = exact[at]
        on = apart(rounds, told, kind)
        amount = keeps(missing.amount_usd, amounts[:n]) + amounts[n:]
        startup = [startup_id(at) for at in rounds.startup.tolist()]
        for at, fund, lead in zip(
            deals.round.tolist(), deals.fund.tolist(), deals.lead.tolist(), strict=True
        ):
            yield {
                "startup_id": startup[at],
                "fund_id": fund_id(fund),
                "announced_on": on[at],
                "round": kind[at],
                "amount_usd": amount[at],
                "lead": "true" if lead else "",
            }

    @cached_property
    def _stated(self) -> Stated:
        return state(self.settings, self.funds_drawn, self._stream(3))

    def _stream(self, part: int) -> np.random.Generator:
        return np.random.default_rng([self.settings.seed, WORDS, part])

    def _sectors(self, rng: np.random.Generator) -> list[str]:
        """Name the topic, the sector or both, then the other sectors."""
        startups, found = self.startups_drawn, []
        ways = rng.integers(0, 3, len(startups.topic)).tolist()
        rows = zip(
            startups.topic.tolist(), startups.sector.tolist(), startups.others.tolist(), ways, strict=True
        )
        for topic, sector, others, way in rows:
            own = [codes([sector])] * (way != 0) + [topics()[topic].code] * (way != 1)
            found.append(";".join(filter(None, [*own, codes(others)])))
        return found

    def _asks(self, rng: np.random.Generator) -> Floats:
        """Take what each startup raised first; the others ask for as much as some other of their stage."""
        rounds, stage = self.rounds_drawn, self.startups_drawn.first_stage
        first = rounds.number == 0  # not one that an introduction led to
        asks = np.zeros(len(stage))
        asks[rounds.startup[first]] = rounds.ask_usd[first]
        for level in range(len(STAGES)):
            without = np.flatnonzero((stage == level) & (asks == 0))
            known = asks[(stage == level) & (asks > 0)]
            asks[without] = rng.choice(known, len(without)) if len(known) else 1e5
        return asks

    def _verified(self, rng: np.random.Generator) -> Ints:
        """Draw a day between a fund's birth and its first deal, or within a year for those without."""
        first = self.funds_drawn.born + 366
        seen = np.full(len(first), np.iinfo(np.int64).max)
        deals, rounds = self.deals_drawn, self.rounds_drawn
        np.minimum.at(seen, deals.fund, rounds.day[deals.round])
        first = np.where(seen < np.iinfo(np.int64).max, seen, first)
        return self.funds_drawn.born + (rng.random(len(first)) * (first - self.funds_drawn.born)).astype(
            np.int64
        )

    def _where(self, at: int) -> str:
        home = int(CITY_COUNTRY[self.funds_drawn.city[at]])
        if not self.funds_drawn.regional[at]:
            return COUNTRIES[home].code
        return ";".join(
            country.code for at, country in enumerate(COUNTRIES) if country.startups or at == VIETNAM
        )
