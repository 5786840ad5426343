"""What the engine answers: ranked funds, shortlists, verdicts."""

from dataclasses import dataclass
from datetime import date

from matching.chances import Chance
from matching.explain import Caution, Reason
from matching.failures import GateFailure
from matching.records import Fund, Override, Startup
from matching.vocabulary import Band, Gate, Outcome


@dataclass(frozen=True)
class Ranked:
    """A fund's place on a list: what `batch` writes.

    Attributes
    ----------
    rank : 1 is shown first; the score never increases with it.
    chance : of `outcome`; None means not enough history.
    """

    fund_id: str
    rank: int
    score: float
    band: Band
    outcome: Outcome
    chance: Chance | None = None

    @property
    def probability(self) -> float | None:
        """The chance alone."""
        return self.chance.probability if self.chance else None


@dataclass(frozen=True)
class Suggestion:
    """A fund on a shortlist with what a person needs to check it."""

    ranked: Ranked
    fund: Fund
    reasons: tuple[Reason, ...]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class Prospect:
    """A startup that could be introduced to a fund, as it was matched, and the fund as its list shows it."""

    startup: Startup
    suggestion: Suggestion


@dataclass(frozen=True)
class NearMiss:
    """A fund that one gate alone keeps off the list, though its score would have put it there."""

    fund: Fund
    failure: GateFailure
    score: float


@dataclass(frozen=True)
class Shortlist:
    """Suggestions for one startup.

    Attributes
    ----------
    startup : as it was matched, with sectors read from its text where it names none (`sectors_read`).
    considered : funds in the market.
    eligible : funds that no gate keeps out.
    gated : how many of them each gate kept out (a fund may fail several).
    near_misses : funds to ask about, best first.
    """

    startup: Startup
    sectors_read: bool
    as_of: date
    ranker: str
    suggestions: tuple[Suggestion, ...]
    considered: int
    eligible: int
    gated: dict[Gate, int]
    near_misses: tuple[NearMiss, ...]


@dataclass(frozen=True)
class Verdict:
    """Why a fund is, or is not, on a startup's list.

    Attributes
    ----------
    failures : gates that keep it out; then it has no rank.
    ranked : its place among all `of` eligible funds, None where a gate keeps it out.
    unknown : gates that could not be told.
    overrides : gates that a person lifted for this pair, with the reason.
    """

    startup: Startup
    fund: Fund
    as_of: date
    ranker: str
    failures: tuple[GateFailure, ...]
    unknown: tuple[Gate, ...]
    overrides: tuple[Override, ...]
    ranked: Ranked | None
    of: int
    reasons: tuple[Reason, ...]
    cautions: tuple[Caution, ...]
