"""What funds say of themselves: most say what they do, some say something else."""

from dataclasses import dataclass

import numpy as np

from data.synthetic.catalogue import ROUND_USD, STAGES, Bools, Floats, Ints
from data.synthetic.market import Funds
from data.synthetic.settings import MarketSettings
from matching.vocabulary import Sector

MOST_SECTORS = 3
NEAR = -1.5
"""Log weight from which a fund says that it invests in a sector; its main one has 0."""


@dataclass(frozen=True)
class Stated:
    """One entry a fund.

    Attributes
    ----------
    sectors : main one first, -1 for none, shape (n, MOST_SECTORS).
    excluded : a sector it says it leaves alone, -1 for none.
    low, stage, high : first, preferred and last stage, positions in STAGES.
    ticket_min, ticket_max : US dollars, of whole rounds.
    off : whether it says something else than it does.
    """

    sectors: Ints
    excluded: Ints
    low: Ints
    stage: Ints
    high: Ints
    ticket_min: Floats
    ticket_max: Floats
    off: Bools


def state(settings: MarketSettings, funds: Funds, rng: np.random.Generator) -> Stated:
    """Draw what every fund says."""
    n = len(funds.city)
    liking = funds.sector_taste[0]  # said when the fund is new: one that turns does not say so
    off = rng.random(n) < settings.share_off_thesis
    stage = np.argmax(funds.stage_taste, axis=1)
    near = funds.stage_taste >= -1.0
    near[np.arange(n), stage] = True
    low, high = np.argmax(near, axis=1), len(STAGES) - 1 - np.argmax(near[:, ::-1], axis=1)
    moved = np.where(off, rng.integers(-1, 2, n), 0)
    low, stage, high = (np.clip(level + moved, 0, len(STAGES) - 1) for level in (low, stage, high))
    wide = np.where(off, 1.5, 4.0)
    sectors = _sectors(liking, off, rng)
    return Stated(
        sectors=sectors,
        excluded=_excluded(liking, sectors, rng),
        low=low,
        stage=stage,
        high=high,
        ticket_min=two_digits(ROUND_USD[low] / wide),
        ticket_max=two_digits(ROUND_USD[high] * wide),
        off=off,
    )


def _sectors(taste: Floats, off: Bools, rng: np.random.Generator) -> Ints:
    """Name the best-liked sectors; funds that say something else name others behind the first, or instead."""
    n = len(off)
    order = np.argsort(-taste, axis=1, kind="stable")[:, :MOST_SECTORS]
    liked = np.take_along_axis(taste, order, axis=1) >= NEAR
    told = np.where(
        liked & (np.arange(MOST_SECTORS) < rng.integers(1, MOST_SECTORS + 1, n)[:, None]), order, -1
    )
    other = rng.integers(0, len(Sector), (n, MOST_SECTORS))
    other[:, 0] = np.where(rng.random(n) < 0.5, told[:, 0], other[:, 0])
    return np.where(off[:, None] & ((told >= 0) | (np.arange(MOST_SECTORS) == 0)), other, told)


def _excluded(taste: Floats, told: Ints, rng: np.random.Generator) -> Ints:
    n = len(taste)
    sector = rng.integers(0, len(Sector), n)
    far = taste[np.arange(n), sector] <= -3
    far &= (told != sector[:, None]).all(axis=1)
    return np.where((rng.random(n) < 0.2) & far, sector, -1)


def two_digits(amounts: Floats) -> Floats:
    """Round amounts to two digits that count.

    >>> two_digits(np.array([123_456.0, 87.0]))
    array([1.2e+05, 8.7e+01])
    """
    unit = 10.0 ** (np.floor(np.log10(amounts)) - 1)
    found: Floats = np.round(amounts / unit) * unit
    return found
