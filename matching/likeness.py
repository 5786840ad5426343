"""What the companies nearest to a startup have in common with it: what evidence is chosen by."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.bitsets import bits
from matching.candidates import Retrieved
from matching.market import Bools, Floats, Market
from matching.records import Startup
from matching.vocabulary import Sector

SIMILAR = 0.03
"""How far a cosine has to pass that of unrelated texts: on data/vietnam the nearest twelfth of all pairs."""


@dataclass(frozen=True)
class Likeness:
    """One entry a company of the Market, shape (n_companies,); nothing is told of one that is not near.

    Attributes
    ----------
    near : its kernel weight passes that of a company alike in nothing.
    closeness : exponent of the kernel between the startup and the company, without its place.
    similar_text : the cosine of the two descriptions passes that of unrelated ones by SIMILAR.
    """

    near: Bools
    closeness: Floats
    shares_sector: Bools
    similar_text: Bools
    same_country: Bools
    same_city: Bools

    @cached_property
    def alike(self) -> Bools:
        """Whether a company is like the startup in more than its place."""
        return self.similar_text | self.shares_sector

    @cached_property
    def neighbour(self) -> Bools:
        """Whether a company is in the same place."""
        return self.same_country | self.same_city

    @classmethod
    def of(cls, startup: Startup, market: Market, retrieved: Retrieved) -> "Likeness":
        """Compare a startup with the companies retrieved for it."""
        near = retrieved.company_weight > 1
        rows = np.flatnonzero(near)
        country = market.company_countries[rows] == (startup.country or "?")
        city = market.company_places[rows] == (startup.place or "?")
        kernel = market.layout.kernel
        # an unknown country was retrieved as the same one, and a small city has no weight
        place = kernel.country * (country | (startup.country is None))
        place = place + kernel.city * (city & (startup.place in market.layout.cities))
        cosine = (market.company_texts[rows] * retrieved.text).sum(axis=1, dtype=np.float64)

        closeness = np.zeros(len(near))
        closeness[rows] = np.log(retrieved.company_weight[rows]) - place

        def among_all(told: Bools) -> Bools:
            found = np.zeros(len(near), np.bool_)
            found[rows] = told
            return found

        return cls(
            near=near,
            closeness=closeness,
            shares_sector=among_all(market.company_sectors[rows] & bits(startup.sectors, Sector) != 0),
            similar_text=among_all(cosine >= retrieved.text_floor + SIMILAR),
            same_country=among_all(country),
            same_city=among_all(city),
        )
