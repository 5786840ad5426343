"""What markets and texts are put together from: topics, sectors, phrases and places."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from matching.vocabulary import BusinessModel, Sector, Stage

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Pair = tuple[str, str]
"""The same thing in English and in Vietnamese."""

STAGES = (
    Stage.PRE_SEED,
    Stage.SEED,
    Stage.PRE_SERIES_A,
    Stage.SERIES_A,
    Stage.SERIES_B,
    Stage.SERIES_C,
    Stage.SERIES_D_PLUS,
)
"""The path of a startup, earliest first; stages are positions in it."""

STAGE_WORDS: tuple[Pair, ...] = (
    ("pre-seed", "tiền hạt giống"),
    ("seed", "hạt giống"),
    ("pre-Series A", "tiền Series A"),
    ("Series A", "Series A"),
    ("Series B", "Series B"),
    ("Series C", "Series C"),
    ("late-stage", "giai đoạn sau"),
)

ROUND_USD = np.array([1.2e5, 3.7e5, 1.2e6, 4.0e6, 1.0e7, 1.5e7, 4.0e7])
"""Median size of a round by stage, US dollars: Crunchbase's where it knows the stage."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A line of business inside a sector; `noun` names it, `what` is a product of it, by language."""

    code: str
    sector: int
    noun: Pair
    what: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SectorWords:
    """A sector: those it occurs with, its share of startups (any unit) and whom its startups serve."""

    code: Sector
    related: tuple[int, ...]
    models: tuple[BusinessModel, ...]
    share: float
    whom: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class City:
    """A city; `startups` and `funds` are shares inside its country, in any unit."""

    country: int
    name: Pair
    startups: float
    funds: float


@dataclass(frozen=True, slots=True)
class Country:
    """A country, its shares of startups and of funds outside Vietnam, in any unit."""

    code: str
    name: Pair
    startups: float
    funds: float


COUNTRIES = (
    Country("VN", ("Vietnam", "Việt Nam"), 0, 45),
    Country("SG", ("Singapore", "Singapore"), 32, 24),
    Country("ID", ("Indonesia", "Indonesia"), 26, 7),
    Country("TH", ("Thailand", "Thái Lan"), 12, 4),
    Country("MY", ("Malaysia", "Malaysia"), 13, 4),
    Country("PH", ("Philippines", "Philippines"), 14, 2),
    Country("KH", ("Cambodia", "Campuchia"), 3, 0),
    Country("JP", ("Japan", "Nhật Bản"), 0, 6),
    Country("KR", ("South Korea", "Hàn Quốc"), 0, 4),
    Country("US", ("United States", "Hoa Kỳ"), 0, 4),
)
VIETNAM = 0

CITIES = (
    City(0, ("Ho Chi Minh City", "Thành phố Hồ Chí Minh"), 55, 62),
    City(0, ("Hanoi", "Hà Nội"), 31, 33),
    City(0, ("Da Nang", "Đà Nẵng"), 6, 3),
    City(0, ("Can Tho", "Cần Thơ"), 3, 1),
    City(0, ("Hue", "Huế"), 2, 0.5),
    City(0, ("Hai Phong", "Hải Phòng"), 3, 0.5),
    City(1, ("Singapore", "Singapore"), 1, 1),
    City(2, ("Jakarta", "Jakarta"), 78, 95),
    City(2, ("Bandung", "Bandung"), 14, 4),
    City(2, ("Surabaya", "Surabaya"), 8, 1),
    City(3, ("Bangkok", "Bangkok"), 90, 98),
    City(3, ("Chiang Mai", "Chiang Mai"), 10, 2),
    City(4, ("Kuala Lumpur", "Kuala Lumpur"), 85, 95),
    City(4, ("Penang", "Penang"), 15, 5),
    City(5, ("Manila", "Manila"), 88, 97),
    City(5, ("Cebu", "Cebu"), 12, 3),
    City(6, ("Phnom Penh", "Phnom Penh"), 1, 1),
    City(7, ("Tokyo", "Tokyo"), 1, 1),
    City(8, ("Seoul", "Seoul"), 1, 1),
    City(9, ("San Francisco", "San Francisco"), 1, 1),
)
CITY_COUNTRY = np.array([city.country for city in CITIES])


@lru_cache(1)
def sectors() -> tuple[SectorWords, ...]:
    """Read the sectors, in the order of `Sector`."""
    rows = {row["sector"]: row for row in _rows("sectors.csv")}
    codes = [sector.value for sector in Sector]
    return tuple(
        SectorWords(
            code=sector,
            related=tuple(codes.index(code) for code in row["related"].split(";")),
            models=tuple(BusinessModel(code) for code in row["models"].split(";")),
            share=float(row["share"]),
            whom=(tuple(row["whom_en"].split("|")), tuple(row["whom_vi"].split("|"))),
        )
        for sector in Sector
        for row in (rows[sector],)
    )


@lru_cache(1)
def topics() -> tuple[Topic, ...]:
    """Read the topics of all sectors."""
    codes = [sector.value for sector in Sector]
    return tuple(
        Topic(
            code=row["topic"],
            sector=codes.index(row["sector"]),
            noun=(row["noun_en"], row["noun_vi"]),
            what=(tuple(row["what_en"].split("|")), tuple(row["what_vi"].split("|"))),
        )
        for row in _rows("topics.csv")
    )


@lru_cache
def phrases(kind: str) -> tuple[Pair, ...]:
    """Read the phrases of a kind: startup, how, extra, thesis or second."""
    return tuple((row["en"], row["vi"]) for row in _rows("phrases.csv") if row["kind"] == kind)


@lru_cache(1)
def topic_table() -> Ints:
    """List the topics of each sector, shape (n_sectors, most topics of a sector), cyclically filled."""
    own = [[at for at, topic in enumerate(topics()) if topic.sector == s] for s in range(len(Sector))]
    width = max(map(len, own))
    return np.array([[found[at % len(found)] for at in range(width)] for found in own])


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("data").joinpath("synthetic", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
