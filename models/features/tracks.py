"""How much of a fund's portfolio is like the startup, through every lens."""

from dataclasses import dataclass

import numpy as np

from matching.market import Floats
from matching.vocabulary import Feature
from models.features.columns import Column
from models.features.lenses import Lens, Weights
from models.features.portfolios import HALF_LIVES, Entries, Portfolios

SHRINKAGE = 1.0
"""Weight of deals by which a fund's share is drawn towards that of all funds."""

TINY = 1e-9

REASON = {
    Lens.KERNEL: Feature.PORTFOLIO,
    Lens.WIDE: Feature.PORTFOLIO,
    Lens.SHARP: Feature.PORTFOLIO,
    Lens.TOPIC: Feature.SECTOR,
    Lens.SITE: Feature.COUNTRY,
    Lens.RIDGE: Feature.PORTFOLIO,
    Lens.WORDS: Feature.SECTOR,
    Lens.TAG: Feature.SECTOR,
    Lens.COUNTRY: Feature.COUNTRY,
    Lens.CITY: Feature.COUNTRY,
    Lens.STAGE: Feature.STAGE,
    Lens.COUNTRY_TAG: Feature.SECTOR,
    Lens.CITY_TAG: Feature.SECTOR,
    Lens.COUNTRY_STAGE: Feature.STAGE,
    Lens.CITY_STAGE: Feature.STAGE,
}
CLOSEST = (Lens.KERNEL, Lens.RIDGE, Lens.WORDS)
LATEST = (Lens.COUNTRY, Lens.CITY, Lens.TAG, Lens.STAGE, Lens.COUNTRY_TAG, Lens.COUNTRY_STAGE)
NEAREST = (30, 150, 700)

COLUMNS = (
    *(
        Column(f"{lens}_{what}_{years:g}y", unit, REASON[lens], direction=1)
        for what, unit in (("sum", "log of deals"), ("lift", "log of a ratio of shares"))
        for lens in Lens
        for years in HALF_LIVES
    ),
    *(
        Column(f"{lens}_closest", "weight", REASON[lens], direction=1, missing="no company backed")
        for lens in CLOSEST
    ),
    *(
        Column(f"{lens}_since", "years", REASON[lens], direction=-1, missing="no such company backed")
        for lens in LATEST
    ),
    *(Column(f"among_{n}", "companies", Feature.PORTFOLIO, direction=1) for n in NEAREST),
)


@dataclass(frozen=True)
class Scale:
    """What the portfolios of funds are measured by, for one startup.

    Attributes
    ----------
    shares : as `market_shares` gives them.
    least : weight through KERNEL of the last of the NEAREST companies, shape (len(NEAREST),).
    """

    shares: Floats
    least: Floats

    @classmethod
    def of(cls, weights: Weights, portfolios: Portfolios) -> "Scale":
        """Look at all companies, through the lenses' weights of shape (len(Lens), n_companies)."""
        kernel = np.sort(weights[list(Lens).index(Lens.KERNEL)])[::-1]
        least = [kernel[min(n, len(kernel)) - 1] if len(kernel) else np.inf for n in NEAREST]
        return cls(market_shares(weights, portfolios), np.array(least))


def market_shares(weights: Weights, portfolios: Portfolios) -> Floats:
    """Return the share of companies like the startup in all deals, shape (n_lenses, len(HALF_LIVES)).

    Its size, and at least TINY: the ridge map weighs below 0 as well.
    """
    every = portfolios.of_company
    shares = weights.astype(np.float64) @ every.T / np.maximum(every.sum(axis=1), TINY)
    return np.asarray(np.maximum(np.abs(shares), TINY))


def tracks(weights: Weights, scale: Scale, entries: Entries) -> Floats:
    """Compute the columns of some funds, shape (n_funds, len(COLUMNS)).

    `sum` is the log of the weighed deals with companies like the startup; `lift` that of their share in the
    fund's deals, drawn towards the share in all funds' deals, over the latter: a like deal more adds to both,
    so that the lift of a fund that does little else may fall. `closest` is the largest weight of a company,
    `since` the age of the newest deal with one like the startup, and `among` counts the companies that are
    among the nearest of all.
    """
    seen = weights.take(entries.company, axis=1)
    like = entries.sums(seen[:, None, :] * entries.weight[None])  # (lens, half-life, fund)
    sums = np.log(np.maximum(like, 0.0) + TINY)
    closest = entries.largest(seen[[list(Lens).index(lens) for lens in CLOSEST]])
    shape = (len(Lens) * len(HALF_LIVES), len(entries.start))  # told in full, for there may be no fund
    blocks = (sums.reshape(shape), lifts(like, scale.shares, entries).reshape(shape), closest)
    return np.concatenate([*blocks, _since(seen, entries), _among(seen, scale, entries)]).T


def lifts(like: Floats, shares: Floats, entries: Entries) -> Floats:
    """Compare shares of deals with those of all funds, shape (n_lenses, len(HALF_LIVES), n_funds).

    Parameters
    ----------
    like : weighed deals with companies like the startup, of that shape.
    shares : as `market_shares` gives them.
    """
    base = shares[..., None]
    of = entries.sums(entries.weight)  # (half-life, fund)
    share = (np.maximum(like, 0.0) + SHRINKAGE * base) / (of + SHRINKAGE)
    return np.asarray(np.log(share / base))


def _since(seen: Weights, entries: Entries) -> Floats:
    like = seen[[list(Lens).index(lens) for lens in LATEST]] > 0
    newest = -entries.largest(np.where(like, -entries.age, -np.inf))
    return np.where(np.isinf(newest), np.nan, newest)


def _among(seen: Weights, scale: Scale, entries: Entries) -> Floats:
    kernel = seen[list(Lens).index(Lens.KERNEL)]
    return entries.sums((kernel >= scale.least[:, None]).astype(np.float64))
