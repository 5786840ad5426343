"""Columns of cells: names, dates known to the day, month or year, amounts, gaps."""

from collections.abc import Sequence

import numpy as np

from data.synthetic.catalogue import CITIES, COUNTRIES, STAGES, Bools, Floats, Ints
from data.synthetic.deals import Rounds
from data.synthetic.stated import two_digits
from matching.vocabulary import FundStatus, Instrument, Sector, Stage

LABELS = ("(synthetic)", "(dữ liệu tổng hợp)")
ONSETS = ("zl", "vr", "kw", "dj", "gn", "tz", "mr", "xy", "bz", "fj")
VOWELS = ("a", "e", "i", "o", "u")
YEAR, MONTH, DAY = 4, 7, 10
"""Characters of a date that is known to the year or the month; or the day."""

DEAL_DATES = (0.06, 0.17)
FOUNDED_DATES = (0.60, 0.25)
"""Share of dates known to the year, to the month: as many as are a 1 January, a first, in Crunchbase."""

_CODES = tuple(sector.value for sector in Sector)
_EARLY = tuple(STAGES.index(stage) for stage in (Stage.PRE_SEED, Stage.SEED))


class Keeps:
    """Empties a share of the cells of a column."""

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        self._rng, self._n = rng, n

    def __call__(self, share: float, cells: Sequence[str]) -> list[str]:
        """Empty a `share` of `cells`."""
        return blank(cells, self.mask(share))

    def mask(self, share: float) -> Bools:
        """Draw which cells are empty."""
        return self._rng.random(self._n) < share


def blank(cells: Sequence[str], empty: Bools) -> list[str]:
    """Empty the cells of a mask."""
    return ["" if gone else cell for cell, gone in zip(cells, empty.tolist(), strict=True)]


def codes(sectors: Sequence[int]) -> str:
    """Write sectors, positions in `Sector` of which negative ones are none, as one cell.

    >>> codes([8, -1, 1])
    'fintech;ai'
    """
    return ";".join(_CODES[at] for at in sectors if at >= 0)


def dollars(amounts: Floats) -> list[str]:
    """Write amounts, rounded to two digits that count, as whole dollars."""
    return [f"{amount:.0f}" for amount in two_digits(amounts).tolist()]


def iso(days: Ints) -> list[str]:
    """Write days counted from 1970-01-01."""
    written: list[str] = np.datetime_as_string(days.astype("datetime64[D]")).tolist()
    return written


def dates(
    days: Ints, shares: tuple[float, float], rng: np.random.Generator, not_after: Ints | None = None
) -> list[str]:
    """Write days, a share of them as their year or month alone.

    Parameters
    ----------
    shares : of years and of months.
    not_after : days that the end of a year or month may not pass; the day is told where it would.
    """
    lots = rng.random(len(days))
    years, months = (
        days.astype("datetime64[D]").astype("datetime64[Y]"),
        days.astype("datetime64[D]").astype("datetime64[M]"),
    )
    is_year, is_month = lots < shares[0], (lots >= shares[0]) & (lots < sum(shares))
    if not_after is not None:
        limit = not_after.astype("datetime64[D]")
        is_year &= (years + 1).astype("datetime64[D]") <= limit
        is_month &= (months + 1).astype("datetime64[D]") <= limit
    widths = np.where(is_year, YEAR, np.where(is_month, MONTH, DAY))
    return [on[:width] for on, width in zip(iso(days), widths.tolist(), strict=True)]


def apart(rounds: Rounds, on: Sequence[str], kind: Sequence[str]) -> list[str]:
    """Tell the day of a round that would read like another one of its startup: rounds must not merge."""
    days, found = iso(rounds.day), list(on)
    seen: set[tuple[int, str, str]] = set()
    for at, (startup, told, name) in enumerate(zip(rounds.startup.tolist(), on, kind, strict=True)):
        if (startup, told, name) in seen:
            found[at] = days[at]
        seen.add((startup, found[at], name))
    return found


def country_cells(countries: Ints, rng: np.random.Generator) -> list[str]:
    """Write countries as code or name, as they come in files."""
    ways = rng.integers(0, 4, len(countries)).tolist()
    spelled = [(c.code, c.code, c.name[0], c.name[1]) for c in COUNTRIES]
    return [spelled[at][way] for at, way in zip(countries.tolist(), ways, strict=True)]


def city_cells(cities: Ints, rng: np.random.Generator) -> list[str]:
    """Write cities, some of Vietnam's in Vietnamese."""
    ways = (rng.random(len(cities)) < 0.3).tolist()
    return [CITIES[at].name[way] for at, way in zip(cities.tolist(), ways, strict=True)]


def status_cells(rng: np.random.Generator, n: int) -> list[str]:
    """Say of half the funds that they invest, as of when they were new; no record tells what came later."""
    told = ("", FundStatus.DEPLOYING.value, FundStatus.RAISING.value)
    return [told[at] for at in rng.choice(3, n, p=[0.45, 0.5, 0.05]).tolist()]


def instrument(stage: int, lot: int) -> str:
    """Choose the contract of a round: early ones are often convertible."""
    early = (Instrument.EQUITY, Instrument.SAFE, Instrument.CONVERTIBLE_NOTE, None)
    late = (Instrument.EQUITY, Instrument.EQUITY, Instrument.EQUITY, None)
    chosen = (early if stage in _EARLY else late)[lot % 4]
    return chosen.value if chosen else ""


def coined(lot: int) -> str:
    """Coin a word that is nobody's name.

    >>> coined(0), coined(123_456_789)
    ('Zlazlazla', 'Fjotzokwo')
    """
    syllables = []
    for _ in range(3):
        lot, at = divmod(lot, len(ONSETS) * len(VOWELS))
        syllables.append(ONSETS[at % len(ONSETS)] + VOWELS[at // len(ONSETS)])
    return "".join(syllables).capitalize()


def startup_name(number: int, lot: int, vietnamese: bool) -> str:
    """Name a startup, saying that it is synthetic."""
    return f"{coined(lot)} {number} {LABELS[vietnamese]}"


def fund_name(number: int, lot: int, vietnamese: bool) -> str:
    """Name a fund, saying that it is synthetic."""
    named = f"Quỹ {coined(lot)} {number}" if vietnamese else f"{coined(lot)} Capital {number}"
    return f"{named} {LABELS[vietnamese]}"
