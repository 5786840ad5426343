"""The reverse list: the startups that could be introduced to one fund."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from matching.engine import Engine
from matching.errors import BadValue
from matching.records import Fund, Startup
from matching.suggestions import Prospect
from matching.vocabulary import Gate


@dataclass(frozen=True)
class Prospects:
    """Startups for one fund.

    Attributes
    ----------
    considered : startups that were looked at.
    eligible : those that no gate keeps from the fund.
    gated : how many of them each gate kept from it (a startup may fail several).
    shown : the first of them, best first.
    """

    fund: Fund
    as_of: date
    ranker: str
    considered: int
    eligible: int
    gated: dict[Gate, int]
    shown: tuple[Prospect, ...]


def prospects(engine: Engine, fund_id: str, startups: Iterable[Startup], k: int) -> Prospects:
    """List the `k` best of some startups for a fund.

    Scores of two startups are not on one scale, chances are: those with a chance come first, by it; then the
    others, by the place of the fund on the list of each. Ties go by that place, then by id.

    Raises
    ------
    BadValue
        If `k` is below 1.
    NotFound
        If the Market does not know the fund.
    """
    if k < 1:
        raise BadValue("at least 1", k, "k")
    fund = engine.fund(fund_id)
    found: list[Prospect] = []
    gated: Counter[Gate] = Counter()
    considered = 0
    for startup in startups:
        considered += 1
        told = engine.prospect(startup, fund_id)
        if isinstance(told, Prospect):
            found.append(told)
        else:
            gated.update(told)
    return Prospects(
        fund=fund,
        as_of=engine.market.as_of,
        ranker=engine.ranker.name,
        considered=considered,
        eligible=len(found),
        gated={rule: gated[rule] for rule in Gate if rule in gated},
        shown=tuple(sorted(found, key=_place)[:k]),
    )


def _place(prospect: Prospect) -> tuple[bool, float, int, str]:
    ranked = prospect.suggestion.ranked
    chance = ranked.probability
    return chance is None, -(chance or 0.0), ranked.rank, prospect.startup.startup_id
