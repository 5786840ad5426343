import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.knowledge import Knowledge
from matching.market import build_market, profile_vectors
from matching.pairs import Pairs
from matching.rank import PriorRanker
from matching.records import Startup
from matching.vocabulary import Feature
from tests.matching.worlds import (
    ASKING,
    FIXED,
    HAND_MADE,
    QUICK,
    TODAY,
    HashedVectors,
    engine_of,
    hand_made,
    questions,
)

VECTORS = HashedVectors()


@QUICK
@given(questions(), st.data())
def test_a_fund_s_numbers_are_the_same_bits_whoever_is_beside_it(
    question: tuple[Knowledge, Startup], data: st.DataObject
) -> None:
    world, asking = question
    market = build_market(world, TODAY, VECTORS)
    texts = profile_vectors(
        [*world.startups, asking], VECTORS
    )  # many profiles at once, as training embeds them
    whole = Pairs.of(asking, texts[-1], market).matrix(np.arange(len(world.funds)))
    alone = Pairs.of(asking, profile_vectors([asking], VECTORS)[0], market)
    rows = np.array(
        data.draw(st.lists(st.sampled_from(range(len(world.funds))))) if world.funds else [], np.int64
    )
    assert alone.matrix(rows).tobytes() == whole[rows].tobytes()


@QUICK
@given(questions())
def test_what_is_served_is_scored_by_these_numbers(question: tuple[Knowledge, Startup]) -> None:
    world, asking = question
    engine = engine_of(world)
    pairs = Pairs.of(asking, profile_vectors([asking], VECTORS)[0], engine.market)
    for ranked in engine.rank(asking, 10):
        row = np.array([engine.market.funds.row_of[ranked.fund_id]])
        assert ranked.score == PriorRanker().beside(pairs).scores(row)[0]


def test_a_profile_that_names_no_sector_is_told_with_the_ones_read() -> None:
    market = hand_made().market
    silent = Startup(startup_id="asking", description=ASKING.description)
    pairs = Pairs.of(silent, profile_vectors([silent], FIXED)[0], market)
    assert pairs.startup.sectors == HAND_MADE.startups[0].sectors
    sector = list(Feature).index(Feature.SECTOR)
    assert pairs.matrix(np.arange(3))[0, sector] > 0.5
