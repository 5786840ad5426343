"""The latent truth of a synthetic market: startups and funds as points, and how well a pair fits."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from data.synthetic.catalogue import (
    CITIES,
    CITY_COUNTRY,
    COUNTRIES,
    STAGES,
    VIETNAM,
    Bools,
    Floats,
    Ints,
    sectors,
    topic_table,
)
from data.synthetic.settings import MarketSettings
from data.synthetic.tastes import (
    TYPE_SHARES,
    TYPES,
    draw_circles,
    draw_city_taste,
    draw_log_activity,
    draw_regional,
    draw_sector_taste,
    draw_stage_taste,
    draw_turn,
)
from matching.vocabulary import Sector

STARTUPS, FUNDS, ROUNDS, PLACES, CELLS, WORDS, LIVES, LISTS, ANSWERS = range(9)
"""Streams of random numbers: a part that draws more or less leaves the others as they are."""

FIRST_STAGES = np.array([0.16, 0.44, 0.12, 0.20, 0.05, 0.02, 0.01])
NEVER = 1_000_000
"""A day after all others."""

YEAR_DAYS = 365.25
SAFE_DAYS = 548
"""A fund lives at least so long: time enough for its first deal."""

TOPIC_GAIN = 2.0
"""What a fund's favourite topic adds to the fit."""


@dataclass(frozen=True)
class Startups:
    """One entry a startup; days are counted from 1970-01-01.

    Attributes
    ----------
    topic, sector : the main ones; `others` are further sectors, -1 for none, shape (n, 2).
    first_stage : position in STAGES of the first round it asks for.
    quality : standard normal; moves the chance of being funded, of a next round, and the size of an ask.
    funded : whether it gets a first round.
    """

    topic: Ints
    sector: Ints
    others: Ints
    city: Ints
    first_stage: Ints
    quality: Floats
    funded: Bools
    first_round: Ints
    first_seen: Ints
    founded: Ints


@dataclass(frozen=True)
class Funds:
    """One entry a fund, by date of birth.

    Attributes
    ----------
    kind : position in TYPES.
    died : the first day on which it makes no deal and answers nobody, or NEVER.
    turned : the day its taste in sectors and topics changes, the first of a year, or NEVER.
    log_activity : how often it invests, whatever the startup.
    sector_taste : log weights before and after the turn, shape (2, n, sectors).
    city_taste, stage_taste : log weights, shapes (n, CITIES), (n, STAGES).
    topics : favourite topics before and after the turn, shape (2, n, 2).
    capacity : introductions a month it can look at.
    regional : it looks at all of Southeast Asia.
    circle : funds of one number like to invest together.
    quiet : it makes no deal.
    """

    kind: Ints
    city: Ints
    born: Ints
    died: Ints
    turned: Ints
    log_activity: Floats
    sector_taste: Floats
    city_taste: Floats
    stage_taste: Floats
    topics: Ints
    regional: Bools
    circle: Ints
    quiet: Bools
    capacity: Ints


def stream(settings: MarketSettings, part: int) -> np.random.Generator:
    """Make the generator of one part of the market."""
    return np.random.default_rng([settings.seed, part])


def day(year: int, month: int = 1, dom: int = 1) -> int:
    """Count the days from 1970-01-01 to a date."""
    return date(year, month, dom).toordinal() - date(1970, 1, 1).toordinal()


def log_weight(funds: Funds, rows: Ints, startups: Startups, asking: Ints, stage: Ints, on: Ints) -> Floats:
    """Weigh pairs of fund and asking startup: fit plus log activity, of which deals are a softmax.

    Parameters
    ----------
    rows, asking, stage, on : rows of funds and of startups, positions in STAGES, days; they broadcast.
    """
    line, place, level = fits(funds, rows, startups, asking, stage, on)
    found: Floats = funds.log_activity[rows] + line + place + level
    return found


def fits(
    funds: Funds, rows: Ints, startups: Startups, asking: Ints, stage: Ints, on: Ints
) -> tuple[Floats, Floats, Floats]:
    """Tell how well pairs fit in what the startup does, where it is and how far, as log weights."""
    line = funds.sector_taste[turn_of(funds, rows, on), rows, startups.sector[asking]]
    line = line + TOPIC_GAIN * likes_topic(funds, rows, startups, asking, on)
    return line, funds.city_taste[rows, startups.city[asking]], funds.stage_taste[rows, stage]


def likes_topic(funds: Funds, rows: Ints, startups: Startups, asking: Ints, on: Ints) -> Bools:
    """Tell whether a startup's topic is a favourite of a fund on a day; the three broadcast."""
    topic, turn = startups.topic[asking], turn_of(funds, rows, on)
    found: Bools = (funds.topics[turn, rows, 0] == topic) | (funds.topics[turn, rows, 1] == topic)
    return found


def turn_of(funds: Funds, rows: Ints, on: Ints) -> Ints:
    """Tell which of its tastes a fund has on a day: 0 before its turn, 1 from then on."""
    found: Ints = (np.asarray(on) >= funds.turned[rows]).astype(np.int64)
    return found


def alive(funds: Funds, rows: Ints, on: Ints) -> Bools:
    """Tell whether funds are born and not dead on a day; both broadcast."""
    found: Bools = (funds.born[rows] <= on) & (on < funds.died[rows])
    return found


def year_start(year: Ints | int) -> Ints:
    """Return the first day of a year counted from 1970: the years in which tastes hold."""
    found: Ints = np.ceil(np.asarray(year) * YEAR_DAYS).astype(np.int64)
    return found


def draw_startups(settings: MarketSettings) -> Startups:
    """Draw the startups."""
    rng, n = stream(settings, STARTUPS), settings.n_startups
    sector = rng.choice(len(Sector), n, p=_sector_shares())
    quality = rng.standard_normal(n)
    luck = quality + rng.logistic(size=n)
    worst = np.argsort(luck, kind="stable")[: round(n * settings.share_never_funded)]
    funded = np.ones(n, np.bool_)
    funded[worst] = False
    first_round = _days(settings, rng.random(n))
    first_seen = first_round - rng.integers(5, 120, n)
    age = np.minimum(np.exp(np.log(1.9) + 1.2 * rng.standard_normal(n)), 15)
    table = topic_table()
    return Startups(
        topic=table[sector, rng.integers(0, 12, n) % table.shape[1]],
        sector=sector,
        others=_other_sectors(rng, sector),
        city=_startup_cities(settings, rng),
        first_stage=rng.choice(len(STAGES), n, p=FIRST_STAGES),
        quality=quality,
        funded=funded,
        first_round=first_round,
        first_seen=first_seen,
        founded=first_seen - 1 - (age * 365.25).astype(np.int64),
    )


def draw_funds(settings: MarketSettings) -> Funds:
    """Draw the funds, oldest first."""
    rng, n = stream(settings, FUNDS), settings.n_funds
    born = _days(settings, rng.random(n))
    early = rng.random(n) < 0.05
    born = np.sort(np.where(early, day(settings.first_year) - rng.integers(1, 1826, n), born))
    kind = rng.choice(len(TYPES), n, p=TYPE_SHARES)
    weights = np.array([COUNTRIES[city.country].funds * city.funds for city in CITIES])
    per_country = np.bincount(CITY_COUNTRY, [city.funds for city in CITIES])
    weights /= per_country[CITY_COUNTRY]
    city = rng.choice(len(CITIES), n, p=weights / weights.sum())
    primary = rng.choice(len(Sector), n, p=_sector_shares())
    regional = draw_regional(rng, CITY_COUNTRY[city])
    table = topic_table()
    liked = table[primary[:, None], rng.integers(0, table.shape[1], (n, 2))]
    lives = stream(settings, LIVES)
    died, turned = _lives(settings, born, lives)
    turns, other = (turned < NEVER)[:, None], draw_turn(lives, primary)
    other_liked = table[other[:, None], lives.integers(0, table.shape[1], (n, 2))]
    log_activity = draw_log_activity(rng, kind)
    sector_taste = draw_sector_taste(rng, primary)
    return Funds(
        kind=kind,
        city=city,
        born=born,
        died=died,
        turned=turned,
        log_activity=log_activity,
        sector_taste=np.stack([sector_taste, np.where(turns, draw_sector_taste(lives, other), sector_taste)]),
        city_taste=draw_city_taste(rng, city, regional),
        stage_taste=draw_stage_taste(rng, kind),
        topics=np.stack([liked, np.where(turns, other_liked, liked)]),
        regional=regional,
        circle=draw_circles(rng, CITY_COUNTRY[city], primary),
        quiet=rng.random(n) < settings.share_quiet,
        capacity=lives.integers(1, 11, n),
    )


def _lives(settings: MarketSettings, born: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw the days on which funds die and turn, NEVER where that is after the last year."""
    n, end = len(born), day(settings.last_year + 1)
    begun = np.maximum(born, day(settings.first_year))
    rate = max(-np.log1p(-settings.closing), 1e-9)
    years = np.minimum(rng.exponential(size=n) / rate, 1_000)
    died = begun + SAFE_DAYS + (years * YEAR_DAYS).astype(np.int64)
    first, last = (begun / YEAR_DAYS).astype(np.int64) + 2, int((end - 1) // YEAR_DAYS)
    turned = year_start(first + (rng.random(n) * np.maximum(1, last + 1 - first)).astype(np.int64))
    turns = (rng.random(n) < settings.share_turning) & (turned < np.minimum(end, died))
    return np.where(died < end, died, NEVER), np.where(turns, turned, NEVER)


def _sector_shares() -> Floats:
    shares = np.array([sector.share for sector in sectors()])
    found: Floats = shares / shares.sum()
    return found


def _days(settings: MarketSettings, uniform: Floats) -> Ints:
    """Spread uniform numbers over the years, more of them later at the yearly rate `growth`."""
    start, end = day(settings.first_year), day(settings.last_year + 1)
    years, rate = (end - start) / 365.25, np.log1p(settings.growth)
    at = uniform * years if abs(rate) < 1e-9 else np.log1p(uniform * np.expm1(rate * years)) / rate
    return np.clip(start + (at * 365.25).astype(np.int64), start, end - 1)


def _other_sectors(rng: np.random.Generator, sector: Ints) -> Ints:
    """Add up to two sectors, most of them related to the first, -1 for none."""
    related = np.array([[words.related[at % len(words.related)] for at in range(6)] for words in sectors()])
    n = len(sector)
    drawn = related[sector[:, None], rng.integers(0, 6, (n, 2))]
    drawn = np.where(rng.random((n, 2)) < 0.2, rng.integers(0, len(Sector), (n, 2)), drawn)
    count = rng.choice(3, n, p=[0.45, 0.35, 0.20])
    drawn[count < 1, 0] = -1
    drawn[count < 2, 1] = -1
    drawn[drawn == sector[:, None]] = -1
    drawn[drawn[:, 0] == drawn[:, 1], 1] = -1
    return drawn


def _startup_cities(settings: MarketSettings, rng: np.random.Generator) -> Ints:
    abroad = np.array([country.startups for country in COUNTRIES], np.float64)
    shares = (1 - settings.share_vietnamese) * abroad / abroad.sum()
    shares[VIETNAM] = settings.share_vietnamese
    inside = np.bincount(CITY_COUNTRY, [city.startups for city in CITIES])
    weights = np.array([shares[city.country] * city.startups / inside[city.country] for city in CITIES])
    return rng.choice(len(CITIES), settings.n_startups, p=weights / weights.sum())
