"""What comes after a yes: the chances to be met, examined, offered a term sheet and invested in.

Each step, given the one before it, has a Beta distribution: a prior by hand, the counts of all funds on it,
and for one fund its own counts on that of all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import betaincinv

from matching.chances import Chance
from matching.errors import BadValue
from matching.labels import label
from matching.market import Floats, Market
from matching.records import Introduction
from matching.vocabulary import IntroductionStatus as Status
from matching.vocabulary import Label, Outcome, PassGroup
from models.calibration import Z_95

STEPS = (Status.MET, Status.DUE_DILIGENCE, Status.TERM_SHEET, Status.INVESTED)
WINDOW_DAYS = (45, 120, 210, 365)
"""Days after the introduction was opened in which each step may still come about."""

CERTAIN = Chance(1.0, 1.0, 1.0)

LEAST_WEIGHT = 0.1
"""Of the Beta distribution of a chain: none varies as much as an unsure chance near 0 may seem to."""

_CLOSED = {Status.PASSED, Status.INVESTOR_DECLINED, Status.NO_SHOW}
_SAYS_NOTHING = {Status.WITHDRAWN, Status.FOUNDER_DECLINED}


@dataclass(frozen=True, slots=True)
class StepSettings:
    """Starting priors.

    Attributes
    ----------
    means : chance of each of STEPS given the one before it, the first given a yes.
    weight : introductions' worth of them.
    fund_weight : introductions' worth of what all funds do, in the chances of one.

    Raises
    ------
    BadValue
        If a mean is not between 0 and 1, or a weight not above 0.
    """

    means: tuple[float, float, float, float] = (0.80, 0.15, 0.35, 0.70)
    weight: float = 20.0
    fund_weight: float = 20.0

    def __post_init__(self) -> None:
        for mean in self.means:
            if not 0 < mean < 1:
                raise BadValue("between 0 and 1", mean, "means")
        for name in ("weight", "fund_weight"):
            if not getattr(self, name) > 0:
                raise BadValue("above 0", getattr(self, name), name)


@dataclass(frozen=True, eq=False)
class Steps:
    """What is known of STEPS on a day, as (a, b) of Beta distributions.

    Attributes
    ----------
    every : of all funds, shape (len(STEPS), 2).
    known : how many introductions it is known of whether they took each step, shape (len(STEPS),).
    enough : of which a step has to be known, to be told.
    funds : of the funds with a count of their own.
    """

    every: Floats
    funds: Mapping[str, Floats]
    fund_weight: float
    known: Floats
    enough: float

    @classmethod
    def of(cls, market: Market, settings: StepSettings = StepSettings()) -> "Steps":
        """Count the introductions that a Market knows and whose windows have closed."""
        return cls.counted(
            (one for told in market.introductions.values() for one in told), market.as_of, settings
        )

    @classmethod
    def counted(cls, introductions: Iterable[Introduction], as_of: date, settings: StepSettings) -> "Steps":
        """Count introductions by what was known of them at the start of `as_of`."""
        counts: dict[str, Floats] = {}
        for one in introductions:
            counts.setdefault(one.fund_id, np.zeros((len(STEPS), 2)))[:] += outcomes(one, as_of)
        means = np.array(settings.means)
        every = settings.weight * np.stack([means, 1 - means], axis=1)
        counted = np.sum([np.zeros_like(every), *counts.values()], axis=0)
        every = every + counted
        drawn = settings.fund_weight * every / every.sum(axis=1, keepdims=True)
        funds = {id_: drawn + own for id_, own in counts.items()}
        return cls(every, funds, settings.fund_weight, counted.sum(axis=1), settings.weight)

    def of_fund(self, fund_id: str) -> Floats:
        """Return (a, b) of each step with one fund, shape (len(STEPS), 2)."""
        usual = self.fund_weight * self.every / self.every.sum(axis=1, keepdims=True)
        return self.funds.get(fund_id, usual)

    def chances(self, fund_id: str) -> tuple[Chance, ...]:
        """Tell the chance of each step with one fund, given the step before it."""
        return tuple(_chance(float(a), float(b)) for a, b in self.of_fund(fund_id))

    def after_yes(self, fund_id: str) -> dict[Status, Chance]:
        """Tell the chances that a fund that has accepted meets the startup, and that it invests.

        A step is told if more introductions are known of it, and of each before it, than the prior weighs.
        """
        told = {}
        for step in (Status.MET, Status.INVESTED):
            if self.known[: STEPS.index(step) + 1].min() > self.enough:
                told[step] = self.whole(fund_id, CERTAIN, step)
        return told

    def whole(self, fund_id: str, accepts: Chance, last: Status = Status.INVESTED) -> Chance:
        """Tell the chance that an introduction gets as far as `last`.

        Steps are taken as independent. The mean and variance of the product are exact; its interval is that
        of the Beta distribution with the same two.
        """
        deviation = (accepts.high - accepts.low) / (2 * Z_95)
        a, b = self.of_fund(fund_id)[: STEPS.index(last) + 1].T
        mean = accepts.probability * float(np.prod(a / (a + b)))
        square = (accepts.probability**2 + deviation**2) * float(
            np.prod(a * (a + 1) / ((a + b) * (a + b + 1)))
        )
        spread = max(square - mean**2, 1e-12)
        weight = max(mean * (1 - mean) / spread - 1, LEAST_WEIGHT)
        return _chance(mean * weight, (1 - mean) * weight) if 0 < mean < 1 else Chance(mean, mean, mean)


def outcomes(introduction: Introduction, as_of: date) -> Floats:
    """Tell whether each step followed the one before it, as (1, 0), (0, 1) or (0, 0), shape (len(STEPS), 2).

    A step implies those before it. One that was not taken counts as missed once the introduction was closed,
    save for capacity or by the founder, or once its window has passed.
    """
    found = np.zeros((len(STEPS), 2))
    opened = introduction.known_from
    if opened is None or label(introduction, Outcome.ACCEPTS, as_of) is not Label.POSITIVE:
        return found
    told = [event for event in introduction.events if event.at < as_of]
    reached = max((STEPS.index(event.status) + 1 for event in told if event.status in STEPS), default=0)
    found[:reached, 0] = 1
    if reached == len(STEPS):
        return found
    last, age = told[-1], (as_of - opened).days
    nothing = last.status in _SAYS_NOTHING or (
        last.reason is not None and last.reason.group is PassGroup.CAPACITY
    )
    if not nothing and (last.status in _CLOSED or age > WINDOW_DAYS[reached]):
        found[reached, 1] = 1
    return found


def _chance(a: float, b: float) -> Chance:
    low, high = betaincinv(a, b, np.array([0.025, 0.975]))
    mean = a / (a + b)  # of a very skew distribution the mean lies outside the middle 95 %
    return Chance(mean, min(float(low), mean), max(float(high), mean))
