"""Read the sectors of a profile that names none from its text, by the companies that are told alike."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from matching.market import Market
from matching.records import Startup
from matching.vocabulary import Sector

SHARPNESS = 100.0
"""Gain of one unit of cosine: the nearest handful of companies decide."""

CERTAIN = 0.4
"""Share of the neighbours' weight a sector needs. On data/vietnam, each startup left out in turn, 86 % of
the sectors read this way are among the startup's own, and 61 % of its own are read."""


def with_sectors(startup: Startup, text: npt.NDArray[np.float32], market: Market) -> Startup:
    """Return the startup with sectors read from its unit text vector, shape (text width,).

    A startup that names sectors, or has no text, is returned as it is. What is read is a guess: it
    may move the ranking, never a gate.
    """
    if startup.sectors or not text.any() or not len(market.companies):
        return startup
    others = np.array(market.company_texts.any(axis=1))
    if (own := market.company_row.get(startup.startup_id)) is not None:
        others[own] = False
    if not others.any():
        return startup
    cosines = (market.company_texts * text).sum(axis=1, dtype=np.float64)
    weights = np.where(others, np.exp(SHARPNESS * (cosines - cosines[others].max())), 0.0)
    shares = [
        weights[market.company_sectors >> bit & 1 == 1].sum() / weights.sum() for bit in range(len(Sector))
    ]
    read = frozenset(sector for sector, share in zip(Sector, shares, strict=True) if share >= CERTAIN)
    return replace(startup, sectors=read)
