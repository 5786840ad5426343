"""The course of every introduction of a synthetic centre: its steps, their days, and why funds passed."""

import numpy as np

from data.synthetic.acceptance import Causes, expit, logit
from data.synthetic.catalogue import Bools, Floats, Ints
from data.synthetic.market import NEVER
from matching.vocabulary import IntroductionStatus as Status
from matching.vocabulary import PassReason

STATUSES = tuple(Status)
REASONS = tuple(PassReason)

FOUNDER_OK, MET, DILIGENCE, TERM_SHEET, INVESTED = 0.85, 0.80, 0.15, 0.35, 0.70
"""Chances of a step after the one before it, of a startup of usual quality: the product's starting priors."""

STEP_GAIN = 0.4
"""Log odds of the steps after a meeting that a deviation of quality adds."""

EXPIRES = 0.4
"""Share of the silent that somebody closes as expired; the others have no further event."""

ON_HOLD, WITHDRAWN, PASSED = 0.10, 0.15, 0.75
"""What becomes of those that go no further, once met; the rest has no further event before due diligence."""

UNTOLD = 0.25
"""Share of passes without a reason."""

DELAYS = {
    Status.FOUNDER_OK: (2, 0.7),
    Status.INVESTOR_ASKED: (1, 0.6),
    Status.INVESTOR_OK: (6, 0.8),
    Status.EXPIRED_NO_REPLY: (30, 0.2),
    Status.INTRODUCED: (1, 0.5),
    Status.MEETING_SET: (3, 0.7),
    Status.MET: (9, 0.6),
    Status.DUE_DILIGENCE: (14, 0.6),
    Status.TERM_SHEET: (35, 0.4),
    Status.INVESTED: (28, 0.4),
    Status.PASSED: (40, 0.4),
}
"""Days after the step before, median and spread of a lognormal; a refusal comes as fast as its consent."""

OF_CENTRE = (
    Status.FOUNDER_ASKED,
    Status.FOUNDER_OK,
    Status.FOUNDER_DECLINED,
    Status.INVESTOR_ASKED,
    Status.EXPIRED_NO_REPLY,
)
"""Steps that need no living fund."""

REASON_SHARES = {
    "line": {PassReason.THESIS: 0.8, PassReason.FIT: 0.1, PassReason.CONFLICT: 0.1},
    "place": {PassReason.GEOGRAPHY: 1.0},
    "stage": {PassReason.STAGE: 0.75, PassReason.TICKET: 0.25},
    "quality": {
        PassReason.TRACTION: 0.35,
        PassReason.MARKET: 0.2,
        PassReason.PRODUCT: 0.15,
        PassReason.TEAM: 0.1,
        PassReason.TERMS: 0.1,
        PassReason.QUALITY: 0.1,
    },
    "load": {
        PassReason.BANDWIDTH: 0.45,
        PassReason.TIMING: 0.3,
        PassReason.CAPACITY: 0.15,
        PassReason.NO_DRY_POWDER: 0.1,
    },
}
"""The reasons told, by the field of `Causes` that they come from."""


class Courses:
    """Draws the steps; each draws for all introductions, so that no answer moves another's.

    Attributes
    ----------
    at : day of each of STATUSES, NEVER for those that do not happen, shape (n, len(STATUSES)).
    founder_ok, accepted, silent : as of `introductions.Introductions`.
    """

    def __init__(self, rng: np.random.Generator, opened: Ints) -> None:
        self._rng, self._n = rng, len(opened)
        self._wait = {
            status: np.exp(np.log(median) + spread * rng.standard_normal(self._n)).astype(np.int64)
            for status, (median, spread) in DELAYS.items()
        }
        self.at = np.full((self._n, len(STATUSES)), NEVER)
        self.at[:, STATUSES.index(Status.FOUNDER_ASKED)] = opened
        self.founder_ok = self._lots() < FOUNDER_OK
        self._step(Status.FOUNDER_OK, Status.FOUNDER_ASKED, self.founder_ok)
        self._step(Status.FOUNDER_DECLINED, Status.FOUNDER_ASKED, ~self.founder_ok, Status.FOUNDER_OK)
        self._step(Status.INVESTOR_ASKED, Status.FOUNDER_OK, self.founder_ok)

    def day(self, status: Status) -> Ints:
        """Return the days of a status, a view."""
        found: Ints = self.at[:, STATUSES.index(status)]
        return found

    def asked_on(self) -> Ints:
        """Return the day the fund is asked, or would be at the earliest."""
        return np.where(self.founder_ok, self.day(Status.INVESTOR_ASKED), self.day(Status.FOUNDER_ASKED))

    def answer(self, chance: Floats, silence: Floats) -> None:
        """Draw which funds accept, and of the others, which say nothing."""
        self.accepted = self.founder_ok & (self._lots() < chance)
        self.silent = self.founder_ok & ~self.accepted & (self._lots() < silence)
        declined = self.founder_ok & ~self.accepted & ~self.silent
        self._step(Status.INVESTOR_OK, Status.INVESTOR_ASKED, self.accepted)
        self._step(Status.INVESTOR_DECLINED, Status.INVESTOR_ASKED, declined, Status.INVESTOR_OK)
        expires = self._lots() < EXPIRES
        self._step(Status.EXPIRED_NO_REPLY, Status.INVESTOR_ASKED, self.silent & expires)

    def go_on(self, quality: Floats, quiet: Bools) -> None:
        """Draw the steps after an acceptance; a quiet fund goes no further than a meeting."""
        met, end = self._lots() < MET, self._lots()
        self._step(Status.INTRODUCED, Status.INVESTOR_OK, self.accepted)
        self._step(Status.MEETING_SET, Status.INTRODUCED, self.accepted)
        self._step(Status.MET, Status.MEETING_SET, met)
        self._step(Status.NO_SHOW, Status.MEETING_SET, ~met, Status.MET)
        deeper = self._passes(DILIGENCE, quality) & ~quiet
        self._step(Status.DUE_DILIGENCE, Status.MET, deeper)
        self._step(Status.PASSED, Status.MET, ~deeper & (end < PASSED))
        self._step(Status.ON_HOLD, Status.MET, ~deeper & (end > 1 - ON_HOLD), Status.PASSED)
        for step, before, usual in (
            (Status.TERM_SHEET, Status.DUE_DILIGENCE, TERM_SHEET),
            (Status.INVESTED, Status.TERM_SHEET, INVESTED),
        ):
            deeper = self._passes(usual, quality)
            self._step(step, before, deeper)
            self._step(Status.WITHDRAWN, before, ~deeper & (end < WITHDRAWN), Status.PASSED)
            self._step(Status.PASSED, before, ~deeper & (end >= WITHDRAWN))

    def end(self, died: Ints, horizon: int) -> None:
        """Drop what the fund would have said after its death, and all that comes after the horizon."""
        heard = np.minimum(self.day(Status.INVESTOR_OK), self.day(Status.INVESTOR_DECLINED)) < died
        self.silent |= self.founder_ok & ~heard
        limit = np.full(self.at.shape, horizon)
        limit[:, [at for at, status in enumerate(STATUSES) if status not in OF_CENTRE]] = np.minimum(
            died, horizon
        )[:, None]
        self.at[self.at >= limit] = NEVER

    def reasons(self, causes: Causes) -> Ints:
        """Draw the reason of each pass by what lowered the chance, as positions in REASONS, -1 for none."""
        weights = np.column_stack([-getattr(causes, name) for name in REASON_SHARES]) + 1e-9
        sums = np.cumsum(weights, axis=1)
        cause = (self._lots()[:, None] * sums[:, -1:] >= sums).sum(axis=1)
        lots, found = self._lots(), np.full(self._n, -1)
        for at, shares in enumerate(REASON_SHARES.values()):
            codes = np.array([REASONS.index(reason) for reason in shares])
            bounds = np.cumsum(list(shares.values()))
            chosen = codes[np.minimum(np.searchsorted(bounds, lots, side="right"), len(codes) - 1)]
            found[cause == at] = chosen[cause == at]
        passed = np.minimum(self.day(Status.INVESTOR_DECLINED), self.day(Status.PASSED)) < NEVER
        return np.where(passed & (self._lots() >= UNTOLD), found, -1)

    def _lots(self) -> Floats:
        return self._rng.random(self._n)

    def _passes(self, usual: float, quality: Floats) -> Bools:
        found: Bools = self._lots() < expit(logit(usual) + STEP_GAIN * quality)
        return found

    def _step(self, status: Status, before: Status, happens: Bools, like: Status | None = None) -> None:
        """Let a step follow another that happened, after its own delay or that of `like`."""
        start = self.day(before)
        on = np.where(happens & (start < NEVER), start + self._wait[like or status], NEVER)
        self.at[:, STATUSES.index(status)] = np.minimum(self.day(status), on)
