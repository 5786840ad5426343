"""Histories of introductions, drawn by a known rule, for the tests of what is learned from them."""

from datetime import date, timedelta

import numpy as np
from scipy.special import expit

from matching.knowledge import Knowledge
from matching.records import Fund, Introduction, IntroductionEvent, Startup
from matching.vocabulary import IntroductionStatus as Status
from matching.vocabulary import Sector

BEGIN, END = date(2022, 1, 1), date(2024, 1, 1)
FUNDS = 12
SECTORS = (Sector.FINTECH, Sector.AGRITECH, Sector.EDTECH)
KNOWN_SINCE = date(2021, 1, 1)


def odds(fund: int, sector: int) -> float:
    """Even funds are eager, and like the sector of their number."""
    return -1.5 + 1.2 * (fund % 2 == 0) + 1.5 * (fund % len(SECTORS) == sector)


def fund(number: int) -> Fund:
    """A fund that is known from its number alone."""
    return Fund(fund_id=f"f-{number:02}", name=f"Fund {number:02}", verified_on=KNOWN_SINCE)


def startup(number: int, sector: int, day: date) -> Startup:
    """A startup of one sector."""
    return Startup(
        startup_id=f"s-{number:04}", sectors=frozenset({SECTORS[sector]}), country="VN", first_seen_on=day
    )


def answered(n_startups: int, seed: int = 0, rule: bool = True) -> Knowledge:
    """Startups over two years, each brought to four funds; without `rule` every fund answers alike."""
    rng = np.random.default_rng(seed)
    startups, introductions = [], []
    for number in range(n_startups):
        day = BEGIN + timedelta(days=int((END - BEGIN).days * number / n_startups))
        sector = int(rng.integers(len(SECTORS)))
        startups.append(startup(number, sector, day))
        for chosen in rng.permutation(FUNDS)[:4].tolist():
            yes = rng.random() < (expit(odds(chosen, sector)) if rule else 0.3)
            status = Status.INVESTOR_OK if yes else Status.INVESTOR_DECLINED
            introductions.append(
                Introduction(
                    introduction_id=f"{number:04} {chosen:02}",
                    startup_id=startups[-1].startup_id,
                    fund_id=f"f-{chosen:02}",
                    opened_on=day,
                    events=(IntroductionEvent(status=status, at=day + timedelta(days=3)),),
                )
            )
    funds = tuple(fund(number) for number in range(FUNDS + 1))  # the last is never asked
    return Knowledge(tuple(startups), funds, (), tuple(introductions))
