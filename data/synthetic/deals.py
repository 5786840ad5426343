"""The deals of a synthetic market: rounds of every startup, and which funds join them.

Who joins a round is drawn by a known rule. A place is filled by one of four ways: a new fund's first deal
(the fund chooses among places of its first year), an investor of an earlier round, a fund of the lead's
circle, or any fund then alive; each of the choices among funds is a softmax of `market.log_weight`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data.synthetic.catalogue import CITIES, ROUND_USD, STAGES, Bools, Floats, Ints
from data.synthetic.market import (
    CELLS,
    PLACES,
    ROUNDS,
    TOPIC_GAIN,
    YEAR_DAYS,
    Funds,
    Startups,
    alive,
    day,
    likes_topic,
    log_weight,
    stream,
    turn_of,
    year_start,
)
from data.synthetic.settings import MarketSettings
from data.synthetic.tastes import CIRCLE_SIZE
from matching.vocabulary import Sector

MOST_ROUNDS = 8
USUAL_DEALS = 3.1
MOST_INVESTORS = 36
PROPOSALS = 32
"""Funds drawn for a place before its topic and their age are looked at; all refused, it stays empty."""
NOBODY = -1
NEW_LEADS_RARELY = 4.0
"""What a place at the head of a syndicate takes from the weight of a first deal."""

Step = Callable[[int, int], None]


@dataclass(frozen=True)
class Rounds:
    """One entry a round, in the order of startups, then of time.

    Attributes
    ----------
    number : 0 is a startup's first.
    places : investors it has room for.
    ask_usd : its size.
    """

    startup: Ints
    number: Ints
    day: Ints
    stage: Ints
    places: Ints
    ask_usd: Floats


@dataclass(frozen=True)
class Deals:
    """One entry a deal: the rows of its round and its fund, and whether the fund leads."""

    round: Ints
    fund: Ints
    lead: Bools


def draw_rounds(settings: MarketSettings, startups: Startups) -> Rounds:
    """Draw the rounds of the funded startups; those after the last year are dropped."""
    rng = stream(settings, ROUNDS)
    rows = np.flatnonzero(startups.funded)
    n, scale = len(rows), np.sqrt(settings.deals_per_startup / USUAL_DEALS)
    goes_on = 1 / (1 + np.exp(-(np.log(0.58 * scale**2) + 0.4 * startups.quality[rows])))
    again = np.cumprod(rng.random((n, MOST_ROUNDS - 1)) < goes_on[:, None], axis=1)
    gaps = np.exp(np.log(1.35) + 0.8 * rng.standard_normal((n, MOST_ROUNDS - 1))) / max(1, scale)
    after = np.cumsum((np.clip(gaps, 0.1, 8) * 365.25).astype(np.int64), axis=1)
    days = startups.first_round[rows][:, None] + np.hstack([np.zeros((n, 1), np.int64), after])
    steps = rng.choice(3, (n, MOST_ROUNDS - 1), p=[0.2, 0.7, 0.1])
    level = np.hstack([np.zeros((n, 1), np.int64), np.cumsum(steps, axis=1)])
    stages = np.minimum(startups.first_stage[rows][:, None] + level, len(STAGES) - 1)
    held = np.hstack([np.ones((n, 1), np.int64), again]).astype(np.bool_)
    held &= days < day(settings.last_year + 1)
    at, number = np.nonzero(held)
    stage, startup = stages[held], rows[at]
    noise = 10 ** (0.4 * rng.standard_normal(len(at)))
    target = n * settings.deals_per_startup
    return Rounds(
        startup=startup,
        number=number,
        day=days[held],
        stage=stage,
        places=_places(rng, number, target, settings.n_funds),
        ask_usd=ROUND_USD[stage] * noise * np.exp(0.2 * startups.quality[startup]),
    )


def _places(rng: np.random.Generator, number: Ints, target: float, n_funds: int) -> Ints:
    """Draw how many investors each round has room for: the floor of a lognormal, `target` in all."""
    noise = 0.624 + 0.702 * rng.standard_normal(len(number)) + 0.1 * (number > 0)
    most = max(1, min(MOST_INVESTORS, n_funds // 4))
    low, high = -2.0, 4.0
    for _ in range(40):
        shift = (low + high) / 2
        places = np.clip(np.exp(noise + shift).astype(np.int64), 1, most)
        low, high = (shift, high) if places.sum() < target else (low, shift)
    return places


def draw_deals(
    settings: MarketSettings,
    startups: Startups,
    funds: Funds,
    rounds: Rounds,
    progress: Step = lambda done, total: None,
) -> Deals:
    """Draw the funds of every round."""
    rng = stream(settings, PLACES)
    table = _Table(settings, startups, funds, rounds, rng)
    table.debuts()
    table.propose(stream(settings, CELLS), progress)
    for number in range(MOST_ROUNDS):
        table.fill(number)
    held = table.fund != NOBODY
    return Deals(table.round[held], table.fund[held], table.first[held])


class _Table:
    """The places of all rounds, being filled."""

    def __init__(
        self,
        settings: MarketSettings,
        startups: Startups,
        funds: Funds,
        rounds: Rounds,
        rng: np.random.Generator,
    ) -> None:
        self._settings, self._startups, self._funds, self._rounds = settings, startups, funds, rounds
        self._rng = rng
        self.round = np.repeat(np.arange(len(rounds.startup)), rounds.places)
        start = np.cumsum(rounds.places) - rounds.places
        self._round_start = start[self.round]
        first_round = np.flatnonzero(rounds.number == 0)
        of_startup = np.repeat(first_round, np.diff(np.append(first_round, len(start))))
        self._startup_start = start[of_startup][self.round]
        self.fund = np.full(len(self.round), NOBODY)
        self.first = np.arange(len(self.round)) == self._round_start
        self._startup = rounds.startup[self.round]
        self._stage, self._day = rounds.stage[self.round], rounds.day[self.round]
        self._proposed = np.zeros((len(self.round), PROPOSALS), np.int32)
        self._next = np.zeros(len(self.round), np.int64)
        self._members = np.argsort(funds.circle, kind="stable")

    def debuts(self) -> None:
        """Let every fund that is not quiet choose one of 64 places of its first year."""
        funds = np.flatnonzero(~self._funds.quiet)
        by_day = np.argsort(self._day, kind="stable")
        days = self._day[by_day]
        start = np.maximum(self._funds.born[funds], day(self._settings.first_year))
        low, high = np.searchsorted(days, start), np.searchsorted(days, start + 365)
        funds, low, high = (part[high > low] for part in (funds, low, high))
        drawn = self._rng.random((len(funds), 64))
        places = by_day[low[:, None] + (drawn * (high - low)[:, None]).astype(np.int64)]
        asking, stage, on = self._startup[places], self._stage[places], self._day[places]
        weight = log_weight(self._funds, funds[:, None], self._startups, asking, stage, on)
        weight -= NEW_LEADS_RARELY * (self.first[places] & (self._rounds.places[self.round[places]] > 1))
        weight += self._rng.gumbel(size=weight.shape)
        order = np.argsort(-weight, axis=1, kind="stable")[:, :8]
        for choice in range(order.shape[1]):  # a place that is taken: the next best
            seat = places[np.arange(len(funds)), order[:, choice]]
            _, winners = np.unique(seat, return_index=True)
            won = np.zeros(len(funds), np.bool_)
            won[winners] = True
            won &= self.fund[seat] == NOBODY
            self.fund[seat[won]] = funds[won]
            funds, places, order = funds[~won], places[~won], order[~won]

    def propose(self, rng: np.random.Generator, progress: Step) -> None:
        """Draw funds for every place by activity, sector, city and stage: one softmax a kind of round."""
        funds, sector, city = self._funds, self._startups.sector, self._startups.city
        by_city, by_stage = (_columns(np.exp(taste)) for taste in (funds.city_taste, funds.stage_taste))
        year = (self._day // YEAR_DAYS).astype(np.int64)
        shape = (int(year.max()) + 1, len(CITIES), len(STAGES), len(Sector))
        kinds = (year, city[self._startup], self._stage, sector[self._startup])
        cell = np.ravel_multi_index(kinds, shape)
        order = np.argsort(cell, kind="stable")
        found, starts = np.unique(cell[order], return_index=True)
        groups, now = np.split(order, starts[1:]), -1
        for done, (key, group) in enumerate(zip(found, groups, strict=True)):
            at_year, at_city, at_stage, at_sector = np.unravel_index(key, shape)
            if at_year != now:  # cells stand by year
                now, by_sector = int(at_year), self._active_by_sector(int(at_year))
            born = max(1, int(np.searchsorted(funds.born, self._day[group].max(), side="right")))
            weight = by_sector[at_sector, :born] * by_city[at_city, :born]
            weight *= by_stage[at_stage, :born]
            sums = np.cumsum(weight)
            drawn = rng.random((len(group), PROPOSALS)) * sums[-1]
            self._proposed[group] = np.minimum(np.searchsorted(sums, drawn, side="right"), born - 1)
            if done % 1_000 == 0:
                progress(done, len(groups))
        progress(len(groups), len(groups))

    def _active_by_sector(self, year: int) -> Floats:
        """Weigh the funds that are not dead when a year begins, shape (n_sectors, n_funds)."""
        funds, start = self._funds, year_start(year)
        active = np.where(funds.quiet | (funds.died <= start), 0.0, np.exp(funds.log_activity))
        rows = np.arange(len(active))
        return _columns(np.exp(funds.sector_taste[turn_of(funds, rows, start), rows]) * active[:, None])

    def fill(self, number: int) -> None:
        """Fill the places of every startup's round of this number."""
        mine = self._rounds.number[self.round] == number
        if number:
            self._follow_on(np.flatnonzero(mine & (self.fund == NOBODY)))
        self._settle(np.flatnonzero(mine & self.first & (self.fund == NOBODY)))
        rest = np.flatnonzero(mine & ~self.first & (self.fund == NOBODY))
        self._join_lead(rest)
        for _ in range(4):
            self._settle(np.flatnonzero(mine & (self.fund == NOBODY)))
            self._leave_doubles(np.flatnonzero(mine))

    def _follow_on(self, places: Ints) -> None:
        places = places[self._rng.random(len(places)) < self._settings.follow_on]
        low, high = self._startup_start[places], self._round_start[places]
        chosen = low + (self._rng.random(len(places)) * (high - low)).astype(np.int64)
        old = self.fund[chosen]
        self.fund[places] = np.where(alive(self._funds, old, self._day[places]), old, NOBODY)

    def _join_lead(self, places: Ints) -> None:
        lead = self.fund[self._round_start[places]]
        joins = (self._rng.random(len(places)) < self._settings.circle) & (lead != NOBODY)
        places, lead = places[joins], lead[joins]
        at = self._funds.circle[lead][:, None] * CIRCLE_SIZE + np.arange(CIRCLE_SIZE)[None, :]
        there = at < len(self._members)
        members = self._members[np.minimum(at, len(self._members) - 1)]
        asking, stage, on = (part[places][:, None] for part in (self._startup, self._stage, self._day))
        weight = log_weight(self._funds, members, self._startups, asking, stage, on)
        weight += self._rng.gumbel(size=weight.shape)
        there = there & alive(self._funds, members, on)
        weight[~there | self._funds.quiet[members] | (members == lead[:, None])] = -np.inf
        best = np.argmax(weight, axis=1)
        row = np.arange(len(places))
        told = np.isfinite(weight[row, best])
        self.fund[places[told]] = members[row, best][told]

    def _settle(self, places: Ints) -> None:
        """Take the next proposal that a coin of its topic's weight lets pass."""
        for _ in range(PROPOSALS):
            places = places[(self.fund[places] == NOBODY) & (self._next[places] < PROPOSALS)]
            if not len(places):
                return
            fund = self._proposed[places, self._next[places]].astype(np.int64)
            self._next[places] += 1
            on = self._day[places]
            likes = likes_topic(self._funds, fund, self._startups, self._startup[places], on)
            passes = self._rng.random(len(places)) < np.where(likes, 1.0, np.exp(-TOPIC_GAIN))
            passes &= alive(self._funds, fund, on) & ~self._funds.quiet[fund]
            self.fund[places[passes]] = fund[passes]

    def _leave_doubles(self, places: Ints) -> None:
        """Free a place whose fund already has one in the round."""
        places = places[self.fund[places] != NOBODY]
        order = np.lexsort((places, self.fund[places], self.round[places]))
        places = places[order]
        same = (self.round[places][1:] == self.round[places][:-1]) & (
            self.fund[places][1:] == self.fund[places][:-1]
        )
        self.fund[places[1:][same]] = NOBODY


def _columns(table: Floats) -> Floats:
    """Turn a table so that a column of it is one stretch of memory."""
    return np.ascontiguousarray(table.T)
