"""The features of one startup beside the funds of one Market: the way that serving and training share."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.candidates import Retrieved, retrieve
from matching.features import Counts, count, features
from matching.infer import with_sectors
from matching.market import Floats, Ints, Market
from matching.records import Startup


@dataclass(frozen=True)
class Pairs:
    """A startup beside every fund of one Market.

    Attributes
    ----------
    startup : the one that asks, with sectors read from its text where it names none.
    eligible : rows of the funds it may be introduced to: what is relative is relative to these alone.
    retrieved, counts : the evidence for it, of all funds.
    """

    startup: Startup
    market: Market
    eligible: Ints
    retrieved: Retrieved
    counts: Counts

    @classmethod
    def of(
        cls, startup: Startup, text: npt.NDArray[np.float32], market: Market, eligible: Ints | None = None
    ) -> "Pairs":
        """Gather the evidence for a startup whose text vector is `text`, shape (text width,).

        Without `eligible` all funds are.
        """
        startup = with_sectors(startup, text, market)
        if eligible is None:
            eligible = np.arange(len(market.funds))
        return cls(startup, market, eligible, retrieve(startup, text, market), count(startup, market))

    def matrix(self, rows: Ints) -> Floats:
        """Compute the features of the funds `rows`, shape (len(rows), len(PLAIN_FEATURES)).

        A fund's numbers are the same bits whichever other funds are asked for.
        """
        return features(self.startup, self.market, self.retrieved, self.counts, rows)
