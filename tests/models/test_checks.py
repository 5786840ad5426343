"""The controls of a trial: honest methods pass, a method that has seen the answers does not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from matching.knowledge import Knowledge
from matching.market import Floats, Market
from matching.protocols import VectorStore
from matching.records import Startup
from matching.vocabulary import Control
from models.baselines.popularity import Popularity
from models.checks import ENOUGH, Check, check
from models.evaluation import Evaluator
from models.history import Remembered
from models.methods import Method
from tests.matching.worlds import HashedVectors
from tests.models.planted import ByCountry, by_country
from tests.models.test_evaluation import END, Remembering


def checks(method: Method, of: Remembered) -> dict[Control, Check]:
    evaluator = Evaluator(of, HashedVectors(), [[method]])
    return {told.control: told for told in check(evaluator, list(evaluator.rolling(END, 1)))}


@pytest.mark.parametrize("method", [ByCountry(), Popularity()], ids=lambda method: method.name)
def test_honest_methods_pass(method: Method) -> None:
    told = checks(method, Remembered(by_country()))
    assert {control: one.passed for control, one in told.items()} == {
        Control.SCRAMBLED: True,
        Control.MASKED: True,
        Control.NO_STAGE: None,
    }
    assert told[Control.SCRAMBLED].expected == 10 / 24


def test_who_has_seen_the_answers_fails_in_every_lot() -> None:
    of = Remembered(by_country())
    by_lot = checks(Remembering(of), of)[Control.SCRAMBLED]
    assert by_lot.passed is False
    assert by_lot.recall_10.mean == 1


def test_few_questions_say_nothing() -> None:
    facts = by_country(ENOUGH - 1)
    assert {told.passed for told in checks(ByCountry(), Remembered(facts)).values()} == {None}
    assert checks(ByCountry(), Remembered(Knowledge((), (), ()))) == {}


@dataclass(frozen=True)
class ReadingNames:
    """Scores the funds that the description names."""

    name: str = "reading names"

    def fit(self, market: Market, vectors: VectorStore) -> "NamesRead":
        """Learn the names."""
        return NamesRead(tuple(fund.name for fund in market.funds.records))


@dataclass(frozen=True)
class NamesRead:
    """The names of the funds."""

    names: tuple[str, ...]

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score 1 for a name in the text."""
        return np.array([[name in query.description for name in self.names] for query in queries], np.float64)


def test_descriptions_that_give_their_investor_away_are_caught_by_masking() -> None:
    facts = by_country()
    names = {fund.fund_id: fund.name for fund in facts.funds}
    backers: dict[str, list[str]] = {}
    for deal in facts.deals:
        backers.setdefault(deal.startup_id, []).append(names[deal.fund_id])
    told = tuple(
        replace(startup, description=f"Backed by {' and '.join(backers[startup.startup_id])}.")
        for startup in facts.startups
    )
    masked = checks(ReadingNames(), Remembered(replace(facts, startups=told)))[Control.MASKED]
    assert masked.passed is False
    assert masked.change.high < -0.3
