"""The plainest honest chance: how often the fund in that place invested, in earlier windows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matching.market import Floats
from models.judging import NOBODY, SHOWN, Judged

PRIOR_HITS = 1.0
"""Hits' worth of the mean over all places that each place starts with."""

ENOUGH_HITS = 30
"""Below so many hits in all, earlier windows say nothing: the chance stays unknown."""


def rank_rates(earlier: Sequence[Judged]) -> Floats:
    """Estimate the chance that the fund in each place invests, shape (SHOWN,); NaN without enough hits.

    All earlier queries count, those that no candidate invested in too. The rates never rise along the
    list: neighbours out of order are pooled (isotonic regression: Ayer et al. 1955).
    """
    shown = np.sum(
        [np.count_nonzero(j.shown != NOBODY, axis=0) for j in earlier] or [np.zeros(SHOWN)], axis=0
    )
    hits = np.sum([j.hit.sum(axis=0) for j in earlier] or [np.zeros(SHOWN)], axis=0)
    if hits.sum() < ENOUGH_HITS:
        return np.full(SHOWN, np.nan)
    base = hits.sum() / shown.sum()
    weight = shown + PRIOR_HITS / base
    return _never_rising((hits + PRIOR_HITS) / weight, weight)


def with_rank_rates(judged: Judged, rates: Floats) -> Judged:
    """Say of every shown fund the chance of its place, unless chances were told."""
    if not np.isnan(judged.chance).all():
        return judged
    return replace(judged, chance=np.where(judged.shown != NOBODY, rates, np.nan))


def _never_rising(rates: Floats, weight: Floats) -> Floats:
    """Pool neighbours that are out of order into their weighted mean."""
    blocks: list[tuple[float, float, int]] = []
    for rate, mass in zip(rates, weight, strict=True):
        block = (float(rate), float(mass), 1)
        while blocks and blocks[-1][0] < block[0]:
            other = blocks.pop()
            mass_of_both = other[1] + block[1]
            mean = (other[0] * other[1] + block[0] * block[1]) / mass_of_both
            block = (mean, mass_of_both, other[2] + block[2])
        blocks.append(block)
    return np.repeat([block[0] for block in blocks], [block[2] for block in blocks])
