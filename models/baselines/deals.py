"""What a deal weighs: less with age, less as a follow-on, less in a large syndicate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matching.market import Floats, Ints, Market
from matching.records import Startup
from models.judging import NOBODY


@dataclass(frozen=True, slots=True)
class DealWeight:
    """The weight of a deal.

    Attributes
    ----------
    half_life : years after which a deal counts half; None where age does not matter.
    follow_on : weight of a deal in a company that was backed before.
    syndicate : a deal made together with n - 1 others on one day weighs n ** -syndicate.
    """

    half_life: float | None = None
    follow_on: float = 1.0
    syndicate: float = 0.0

    def of(self, market: Market) -> Floats:
        """Weigh every deal, shape (n_deals,)."""
        deals = market.deals
        weight = np.where(is_first(market), 1.0, self.follow_on)
        if self.half_life is not None:
            weight = weight * 0.5 ** (deals.age_years / self.half_life)
        if self.syndicate:
            weight = weight / syndicate_sizes(market) ** self.syndicate
        return np.asarray(weight, np.float64)


def syndicate_sizes(market: Market) -> Floats:
    """Count, for each deal, the funds that invested in its company on its day."""
    deals = market.deals
    together = np.stack([deals.company.astype(np.float64), deals.age_years])
    _, at, size = np.unique(together, axis=1, return_inverse=True, return_counts=True)
    return np.asarray(size[at.ravel()], np.float64)


def is_first(market: Market) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Tell for each deal whether no earlier one of its company is known."""
    deals = market.deals
    oldest = np.zeros(len(market.companies))
    np.maximum.at(oldest, deals.company, deals.age_years)
    first: np.ndarray[tuple[int], np.dtype[np.bool_]] = deals.age_years >= oldest[deals.company]
    return first


def holdings(market: Market, weight: Floats) -> sparse.csr_array:
    """Sum the weights of deals by company and fund, shape (n_companies, n_funds), float32."""
    shape = (len(market.companies), len(market.funds))
    deals = market.deals
    return sparse.csr_array((weight.astype(np.float32), (deals.company, deals.fund)), shape=shape)


def own_rows(queries: Sequence[Startup], market: Market) -> Ints:
    """Return the row of each query's own company in the market, NOBODY where it has none there."""
    return np.array([market.company_row.get(query.startup_id, NOBODY) for query in queries], np.int64)
