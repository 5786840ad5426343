"""The similarity kernel: blocks of a company's vector, so that one inner product is its exponent.

w(query, company) = exp(text (cos - floor) + sector cos + country [same] + city [same] + stage closeness),
the weight of a past investment as a neighbour of the query (a product kernel: Nadaraya 1964, Watson 1964).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from matching.bitsets import positions
from matching.protocols import FloatMatrix
from matching.vocabulary import Sector, Stage

USUAL_TEXT_FLOOR = 0.83
USUAL_THESIS_FLOOR = 0.78
"""Cosines of unrelated texts under multilingual-e5-small, measured on data/vietnam: company to company .82
to .87, company to thesis sentence .77 to .80."""

FLOOR_WEIGHT = 20
"""How many texts a usual floor counts for when a query's own floor is estimated."""

CITY_SLOTS = 64
"""Cities with a column of their own: the commonest. In a smaller city too few companies wait to be found."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """Weights of the blocks, in units of the exponent; docs/decisions/0006-prior.md measures them.

    Attributes
    ----------
    text : gain of one unit of cosine between texts above the query's floor; a company without a text
        counts as one whose text is unrelated.
    text_alone : the same for a query without sectors, which has nothing else to say what it does.
    thesis : the same between a text and a thesis sentence.
    sector : gain of the same set of sectors (cosine of the two sets).
    country, city : gain of the same country, and of the same city (in Vietnam: province).
    stage : gain of the same stage; each step away halves it.
    """

    text: float = 10.0
    text_alone: float = 60.0
    thesis: float = 40.0
    sector: float = 2.5
    country: float = 4.0
    city: float = 2.0
    stage: float = 1.5


@dataclass(frozen=True, slots=True)
class Floor:
    """The cosine of a query and an unrelated text: its mean over a market's texts.

    Taken for each query by itself, so that a profile in one language is not further from everything
    than the same profile in two. With few texts it is drawn to `usual`.
    """

    mean: npt.NDArray[np.float64]
    n: int
    usual: float

    @classmethod
    def over(cls, texts: FloatMatrix, usual: float) -> "Floor":
        """Take the mean of the rows of `texts` that are not zeros, shape (n, width)."""
        told = texts[texts.any(axis=1)]
        mean = told.sum(axis=0, dtype=np.float64) / max(1, len(told))
        return cls(mean, len(told), usual)

    def of(self, text: npt.NDArray[np.float32]) -> float:
        """Return the floor of a query whose unit vector is `text`.

        >>> Floor.over(np.zeros((0, 384), np.float32), 0.83).of(np.zeros(384, np.float32))
        0.83
        """
        cosine = float(self.mean @ text)
        return self.usual + (cosine - self.usual) * self.n / (self.n + FLOOR_WEIGHT)


@dataclass(frozen=True, slots=True)
class Company:
    """What the kernel sees of a startup.

    Attributes
    ----------
    text : its unit vector, or zeros where it has no text.
    city : the key of its place, "" where unknown.
    """

    text: npt.NDArray[np.float32]
    sectors: frozenset[Sector]
    country: str | None
    city: str
    stage: Stage | None


def common(values: Sequence[str | None], slots: int) -> tuple[str, ...]:
    """Return the commonest values, at most `slots`, in alphabetical order.

    >>> common(["hue", "hanoi", None, "", "hanoi", "vinh"], 2)
    ('hanoi', 'hue')
    """
    counts = Counter(value for value in values if value)
    return tuple(sorted(sorted(counts, key=lambda value: (-counts[value], value))[:slots]))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each block lies in a vector: text, its floor, sectors, stages, countries, cities.

    `countries` and `cities` are those of the market's own companies: one that no company has cannot match.
    """

    kernel: Kernel
    text_width: int
    countries: tuple[str, ...]
    cities: tuple[str, ...]
    text_floor: Floor
    thesis_floor: Floor

    @property
    def width(self) -> int:
        """Dimensions of a vector."""
        return self.text_width + 1 + len(Sector) + len(Stage) + len(self.countries) + len(self.cities)

    def query(self, company: Company) -> FloatMatrix:
        """Lay out the row that asks for companies, shape (1, width)."""
        row = self.companies([company], smooth_stage=True)
        row[:, self.text_width] = self.text_floor.of(company.text) * company.text.any()
        if not company.sectors:
            row[:, : self.text_width + 1] *= np.float32(self.kernel.text_alone / self.kernel.text)
        return row

    def question(self, text: npt.NDArray[np.float32]) -> FloatMatrix:
        """Lay out the row that asks for thesis sentences, shape (1, width)."""
        row = np.zeros((1, self.width), np.float32)
        row[0, : self.text_width] = text
        row[0, self.text_width] = self.thesis_floor.of(text) * text.any()
        return row

    def sentences(self, texts: FloatMatrix) -> FloatMatrix:
        """Lay out thesis sentences, shape (len(texts), width): text and floor alone."""
        rows = np.zeros((len(texts), self.width), np.float32)
        rows[:, : self.text_width] = texts * np.float32(self.kernel.thesis)
        rows[:, self.text_width] = texts.any(axis=1) * -self.kernel.thesis
        return rows

    def companies(self, companies: Sequence[Company], *, smooth_stage: bool = False) -> FloatMatrix:
        """Lay out companies, shape (len(companies), width)."""
        kernel = self.kernel
        texts = np.array([c.text for c in companies], np.float32).reshape(len(companies), self.text_width)
        blocks = (
            texts * np.sqrt(kernel.text),
            texts.any(axis=1, keepdims=True) * -kernel.text,
            _sectors(companies) * np.sqrt(kernel.sector),
            _stages(companies, smooth=smooth_stage) * np.sqrt(kernel.stage),
            _one_hot([c.country or "" for c in companies], self.countries) * np.sqrt(kernel.country),
            _one_hot([c.city for c in companies], self.cities) * np.sqrt(kernel.city),
        )
        return np.hstack([block.astype(np.float32) for block in blocks])


def _sectors(companies: Sequence[Company]) -> npt.NDArray[np.float64]:
    """Mark the sectors of each company, rows of unit length."""
    sets = [[sector in company.sectors for sector in Sector] for company in companies]
    rows = np.array(sets, np.float64).reshape(len(companies), len(Sector))
    rows /= np.sqrt(np.maximum(rows.sum(axis=1, keepdims=True), 1))
    return rows


def _stages(companies: Sequence[Company], *, smooth: bool) -> npt.NDArray[np.float64]:
    """Mark the stage of each company; the asking side is spread so that one step away counts half."""
    marks, level = _stage_marks(smooth), positions(Stage)
    rows = np.zeros((len(companies), len(Stage)))
    for row, company in zip(rows, companies, strict=True):
        if company.stage is not None:
            row[:] = marks[level[company.stage]]
    return rows


@cache
def _stage_marks(smooth: bool) -> npt.NDArray[np.float64]:
    steps = np.abs(np.subtract.outer(np.arange(len(Stage)), np.arange(len(Stage))))
    return 0.5**steps if smooth else np.eye(len(Stage))


def _one_hot(values: Sequence[str], columns: tuple[str, ...]) -> npt.NDArray[np.float64]:
    at = _column_of(columns)
    rows = np.zeros((len(values), len(columns)))
    for row, value in zip(rows, values, strict=True):
        if value in at:
            row[at[value]] = 1
    return rows


@lru_cache(maxsize=8)
def _column_of(columns: tuple[str, ...]) -> Mapping[str, int]:
    return {column: position for position, column in enumerate(columns)}
