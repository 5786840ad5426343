"""Deals told one by one, and random markets of them: what the features are counted again from."""

import math
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from matching.knowledge import Knowledge
from matching.market import Market, build_market
from matching.records import Startup
from tests.matching.worlds import TODAY, HashedVectors, questions

VECTORS = HashedVectors()
TAGS = ("Pay", "pay", "farm", "Fish")


@dataclass(frozen=True)
class Told:
    """A deal of a Market.

    Attributes
    ----------
    company, fund : rows; age : in years.
    first : whether it is of the oldest day of its company; size : deals of its company on its day.
    """

    startup: Startup
    company: int
    fund: int
    age: float
    first: bool
    size: int

    def weight(self, half_life: float) -> float:
        """Less with age, as a follow-on and in a syndicate."""
        age = math.pow(0.5, self.age / half_life)
        return age * (1.0 if self.first else 0.3) / math.pow(self.size, 0.33)


def deals_of(market: Market) -> list[Told]:
    """List the deals of a Market."""
    columns = market.deals.company.tolist(), market.deals.fund.tolist(), market.deals.age_years.tolist()
    told = list(zip(*columns, strict=True))
    return [
        Told(
            startup=market.companies[company],
            company=company,
            fund=fund,
            age=age,
            first=age == max(other for c, _, other in told if c == company),
            size=sum((c, a) == (company, age) for c, _, a in told),
        )
        for company, fund, age in told
    ]


@st.composite
def asked(draw: st.DrawFn, size: int = 5) -> tuple[Market, Startup]:
    """Draw a Market of companies with tags, and who asks."""
    world, asking = draw(questions(size))

    def tagged(startup: Startup) -> Startup:
        return replace(startup, tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=2, unique=True))))

    startups = tuple(tagged(startup) for startup in world.startups)
    told = Knowledge(startups, world.funds, world.deals)
    return build_market(told, TODAY, VECTORS), tagged(asking)
