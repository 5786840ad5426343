"""How a fund invests, whoever asks: how early, with how many others, and in how many kinds of companies."""

import numpy as np
from scipy import sparse

from matching.dates import DAYS_PER_YEAR
from matching.market import Floats, Market
from matching.vocabulary import Feature
from models.baselines.deals import is_first, syndicate_sizes
from models.baselines.product_kernel import FIELDS, Coded
from models.features.columns import Column

NO_DEAL = "no deal known"
USUAL_AGE = 2.0
"""Years: the age of a company at its first round, which counts for one deal of every fund."""

COLUMNS = (
    Column("first_share", "share of deals", Feature.STAGE, direction=1, missing=NO_DEAL),
    Column("first_share_2y", "share of deals", Feature.STAGE, direction=1, missing=NO_DEAL),
    Column("company_age", "years at the first round", Feature.STAGE),
    Column("together", "log of investors a deal", Feature.POPULARITY, missing=NO_DEAL),
    Column("alone", "share of deals", Feature.POPULARITY, missing=NO_DEAL),
    Column("most_on_a_day", "log of deals", Feature.POPULARITY, missing=NO_DEAL),
    Column("partners", "log of funds", Feature.POPULARITY),
    Column("partners_active", "log of deals a partner", Feature.ACTIVITY),
    *(
        Column(f"one_{field}", "sum of squared shares", reason, missing=f"no {field} of a company known")
        for field, reason in (
            ("country", Feature.COUNTRY),
            ("city", Feature.COUNTRY),
            ("stage", Feature.STAGE),
        )
    ),
)


def habits(market: Market, together: sparse.csr_array) -> Floats:
    """Compute the columns of every fund, shape (n_funds, len(COLUMNS)).

    Parameters
    ----------
    together : who invests with whom, as `models.features.channels.co_investment` gives it.
    """
    deals, n = market.deals, len(market.funds)

    def mean(values: Floats, weight: float | Floats = 1.0, usual: float = 0.0, prior: float = 0.0) -> Floats:
        weights = weight * np.ones(len(deals.fund))
        total = np.bincount(deals.fund, weights, minlength=n) + prior
        of = np.bincount(deals.fund, weights * values, minlength=n) + prior * usual
        return np.where(total > 0, of / np.where(total > 0, total, 1), np.nan)

    first, size = is_first(market).astype(np.float64), syndicate_sizes(market)
    age = _company_ages(market)
    told = np.isfinite(age) & (age >= 0)
    partners = np.diff(sparse.csc_array(together).indptr)
    year = np.bincount(deals.fund, 0.5**deals.age_years, minlength=n)
    held = [Coded.of([field(company) for company in market.companies]) for field in FIELDS]
    columns = [
        mean(first),
        mean(first, 0.5 ** (deals.age_years / 2)),
        mean(np.where(told, age, 0.0), first * told, USUAL_AGE, 1.0),
        mean(np.log(size)),
        mean((size == 1).astype(np.float64)),
        np.log(_largest(_on_one_day(market), market)),
        np.log1p(partners),
        np.log1p((together.T @ year) / np.maximum(together.sum(axis=0), 1e-9)),
        *(_concentration(coded, market) for coded in held),
    ]
    return np.stack(columns, axis=1)


def _company_ages(market: Market) -> Floats:
    """Return the age of each deal's company on its day, in years; NaN where the founding is unknown."""
    days = [market.as_of - c.founded_on if c.founded_on else None for c in market.companies]
    years = np.array([np.nan if day is None else day.days / DAYS_PER_YEAR for day in days])
    return np.asarray(years[market.deals.company] - market.deals.age_years)


def _on_one_day(market: Market) -> Floats:
    """Count, for each deal, those of its fund on its day."""
    deals = market.deals
    days = np.stack([deals.fund.astype(np.float64), deals.age_years])
    _, at, counts = np.unique(days, axis=1, return_inverse=True, return_counts=True)
    return counts[at.ravel()].astype(np.float64)


def _largest(values: Floats, market: Market) -> Floats:
    found = np.full(len(market.funds), np.nan)
    np.fmax.at(found, market.deals.fund, values)
    return found


def _concentration(coded: Coded, market: Market) -> Floats:
    """Return the sum of squared shares of a field's known values in a fund's companies (Herfindahl)."""
    held, n = market.holdings, len(market.funds)
    codes = coded.codes[held.company]
    shape = (n, len(coded.code_of) + 1)
    counts = sparse.csr_array((np.ones(len(codes)), (held.fund, codes)), shape=shape)
    counts = sparse.csr_array(counts[:, 1:])
    total: Floats = np.asarray(counts.sum(axis=1), np.float64).ravel()
    squares: Floats = np.asarray(counts.multiply(counts).sum(axis=1), np.float64).ravel()
    return np.where(total > 0, squares / np.where(total > 0, total, 1) ** 2, np.nan)
