"""What shortlists, verdicts and suggestions look like on the wire: `api.answers` makes the values."""

from typing import Any

from pydantic import BaseModel, Field

Plain = dict[str, Any]


class DealShown(BaseModel):
    """A deal of the fund that speaks for it; `announced_on` may be a year or a month alone."""

    startup_id: str
    fund_id: str
    announced_on: str | None
    stage: str | None
    source: str | None
    company: str


class SentenceShown(BaseModel):
    """A sentence of the fund's thesis that is close to the profile."""

    text: str
    language: str
    similarity: float


class ReasonShown(BaseModel):
    """What speaks for the fund (`contribution` above 0) or against it."""

    code: str = Field(examples=["sector"])
    contribution: float
    text: str
    n: int
    of: int
    declared: bool | None
    deals: list[DealShown]
    sentences: list[SentenceShown]


class CautionShown(BaseModel):
    """What to check before an introduction."""

    code: str = Field(examples=["no_deal_known"])
    text: str
    of: int
    last: str | None
    gates: list[str]


class RankShown(BaseModel):
    """A place on a list; `probability` is of `event`, null where there is not enough history."""

    rank: int = Field(ge=1)
    fund_id: str
    fund: str
    score: float
    band: str = Field(examples=["strong"])
    event: str = Field(examples=["invests"])
    probability: float | None
    low: float | None
    high: float | None


class SuggestionShown(RankShown):
    """A fund that is suggested, with what a person needs to check it."""

    reasons: list[ReasonShown]
    cautions: list[CautionShown]


class FailureShown(BaseModel):
    """A rule that keeps the fund out; `text` ends with the smallest change that clears it."""

    code: str = Field(examples=["ticket"])
    text: str
    distance: float | None
    since: str | None
    until: str | None
    deals: list[Plain]


class NearMissShown(BaseModel):
    """A fund that one rule alone keeps out."""

    fund_id: str
    fund: str
    score: float
    failure: FailureShown


class ShortlistShown(BaseModel):
    """Suggested funds, best first. Made by a program: a person decides about every introduction."""

    startup_id: str | None
    startup: str
    sectors: list[str]
    sectors_read: bool
    as_of: str
    ranker: str
    considered: int
    eligible: int
    gated: dict[str, int]
    near_misses: list[NearMissShown]
    suggestions: list[SuggestionShown]


class ProspectShown(SuggestionShown):
    """A startup that could be introduced to the fund; `rank` is the fund's place on its own list."""

    startup_id: str
    startup: str


class ProspectsShown(BaseModel):
    """Startups for a fund, best first. Made by a program: a person decides about every introduction."""

    fund_id: str
    fund: str
    as_of: str
    ranker: str
    considered: int
    eligible: int
    gated: dict[str, int]
    startups: list[ProspectShown]


class VerdictShown(BaseModel):
    """Why a fund is suggested, or what keeps it out (`failures`)."""

    startup_id: str
    startup: str
    as_of: str
    ranker: str
    fund_id: str
    fund: str
    failures: list[FailureShown]
    unknown: list[str]
    overrides: list[Plain]
    ranked: RankShown | None
    of: int
    reasons: list[ReasonShown]
    cautions: list[CautionShown]


class ToldReason(BaseModel):
    """A reason as a startup sees it."""

    code: str
    text: str


class Suggested(BaseModel):
    """A fund that might fit, as a startup sees it."""

    fund_id: str
    fund: str
    reasons: list[ToldReason]


class Gap(BaseModel):
    """Something the profile does not say, or says in words that are not understood."""

    field: str
    text: str


class SuggestionsShown(BaseModel):
    """Funds that might fit, best first, and what is missing in the profile; `notice` says who made this."""

    notice: str
    as_of: str
    suggestions: list[Suggested]
    gaps: list[Gap]
