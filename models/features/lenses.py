"""Lenses: ways to weigh past companies by what they have in common with a startup.

All that the portfolios of funds say of a startup is a sum, over a fund's companies, of one of these weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from matching.market import Market
from matching.records import Startup
from models.baselines.product_kernel import FIELDS, Exponent, ProductKernel
from models.baselines.ridge import RidgeMap, Smoother
from models.baselines.terms import Vocabulary, tags
from models.judging import NOBODY

TOPIC_GAIN = 4.0
"""Of the exponent of `TOPIC`: alone it has to tell more companies apart than beside the place."""

Weights = npt.NDArray[np.float32]


class Lens(StrEnum):
    """What makes a past company count for a startup; the order fixes the rows of `Lenses.weights`.

    `KERNEL`: the product kernel. `WIDE` and `SHARP`: its square root and square, so that more or fewer
    companies count. `TOPIC`, `SITE`: what companies do, and where and at which stage they are, each alone.
    `RIDGE`: the linear map. `WORDS`: the cosine of words and tags. `COUNTRY`, `CITY`, `STAGE`, `TAG`: the
    same one (of tags, any). The others: both.
    """

    KERNEL = "kernel"
    WIDE = "wide"
    SHARP = "sharp"
    TOPIC = "topic"
    SITE = "site"
    RIDGE = "ridge"
    WORDS = "words"
    TAG = "tag"
    COUNTRY = "country"
    CITY = "city"
    STAGE = "stage"
    COUNTRY_TAG = "country_tag"
    CITY_TAG = "city_tag"
    COUNTRY_STAGE = "country_stage"
    CITY_STAGE = "city_stage"


@dataclass(frozen=True)
class Lenses:
    """The companies of one Market, made ready to be weighed."""

    market: Market
    exponent: Exponent
    smoother: Smoother
    tag_vocabulary: Vocabulary
    tag_marks: sparse.csc_array

    @classmethod
    def of(cls, market: Market) -> Self:
        """Learn the kernel's vectors and the map."""
        told = [tags(company) for company in market.companies]
        vocabulary = Vocabulary.of(told)
        return cls(
            market=market,
            exponent=Exponent.of(ProductKernel(), market),
            smoother=Smoother.of(RidgeMap(), market),
            tag_vocabulary=vocabulary,
            tag_marks=sparse.csc_array(vocabulary.marks(told)),
        )

    def weights(self, startup: Startup) -> Weights:
        """Weigh every company through every lens, shape (len(Lens), n_companies), 0 for the startup's own."""
        asked = [startup]
        words = self.exponent.words(asked)
        topic, site = self.exponent.topic(asked, words)[0], self.exponent.site(asked)[0]
        kernel = to_the_nearest(topic + site)
        tag = self._shares_a_tag(tags(startup))
        told = zip(FIELDS, self.exponent.fields, strict=True)
        country, city, stage = (held.same(field(startup) or "?") for field, held in told)
        found: dict[Lens, npt.NDArray[np.generic]] = {
            Lens.KERNEL: kernel,
            Lens.WIDE: np.sqrt(kernel),
            Lens.SHARP: kernel**2,
            Lens.TOPIC: to_the_nearest(topic * np.float32(TOPIC_GAIN)),
            Lens.SITE: to_the_nearest(site),
            Lens.RIDGE: self.smoother(asked)[0],
            Lens.WORDS: words[0],
            Lens.TAG: tag,
            Lens.COUNTRY: country,
            Lens.CITY: city,
            Lens.STAGE: stage,
            Lens.COUNTRY_TAG: country & tag,
            Lens.CITY_TAG: city & tag,
            Lens.COUNTRY_STAGE: country & stage,
            Lens.CITY_STAGE: city & stage,
        }
        weights = np.empty((len(Lens), len(kernel)), np.float32)
        for row, lens in zip(weights, Lens, strict=True):
            row[:] = found[lens]
        own = self.market.company_row.get(startup.startup_id, NOBODY)
        if own != NOBODY:
            weights[:, own] = 0
        return weights

    def _shares_a_tag(self, told: Sequence[str]) -> npt.NDArray[np.bool_]:
        found = np.zeros(self.tag_marks.shape[0], np.bool_)
        bounds, rows = self.tag_marks.indptr, self.tag_marks.indices
        for column in self.tag_vocabulary.known(told):
            found[rows[bounds[column] : bounds[column + 1]]] = True
        return found


def to_the_nearest(exponent: Weights) -> Weights:
    """Weigh companies by exp of an exponent, the nearest one by 1."""
    return np.asarray(np.exp(exponent - exponent.max(initial=-np.inf)))
