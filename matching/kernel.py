"""The similarity kernel: blocks of a company's vector, so that one inner product is its exponent.

w(query, company) = exp(text (cos - floor) + sector cos + country [same] + stage closeness): a
nearest-neighbour weight over past investments (a product kernel; Nadaraya 1964, Watson 1964).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.protocols import FloatMatrix
from matching.vocabulary import Sector, Stage

USUAL_FLOOR = 0.83
"""Cosine of two unrelated texts under multilingual-e5-small, measured on data/vietnam (.82 to .85)."""

FLOOR_WEIGHT = 20
"""How many texts the usual floor counts for when a market's own floor is estimated."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """Weights of the blocks, in units of the exponent.

    Attributes
    ----------
    text : gain of one unit of cosine between texts above `text_floor`.
    text_floor : cosine of unrelated texts; a company without a text counts as just that far.
    sector : gain of the same set of sectors (cosine of the two sets).
    country : gain of the same country.
    stage : gain of the same stage; each step away halves it.
    """

    text: float = 12.0
    text_floor: float = USUAL_FLOOR
    sector: float = 2.0
    country: float = 2.0
    stage: float = 1.0


@dataclass(frozen=True, slots=True)
class Company:
    """What the kernel sees of a startup: `text` is its unit vector, or zeros where it has no text."""

    text: npt.NDArray[np.float32]
    sectors: frozenset[Sector]
    country: str | None
    stage: Stage | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each block lies in a vector: text, its floor, sectors, stages, then a column a country.

    The countries are those of the market's own companies, in alphabetical order: a country that no
    company has cannot match.
    """

    kernel: Kernel
    text_width: int
    countries: tuple[str, ...]

    @property
    def width(self) -> int:
        """Dimensions of a vector."""
        return self.text_width + 1 + len(Sector) + len(Stage) + len(self.countries)

    def companies(self, companies: Sequence[Company]) -> FloatMatrix:
        """Lay out rows for the index, shape (n, width)."""
        return self._rows(companies, is_query=False)

    def query(self, company: Company) -> FloatMatrix:
        """Lay out the one row that asks, shape (1, width)."""
        return self._rows([company], is_query=True)

    def _rows(self, companies: Sequence[Company], *, is_query: bool) -> FloatMatrix:
        rows = np.zeros((len(companies), self.width), np.float32)
        if not len(companies):
            return rows
        texts = np.stack([company.text for company in companies])
        told = texts.any(axis=1)
        gain = np.float32(np.sqrt(self.kernel.text))
        at = self.text_width
        rows[:, :at] = texts * gain
        rows[:, at] = told if is_query else told * np.float32(-self.kernel.text * self.kernel.text_floor)
        sectors, stages, countries = self._block_starts()
        for row, company in zip(rows, companies, strict=True):
            row[sectors:stages] = _sector_block(company.sectors) * np.sqrt(self.kernel.sector)
            row[stages:countries] = _stage_block(company.stage, smooth=is_query) * np.sqrt(self.kernel.stage)
            if company.country in self.countries:
                row[countries + self.countries.index(company.country)] = np.sqrt(self.kernel.country)
        return rows

    def _block_starts(self) -> tuple[int, int, int]:
        sectors = self.text_width + 1
        return sectors, sectors + len(Sector), sectors + len(Sector) + len(Stage)


def _sector_block(sectors: frozenset[Sector]) -> npt.NDArray[np.float32]:
    block = np.array([sector in sectors for sector in Sector], np.float32)
    block /= np.sqrt(max(1.0, float(block.sum())))
    return block


def _stage_block(stage: Stage | None, *, smooth: bool) -> npt.NDArray[np.float32]:
    """Mark a stage; the asking side spreads over the neighbours, so that one step away counts half."""
    if stage is None:
        return np.zeros(len(Stage), np.float32)
    steps = np.abs(np.arange(len(Stage)) - list(Stage).index(stage))
    closeness: npt.NDArray[np.float64] = 0.5**steps if smooth else (steps == 0).astype(np.float64)
    return closeness.astype(np.float32)


def text_floor(texts: FloatMatrix) -> float:
    """Estimate the cosine of two unrelated texts from the companies of a market.

    The mean over all pairs is the squared length of the mean vector, less the pairs of a text with
    itself; with few texts it is drawn towards `USUAL_FLOOR`.

    >>> text_floor(np.zeros((0, 384), np.float32))
    0.83
    """
    told = texts[texts.any(axis=1)]
    n = len(told)
    if n < 2:
        return USUAL_FLOOR
    total = told.sum(axis=0, dtype=np.float64)
    pairs = (float(total @ total) - n) / (n * (n - 1))
    return (n * pairs + FLOOR_WEIGHT * USUAL_FLOOR) / (n + FLOOR_WEIGHT)
