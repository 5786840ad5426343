"""Slices of a test: for whom and for what a method works, and for whom not."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from matching.market import Bools
from matching.records import Startup
from models.judging import NOBODY, SHOWN, Judged
from models.metrics import Interval, PerQuery, mean_interval
from models.windows import Questions

OTHER, UNKNOWN = "other", "unknown"
LARGEST = 8
"""Values of a dimension that are told by name; the rarer ones are OTHER."""

DEALS = (1, 2, 5, 10, 25)
"""Lower ends of the classes of funds by number of deals before the cut."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Recall@10 of one slice; of funds, the share of their deals that were found."""

    dimension: str
    value: str
    recall_10: Interval


def _country(startup: Startup) -> Iterable[str]:
    return (startup.country or UNKNOWN,)


def _sectors(startup: Startup) -> Iterable[str]:
    return [sector.value for sector in startup.sectors] or (UNKNOWN,)


def _stage(startup: Startup) -> Iterable[str]:
    return (startup.stage.value if startup.stage else UNKNOWN,)


def _language(startup: Startup) -> Iterable[str]:
    told = {"vi": startup.description_vi, "en": startup.description}
    return ("+".join(language for language, text in told.items() if text) or UNKNOWN,)


def _described(startup: Startup) -> Iterable[str]:
    return ("described" if startup.description or startup.description_vi else "not described",)


DIMENSIONS: Mapping[str, Callable[[Startup], Iterable[str]]] = {
    "country": _country,
    "sector": _sectors,
    "stage": _stage,
    "language": _language,
    "described": _described,
}


def query_slices(questions: Questions, dimension: str) -> dict[str, Bools]:
    """Mark the queries of each value of a dimension, shape (n_queries,), commonest first.

    A query of several sectors is in the slice of each.
    """
    told = [frozenset(DIMENSIONS[dimension](query)) for query in questions.queries]
    counts = Counter(value for values in told for value in values)
    named = [value for value, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))][:LARGEST]
    found = {value: np.array([value in values for values in told]) for value in named}
    rest = np.array([any(value not in found for value in values) for values in told], np.bool_)
    return {**found, OTHER: rest} if rest.any() else found


def slices(questions: Questions, judged: Judged, measured: PerQuery) -> list[Slice]:
    """Measure recall@10 by every dimension, and of the funds by their number of deals."""
    found = [
        Slice(dimension, value, mean_interval(measured.recall_10[mask[measured.row]]))
        for dimension in DIMENSIONS
        for value, mask in query_slices(questions, dimension).items()
    ]
    return [*found, *_fund_slices(questions, judged)]


def _fund_slices(questions: Questions, judged: Judged) -> list[Slice]:
    deals = np.array([questions.deals_before.get(fund_id, 0) for fund_id in questions.funds] + [0])
    level = np.searchsorted(DEALS, deals[judged.fund], side="right") - 1
    level[judged.fund == NOBODY] = len(DEALS)
    found = (judged.place < SHOWN).astype(np.float64)
    classes = pairwise(DEALS)
    names = [str(low) if high == low + 1 else f"{low}-{high - 1}" for low, high in classes]
    return [
        Slice("deals of the fund", name, mean_interval(found[level == at]))
        for at, name in enumerate([*names, f"{DEALS[-1]}+", "no candidate"])
        if (level == at).any()
    ]
