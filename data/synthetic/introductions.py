"""Introductions of a synthetic centre: what was picked from its lists, what came of it, and which deals.

Whether a fund accepts is drawn by the known chance of `acceptance`; `courses` draws the other steps.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from data.synthetic.acceptance import acceptance, burden, causes, expit, loads, logit
from data.synthetic.catalogue import ROUND_USD, Bools, Floats, Ints
from data.synthetic.courses import STATUSES, Courses
from data.synthetic.deals import Deals, Rounds
from data.synthetic.exposure import Exposures
from data.synthetic.market import ANSWERS, NEVER, Funds, Startups, alive, day, stream
from data.synthetic.settings import MarketSettings
from matching.vocabulary import IntroductionStatus as Status

ROUND_DAYS = 120
"""A fund with a term sheet joins a round that closes within so many days; without one it makes its own."""

OWN_ROUND = -1
"""Number of a round that an introduction alone led to."""


@dataclass(frozen=True)
class Introductions:
    """One entry an introduction, by the day it was opened; its row gives its id.

    Attributes
    ----------
    shown : row of its exposure.
    startup, fund, opened, rank, propensity : those of the exposure.
    load : of the fund when it was asked, or would have been; see `acceptance.loads`.
    asked_on : that day, also where the founder declined.
    chance : true chance that the fund accepts when asked.
    founder_ok : whether the founder agreed, so that the fund is asked.
    accepted : whether the fund then accepts, be it heard of or not; drawn by `chance`.
    silent : asked, and never answers.
    at : day of each of `courses.STATUSES`, NEVER for those that did not happen before the end of the last
        year or the fund's death, shape (n, len(STATUSES)).
    reason : of a pass, position in `courses.REASONS`, -1 for none told.
    round : row of the round that an invested one joined, -1 for none.
    """

    shown: Ints
    startup: Ints
    fund: Ints
    opened: Ints
    rank: Ints
    propensity: Floats
    load: Floats
    asked_on: Ints
    chance: Floats
    founder_ok: Bools
    accepted: Bools
    silent: Bools
    at: Ints
    reason: Ints
    round: Ints

    def day_of(self, status: Status) -> Ints:
        """Return the day of a status for each introduction, NEVER where it did not happen."""
        found: Ints = self.at[:, STATUSES.index(status)]
        return found

    def outcome(self) -> Ints:
        """Return where each stands in the end, a position in STATUSES."""
        happened = self.at[:, ::-1] < NEVER
        last: Ints = len(STATUSES) - 1 - np.argmax(happened, axis=1)
        return last


def draw_introductions(
    settings: MarketSettings, startups: Startups, funds: Funds, exposures: Exposures
) -> Introductions:
    """Draw what comes of the picked exposures; `close_deals` then finds the rounds of those invested."""
    shown = np.flatnonzero(exposures.picked)
    shown = shown[np.argsort(exposures.day[shown], kind="stable")]
    startup, fund, opened = exposures.startup[shown], exposures.fund[shown], exposures.day[shown]
    course = Courses(stream(settings, ANSWERS), opened)
    on = course.asked_on()
    load = loads(funds, fund, on, course.founder_ok)
    pair = (settings, startups, startup, funds, fund, on, load)
    chance = acceptance(*pair)
    silence = expit(logit(settings.silence) + burden(settings, load))
    course.answer(chance, np.where(alive(funds, fund, on), silence, 1.0))
    course.go_on(startups.quality[startup], funds.quiet[fund])
    course.end(funds.died[fund], day(settings.last_year + 1))
    return Introductions(
        shown=shown,
        startup=startup,
        fund=fund,
        opened=opened,
        rank=exposures.rank[shown],
        propensity=exposures.propensity[shown],
        load=load,
        asked_on=on,
        chance=chance,
        founder_ok=course.founder_ok,
        accepted=course.accepted,
        silent=course.silent,
        at=course.at,
        reason=course.reasons(causes(*pair)),
        round=np.full(len(shown), -1),
    )


def close_deals(
    startups: Startups, funds: Funds, rounds: Rounds, deals: Deals, introductions: Introductions
) -> tuple[Rounds, Deals, Introductions]:
    """Add the deals of the invested ones, and the rounds they make, behind the others.

    Those that join a round are invested on its day, if the fund lives to see it.
    """
    invested = introductions.day_of(Status.INVESTED)
    rows = np.flatnonzero(invested < NEVER)
    rows = rows[np.argsort(invested[rows], kind="stable")]
    open_rounds = _by_startup(rounds, introductions.startup[rows])
    at, joined, own = introductions.at.copy(), introductions.round.copy(), list[int]()
    for row in rows.tolist():
        held = open_rounds[int(introductions.startup[row])]
        signed = int(introductions.day_of(Status.TERM_SHEET)[row])
        last = min(signed + ROUND_DAYS, int(funds.died[introductions.fund[row]]) - 1)
        within = [round_ for round_ in held if signed < round_[0] <= last]
        if not within:
            own.append(row)
            within = [(int(invested[row]), len(rounds.day) + len(own) - 1)]
            held.extend(within)
        at[row, STATUSES.index(Status.INVESTED)], joined[row] = min(within)
    introductions = replace(introductions, at=at, round=joined)
    rounds = _with_rounds(startups, rounds, introductions, np.array(own, np.int64))
    return rounds, _with_deals(deals, introductions, rows, len(rounds.day) - len(own)), introductions


def _by_startup(rounds: Rounds, asking: Ints) -> defaultdict[int, list[tuple[int, int]]]:
    """List the rounds of some startups: day and row."""
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in np.flatnonzero(np.isin(rounds.startup, asking)).tolist():
        found[int(rounds.startup[row])].append((int(rounds.day[row]), row))
    return found


def _with_rounds(startups: Startups, rounds: Rounds, introductions: Introductions, own: Ints) -> Rounds:
    startup = introductions.startup[own]
    stage = startups.first_stage[startup]
    return Rounds(
        startup=np.append(rounds.startup, startup),
        number=np.append(rounds.number, np.full(len(own), OWN_ROUND)),
        day=np.append(rounds.day, introductions.day_of(Status.INVESTED)[own]),
        stage=np.append(rounds.stage, stage),
        places=np.append(rounds.places, np.ones(len(own), np.int64)),
        ask_usd=np.append(rounds.ask_usd, ROUND_USD[stage] * np.exp(0.2 * startups.quality[startup])),
    )


def _with_deals(deals: Deals, introductions: Introductions, rows: Ints, own_from: int) -> Deals:
    """Add a deal for each invested one whose fund is not in the round already."""
    round_, fund = introductions.round[rows], introductions.fund[rows]
    near = np.isin(deals.round, round_)
    there = set(zip(deals.round[near].tolist(), deals.fund[near].tolist(), strict=True))
    fresh = np.array([pair not in there for pair in zip(round_.tolist(), fund.tolist(), strict=True)], bool)
    _, leads = np.unique(round_, return_index=True)
    lead = np.zeros(len(rows), np.bool_)
    lead[leads] = round_[leads] >= own_from
    return Deals(
        round=np.append(deals.round, round_[fresh]),
        fund=np.append(deals.fund, fund[fresh]),
        lead=np.append(deals.lead, lead[fresh]),
    )
