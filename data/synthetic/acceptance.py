"""The true chance that a fund accepts an introduction: fit, quality of the startup, load of the fund."""

from dataclasses import dataclass

import numpy as np

from data.synthetic.catalogue import Bools, Floats, Ints
from data.synthetic.market import Funds, Startups, alive, fits
from data.synthetic.settings import MarketSettings

LOAD_DAYS, LOAD_MONTHS = 90, 3
"""Days of which the introductions count, and how many months they are."""

FIT_GAIN, QUALITY_GAIN = 0.5, 0.5
USUAL_FIT, WORST_FIT = -0.3, -8.0
"""Fit of an introduction with the base chance; fit below which it gets no worse."""

MOST_LOAD = 2.0
"""Load above which the chance falls no further."""

_DAYS = 1 << 21


@dataclass(frozen=True)
class Causes:
    """What lowers the log odds of an acceptance, each at most 0.

    Attributes
    ----------
    line, place, stage : against a fund's best-liked sector, city and stage.
    quality : against a startup better than 93 of 100.
    load : against a fund with nothing to look at.
    """

    line: Floats
    place: Floats
    stage: Floats
    quality: Floats
    load: Floats


def acceptance(
    settings: MarketSettings,
    startups: Startups,
    asking: Ints,
    funds: Funds,
    rows: Ints,
    on: Ints,
    load: Floats,
) -> Floats:
    """Tell the true chance that a fund accepts an introduction to a startup at its first stage.

    The log odds are those of `base_acceptance`, plus FIT_GAIN for each unit of log weight that the fit is
    above USUAL_FIT, plus QUALITY_GAIN for each deviation of quality, less the `burden` of the load. A fund
    that is not alive accepts nothing.

    Parameters
    ----------
    asking, rows, on, load : rows of startups and of funds, days, and `loads`; they broadcast.
    """
    line, place, stage = fits(funds, rows, startups, asking, startups.first_stage[asking], on)
    fit = np.maximum(line + place + stage, WORST_FIT)
    odds = logit(settings.base_acceptance) + FIT_GAIN * (fit - USUAL_FIT) - burden(settings, load)
    found: Floats = expit(odds + QUALITY_GAIN * startups.quality[asking]) * alive(funds, rows, on)
    return found


def causes(
    settings: MarketSettings,
    startups: Startups,
    asking: Ints,
    funds: Funds,
    rows: Ints,
    on: Ints,
    load: Floats,
) -> Causes:
    """Tell what lowered the chance of each introduction."""
    line, place, stage = fits(funds, rows, startups, asking, startups.first_stage[asking], on)
    best = funds.city_taste[rows].max(axis=1)
    return Causes(
        line=FIT_GAIN * np.minimum(line, 0),
        place=FIT_GAIN * np.minimum(place - best, 0),
        stage=FIT_GAIN * np.minimum(stage, 0),
        quality=QUALITY_GAIN * np.minimum(startups.quality[asking] - 1.5, 0),
        load=-burden(settings, load),
    )


def burden(settings: MarketSettings, load: Floats) -> Floats:
    """Tell the log odds that a load takes from an acceptance, and adds to a silence."""
    found: Floats = settings.congestion * np.minimum(load, MOST_LOAD)
    return found


def loads(funds: Funds, rows: Ints, on: Ints, counted: Bools) -> Floats:
    """Tell the load of each introduction's fund: asks of LOAD_DAYS before it over what the fund can look at.

    Parameters
    ----------
    rows, on : fund of each introduction, and the day it was asked.
    counted : which of them reached their fund.
    """
    key = rows * _DAYS + on
    order = np.sort(key[counted])
    before = np.searchsorted(order, key) - np.searchsorted(order, key - LOAD_DAYS)
    found: Floats = before / (LOAD_MONTHS * funds.capacity[rows])
    return found


def expit(odds: Floats) -> Floats:
    """Return the chance of log odds."""
    found: Floats = 1 / (1 + np.exp(-odds))
    return found


def logit(chance: float) -> float:
    """Return the log odds of a chance."""
    return float(np.log(chance / (1 - chance)))
