"""How much of a fund's portfolio is like the startup, through every lens."""

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


def tracks(weights: Weights, portfolios: Portfolios, entries: Entries) -> Floats:
    """Compute the columns of some funds, shape (n_funds, len(COLUMNS)).

    `sum` is the log of the weighed deals with companies like the startup; `lift` that of their share in the
    fund's deals, drawn towards the share in all funds' deals, over the latter. `closest` is the largest
    weight of a company, `since` the age of the newest deal with one like the startup, and `among` counts the
    companies that are among the nearest of all.
    """
    seen = weights[:, entries.company]
    like = entries.sums(seen[:, None, :] * entries.weight[None])  # (lens, half-life, fund)
    sums = np.log(np.maximum(like, 0.0) + TINY)
    closest = entries.largest(seen[[list(Lens).index(lens) for lens in CLOSEST]])
    shape = (len(Lens) * len(HALF_LIVES), len(entries.start))  # told in full, for there may be no fund
    blocks = (sums.reshape(shape), lifts(like, weights, portfolios, entries).reshape(shape), closest)
    return np.concatenate([*blocks, _since(seen, entries), _among(weights, entries)]).T


def lifts(like: Floats, weights: Weights, portfolios: Portfolios, entries: Entries) -> Floats:
    """Compare shares of deals with those of all funds, shape (n_lenses, len(HALF_LIVES), n_funds).

    Parameters
    ----------
    like : weighed deals with companies like the startup, of that shape.
    """
    every = portfolios.of_company
    base = weights.astype(np.float64) @ every.T / np.maximum(every.sum(axis=1), TINY)
    base = np.maximum(np.abs(base), TINY)[..., None]
    of = entries.sums(entries.weight)  # (half-life, fund)
    share = (np.maximum(like, 0.0) + SHRINKAGE * base) / (of + SHRINKAGE)
    return np.asarray(np.log(share / base))


def _since(seen: Weights, entries: Entries) -> Floats:
    like = seen[[list(Lens).index(lens) for lens in LATEST]] > 0
    newest = -entries.largest(np.where(like, -entries.age, -np.inf))
    return np.where(np.isinf(newest), np.nan, newest)


def _among(weights: Weights, entries: Entries) -> Floats:
    kernel = weights[list(Lens).index(Lens.KERNEL)]
    order = np.sort(kernel)[::-1]
    least = [order[min(n, len(order)) - 1] if len(order) else np.inf for n in NEAREST]
    return entries.sums((kernel[entries.company] >= np.array(least)[:, None]).astype(np.float64))
