"""What a suggestion stands on: the most its band may claim, whatever its share of the scores."""

import numpy as np

from matching.bitsets import bits
from matching.explain import SIMILAR, Case
from matching.market import Ints
from matching.vocabulary import Band, Sector

BANDS = (Band.LOW, Band.MEDIUM, Band.STRONG)


def grounds(case: Case) -> Ints:
    """Tell for every fund the highest position in BANDS that its evidence allows, shape (n_funds,).

    Strong needs a company backed that is like the startup in sector or text, or a declared sector and a
    thesis that both agree; Medium needs something that can be cited. A share of the scores alone is large
    wherever there are few funds.
    """
    market, retrieved = case.market, case.retrieved
    asked = bits(case.startup.sectors, Sector)
    near = retrieved.company_weight > 1
    cosines = (market.company_texts * retrieved.text).sum(axis=1, dtype=np.float64)
    alike = near & ((market.company_sectors & asked != 0) | (cosines >= retrieved.text_floor + SIMILAR))
    here = near & (market.company_countries == (case.startup.country or "?"))
    held, n = market.holdings, len(market.funds)
    backs_alike = np.bincount(held.fund, alike[held.company], minlength=n) > 0
    backs_here = np.bincount(held.fund, here[held.company], minlength=n) > 0
    declares, speaks = market.funds.sectors & asked != 0, retrieved.thesis > 0
    strong = backs_alike | (declares & speaks)
    return np.where(strong, 2, np.where(declares | speaks | backs_here, 1, 0)).astype(np.int64)
