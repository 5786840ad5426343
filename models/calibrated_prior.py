"""The prior with chances: its order is set by hand, what a place in it means is learned."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scipy.special import logsumexp

from matching.chances import Chance
from matching.market import Floats, Ints, Market
from matching.pairs import Pairs
from matching.rank import PriorRanker, PriorRanking
from matching.vocabulary import Band, Outcome, Rung
from models.artefact import Artefact
from models.calibration import Sigmoid


@dataclass(frozen=True)
class CalibratedPrior:
    """The prior, and what its scores have meant.

    Attributes
    ----------
    sigmoid : makes chances of a fund's log share of all scores; None is "not enough history".
    release : id of the release it was read from.
    """

    sigmoid: Sigmoid | None = None
    release: str = ""

    @property
    def name(self) -> str:
        """The prior's name, and the release."""
        return f"{PriorRanker().name} {self.release}".strip()

    def on(self, market: Market) -> "CalibratedPriorRanker":
        """Put the ranker over a Market, of which it learns nothing."""
        return CalibratedPriorRanker(self.sigmoid, self.name)

    def to_artefact(self) -> Artefact:
        """Write it down."""
        return Artefact(Rung.PRIOR.value, {"chances": self.sigmoid.to_plain() if self.sigmoid else None})

    @classmethod
    def from_artefact(cls, artefact: Artefact) -> "CalibratedPrior":
        """Read what `to_artefact` wrote."""
        told = artefact.settings["chances"]
        return cls(Sigmoid.from_plain(told) if isinstance(told, dict) else None)


@dataclass(frozen=True)
class CalibratedPriorRanker:
    """The prior with chances over any Market."""

    sigmoid: Sigmoid | None
    name: str
    outcome: Outcome = Outcome.INVESTS

    def beside(self, pairs: Pairs) -> "CalibratedPriorRanking":
        """Look at the funds beside a startup."""
        return CalibratedPriorRanking(self.sigmoid, PriorRanker().beside(pairs))


@dataclass(frozen=True)
class CalibratedPriorRanking:
    """The prior with chances beside one startup."""

    sigmoid: Sigmoid | None
    prior: PriorRanking

    def scores(self, rows: Ints) -> Floats:
        """Give the logs of the funds' shares of the softmax over all eligible ones, shape (len(rows),)."""
        return self.prior.scores(rows) - self._whole

    def contributions(self, rows: Ints) -> Floats:
        """Split the prior's scores by feature, shape (len(rows), len(Feature))."""
        return self.prior.contributions(rows)

    def chances(self, rows: Ints, scores: Floats) -> Sequence[Chance | None]:
        """Tell the chance that a fund invests."""
        return [None] * len(rows) if self.sigmoid is None else self.sigmoid.told(scores)

    def bands(self, scores: Floats, shown: Ints) -> list[Band]:
        """Cut the shares, as the prior does."""
        return self.prior.bands(scores, shown)

    @cached_property
    def _whole(self) -> float:
        eligible = self.prior.pairs.eligible
        return float(logsumexp(self.prior.scores(eligible))) if len(eligible) else 0.0
