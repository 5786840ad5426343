"""What a synthetic market is drawn from; equal settings give equal files."""

import math
from dataclasses import dataclass, field, fields

from matching.errors import BadValue

MIN_SIZE = 10
MAX_SIZE = 1_000_000


@dataclass(frozen=True, slots=True)
class Missing:
    """Share of empty cells by column; those of a Crunchbase export where it has the column.

    Its export holds descriptions of 8 % of startups and no thesis: here texts are what is to be tested.
    """

    description: float = 0.10
    description_vi: float = 0.25
    sectors: float = 0.025
    country: float = 0.06
    city: float = 0.08
    stage: float = 0.43
    founded_on: float = 0.23
    raising_usd: float = 0.40
    thesis: float = 0.50
    thesis_vi: float = 0.60
    declared: float = 0.40
    hq_country: float = 0.40
    verified_on: float = 0.50
    round: float = 0.33
    amount_usd: float = 0.10


@dataclass(frozen=True, slots=True)
class MarketSettings:
    """All that a synthetic market depends on.

    Attributes
    ----------
    first_year, last_year : deals fall into these years, both included.
    share_vietnamese : share of startups in Vietnam; the others are elsewhere in Southeast Asia.
    deals_per_startup : places in the rounds of a funded startup, follow-ons included; 3 % of them stay
        empty, of 10 and more up to 10 %. Above the default, rounds and syndicates grow, and their shapes
        are no longer those of Crunchbase.
    share_never_funded : startups without a deal.
    share_quiet : funds without a deal.
    growth : yearly growth of the number of first rounds.
    share_off_thesis : funds whose stated sectors, stages and ticket are partly not those they invest by.
    follow_on : chance that a place in a later round goes to an investor of an earlier one.
    circle : chance that a place beside the lead goes to a fund of the lead's circle of co-investors.
    closing : share of the funds older than a year and a half that close in a year.
    share_turning : funds that turn to another sector and other topics on a known day.
    n_introductions : at most so many; a market with few startups in the last years has fewer.
    introduction_years : introductions are opened in this many of the last years.
    base_acceptance : chance that an investor accepts at usual fit and quality and without load.
    congestion : log odds of an acceptance that a full load costs.
    position_bias : the chance of being picked falls with the rank shown to the power of this.
    silence : share without an answer of those not accepted, without load.

    Raises
    ------
    BadValue
        If a number is out of its range.
    """

    n_startups: int
    n_funds: int
    seed: int = 0
    first_year: int = 2010
    last_year: int = 2025
    share_vietnamese: float = 0.60
    deals_per_startup: float = 3.1
    share_never_funded: float = 0.15
    share_quiet: float = 0.10
    growth: float = 0.14
    share_off_thesis: float = 0.15
    follow_on: float = 0.25
    circle: float = 0.80
    closing: float = 0.03
    share_turning: float = 0.20
    n_introductions: int = 300
    introduction_years: int = 4
    base_acceptance: float = 0.30
    congestion: float = 1.5
    position_bias: float = 0.7
    silence: float = 0.40
    missing: Missing = field(default_factory=Missing)

    def __post_init__(self) -> None:
        for name in ("n_startups", "n_funds"):
            _require(name, getattr(self, name), MIN_SIZE, MAX_SIZE)
        _require("seed", self.seed, 0, 2**63 - 1)
        _require("first_year", self.first_year, 1970, 2100)
        _require("last_year", self.last_year, self.first_year, 2100)
        _require("deals_per_startup", self.deals_per_startup, 1.5, 30)
        _require("growth", self.growth, -0.5, 1)
        _require("closing", self.closing, 0, 0.5)
        _require("n_introductions", self.n_introductions, 0, MAX_SIZE)
        _require("introduction_years", self.introduction_years, 1, 100)
        _require("base_acceptance", self.base_acceptance, 0.01, 0.99)
        _require("congestion", self.congestion, 0, 10)
        _require("position_bias", self.position_bias, 0, 3)
        _require("silence", self.silence, 0.01, 0.99)
        for name in _SHARES:
            _require(name, getattr(self, name), 0, 1)
        for column in fields(self.missing):
            _require(f"missing.{column.name}", getattr(self.missing, column.name), 0, 1)


_SHARES = (
    "share_vietnamese",
    "share_never_funded",
    "share_quiet",
    "share_off_thesis",
    "follow_on",
    "circle",
    "share_turning",
)


def _require(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise BadValue(f"from {low:,} to {high:,}", value, name)
