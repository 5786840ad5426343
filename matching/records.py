"""What the core is told about the world: startups, funds, the deals and introductions between them."""

from dataclasses import dataclass
from datetime import date

from matching.text import normalise, sentences
from matching.vocabulary import (
    BusinessModel,
    FundStatus,
    FundType,
    Gate,
    Instrument,
    IntroductionStatus,
    Language,
    PassReason,
    Sector,
    Stage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """A startup's profile as it was known on some date. None, "" and an empty set mean unknown.

    Attributes
    ----------
    subsectors : codes of the second level of the taxonomy, each within one of `sectors`.
    tags : the sectors in the words they were given in.
    country : ISO 3166 alpha-2.
    city : as it was written.
    place : key of the city, alike for every spelling; of a city in Vietnam, its province.
    stage_told : the stage in the word it was given in, in small letters, also where no Stage is meant by it.
    raising_usd : the size of the round it asks for, US dollars.
    exclusions : ids of funds it does not want to meet, and of startups it competes with.
    not_understood : names of the fields of which a part could not be mapped to the vocabulary.
    """

    startup_id: str = ""
    name: str = ""
    description: str = ""
    description_vi: str = ""
    sectors: frozenset[Sector] = frozenset()
    subsectors: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()
    business_model: BusinessModel | None = None
    country: str | None = None
    city: str = ""
    place: str = ""
    stage: Stage | None = None
    stage_told: str = ""
    founded_on: date | None = None
    first_seen_on: date | None = None
    raising_usd: float | None = None
    instrument: Instrument | None = None
    exclusions: frozenset[str] = frozenset()
    opted_out: bool = False
    not_understood: frozenset[str] = frozenset()

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts to embed, one a language; without a description, the tags stand in."""
        told = tuple(text for text in map(normalise, (self.description, self.description_vi)) if text)
        return told or tuple(filter(None, (normalise("; ".join(self.tags)),)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a fund's thesis."""

    text: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """A fund as it was known on some date. None, "" and an empty set mean unknown.

    Attributes
    ----------
    subsectors, excluded_subsectors : codes of the second level of the taxonomy.
    partly_excluded : the sectors that `excluded_subsectors` are parts of.
    countries : ISO 3166 alpha-2 codes it invests in; regions are spelled out.
    ticket_min_usd, ticket_max_usd : the range of its cheques, US dollars.
    monthly_capacity : introductions it takes in a month.
    not_understood : names of the fields of which a part could not be mapped to the vocabulary;
        such a field can never keep a startup out, save by a sector that it surely excludes.
    """

    fund_id: str
    name: str = ""
    type: FundType | None = None
    thesis: str = ""
    thesis_vi: str = ""
    stages: frozenset[Stage] = frozenset()
    sectors: frozenset[Sector] = frozenset()
    subsectors: frozenset[str] = frozenset()
    excluded_sectors: frozenset[Sector] = frozenset()
    excluded_subsectors: frozenset[str] = frozenset()
    partly_excluded: frozenset[Sector] = frozenset()
    countries: frozenset[str] = frozenset()
    ticket_min_usd: float | None = None
    ticket_max_usd: float | None = None
    status: FundStatus | None = None
    monthly_capacity: int | None = None
    hq_country: str | None = None
    verified_on: date | None = None
    not_understood: frozenset[str] = frozenset()

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The thesis sentence by sentence, English first."""
        told = ((self.thesis, Language.EN), (self.thesis_vi, Language.VI))
        return tuple(
            Sentence(text=text, language=language) for thesis, language in told for text in sentences(thesis)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """An investment of a fund in a startup.

    Attributes
    ----------
    announced_on : last day of the period it is dated by; None where nobody knows.
    announced : the date as it is written (2021, 2021-03 or 2021-03-31): what may be said of it.
    """

    startup_id: str
    fund_id: str
    announced_on: date | None = None
    announced: str = ""
    stage: Stage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionEvent:
    """A step of an introduction.

    Attributes
    ----------
    at : last day of the period it is dated by.
    reason : why the investor passed, where that is told and understood.
    """

    status: IntroductionStatus
    at: date
    reason: PassReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """A startup brought to a fund, and what came of it.

    Attributes
    ----------
    opened_on : last day of the period it is dated by; None where nobody knows.
    events : in the order of time.
    """

    introduction_id: str
    startup_id: str
    fund_id: str
    opened_on: date | None = None
    events: tuple[IntroductionEvent, ...] = ()

    @property
    def known_from(self) -> date | None:
        """The day it was opened, else that of its first event."""
        return self.opened_on or (self.events[0].at if self.events else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A person's decision that a gate shall not keep a fund off a startup's list.

    Attributes
    ----------
    decided_on : the day it was decided; it holds from the day after in anything asked as of a date.
    """

    startup_id: str
    fund_id: str
    gate: Gate
    reason: str
    decided_on: date
