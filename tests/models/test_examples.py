from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from data.database import connect, migrate
from data.importer import import_folder
from data.store import Store
from matching.engine import Engine
from matching.errors import BadValue
from matching.explain import REASONS
from matching.knowledge import Knowledge
from matching.market import Floats, Market, build_market, profile_vectors
from matching.pairs import Pairs
from matching.rank import PriorRanker
from matching.records import Deal, Fund, Introduction, IntroductionEvent, Startup
from matching.vocabulary import Dropped, Feature, IntroductionStatus, Kind, Label, Outcome, PassReason
from models.examples import Examples, best, build_examples, recently_active, stacked
from tests.matching.worlds import HashedVectors
from tests.models.histories import SNAPSHOTS, TRAINED, facts, told_by
from tests.models.oracle import Key, Oracle

VECTORS = HashedVectors()
FLOAT32 = {Feature.THESIS, Feature.PORTFOLIO}
"""Exact search keeps its rows in float32: exponents of up to 60 x (cosine - floor) are good to 2e-5."""


def agrees(numbers: Floats, wanted: dict[Feature, float]) -> None:
    for feature, number in zip(Feature, numbers, strict=True):
        close = pytest.approx(wanted[feature], rel=1e-9, abs=5e-5 if feature in FLOAT32 else 1e-12)
        assert float(number) == close, feature


def rows_of(block: Examples) -> Iterator[tuple[int, Key]]:
    """Each row of a block and what it is about."""
    for at in range(len(block)):
        startup = block.queries[block.query[at]]
        fund_id = block.fund_ids[block.fund[at]]
        yield at, (list(Kind)[block.kind[at]], startup.startup_id, block.day[at].item(), fund_id)


def check_features(world: Knowledge) -> None:
    """Compare every pair of every snapshot, own companies and unknown startups among them."""
    for day in SNAPSHOTS:
        oracle = Oracle(world, VECTORS, day)
        market = build_market(told_by(world)(day), day, VECTORS)
        assert [fund.fund_id for fund in market.funds.records] == list(oracle.funds())
        for startup in world.startups:
            text = profile_vectors([startup], VECTORS)[0]
            matrix = Pairs.of(startup, text, market).matrix(np.arange(len(market.funds)))
            for numbers, fund in zip(matrix, market.funds.records, strict=True):
                agrees(numbers, oracle.features(startup, fund.fund_id))


def check_examples(world: Knowledge) -> None:
    """Compare the rows of every window, their features, and which of them a deal made positive."""
    blocks = build_examples(told_by(world), VECTORS, SNAPSHOTS, TRAINED)
    for block, day, until in zip(blocks, SNAPSHOTS, (*SNAPSHOTS[1:], TRAINED), strict=True):
        oracle = Oracle(world, VECTORS, day)
        wanted = dict(oracle.examples(until, TRAINED))
        assert Counter(key for _, key in rows_of(block)) == Counter(wanted.keys())
        invested = block.labelled(Outcome.INVESTS, Label.POSITIVE)
        for at, key in rows_of(block):
            agrees(block.matrix[at], oracle.features(block.queries[block.query[at]], key[-1]))
            if key[0] is Kind.DEAL:
                assert invested[at] == wanted[key]


@settings(deadline=None, max_examples=25)
@given(facts())
def test_features_equal_the_oracle_s(world: Knowledge) -> None:
    check_features(world)


@settings(deadline=None, max_examples=40)
@given(facts())
def test_examples_equal_the_oracle_s(world: Knowledge) -> None:
    check_examples(world)


@pytest.mark.acceptance
@settings(deadline=None, max_examples=1_000)
@given(facts(8))
def test_features_and_examples_equal_the_oracle_s_in_a_thousand_markets(world: Knowledge) -> None:
    check_features(world)
    check_examples(world)
