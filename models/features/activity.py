"""How often and since when a fund invests, whoever asks."""

import numpy as np

from matching.market import Floats, Ints, Market
from matching.vocabulary import Feature
from models.baselines.deals import is_first
from models.features.columns import Column

HALF_LIVES = (0.25, 0.5, 1.0, 2.0, 5.0)
FIRST_HALF_LIVES = (0.5, 1.0)
NO_DEAL, NO_FIRST = "no deal known", "no first round known"

COLUMNS = (
    *(Column(f"deals_{years:g}y", "log of deals", Feature.ACTIVITY, direction=1) for years in HALF_LIVES),
    *(
        Column(f"first_deals_{years:g}y", "log of first rounds", Feature.ACTIVITY, direction=1)
        for years in FIRST_HALF_LIVES
    ),
    Column("trend", "log of a ratio of deals", Feature.ACTIVITY),
    Column("since_last", "years", Feature.ACTIVITY, direction=-1, missing=NO_DEAL),
    Column("since_last_first", "years", Feature.ACTIVITY, direction=-1, missing=NO_FIRST),
    Column("since_start", "years", Feature.POPULARITY, missing=NO_DEAL),
    Column("companies", "log of companies", Feature.POPULARITY, direction=1),
)


def activity(market: Market) -> Floats:
    """Compute the columns of every fund, shape (n_funds, len(COLUMNS))."""
    deals, n = market.deals, len(market.funds)
    first = is_first(market)

    def tally(years: float, among: float | Floats = 1.0) -> Floats:
        weight = among * 0.5 ** (deals.age_years / years)
        return np.asarray(np.bincount(deals.fund, weight, minlength=n), np.float64)

    def newest(fund: Ints, age: Floats) -> Floats:
        found = np.full(n, np.inf)
        np.minimum.at(found, fund, age)
        return np.where(np.isinf(found), np.nan, found)

    columns = [
        *(np.log1p(tally(years)) for years in HALF_LIVES),
        *(np.log1p(tally(years, first.astype(np.float64))) for years in FIRST_HALF_LIVES),
        np.log((tally(0.5) + 0.5) / (tally(2.0) + 0.5)),
        newest(deals.fund, deals.age_years),
        newest(deals.fund[first], deals.age_years[first]),
        -newest(deals.fund, -deals.age_years),
        np.log1p(np.bincount(market.holdings.fund, minlength=n)),
    ]
    return np.stack(columns, axis=1)
