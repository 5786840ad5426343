"""The lists of funds that a synthetic centre showed its program managers, and which of them were picked.

The policy is biased on purpose, as a centre's is: it looks at popular funds and at those that backed startups
alike, sees fit and popularity through noise, and the higher a fund stands the likelier it is picked.
"""

from dataclasses import dataclass, fields

import numpy as np

from data.synthetic.catalogue import CITY_COUNTRY, Bools, Floats, Ints
from data.synthetic.deals import Deals, Rounds
from data.synthetic.market import LISTS, Funds, Startups, day, fits, stream
from data.synthetic.settings import MarketSettings

SHOWN = 10
"""Funds on a list."""

MOST_LISTS = 20
"""Lists a startup asks for, some weeks apart."""

POOL = 64
"""Funds that come to a list from each of four sources, doubles included."""

PICK_FIRST = 0.6
"""Chance that the fund at rank 1 is picked."""

MEMORY_DAYS = 4 * 365
KNOWN_DAYS = 366
"""Days after its birth from which a fund without a deal is known."""

FORGOTTEN_DAYS = 180
"""Days after its death for which a fund is still suggested: nobody announces it."""

POPULARITY, NOISE = 0.4, 1.5
CHUNK = 2_048
_DAYS = 1 << 21
"""More than any day: a group and a day make one number."""


@dataclass(frozen=True)
class Exposures:
    """One entry a fund on a list, by list, then rank.

    Attributes
    ----------
    number : of the list, from 0.
    day : of the list.
    rank : from 1.
    propensity : the exact chance of being picked, given the place on the list: `pick_chance` of the rank.
    """

    number: Ints
    startup: Ints
    fund: Ints
    day: Ints
    rank: Ints
    propensity: Floats
    picked: Bools


def pick_chance(settings: MarketSettings, rank: Ints) -> Floats:
    """Tell how likely a manager picks what stands at a rank, whatever stands there."""
    found: Floats = PICK_FIRST * rank.astype(np.float64) ** -settings.position_bias
    return found


def introductions_begin(settings: MarketSettings) -> int:
    """Return the first day of the years of introductions."""
    return day(max(settings.first_year, settings.last_year + 1 - settings.introduction_years))


def draw_exposures(
    settings: MarketSettings, startups: Startups, funds: Funds, rounds: Rounds, deals: Deals
) -> Exposures:
    """Draw lists until `n_introductions` funds are picked: the last list ends with the last pick.

    Startups first seen in the years of introductions ask in an order drawn by lot; once all have, the first
    asks again. A fund is shown to a startup once, and never one that has invested in it.
    """
    policy = _Policy(settings, startups, funds, rounds, deals)
    rng, begin, end = stream(settings, LISTS), introductions_begin(settings), day(settings.last_year + 1)
    asking = rng.permutation(np.flatnonzero((startups.first_seen >= begin) & (startups.first_seen < end)))
    found, missing, lists = [policy.none()], settings.n_introductions, 0
    first_day = startups.first_seen[asking] + rng.integers(0, 61, len(asking))
    pause = rng.integers(45, 91, len(asking))
    for again in range(MOST_LISTS):
        days = first_day + again * pause
        told = np.flatnonzero(days < end)
        for start in range(0, len(told), CHUNK):
            if missing <= 0:
                return _joined(found)
            rows = told[start : start + CHUNK]
            shown = policy.show(rng, lists, asking[rows], days[rows])
            shown = _until(shown, missing)
            missing -= int(shown.picked.sum())
            lists += len(rows)
            found.append(shown)
        policy.remember(found)
    return _joined(found)


def _until(shown: Exposures, picks: int) -> Exposures:
    """Drop what stands behind the last pick that is wanted."""
    length = int(np.searchsorted(np.cumsum(shown.picked), picks)) + 1
    return Exposures(*(getattr(shown, each.name)[:length] for each in fields(Exposures)))


def _joined(parts: list[Exposures]) -> Exposures:
    return Exposures(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Exposures)))


class _Past:
    """Deals by group and day."""

    def __init__(self, group: Ints, on: Ints, fund: Ints) -> None:
        key = group * _DAYS + on
        order = np.argsort(key, kind="stable")
        self._key, self._fund = key[order], fund[order]

    def count(self, group: Ints, on: Ints) -> Ints:
        """Count the deals of a group in the years before a day."""
        low, high = self._between(group, on)
        return high - low

    def draw(self, rng: np.random.Generator, group: Ints, on: Ints) -> Ints:
        """Draw POOL investors of a group's deals in the years before each day, -1 where there is none."""
        low, high = self._between(group, on)
        at = low[:, None] + (rng.random((len(on), POOL)) * (high - low)[:, None]).astype(np.int64)
        if not len(self._fund):
            return np.full(at.shape, -1)
        return np.where((high > low)[:, None], self._fund[np.minimum(at, len(self._fund) - 1)], -1)

    def _between(self, group: Ints, on: Ints) -> tuple[Ints, Ints]:
        key = group * _DAYS + on
        return np.searchsorted(self._key, key - MEMORY_DAYS), np.searchsorted(self._key, key)


class _Policy:
    """Makes lists of what is known on a day."""

    def __init__(
        self, settings: MarketSettings, startups: Startups, funds: Funds, rounds: Rounds, deals: Deals
    ) -> None:
        self._settings, self._startups, self._funds = settings, startups, funds
        startup, on = rounds.startup[deals.round], rounds.day[deals.round]
        self._all = _Past(np.zeros(len(on), np.int64), on, deals.fund)
        self._of_fund = _Past(deals.fund, on, deals.fund)
        self._of_sector = _Past(startups.sector[startup], on, deals.fund)
        self._of_country = _Past(CITY_COUNTRY[startups.city[startup]], on, deals.fund)
        self._known = funds.born + KNOWN_DAYS
        np.minimum.at(self._known, deals.fund, on)
        pair = self._pair(startup, deals.fund)
        order = np.lexsort((on, pair))
        self._backed, first = np.unique(pair[order], return_index=True)
        self._backed_on = on[order][first]
        self._seen = np.empty(0, np.int64)

    def none(self) -> Exposures:
        """Return no list at all."""
        nothing = np.empty(0, np.int64)
        return self._exposures(nothing, nothing, nothing, nothing, nothing, np.empty(0))

    def remember(self, shown: list[Exposures]) -> None:
        """Note what was shown, lest it is shown to the same startup again."""
        self._seen = np.sort(np.concatenate([self._pair(part.startup, part.fund) for part in shown]))

    def show(self, rng: np.random.Generator, number: int, asking: Ints, on: Ints) -> Exposures:
        """Draw a list for each asking startup, the first of them with this number."""
        pool = np.sort(self._pool(rng, asking, on), axis=1)
        open_ = self._open(pool, asking[:, None], on[:, None])
        score = self._score(pool, asking[:, None], on[:, None])
        score += NOISE * rng.standard_normal(score.shape)
        score[~open_] = -np.inf
        best = np.argsort(-score, axis=1, kind="stable")[:, :SHOWN]
        lots = rng.random(best.shape)
        there = np.isfinite(np.take_along_axis(score, best, axis=1))
        row, at = np.nonzero(there)
        fund = np.take_along_axis(pool, best, axis=1)[there]
        return self._exposures(number + row, asking[row], fund, on[row], at + 1, lots[there])

    def _exposures(
        self, number: Ints, startup: Ints, fund: Ints, on: Ints, rank: Ints, lots: Floats
    ) -> Exposures:
        chance = pick_chance(self._settings, rank)
        return Exposures(number, startup, fund, on, rank, chance, lots < chance)

    def _pool(self, rng: np.random.Generator, asking: Ints, on: Ints) -> Ints:
        """Gather recent investors of any startup, of its sector and of its country, and some other funds."""
        startups = self._startups
        born = np.searchsorted(self._funds.born, on, side="right")
        others = (rng.random((len(on), POOL)) * born[:, None]).astype(np.int64)
        return np.hstack(
            [
                self._all.draw(rng, np.zeros_like(asking), on),
                self._of_sector.draw(rng, startups.sector[asking], on),
                self._of_country.draw(rng, CITY_COUNTRY[startups.city[asking]], on),
                np.where(born[:, None] > 0, others, -1),
            ]
        )

    def _open(self, pool: Ints, asking: Ints, on: Ints) -> Bools:
        """Tell which funds of sorted pools may be shown."""
        found = pool >= 0
        found[:, 1:] &= pool[:, 1:] != pool[:, :-1]
        found &= self._known[pool] <= on
        found &= on < self._funds.died[pool] + FORGOTTEN_DAYS
        pair = self._pair(asking, pool)
        at = np.minimum(np.searchsorted(self._backed, pair), max(0, len(self._backed) - 1))
        if len(self._backed):
            found &= (self._backed[at] != pair) | (self._backed_on[at] >= on)
        if len(self._seen):
            at = np.minimum(np.searchsorted(self._seen, pair), len(self._seen) - 1)
            found &= self._seen[at] != pair
        return found

    def _score(self, pool: Ints, asking: Ints, on: Ints) -> Floats:
        stage = self._startups.first_stage[asking]
        line, place, level = fits(self._funds, pool, self._startups, asking, stage, on)
        popular = np.log1p(self._of_fund.count(pool, np.broadcast_to(on, pool.shape)))
        found: Floats = line + place + level + POPULARITY * popular
        return found

    def _pair(self, startup: Ints, fund: Ints) -> Ints:
        found: Ints = startup * self._settings.n_funds + fund
        return found
