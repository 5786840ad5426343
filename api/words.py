"""Words for codes, in two languages; every string stands in api/locale."""

import math
import tomllib
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cached_property, lru_cache
from importlib import resources

from babel.numbers import format_decimal

from data.countries import country_label
from data.funnel import label_of
from data.terms import taxonomy
from matching.chances import Chance
from matching.explain import Caution, DealEvidence, Reason
from matching.failures import GateFailure
from matching.records import Deal, Fund, Startup
from matching.vocabulary import (
    Feature,
    Gate,
    IntroductionStatus,
    Language,
    Outcome,
    PassReason,
    Risk,
    Stage,
)

MANY = 4
"""Names spelled out before "and others"."""


@lru_cache
def _strings(language: Language) -> dict[str, dict[str, str]]:
    text = resources.files("api").joinpath("locale", f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


class Words:
    """Says codes, numbers and dates in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    @cached_property
    def strings(self) -> dict[str, dict[str, str]]:
        """All strings of the language, by section and key."""
        return _strings(self.language)

    def say(self, section: str, key: str, **values: object) -> str:
        """Fill one string."""
        return self.strings[section][key].format(**values)

    def money(self, usd: float | None) -> str:
        """Say an amount in US dollars."""
        if usd is None:
            return self.say("text", "any_amount")
        return f"{format_decimal(usd, locale=self.language.value, format='#,##0')} USD"

    def number(self, value: float, digits: int = 3) -> str:
        """Say a number with a fixed count of decimals; what is not a number is said to be none."""
        if math.isnan(value):
            return self.say("report", "no_figure")
        said: str = format_decimal(
            value, locale=self.language.value, format=f"#,##0.{'0' * digits}".rstrip(".")
        )
        return said.replace("-", "\N{MINUS SIGN}")

    def share(self, value: float) -> str:
        """Say a share as a percentage."""
        return f"{self.number(100 * value, 1)}\N{NO-BREAK SPACE}%"

    def chance(self, chance: Chance, outcome: Outcome) -> str:
        """Say a chance, with the event it is of and the interval it is known to."""
        return self.say("chance", outcome, **self._percent(chance))

    def after_yes(self, steps: Mapping[IntroductionStatus, Chance]) -> str:
        """Say how likely each step is once a fund has accepted."""
        said = [self.say("after_yes", step, **self._percent(chance)) for step, chance in steps.items()]
        return self.say("after_yes", "line", steps="; ".join(said))

    def _percent(self, chance: Chance) -> dict[str, str]:
        numbers = (("p", chance.probability), ("low", chance.low), ("high", chance.high))
        return {name: self.number(100 * value, 1) for name, value in numbers}

    def day(self, day: date | None) -> str:
        """Say a date as dd/mm/yyyy, in both languages."""
        return self.say("text", "no_date") if day is None else f"{day:%d/%m/%Y}"

    def announced(self, deal: Deal) -> str:
        """Say when a deal was announced, no more exactly than is known: 2021, 03/2021 or 31/03/2021."""
        told = deal.announced or (deal.announced_on.isoformat() if deal.announced_on else "")
        return "/".join(reversed(told.split("-"))) or self.say("text", "no_date")

    def country(self, alpha2: str | None) -> str:
        """Say a country."""
        return country_label(alpha2, self.language) if alpha2 else self.say("text", "unknown")

    def term(self, code: str | None) -> str:
        """Say a sector, stage or status."""
        return taxonomy().label(code, self.language) if code else self.say("text", "unknown")

    def pass_reason(self, reason: PassReason) -> str:
        """Say why a fund passes."""
        return label_of(reason, self.language)

    def names(self, names: Iterable[str]) -> str:
        """List names, the first few of many."""
        told = list(names)
        return ", ".join(told[:MANY]) + (f" … (+{len(told) - MANY})" if len(told) > MANY else "")

    def terms(self, codes: Iterable[str]) -> str:
        """List sectors or stages."""
        return self.names(self.term(code) for code in codes)

    def stages(self, stages: Collection[Stage]) -> str:
        """List stages, earliest first."""
        return self.terms(stage for stage in Stage if stage in stages)

    def fund(self, fund: Fund) -> str:
        """Say what kind of fund it is and where."""
        kind = self.term(fund.type) if fund.type else ""
        return ", ".join(filter(None, (kind, self.country(fund.hq_country) if fund.hq_country else "")))

    def reason(self, reason: Reason, startup: Startup, fund: Fund) -> str:
        """Say what speaks for or against a fund."""
        feature = reason.feature
        if feature is Feature.THESIS:
            return self.say("reason", "thesis")
        if feature is Feature.PORTFOLIO:
            alike = any(evidence.alike for evidence in reason.deals)
            key = "portfolio" if alike else "portfolio_place"
            return self.say("reason", key)
        if feature is Feature.TICKET:
            low, high = self.money(fund.ticket_min_usd), self.money(fund.ticket_max_usd)
            return self.say("reason", feature, asked=self.money(startup.raising_usd), low=low, high=high)
        if feature in {Feature.ACTIVITY, Feature.POPULARITY}:
            return self.say("reason", feature, n=reason.n)
        if feature is Feature.ANSWERS:
            return self.say("reason", feature, n=reason.n, of=reason.of)
        asked, declared = self._both_sides(feature, startup, fund)
        parts = []
        if reason.declared is not None:
            key = f"{feature}_declared" if reason.declared else f"{feature}_not_declared"
            parts.append(self.say("reason", key, names=declared, asked=asked))
        if reason.of:
            parts.append(self.say("reason", f"{feature}_track", n=reason.n, of=reason.of, asked=asked))
        return "; ".join(parts) or self.say("text", "unknown")

    def _both_sides(self, feature: Feature, startup: Startup, fund: Fund) -> tuple[str, str]:
        """Say what is asked and what is declared: of a long declaration, the part that was asked."""
        if feature is Feature.SECTOR:
            shared = startup.sectors & fund.sectors
            return self.terms(sorted(startup.sectors)), self.terms(sorted(shared or fund.sectors))
        if feature is Feature.STAGE:
            agreed = fund.stages & {startup.stage}
            return self.term(startup.stage), self.stages(agreed or fund.stages)
        return self.country(startup.country), self.names(map(self.country, sorted(fund.countries)))

    def deal(self, evidence: DealEvidence) -> str:
        """Cite a deal."""
        deal = evidence.deal
        facts = [self.term(deal.stage)] if deal.stage else []
        facts.append(self.announced(deal))
        if evidence.shared_sectors:
            facts.append(self.say("evidence", "same_sector", names=self.terms(evidence.shared_sectors)))
        told = {
            "similar_text": evidence.similar_text,
            "same_city": evidence.same_city,
            "same_country": evidence.same_country and not evidence.same_city,
        }
        facts.extend(self.say("evidence", key) for key, holds in told.items() if holds)
        name = evidence.company.name or evidence.company.startup_id
        return f"{self.say('evidence', 'deal', company=name)} ({'; '.join(facts)})"

    def caution(self, caution: Caution, startup: Startup) -> str:
        """Say what to check before an introduction."""
        place = self.country(startup.country)
        asked = place if caution.risk is Risk.NEW_COUNTRY else self.terms(sorted(startup.sectors))
        names = ", ".join(self.say("gate", gate) for gate in caution.gates)
        last = caution.last.year if caution.last else ""
        return self.say("risk", caution.risk, of=caution.of, asked=asked, names=names, last=last)

    def failure(self, failure: GateFailure, startup: Startup, fund: Fund) -> str:
        """Say which gate keeps a fund out, and the smallest change that clears it."""
        gate, values = failure.gate, self._failure_values(failure, startup, fund)
        key = {Gate.STAGE: "stage_earlier", Gate.TICKET: "ticket_less"}.get(gate, gate)
        if failure.distance is None or failure.distance > 0:
            key = gate
        return f"{self.say('failure', gate, **values)}; {self.say('change', key, **values)}"

    def _failure_values(self, failure: GateFailure, startup: Startup, fund: Fund) -> dict[str, str]:
        gate, distance = failure.gate, failure.distance or 0.0
        if gate is Gate.TICKET:
            ask, change = self.money(startup.raising_usd), self.money(abs(distance))
            low, high = self.money(fund.ticket_min_usd), self.money(fund.ticket_max_usd)
            return {"asked": ask, "low": low, "high": high, "change": change}
        if gate is Gate.STAGE:
            steps = abs(int(distance))
            said = self.say("text", "steps_one") if steps == 1 else self.say("text", "steps_many", n=steps)
            return {"asked": self.term(startup.stage), "allowed": self.stages(fund.stages), "steps": said}
        if gate is Gate.COUNTRY:
            allowed = self.names(map(self.country, sorted(fund.countries)))
            return {"asked": self.country(startup.country), "allowed": allowed}
        if gate in {Gate.ALREADY_INTRODUCED, Gate.COOLING_DOWN}:
            return {"since": self.day(failure.since), "until": self.day(failure.until)}
        if gate is Gate.AT_CAPACITY:
            return {"taken": str(failure.taken), "cap": str(fund.monthly_capacity)}
        deals = ", ".join(map(self._bare_deal, failure.deals))
        parts = sorted(fund.excluded_subsectors & startup.subsectors)
        excluded = self.terms([*sorted(fund.excluded_sectors & startup.sectors), *parts])
        return {"status": self.term(fund.status), "names": excluded, "deals": deals}

    def _bare_deal(self, deal: Deal) -> str:
        stage = f"{self.term(deal.stage)} " if deal.stage else ""
        return stage + self.announced(deal)
