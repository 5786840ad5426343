"""All features of a fund beside a startup: what the learned rankers are trained on and serve from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from matching.market import Floats, Ints, Market
from matching.pairs import Pairs
from matching.vocabulary import PLAIN_FEATURES, Feature
from models.features import activity, asking, channels, habits, tracks
from models.features.channels import Channels, Scores
from models.features.columns import Column
from models.features.lenses import Lenses, Weights
from models.features.portfolios import Portfolios
from models.features.tracks import Scale

POOL = 400
"""Candidates that are ranked by all features; the others follow by the channels alone."""

PLAIN = tuple(
    Column(feature.value, "see matching.features", feature, direction=1) for feature in PLAIN_FEATURES
)
AT_HOME = Column("at_home", "yes or no", Feature.COUNTRY, direction=1, missing="either country unknown")
AGE_GAP = Column("age_gap", "years", Feature.STAGE, missing="founding unknown")
COLUMNS = (
    *PLAIN,
    *channels.COLUMNS,
    *tracks.COLUMNS,
    *activity.COLUMNS,
    *habits.COLUMNS,
    AT_HOME,
    AGE_GAP,
    *asking.COLUMNS,
)

_COMPANY_AGE = [column.name for column in habits.COLUMNS].index("company_age")

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class DealView:
    """One Market seen through the deals made in it."""

    market: Market
    lenses: Lenses
    portfolios: Portfolios
    channels: Channels
    activity: Floats
    habits: Floats
    home: npt.NDArray[np.str_]
    best: int = POOL
    width: int = len(COLUMNS)

    @classmethod
    def of(cls, market: Market) -> Self:
        """Learn what the lenses and channels need."""
        portfolios = Portfolios.of(market)
        found = Channels.of(market, portfolios)
        return cls(
            market=market,
            lenses=Lenses.of(market),
            portfolios=portfolios,
            channels=found,
            activity=activity.activity(market),
            habits=habits.habits(market, found.together),
            home=np.array([fund.hq_country or "" for fund in market.funds.records], "U2"),
        )

    def beside(self, pairs: Pairs) -> "Seen":
        """Look at the funds beside a startup."""
        weights = self.lenses.weights(pairs.startup)
        return Seen(self, pairs, weights, self.channels.scores(weights, pairs.eligible))


@dataclass(frozen=True)
class Seen:
    """The funds beside one startup."""

    view: DealView
    pairs: Pairs
    weights: Weights
    scores: Scores

    @cached_property
    def pool(self) -> Ints:
        """The candidates, as rising rows."""
        return self.scores.best(self.view.best)

    def matrix(self, rows: Ints) -> Matrix:
        """Compute the features of funds, shape (len(rows), len(COLUMNS)); those of candidates once."""
        among = self._place[rows]
        if (among < 0).any():
            return self._matrix(rows)
        return np.asarray(self._candidates[among])

    @cached_property
    def _place(self) -> Ints:
        """The place of each fund among the candidates, -1 where it is none, shape (n_funds,)."""
        place = np.full(len(self.view.market.funds), -1)
        place[self.pool] = np.arange(len(self.pool))
        return place

    @cached_property
    def _scale(self) -> Scale:
        return Scale.of(self.weights, self.view.portfolios)

    @cached_property
    def _asking(self) -> Floats:
        kernel = self.scores.scores[0, self.pairs.eligible]
        return asking.asking(self.pairs, self.weights, self.view.portfolios, kernel)

    @cached_property
    def _candidates(self) -> Matrix:
        return self._matrix(self.pool)

    def _matrix(self, rows: Ints) -> Matrix:
        view = self.view
        blocks = (
            self.pairs.matrix(rows),
            self.scores.matrix(rows),
            tracks.tracks(self.weights, self._scale, view.portfolios.entries(rows)),
            view.activity[rows],
            view.habits[rows],
            self._at_home(rows),
            self._age_gap(rows),
            np.broadcast_to(self._asking, (len(rows), len(self._asking))),
        )
        return np.hstack(blocks).astype(np.float32)

    def _age_gap(self, rows: Ints) -> Floats:
        usual = self.view.habits[rows, _COMPANY_AGE]
        return np.asarray((asking.age(self.pairs) - usual)[:, None])

    def _at_home(self, rows: Ints) -> Floats:
        home, country = self.view.home[rows], self.pairs.startup.country
        known = (home != "") & (country is not None)
        return np.where(known, home == (country or "?"), np.nan)[:, None]
