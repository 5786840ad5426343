"""A market of one deal a company, on one day: what a method scores is then the likeness of companies."""

from collections.abc import Sequence
from datetime import date

from matching.knowledge import Knowledge
from matching.market import Market, lay_out
from matching.records import Deal, Fund, Startup
from tests.matching.worlds import HashedVectors

CUT = date(2020, 1, 1)
VECTORS = HashedVectors()


def one_deal_each(companies: Sequence[Startup], n_funds: int | None = None) -> Market:
    """Let company i be backed by fund i on the day of the cut, or by fund i modulo `n_funds`."""
    n = n_funds or len(companies)
    funds = tuple(Fund(fund_id=f"f{at}") for at in range(n))
    deals = tuple(
        Deal(startup_id=company.startup_id, fund_id=f"f{at % n}", announced_on=CUT)
        for at, company in enumerate(companies)
    )
    return lay_out(Knowledge(tuple(companies), funds, deals), CUT, VECTORS)
