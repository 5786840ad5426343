"""What introductions of the past say of a pair: how the fund, and all funds, answered startups like it.

Most columns are effects on the log odds of a yes. They are fitted together, or a fund of an eager country
would be eager twice over: once by its country, once by itself.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from matching.labels import label
from matching.market import Floats, Ints, Market
from matching.pairs import Pairs
from matching.records import Startup
from matching.text import fold
from matching.vocabulary import Feature, Label, Outcome
from models.features.columns import Column
from models.features.effects import Effect, Group, fit_effects

USUAL_SILENCE = 0.30
"""Share of introductions that nobody answers, where nothing is known."""

MARKET_WEIGHT, OWN_WEIGHT, PAIR_WEIGHT = 20.0, 8.0, 20.0
"""Answers' worth of no effect: of all funds with a property, of a fund or a startup, of a fund with one."""

LOAD_DAYS, LOAD_MONTHS = 90, 3
"""Days of which introductions are a fund's load, and how many months of its capacity they are."""

_ALL_FUNDS, _FUND, _STARTUP = "all", "fund", "startup"
"""Whose answers an effect is of: what the names of EFFECTS begin with."""

_ODDS = "log odds"
_ALL = "answers of all funds to startups that share it"
_OWN = "answers of the fund"
_PAIR = f"{_OWN} to startups that share it"
_SINCE = f"introductions of the {LOAD_DAYS} days before"
_NO = "no {} told, or not of any startup introduced"

EFFECTS = (
    Column("all_country", _ODDS, None, 1, _NO.format("country"), _ALL),
    Column("all_stage", _ODDS, None, 1, _NO.format("stage"), _ALL),
    Column("all_sectors", _ODDS, None, 1, _NO.format("sector"), _ALL),
    Column("all_tags", _ODDS, None, 1, _NO.format("tag"), _ALL),
    Column("fund", _ODDS, Feature.ANSWERS, 1, "no answer", _OWN),
    Column("fund_country", _ODDS, Feature.ANSWERS, 1, _NO.format("country"), _PAIR),
    Column("fund_stage", _ODDS, Feature.ANSWERS, 1, _NO.format("stage"), _PAIR),
    Column("fund_sectors", _ODDS, Feature.ANSWERS, 1, _NO.format("sector"), _PAIR),
    Column("fund_tags", _ODDS, Feature.ANSWERS, 1, _NO.format("tag"), _PAIR),
    Column("startup", _ODDS, None, 1, "no answer", "answers to the startup"),
)
COLUMNS = (
    *EFFECTS,
    Column("answers", "n of n + OWN_WEIGHT", Feature.ANSWERS, 0, "", _OWN),
    Column(
        "silence", "share above the usual one", Feature.ANSWERS, -1, "no answer", f"{_OWN}, silent or not"
    ),
    Column("silent_run", "log(1 + number)", Feature.ANSWERS, -1, "", "asks since its last answer"),
    Column("asked", "log(1 + number)", None, 0, "", _SINCE),
    Column("load", "of its capacity", None, -1, "no capacity told", _SINCE),
)


def properties(startup: Startup) -> dict[str, frozenset[str]]:
    """Tell what a startup has, by the name of the effects."""
    tags = startup.subsectors | {fold(tag) for tag in startup.tags}
    return {
        "country": frozenset({startup.country} if startup.country else ()),
        "stage": frozenset({startup.stage} if startup.stage else ()),
        "sectors": frozenset(startup.sectors),
        "tags": frozenset(tags),
        "": frozenset({""}),
    }


@dataclass(frozen=True)
class Answers:
    """The answers known on the day of a Market.

    Attributes
    ----------
    odds : log odds of a yes without any effect; number : of answers.
    effects : in the order of EFFECTS.
    startups : row of each startup in the effect of its own.
    funds : the other columns by fund, shape (n_funds, len(COLUMNS) - len(EFFECTS)).
    """

    odds: float
    number: int
    effects: tuple[Effect, ...]
    startups: dict[str, int]
    funds: Floats

    @classmethod
    def of(cls, market: Market) -> "Answers":
        """Learn from what a Market knows."""
        told = _answers(market)
        startups = {id_: row for row, id_ in enumerate(dict.fromkeys(told.startup))}
        has = [properties(market.introduced[id_]) for id_ in told.startup]
        asked_by = np.array([startups[id_] for id_ in told.startup], np.int64)
        groups = []
        for column in EFFECTS:
            who, _, kind = column.name.partition("_")
            whose = {_ALL_FUNDS: np.zeros_like(told.fund), _FUND: told.fund, _STARTUP: asked_by}[who]
            weight = OWN_WEIGHT if not kind else MARKET_WEIGHT if who == _ALL_FUNDS else PAIR_WEIGHT
            groups.append(Group(whose, [one[kind] for one in has], weight))
        odds, effects = fit_effects(groups, told.yes)
        return cls(odds, len(has), tuple(effects), startups, _of_funds(market, told))

    def matrix(self, pairs: Pairs, rows: Ints) -> Floats:
        """Compute COLUMNS of the funds `rows`, shape (len(rows), len(COLUMNS)); NaN is unknown."""
        told, startup_id = properties(pairs.startup), pairs.startup.startup_id
        own = self.startups.get(startup_id)
        found = np.full((len(rows), len(COLUMNS)), np.nan)
        for at, (column, effect) in enumerate(zip(EFFECTS, self.effects, strict=True)):
            who, _, kind = column.name.partition("_")
            if who == _STARTUP:
                if own is not None:
                    found[:, at] = effect.of(told[""], np.array([own]))[0]
            else:
                found[:, at] = effect.of(told[kind], rows if who == _FUND else np.zeros_like(rows))
        found[:, len(EFFECTS) :] = self.funds[rows]
        return found


@dataclass(frozen=True)
class _Told:
    """Answers in the order of their asks, one entry each; 1 is true."""

    fund: Ints
    startup: list[str]
    yes: Floats
    silent: Floats


def _answers(market: Market) -> _Told:
    found = []
    for introductions in market.introductions.values():
        for one in introductions:
            known = label(one, Outcome.ACCEPTS, market.as_of)
            if known in (Label.POSITIVE, Label.NEGATIVE, Label.SILENT) and one.known_from:
                row = market.funds.row_of[one.fund_id]
                found.append((one.known_from, one.introduction_id, row, one.startup_id, known))
    found.sort(key=lambda told: told[:2])
    return _Told(
        fund=np.array([row for _, _, row, _, _ in found], np.int64),
        startup=[startup_id for _, _, _, startup_id, _ in found],
        yes=np.array([known is Label.POSITIVE for *_, known in found], np.float64),
        silent=np.array([known is Label.SILENT for *_, known in found], np.float64),
    )


def _of_funds(market: Market, told: _Told) -> Floats:
    """Compute the columns that are no effects on a yes, shape (n_funds, ...)."""
    n = len(market.funds)
    of, silent = np.bincount(told.fund, minlength=n), np.bincount(told.fund, told.silent, n)
    base = (told.silent.sum() + MARKET_WEIGHT * USUAL_SILENCE) / (len(told.fund) + MARKET_WEIGHT)
    silence = (silent + OWN_WEIGHT * base) / (of + OWN_WEIGHT) - base
    asked = _asked(market)
    capacity = LOAD_MONTHS * market.funds.capacity
    load = np.divide(asked, capacity, out=np.full(n, np.nan), where=capacity > 0)
    return np.stack(
        [of / (of + OWN_WEIGHT), silence, np.log1p(_silent_run(told, n)), np.log1p(asked), load], axis=1
    )


def _silent_run(told: _Told, n_funds: int) -> Floats:
    """Count the silent asks of each fund since it last answered, shape (n_funds,)."""
    run = np.zeros(n_funds)
    for fund, silent in zip(told.fund.tolist(), told.silent.tolist(), strict=True):
        run[fund] = (run[fund] + 1) * silent
    return run


def _asked(market: Market) -> Floats:
    """Count the introductions of each fund in the LOAD_DAYS before the Market's day, shape (n_funds,)."""
    since = market.as_of - timedelta(days=LOAD_DAYS)
    days = ((one.fund_id, one.known_from) for told in market.introductions.values() for one in told)
    rows = [market.funds.row_of[id_] for id_, day in days if day and since <= day < market.as_of]
    return np.bincount(np.array(rows, np.int64), minlength=len(market.funds)).astype(np.float64)
