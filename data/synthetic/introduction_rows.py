"""Introductions of a synthetic market, and the truth about them and the funds, as rows of text."""

from collections.abc import Iterator

import numpy as np

from data.synthetic.columns import blank, iso
from data.synthetic.courses import REASONS, STATUSES
from data.synthetic.ids import fund_id, introduction_id, startup_id
from data.synthetic.introductions import Introductions
from data.synthetic.market import NEVER, Funds
from matching.vocabulary import IntroductionStatus as Status

Row = dict[str, str]

TRUE_FUND = ("fund_id", "died_on", "turned_on", "monthly_capacity")
TRUE_INTRODUCTION = ("introduction_id", "rank_shown", "propensity", "load", "chance")

MANAGERS = 5
CHUNK = 50_000
_TOLD_WHY = (Status.INVESTOR_DECLINED, Status.PASSED)


def introductions(drawn: Introductions) -> Iterator[Row]:
    """Yield the rows of introductions.csv."""
    cells = zip(drawn.startup.tolist(), drawn.fund.tolist(), iso(drawn.opened), strict=True)
    for row, (startup, fund, opened) in enumerate(cells):
        yield {
            "introduction_id": introduction_id(row),
            "startup_id": startup_id(startup),
            "fund_id": fund_id(fund),
            "opened_on": opened,
            "released_by": f"synthetic manager {1 + startup % MANAGERS}",
        }


def events(drawn: Introductions) -> Iterator[Row]:
    """Yield the rows of introduction_events.csv, by introduction, then time."""
    for start in range(0, len(drawn.at), CHUNK):
        at = drawn.at[start : start + CHUNK]
        order = np.argsort(at, axis=1, kind="stable")  # steps of one day stand in the order of the funnel
        days = np.take_along_axis(at, order, axis=1)
        held = days < NEVER
        row, status = start + np.nonzero(held)[0], order[held]
        reason = drawn.reason[row]
        cells = zip(row.tolist(), status.tolist(), iso(days[held]), reason.tolist(), strict=True)
        for which, step, on, why in cells:
            told = why >= 0 and STATUSES[step] in _TOLD_WHY
            yield {
                "introduction_id": introduction_id(which),
                "status": STATUSES[step].value,
                "at": on,
                "reason": REASONS[why].value if told else "",
            }


def true_funds(funds: Funds) -> Iterator[Row]:
    """Yield what no record tells of the funds."""
    died, turned = (blank(iso(days), days == NEVER) for days in (funds.died, funds.turned))
    for row, cells in enumerate(zip(died, turned, funds.capacity.tolist(), strict=True)):
        yield dict(zip(TRUE_FUND, (fund_id(row), cells[0], cells[1], str(cells[2])), strict=True))


def true_introductions(drawn: Introductions) -> Iterator[Row]:
    """Yield how each introduction was drawn; `chance` is that its fund accepts once asked."""
    parts = (drawn.rank, drawn.propensity, drawn.load, drawn.chance)
    for row, (rank, *shares) in enumerate(zip(*(part.tolist() for part in parts), strict=True)):
        cells = (introduction_id(row), str(rank), *(f"{share:.6f}" for share in shares))
        yield dict(zip(TRUE_INTRODUCTION, cells, strict=True))
