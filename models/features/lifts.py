"""How much more of a fund's deals than of all funds' are like the startup in its topic, and in its site."""

from dataclasses import dataclass

import numpy as np

from matching.market import Floats, Ints, Market
from matching.records import Startup
from models.baselines.product_kernel import Exponent, ProductKernel
from models.features import tracks
from models.features.columns import Column
from models.features.lenses import TOPIC_GAIN, Lens, Weights, to_the_nearest
from models.features.portfolios import HALF_LIVES, Portfolios
from models.judging import NOBODY

LENSES = (Lens.TOPIC, Lens.SITE)
YEARS = max(HALF_LIVES)
COLUMNS = tuple(
    Column(f"{lens}_lift_{YEARS:g}y", "log of a ratio of shares", tracks.REASON[lens], direction=1)
    for lens in LENSES
)


@dataclass(frozen=True)
class Lifts:
    """The companies of one Market, made ready to be compared by topic and by site."""

    market: Market
    exponent: Exponent
    portfolios: Portfolios

    @classmethod
    def of(cls, market: Market) -> "Lifts":
        """Learn the kernel's vectors."""
        return cls(market, Exponent.of(ProductKernel(), market), Portfolios.of(market))

    def weights(self, startup: Startup) -> Weights:
        """Weigh every company through LENSES, shape (len(LENSES), n_companies), 0 for the startup's own."""
        topic = self.exponent.topic([startup], self.exponent.words([startup]))[0] * np.float32(TOPIC_GAIN)
        found = np.stack([to_the_nearest(topic), to_the_nearest(self.exponent.site([startup])[0])])
        own = self.market.company_row.get(startup.startup_id, NOBODY)
        if own != NOBODY:
            found[:, own] = 0
        return found

    def matrix(self, weights: Weights, rows: Ints) -> Floats:
        """Compute COLUMNS of the funds `rows`, shape (len(rows), len(COLUMNS)); 0 for one without a deal."""
        entries = self.portfolios.entries(rows)
        like = entries.sums(weights[:, None, entries.company] * entries.weight[None])
        every = tracks.lifts(like, tracks.market_shares(weights, self.portfolios), entries)
        return np.asarray(every[:, HALF_LIVES.index(YEARS)].T)
