"""What funds like: activity, sectors, places, stages, and the circles they invest in."""

import numpy as np

from data.synthetic.catalogue import (
    CITY_COUNTRY,
    COUNTRIES,
    STAGES,
    VIETNAM,
    Bools,
    Floats,
    Ints,
    sectors,
)
from matching.vocabulary import FundType, Sector

TYPES = (
    FundType.ANGEL_NETWORK,
    FundType.VC,
    FundType.CVC,
    FundType.ACCELERATOR,
    FundType.IMPACT,
    FundType.PRIVATE_EQUITY,
    FundType.GOVERNMENT,
)
TYPE_SHARES = np.array([0.45, 0.33, 0.08, 0.05, 0.04, 0.03, 0.02])
TYPE_STAGE = np.array([0.7, 2.2, 3.0, 0.3, 1.8, 5.0, 1.2])
"""The stage a fund of each type prefers, as a position in STAGES, before its own deviation."""

MOST_ACTIVE = 2.0
"""Deviations above which activity is cut, so that no fund is a market of its own."""

CIRCLE_SIZE = 8


def draw_log_activity(rng: np.random.Generator, kind: Ints) -> Floats:
    """Draw a lognormal of which private investors have the smaller part."""
    shift = np.where(TYPE_STAGE[kind] < 1, -2.4, 0.0)
    found: Floats = shift + 2.5 * np.minimum(rng.standard_normal(len(kind)), MOST_ACTIVE)
    return found


def draw_sector_taste(rng: np.random.Generator, primary: Ints) -> Floats:
    """Favour the primary sector, then those related to it; a quarter of the funds are generalists."""
    near = np.zeros((len(Sector), len(Sector)), np.bool_)
    for at, words in enumerate(sectors()):
        near[at, list(words.related)] = True
    n = len(primary)
    taste = np.where(near[primary], -2.0, -4.5)
    chosen = rng.random((n, len(Sector))) < 0.05
    taste = np.where(chosen, -0.7, taste)
    taste[np.arange(n), primary] = 0.0
    found: Floats = np.where((rng.random(n) < 0.25)[:, None], taste * 0.3, taste)
    return found


def draw_turn(rng: np.random.Generator, primary: Ints) -> Ints:
    """Draw the sector each fund would turn to: as often a related one as any."""
    near = np.array([[words.related[at % len(words.related)] for at in range(6)] for words in sectors()])
    n = len(primary)
    related, other = near[primary, rng.integers(0, 6, n)], rng.integers(0, len(Sector), n)
    return np.where(rng.random(n) < 0.5, related, other)


def draw_regional(rng: np.random.Generator, home: Ints) -> Bools:
    """Let a third of the funds look at the whole region, fewer of Vietnam's, all from outside it."""
    outside = np.array([country.startups == 0 and at != VIETNAM for at, country in enumerate(COUNTRIES)])
    chance = np.where(home == VIETNAM, 0.15, np.where(outside[home], 1.0, 0.35))
    found: Bools = rng.random(len(home)) < chance
    return found


def draw_city_taste(rng: np.random.Generator, city: Ints, regional: Bools) -> Floats:
    """Favour the home city and country."""
    home = CITY_COUNTRY[city]
    away = np.where(regional, -0.8, -3.5)
    taste = np.where(CITY_COUNTRY[None, :] == home[:, None], 0.0, away[:, None])
    taste += 0.4 * rng.standard_normal((len(city), len(COUNTRIES)))[:, CITY_COUNTRY]
    taste[np.arange(len(city)), city] += 1.5
    found: Floats = taste
    return found


def draw_stage_taste(rng: np.random.Generator, kind: Ints) -> Floats:
    """Favour the stages around a centre, by type of fund."""
    centre = TYPE_STAGE[kind] + 0.7 * rng.standard_normal(len(kind))
    width = 0.6 + 0.8 * rng.random(len(kind))
    away = (np.arange(len(STAGES))[None, :] - centre[:, None]) / width[:, None]
    found: Floats = -0.5 * away * away
    return found


def draw_circles(rng: np.random.Generator, country: Ints, primary: Ints) -> Ints:
    """Gather funds of one country, most of one sector, into circles of CIRCLE_SIZE."""
    order = np.lexsort((rng.random(len(country)), primary, country))
    found = np.empty(len(country), np.int64)
    found[order] = np.arange(len(country)) // CIRCLE_SIZE
    return found
