"""Channels: cheap ways to score all funds, of which each finds investors that the others miss."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Self

import numpy as np
from scipy import sparse

from matching.market import Floats, Ints, Market
from matching.vocabulary import Feature
from models.baselines.neighbours import only_nearest
from models.features.columns import Column
from models.features.lenses import Lens, Weights
from models.features.portfolios import Portfolios

NEAREST = {"kernel": 1_000, "wide": 4_000}
ANYWHERE, COUNTRY, CITY = 0.002, 0.3, 10.0
"""What a past company weighs by region and sector, see `models.baselines.region_sector`."""

DEPTH = 1_000
"""Places of a channel that are told apart."""

OFFSET = 60
"""Of reciprocal rank fusion (Cormack, Clarke and Buettcher 2009), its usual value."""

TINY = 1e-9


class Channel(StrEnum):
    """A way to score all funds; the order fixes the rows of scores.

    `KERNEL`, `WIDE`, `RIDGE`: the lens of that name. `REGION`: deals in the same country and sector, or city.
    `SYNDICATE`: funds that those the kernel finds invest with.
    `PARTNERS`: what the kernel gives to the funds that a fund invests with, on average.
    """

    KERNEL = "kernel"
    WIDE = "wide"
    RIDGE = "ridge"
    REGION = "region"
    SYNDICATE = "syndicate"
    PARTNERS = "partners"


FUSED = np.array([channel not in {Channel.REGION, Channel.PARTNERS} for channel in Channel])
"""Channels that choose candidates."""

COLUMNS = tuple(
    Column(f"{channel}_{what}", unit, Feature.PORTFOLIO, direction=direction)
    for channel in Channel
    for what, unit, direction in (
        ("gap", "log of a ratio to the best", 1),
        ("place", "log of a place", -1),
        ("share", "log of a share, 0 where nobody has any", 1),
    )
)


@dataclass(frozen=True)
class Scores:
    """The scores of all channels for one startup.

    Attributes
    ----------
    scores : shape (len(Channel), n_funds).
    eligible : rows of the funds that a place is counted among.
    place : 1 is the best of the eligible ones, at most DEPTH, same shape.
    """

    scores: Floats
    eligible: Ints
    place: Floats

    def best(self, n: int) -> Ints:
        """Choose the `n` eligible funds that reciprocal rank fusion puts first, with all that tie."""
        if len(self.eligible) <= n:
            return self.eligible
        fused = self.fused[self.eligible]
        return np.asarray(self.eligible[fused >= np.partition(fused, -n)[-n]])

    @cached_property
    def fused(self) -> Floats:
        """The sums of the reciprocal places of all funds, shape (n_funds,)."""
        return np.asarray((1 / (OFFSET + self.place[FUSED])).sum(axis=0))

    def matrix(self, rows: Ints) -> Floats:
        """Compute the columns of funds, shape (len(rows), len(COLUMNS))."""
        told = np.log(np.maximum(self.scores[:, rows], 0) + TINY)
        best, every = self._best_and_sum
        columns = np.stack([told - best, np.log(self.place[:, rows]), told - every], axis=1)
        return columns.reshape(len(COLUMNS), len(rows)).T

    @cached_property
    def _best_and_sum(self) -> tuple[Floats, Floats]:
        """The logs of the best score of each channel and of their sum, shape (len(Channel), 1) each."""
        of = np.maximum(self.scores[:, self.eligible], 0)
        return np.log(of.max(axis=1, initial=0.0, keepdims=True) + TINY), np.log(
            of.sum(axis=1, keepdims=True) + TINY
        )


@dataclass(frozen=True)
class Channels:
    """What the channels need of one Market.

    Attributes
    ----------
    together : in row f, column g the share of g's companies that f backed too, shape (n_funds, n_funds).
    """

    portfolios: Portfolios
    together: sparse.csr_array

    @classmethod
    def of(cls, market: Market, portfolios: Portfolios) -> Self:
        """Count who invests with whom."""
        return cls(portfolios, co_investment(market))

    def scores(self, weights: Weights, eligible: Ints) -> Scores:
        """Score all funds; `weights` are those of the lenses, shape (len(Lens), n_companies)."""
        by_lens = dict(zip(Lens, weights, strict=True))
        like = np.stack(
            [
                only_nearest(by_lens[Lens.KERNEL][None], NEAREST["kernel"])[0],
                only_nearest(by_lens[Lens.WIDE][None], NEAREST["wide"])[0],
                by_lens[Lens.RIDGE],
                ANYWHERE
                + COUNTRY * by_lens[Lens.COUNTRY]
                + by_lens[Lens.COUNTRY_TAG]
                + CITY * by_lens[Lens.CITY_TAG],
            ]
        )
        scores = np.asarray((self.portfolios.lasting @ like.T).T, np.float64)
        scores = np.vstack([scores, self.together @ scores[0], self.together.T @ scores[0]])
        return Scores(scores, eligible, _places(scores, eligible))


def co_investment(market: Market) -> sparse.csr_array:
    """Return in row f, column g the share of g's companies that f backed too, shape (n_funds, n_funds)."""
    held = market.holdings
    shape = (len(market.companies), len(market.funds))
    backed = sparse.csr_array((np.ones(len(held.fund)), (held.company, held.fund)), shape=shape)
    both = sparse.csr_array(backed.T @ backed)
    both.setdiag(0)
    both.eliminate_zeros()
    n = np.maximum(np.bincount(held.fund, minlength=len(market.funds)), 1)
    return sparse.csr_array(both @ sparse.diags_array(1 / n))


def _places(scores: Floats, eligible: Ints) -> Floats:
    """Count the eligible funds with a higher score, up to DEPTH, and 1: equal scores share a place."""
    place = np.full(scores.shape, float(DEPTH))
    for row, mine in zip(place, scores, strict=True):
        among = mine[eligible]
        if len(among) > DEPTH:
            among = np.partition(among, -DEPTH)[-DEPTH:]
        among = np.sort(among)
        told = np.flatnonzero(mine >= among[0]) if len(among) else np.zeros(0, np.int64)
        row[told] = np.minimum(1 + len(among) - np.searchsorted(among, mine[told], side="right"), DEPTH)
    return place
