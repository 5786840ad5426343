"""What is known of the startup that asks, and how much like it there is: the same for every fund."""

import numpy as np

from matching.dates import DAYS_PER_YEAR
from matching.market import Floats
from matching.pairs import Pairs
from matching.vocabulary import Feature
from models.baselines.terms import tags
from models.features.columns import Column
from models.features.lenses import Lens, Weights
from models.features.portfolios import Portfolios

DENSE = ("kernel", "country", "city", "stage", "country_tag")
TINY = 1e-9

COLUMNS = (
    Column("tags", "count", Feature.SECTOR),
    *(
        Column(f"knows_{field}", "yes or no", Feature.PORTFOLIO)
        for field in ("country", "city", "stage", "text")
    ),
    *(Column(f"like_{lens}", "log of deals", Feature.PORTFOLIO) for lens in DENSE),
    Column("eligible", "log of funds", Feature.PORTFOLIO),
    Column("age", "years", Feature.STAGE, missing="founding unknown"),
    Column("spread", "entropy of the kernel's shares", Feature.PORTFOLIO),
)


def asking(pairs: Pairs, weights: Weights, portfolios: Portfolios, kernel: Floats) -> Floats:
    """Compute the columns, shape (len(COLUMNS),).

    Parameters
    ----------
    kernel : the kernel's scores of the eligible funds.
    """
    startup = pairs.startup
    like = (
        weights[[list(Lens).index(Lens(name)) for name in DENSE]].astype(np.float64)
        @ portfolios.of_company[1]
    )
    knows = (startup.country, startup.place, startup.stage_told or startup.stage, startup.texts)
    return np.array(
        [
            len(tags(startup)),
            *(float(bool(field)) for field in knows),
            *np.log1p(like),
            np.log1p(len(pairs.eligible)),
            age(pairs),
            _entropy(kernel),
        ]
    )


def age(pairs: Pairs) -> float:
    """Return the age of the startup in years; NaN where its founding is unknown."""
    founded = pairs.startup.founded_on
    return np.nan if founded is None else (pairs.market.as_of - founded).days / DAYS_PER_YEAR


def _entropy(scores: Floats) -> float:
    share = scores[scores > 0] / max(scores.sum(), TINY)
    return float(-(share * np.log(share)).sum())
