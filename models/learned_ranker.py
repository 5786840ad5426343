"""The learned ranker: a model over the candidates that the channels find, the other funds behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from matching.chances import Chance
from matching.errors import BadValue
from matching.market import Bools, Floats, Ints, Market
from matching.rank import bands, shares
from matching.vocabulary import Band, Feature, Outcome, Rung
from models.artefact import Artefact
from models.calibration import Sigmoid
from models.features.view import COLUMNS, DealView, Matrix, Seen
from models.forest import Forest
from models.linear import Linear, OneColumn
from models.over_market import OverMarket

BEHIND = -1e3
"""Score of a fund that the model is not asked about; its answers are log odds, which are never so low."""


class Model(Protocol):
    """What turns features into scores."""

    def scores(self, matrix: Matrix) -> Floats:
        """Score rows, shape (n, len(COLUMNS)) to (n,)."""


@dataclass(frozen=True)
class Learned:
    """What was learned, of no Market yet.

    Attributes
    ----------
    rung : of the ladder.
    model : a `Forest` of `trees`, a `Linear` or `OneColumn`.
    sigmoid : makes chances of scores; None is "not enough history".
    trees : the text of the forest.
    release : id of the release it was read from.
    """

    rung: Rung
    model: Model
    sigmoid: Sigmoid | None = None
    trees: str = ""
    release: str = ""

    @classmethod
    def boosted(cls, trees: str) -> "Learned":
        """Take trees as LightGBM writes them."""
        return cls(Rung.BOOSTED, Forest.read(trees), trees=trees)

    @property
    def name(self) -> str:
        """The rung it stands on, and the release."""
        return f"{self.rung} {self.release}".strip()

    def on(self, market: Market) -> OverMarket:
        """Put the ranker over a Market."""
        view = DealView.of(market)
        return OverMarket(self, lambda pairs: LearnedRanking(self, view.beside(pairs)), Outcome.INVESTS)

    def to_artefact(self) -> Artefact:
        """Write it down."""
        settings = {
            "columns": [column.name for column in COLUMNS],
            "chances": self.sigmoid.to_plain() if self.sigmoid else None,
        }
        if isinstance(self.model, OneColumn):
            return Artefact(self.rung.value, {**settings, "column": self.model.name})
        if isinstance(self.model, Linear):
            arrays = {"mean": self.model.mean, "scale": self.model.scale, "weights": self.model.weights}
            return Artefact(self.rung.value, {**settings, "intercept": self.model.intercept}, arrays)
        return Artefact(self.rung.value, settings, texts={"trees": self.trees})

    @classmethod
    def from_artefact(cls, artefact: Artefact) -> "Learned":
        """Read what `to_artefact` wrote.

        Raises
        ------
        BadValue
            If it was learned from other features than this version computes.
        """
        told: Mapping[str, Any] = artefact.settings
        if told.get("columns") != [column.name for column in COLUMNS]:
            raise BadValue("trained by this version: run `ketnoi train`", "other features", "release")
        rung = Rung(artefact.kind)
        sigmoid = Sigmoid.from_plain(told["chances"]) if told["chances"] else None
        if rung is Rung.BOOSTED:
            trees = artefact.texts["trees"]
            return cls(rung, Forest.read(trees), sigmoid, trees)
        if rung is Rung.KERNEL:
            return cls(rung, OneColumn(told["column"]), sigmoid)
        mean, scale, weights = (artefact.arrays[name] for name in ("mean", "scale", "weights"))
        return cls(rung, Linear(mean, scale, weights, float(told["intercept"])), sigmoid)


@dataclass(frozen=True)
class LearnedRanking:
    """The learned ranker beside one startup."""

    trained: Learned
    seen: Seen

    def scores(self, rows: Ints) -> Floats:
        """Score funds, shape (len(rows),); those behind the candidates from BEHIND on."""
        fused = self.seen.scores.fused[rows]
        found = BEHIND + fused
        near = fused >= self._least
        found[near] = self.trained.model.scores(self.seen.matrix(rows[near]))
        return found

    def contributions(self, rows: Ints) -> Floats:
        """Tell how much lower a score were, had the fund the candidates' usual features of a family.

        Shape (len(rows), len(Feature)). Each family is set to its median by itself, so they need not sum to
        the score: a cheap answer for the few funds shown, where Shapley values cost more than the ranking.
        """
        if not len(rows):
            return np.zeros((0, len(Feature)))
        matrix = self.seen.matrix(rows)
        variants = [matrix]
        for family in _FAMILIES:
            changed = matrix.copy()
            changed[:, family] = self._usual[family]
            variants.append(changed)
        scores = self.trained.model.scores(np.vstack(variants)).reshape(len(variants), len(rows))
        return np.asarray((scores[0] - scores[1:]).T)

    def chances(self, rows: Ints, scores: Floats) -> Sequence[Chance | None]:
        """Tell the chance that a fund invests; None for those behind the candidates."""
        sigmoid = self.trained.sigmoid
        if sigmoid is None:
            return [None] * len(rows)
        told = zip(sigmoid.told(scores), scores, strict=True)
        return [chance if score > BEHIND / 2 else None for chance, score in told]

    def bands(self, scores: Floats, shown: Ints) -> list[Band]:
        """Cut the chances; without them, what the prior cuts."""
        sigmoid = self.trained.sigmoid
        if sigmoid is None:
            return bands(shares(scores, self.seen.pairs.market)[shown])
        return bands(sigmoid.chances(scores[shown]))

    @cached_property
    def _least(self) -> float:
        """The fused score of the last candidate."""
        pool = self.seen.pool
        return float(self.seen.scores.fused[pool].min()) if len(pool) else np.inf

    @cached_property
    def _usual(self) -> Matrix:
        pool = self.seen.pool
        if not len(pool):  # nobody is eligible: the usual fund is that of the market
            pool = np.arange(len(self.seen.pairs.market.funds))
        unknown = np.full((len(COLUMNS), 1), np.nan, np.float32)
        ordered = np.sort(np.hstack([self.seen.matrix(pool).T, unknown]), axis=1)  # NaN is last
        known = np.count_nonzero(~np.isnan(ordered), axis=1)
        return np.asarray(ordered[np.arange(len(COLUMNS)), np.maximum(known - 1, 0) // 2])


def _columns_of(feature: Feature) -> Bools:
    return np.array([column.reason is feature for column in COLUMNS])


_FAMILIES = [_columns_of(feature) for feature in Feature]
