"""The chance that an investor accepts an introduction: what was learned of it, free of any Market."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from matching.chances import Chance
from matching.errors import BadValue
from matching.market import Floats, Ints, Market
from matching.vocabulary import Band, Outcome, Rung
from models.acceptance_trees import Trees
from models.artefact import Artefact
from models.calibration import Sigmoid
from models.exposure import Exposure
from models.over_market import OverMarket
from models.pair_columns import COLUMNS, PairSeen, PairView, by_reason

KIND = "acceptance"
FAR = 2.0
"""A pair whose log odds are this much less sure than those of any pair learned from has no chance told."""


_LEARNED_FROM = [f"{column.name} ({column.unit})" for column in COLUMNS]


class Odds(Protocol):
    """A model of the log odds of a yes."""

    def odds(self, matrix: Floats) -> Floats:
        """Tell log odds from COLUMNS, shape (n, len(COLUMNS)) to (n,); NaN is unknown."""

    def parts(self, matrix: Floats) -> Floats:
        """Tell what each column adds to them, shape (n, len(COLUMNS))."""


def with_constant(matrix: Floats) -> Floats:
    """Add a column of ones and fill what is unknown with 0, shape (n, len(COLUMNS) + 1)."""
    return np.hstack([np.nan_to_num(matrix), np.ones((len(matrix), 1))])


@dataclass(frozen=True, eq=False)
class Linear:
    """Log odds that are linear in the columns; an unknown one adds nothing.

    Attributes
    ----------
    weights : of COLUMNS, shape (len(COLUMNS),).
    intercept : log odds where every column is 0.
    covariance : of (weights, intercept), shape (len(COLUMNS) + 1, len(COLUMNS) + 1).
    """

    weights: Floats
    intercept: float
    covariance: Floats

    def odds(self, matrix: Floats) -> Floats:
        """Tell log odds, shape (n,)."""
        found: Floats = self.parts(matrix).sum(axis=1) + self.intercept
        return found

    def parts(self, matrix: Floats) -> Floats:
        """Tell what each column adds, shape (n, len(COLUMNS))."""
        found: Floats = np.nan_to_num(matrix) * self.weights
        return found

    def variances(self, matrix: Floats) -> Floats:
        """Tell how unsure the log odds are, shape (n,)."""
        design = with_constant(matrix)
        found: Floats = ((design @ self.covariance) * design).sum(axis=1)
        return found


@dataclass(frozen=True, eq=False)
class Acceptance:
    """A ranker for introductions, to be put beside a Market.

    Attributes
    ----------
    rung : which of its models ranks.
    linear : tells how far a pair is from what was learned, whichever ranks.
    exposure : tells how unlike a pair is to those introduced.
    farthest : the greatest variance of `linear` among the pairs learned from.
    sigmoid : makes chances of the log odds.
    base_rate : the share of introductions that were accepted where the sigmoid was fitted.
    trial : how the rung was chosen, in plain values.
    release : id of the release it was read from.
    """

    rung: Rung
    linear: Linear
    trees: Trees | None
    exposure: Exposure
    farthest: float
    sigmoid: Sigmoid
    base_rate: float
    trial: Mapping[str, Any]
    release: str = ""

    @property
    def name(self) -> str:
        """What it is about, the rung it stands on, and the release."""
        return f"{KIND} {self.rung} {self.release}".strip()

    @property
    def taught(self) -> bool:
        """Whether its forecasts were better than the prior's."""
        return any(step["rung"] == Rung.LOGISTIC and step["better"] for step in self.trial["steps"])

    @property
    def model(self) -> Odds:
        """The model that ranks."""
        return self.linear if self.trees is None else self.trees

    def on(self, market: Market) -> OverMarket:
        """Put it beside a Market, whose answers it learns."""
        view = PairView.of(market)
        return OverMarket(self, lambda pairs: AcceptanceRanking(self, view.beside(pairs)), Outcome.ACCEPTS)

    def odds(self, matrix: Floats) -> Floats:
        """Tell log odds from COLUMNS, shape (n, len(COLUMNS)) to (n,)."""
        if self.trees is not None:  # grown without the offset
            return self.trees.odds(matrix)
        return self.linear.odds(matrix) + self.exposure.offset(matrix)

    def told(self, matrix: Floats) -> list[Chance | None]:
        """Tell chances from COLUMNS, shape (n, len(COLUMNS)).

        None for a pair far from all learned from, and for one unlike all that were introduced.
        """
        odds, variances = self.odds(matrix), self.linear.variances(matrix)
        chances = self.sigmoid.chances(odds).tolist()
        lows, highs = self.sigmoid.intervals(odds, variances).T.tolist()
        near = (variances <= FAR * self.farthest) & (self.exposure.odds(matrix) >= self.exposure.least)
        cells = zip(chances, lows, highs, near.tolist(), strict=True)
        return [Chance(chance, low, high) if known else None for chance, low, high, known in cells]

    def to_artefact(self) -> Artefact:
        """Write it down."""
        return Artefact(
            KIND,
            {
                "columns": _LEARNED_FROM,
                "rung": self.rung,
                "intercept": self.linear.intercept,
                "farthest": self.farthest,
                "sigmoid": self.sigmoid.to_plain(),
                "base_rate": self.base_rate,
                "trial": self.trial,
                "exposure": self.exposure.to_plain(),
            },
            {
                "weights": self.linear.weights,
                "covariance": self.linear.covariance,
                "exposure": self.exposure.weights,
            },
            {} if self.trees is None else {"trees": self.trees.text},
        )

    @classmethod
    def from_artefact(cls, artefact: Artefact) -> "Acceptance":
        """Read what `to_artefact` wrote.

        Raises
        ------
        BadValue
            If it was learned from other columns than those of this version.
        """
        settings: Mapping[str, Any] = artefact.settings
        if settings["columns"] != _LEARNED_FROM:
            raise BadValue(", ".join(_LEARNED_FROM), ", ".join(settings["columns"]), "columns")
        trees, arrays = artefact.texts.get("trees"), artefact.arrays
        return cls(
            rung=Rung(settings["rung"]),
            linear=Linear(arrays["weights"], float(settings["intercept"]), arrays["covariance"]),
            trees=None if trees is None else Trees(trees),
            exposure=Exposure.from_plain(settings["exposure"], arrays["exposure"]),
            farthest=float(settings["farthest"]),
            sigmoid=Sigmoid.from_plain(settings["sigmoid"]),
            base_rate=float(settings["base_rate"]),
            trial=settings["trial"],
        )


@dataclass(frozen=True)
class AcceptanceRanking:
    """The funds beside one startup, by the odds that they accept an introduction to it."""

    trained: Acceptance
    seen: PairSeen

    def scores(self, rows: Ints) -> Floats:
        """Tell log odds, shape (len(rows),)."""
        return self.trained.odds(self.seen.matrix(rows))

    def contributions(self, rows: Ints) -> Floats:
        """Tell what the columns of each feature add to the log odds, shape (len(rows), len(Feature))."""
        return by_reason(self.trained.model.parts(self.seen.matrix(rows)))

    def chances(self, rows: Ints, scores: Floats) -> list[Chance | None]:
        """Tell calibrated chances; None for a pair far from all that was learned from."""
        return self.trained.told(self.seen.matrix(rows))

    def bands(self, scores: Floats, shown: Ints) -> list[Band]:
        """Compare with the share of all introductions that are accepted: surely above it is strong."""
        sigmoid, base = self.trained.sigmoid, self.trained.base_rate
        return [
            Band.STRONG if low > base else Band.LOW if high < base else Band.MEDIUM
            for low, high in sigmoid.intervals(scores[shown]).tolist()
        ]
