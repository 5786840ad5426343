"""The protocols of a ranker, and the prior: hand-set weights that work with no outcome at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from matching.chances import Chance
from matching.market import Floats, Ints, Market
from matching.pairs import Pairs
from matching.vocabulary import PLAIN_FEATURES, Band, Feature, Outcome


class Ranking(Protocol):
    """A ranker beside one startup."""

    def scores(self, rows: Ints) -> Floats:
        """Score the funds `rows`, shape (len(rows),); higher is better, no probability.

        A fund's score is the same bits whichever other rows are asked for.
        """

    def contributions(self, rows: Ints) -> Floats:
        """Tell what each feature adds to the scores of `rows`, shape (len(rows), len(Feature))."""

    def chances(self, rows: Ints, scores: Floats) -> Sequence[Chance | None]:
        """Tell the chance of the outcome for the funds `rows`, whose scores these are; None is unknown."""

    def bands(self, scores: Floats, shown: Ints) -> list[Band]:
        """Tell how strong the evidence is for the funds at positions `shown` of all eligible ones."""


class Ranker(Protocol):
    """Orders the funds of one Market for any startup."""

    @property
    def name(self) -> str:
        """Identity of the ranker, shown with every suggestion."""

    @property
    def outcome(self) -> Outcome:
        """The event that its chances are about."""

    def beside(self, pairs: Pairs) -> Ranking:
        """Look at the funds beside a startup."""


class Trained(Protocol):
    """What was learned, or set by hand, of no Market yet."""

    @property
    def name(self) -> str:
        """Identity of what was learned."""

    def on(self, market: Market) -> Ranker:
        """Put it over a Market."""


_WEIGHTS: dict[Feature, float] = {
    Feature.THESIS: 0.6,
    Feature.PORTFOLIO: 1.0,
    Feature.SECTOR: 0.5,
    Feature.STAGE: 0.5,
    Feature.COUNTRY: 0.5,
    Feature.TICKET: 0.3,
    Feature.ACTIVITY: 0.1,
    Feature.POPULARITY: 0.1,
}
_BANDS = (Band.LOW, Band.MEDIUM, Band.STRONG)
STRONG_FROM = 0.12
MEDIUM_FROM = 0.04


@dataclass(frozen=True)
class PriorRanker:
    """A weighted sum of the features.

    The weights are set by hand; docs/decisions/0006-prior.md gives the measurements.
    """

    weights: Floats = field(
        default_factory=lambda: np.array([_WEIGHTS[feature] for feature in PLAIN_FEATURES])
    )
    name: str = "prior-1"
    outcome: Outcome = Outcome.INVESTS

    def on(self, market: Market) -> "PriorRanker":
        """Return itself: it learns nothing of a Market."""
        return self

    def beside(self, pairs: Pairs) -> "PriorRanking":
        """Look at the funds beside a startup."""
        return PriorRanking(pairs, self)

    def parts(self, matrix: Floats) -> Floats:
        """Weigh features, shape (n, len(PLAIN_FEATURES)); a row sums to its score."""
        parts: Floats = matrix * self.weights
        return parts


@dataclass(frozen=True)
class PriorRanking:
    """The prior beside one startup."""

    pairs: Pairs
    ranker: PriorRanker

    def scores(self, rows: Ints) -> Floats:
        """Score funds, shape (len(rows),)."""
        scores: Floats = self.ranker.parts(self.pairs.matrix(rows)).sum(axis=1)
        return scores

    def contributions(self, rows: Ints) -> Floats:
        """Split each score by feature, shape (len(rows), len(Feature)); the rows sum to the scores."""
        found = np.zeros((len(rows), len(Feature)))
        found[:, : len(PLAIN_FEATURES)] = self.ranker.parts(self.pairs.matrix(rows))
        return found

    def chances(self, rows: Ints, scores: Floats) -> Sequence[Chance | None]:
        """Tell none: nothing was learned."""
        return [None] * len(rows)

    def bands(self, scores: Floats, shown: Ints) -> list[Band]:
        """Cut what would be chances if the weights had been learned.

        The portfolio column is nearly the log of a kernel sum, so a fund's share of the softmax is close
        to its Nadaraya-Watson share of the market's deals with companies like this one; times the investors
        of a company it reads as a chance, and keeps its scale in markets of different size. It is not
        calibrated, which is why a band is all that is shown of it.
        """
        return bands(shares(scores, self.pairs.market)[shown])


def shares(scores: Floats, market: Market) -> Floats:
    """Return each score's share of the softmax times the investors that a backed company has on average."""
    if not len(scores):
        return scores
    share = np.exp(scores - scores.max())
    found: Floats = share * len(market.holdings.fund) / max(1, len(market.companies)) / share.sum()
    return found


def bands(chances: Floats) -> list[Band]:
    """Cut at STRONG_FROM and MEDIUM_FROM."""
    return [_BANDS[at] for at in np.searchsorted((MEDIUM_FROM, STRONG_FROM), chances, side="right")]
