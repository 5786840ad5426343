"""Tests of an evaluation whose lists are written by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from matching.knowledge import Knowledge
from matching.market import Floats, Market, build_market
from matching.protocols import VectorStore
from matching.rank import PriorRanker
from matching.records import Fund, Startup
from matching.vocabulary import Stage
from models.evaluation import Result, Trial
from models.judging import judge
from models.methods import Method
from models.served import Served
from models.windows import Questions, Window
from tests.matching.worlds import HashedVectors

Lists = Mapping[str, str]
"""By startup: its funds, a letter each, best first."""


@dataclass(frozen=True)
class Written:
    """Ranks as it is written; a fund that is not named is on no list."""

    name: str
    lists: Lists
    half_life: float = 2.0

    def fit(self, market: Market, vectors: VectorStore) -> "Written":
        """Learn nothing."""
        return self

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score the market's funds, which are the letters in order."""
        rows = np.full((len(queries), len(LETTERS)), -np.inf)
        for at, query in enumerate(queries):
            for place, letter in enumerate(self.lists.get(query.startup_id, "")):
                rows[at, LETTERS.index(letter)] = -place
        return rows


LETTERS = "abcdefghijklmnopqrst"


def questions(year: int, truth: Mapping[str, str], candidates: str = LETTERS) -> Questions:
    """Ask about startups that raise a seed round; the funds of `truth` are letters."""
    return Questions(
        window=Window(date(year, 1, 1), date(year + 1, 1, 1)),
        queries=tuple(Startup(startup_id=id_, country="VN", stage=Stage.SEED) for id_ in sorted(truth)),
        truth={id_: frozenset(funds) for id_, funds in truth.items()},
        candidates=frozenset(candidates),
        deals_before=dict.fromkeys(candidates, 1),
    )


def trial(
    asked: Questions, served: Lists, *baselines: tuple[str, Lists], chance: float = np.nan, name: str = "ours"
) -> Trial:
    """Judge one served method and baselines; every shown fund of all of them has the same chance."""
    funds = tuple(Fund(fund_id=letter) for letter in LETTERS)
    market = build_market(Knowledge((), funds, ()), asked.window.cut, HashedVectors())
    results = {}
    for label, lists in ((name, served), *baselines):
        written = Written(label, lists)
        judged = judge(written.fit(market, HashedVectors()), asked, market)
        told = np.where(judged.shown >= 0, chance, np.nan)
        method: Method = Served(PriorRanker(name=label)) if label == name else written
        results[label] = Result(method, replace(judged, chance=told), (0.25, 0.5), 1.5)
    return Trial(asked, results)
