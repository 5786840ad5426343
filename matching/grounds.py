"""What a suggestion stands on: the most its band may claim, whatever its share of the scores."""

import numpy as np

from matching.bitsets import bits
from matching.explain import Case
from matching.market import Bools, Ints
from matching.vocabulary import Band, Sector

BANDS = (Band.LOW, Band.MEDIUM, Band.STRONG)


def grounds(case: Case) -> Ints:
    """Tell for every fund the highest position in BANDS that its evidence allows, shape (n_funds,).

    Strong needs a company backed that is like the startup in sector or text, or a declared sector and a
    thesis that both agree; Medium needs something that can be cited. A share of the scores alone is large
    wherever there are few funds.
    """
    funds, held = case.market.funds, case.market.holdings

    def backs(told: Bools) -> Bools:
        found = np.zeros(len(funds), np.bool_)
        found[held.fund[held.by_company.of_all(np.flatnonzero(told))]] = True
        return found

    declares = funds.sectors & bits(case.startup.sectors, Sector) != 0
    speaks = case.retrieved.thesis > 0
    strong = backs(case.likeness.alike) | (declares & speaks)
    medium = declares | speaks | backs(case.likeness.same_country)
    return np.where(strong, 2, np.where(medium, 1, 0)).astype(np.int64)
