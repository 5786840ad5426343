from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings

from matching.engine import Engine
from matching.errors import BadValue
from matching.knowledge import Knowledge
from matching.market import Floats, build_market, profile_vectors
from matching.pairs import Pairs
from matching.rank import PriorRanker
from matching.records import Deal, Fund, Introduction, IntroductionEvent, Startup
from matching.vocabulary import (
    PLAIN_FEATURES,
    Dropped,
    Feature,
    IntroductionStatus,
    Kind,
    Label,
    Outcome,
    PassReason,
)
from models.examples import Examples, PlainSeen, PlainView, build_examples, recently_active, stacked
from models.history import Remembered
from tests.matching.worlds import HashedVectors
from tests.models.answered import answered
from tests.models.histories import SNAPSHOTS, TRAINED, facts
from tests.models.oracle import Key, Oracle

VECTORS = HashedVectors()
FLOAT32 = {Feature.THESIS, Feature.PORTFOLIO}
"""Exact search keeps its rows in float32: exponents of up to 60 x (cosine - floor) are good to 2e-5."""


def agrees(numbers: Floats, wanted: dict[Feature, float]) -> None:
    for feature, number in zip(PLAIN_FEATURES, numbers, strict=True):
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
        market = build_market(Remembered(world).knowledge(day), day, VECTORS)
        assert {fund.fund_id for fund in market.funds.records} == set(oracle.funds())
        for startup in world.startups:
            text = profile_vectors([startup], VECTORS)[0]
            matrix = Pairs.of(startup, text, market).matrix(np.arange(len(market.funds)))
            for numbers, fund in zip(matrix, market.funds.records, strict=True):
                agrees(numbers, oracle.features(startup, fund.fund_id))


def check_examples(world: Knowledge) -> None:
    """Compare the rows of every window, their features, and which of them a deal made positive."""
    blocks = build_examples(Remembered(world), VECTORS, SNAPSHOTS, TRAINED)
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
@settings(deadline=None, max_examples=400)
@given(facts(8))
def test_features_and_examples_equal_the_oracle_s_in_hundreds_of_markets(world: Knowledge) -> None:
    check_features(world)
    check_examples(world)


# --- told by hand ---

JANUARY, JULY, END = date(2020, 1, 1), date(2020, 7, 1), date(2021, 1, 1)


def deal(startup_id: str, fund_id: str, day: str) -> Deal:
    return Deal(startup_id=startup_id, fund_id=fund_id, announced=day, announced_on=date.fromisoformat(day))


def introduction(
    startup_id: str, fund_id: str, day: str, *events: tuple[IntroductionStatus, str, PassReason | None]
) -> Introduction:
    return Introduction(
        introduction_id=f"{startup_id} {fund_id} {day}",
        startup_id=startup_id,
        fund_id=fund_id,
        opened_on=date.fromisoformat(day),
        events=tuple(
            IntroductionEvent(status=status, at=date.fromisoformat(at), reason=reason)
            for status, at, reason in events
        ),
    )


WORLD = Knowledge(
    startups=(
        Startup(startup_id="old"),
        Startup(startup_id="raised"),
        Startup(startup_id="brought", first_seen_on=date(2020, 2, 10)),
        Startup(startup_id="late", first_seen_on=date(2020, 12, 1)),
    ),
    funds=(Fund(fund_id="f"), Fund(fund_id="g"), Fund(fund_id="h"), Fund(fund_id="asleep")),
    deals=(
        deal("old", "asleep", "2016-12-31"),  # three years and a day before the first snapshot
        deal("old", "f", "2019-05-01"),
        deal("old", "g", "2019-06-01"),
        deal("old", "h", "2020-04-01"),  # a later round: no first one, and h is unknown before
        deal("raised", "f", "2020-02-01"),
        deal("raised", "h", "2020-02-01"),
        deal("raised", "asleep", "2020-02-01"),
        deal("raised", "g", "2020-02-02"),  # not on the first day
        deal("brought", "f", "2020-08-01"),
        deal("brought", "h", "2020-08-01"),
        deal("late", "f", "2020-09-01"),  # before anybody saw the startup
    ),
    introductions=(
        introduction("brought", "f", "2020-02-10", (IntroductionStatus.INVESTED, "2020-08-01", None)),
        introduction("brought", "g", "2020-02-10", (IntroductionStatus.PASSED, "2020-03-01", PassReason.FIT)),
        introduction("brought", "h", "2020-02-10"),
        introduction("old", "f", "2020-12-20", (IntroductionStatus.INVESTOR_ASKED, "2020-12-21", None)),
        introduction("old", "f", "2020-12-30"),
        introduction("late", "g", "2020-10-01"),
    ),
)


def told(block: Examples) -> dict[tuple[str, str, str, str], tuple[str, str]]:
    """The rows of a block: kind, startup, day, fund; their labels by outcome."""
    names = list(Label)
    return {
        (key[0].value, key[1], str(key[2]), key[3]): (
            names[block.labels[at][0]].value,
            names[block.labels[at][1]].value,
        )
        for at, key in rows_of(block)
    }


def test_the_rows_of_a_world_told_by_hand() -> None:
    first, second = build_examples(Remembered(WORLD), VECTORS, (JANUARY, JULY), END)
    assert list(Outcome) == [Outcome.ACCEPTS, Outcome.INVESTS]
    assert told(first) == {
        ("deal", "raised", "2020-02-01", "f"): ("uninformative", "positive"),
        ("deal", "raised", "2020-02-01", "g"): ("uninformative", "unlabelled"),
        ("introduction", "brought", "2020-02-10", "f"): ("positive", "positive"),
        ("introduction", "brought", "2020-02-10", "g"): ("negative", "negative"),
    }
    # `h` had no deal yet when it was introduced and when it invested; `asleep` had one, long ago
    assert first.dropped == {Dropped.FUND_UNKNOWN: 2, Dropped.OUTSIDE_POOL: 1}
    # brought is no deal of f a second time, and f no candidate of it; h was introduced, too: nothing is left
    assert told(second) == {("introduction", "old", "2020-12-20", "f"): ("censored", "censored")}
    assert second.dropped == {Dropped.REPEATED: 3, Dropped.STARTUP_UNKNOWN: 2}


def test_funds_that_were_introduced_are_no_candidates_of_the_round_they_joined() -> None:
    without = replace(WORLD, introductions=WORLD.introductions[:1])
    _, second = build_examples(Remembered(without), VECTORS, (JANUARY, JULY), END)
    assert told(second) == {
        ("deal", "brought", "2020-08-01", "g"): ("uninformative", "unlabelled"),
        ("deal", "brought", "2020-08-01", "h"): ("uninformative", "positive"),
        ("deal", "brought", "2020-08-01", "asleep"): ("uninformative", "unlabelled"),
    }


@pytest.mark.parametrize(("day", "investors"), [("2020-08-01", set()), ("2020-08-02", {"h"})])
def test_an_introduction_accounts_for_a_deal_of_its_own_day_and_of_no_earlier_one(
    day: str, investors: set[str]
) -> None:
    brought = (WORLD.introductions[0], introduction("brought", "h", day))
    blocks = build_examples(Remembered(replace(WORLD, introductions=brought)), VECTORS, (JANUARY, JULY), END)
    rows = told(list(blocks)[1])
    assert {
        key[3] for key, labels in rows.items() if key[0] == "deal" and labels[1] == "positive"
    } == investors


def test_the_pool_is_the_caller_s_and_truth_outside_it_can_be_kept() -> None:
    class Nobody(PlainView):
        def beside(self, pairs: Pairs) -> PlainSeen:
            return super().beside(replace(pairs, eligible=np.zeros(0, np.int64)))

    def build(*, keep_truth: bool) -> list[Examples]:
        days, see = (JANUARY, JULY), lambda market: Nobody()
        built = build_examples(
            Remembered(WORLD), VECTORS, days, END, see=see, keep_truth=keep_truth, dtype=np.float32
        )
        return list(built)

    (bare, _), (kept, _) = build(keep_truth=False), build(keep_truth=True)
    deals = {key[3] for key in told(kept) if key[0] == "deal"}
    assert deals == {"f", "asleep"}
    assert not bare.of_kind(Kind.DEAL).any()
    assert bare.dropped == kept.dropped == {Dropped.FUND_UNKNOWN: 2, Dropped.OUTSIDE_POOL: 2}
    assert kept.matrix.dtype == np.float32


def test_the_best_are_those_the_prior_puts_first_and_all_that_tie() -> None:
    market = build_market(Remembered(WORLD).knowledge(JULY), JULY, VECTORS)
    active = recently_active(market)
    pairs = Pairs.of(Startup(), np.zeros(VECTORS.width, np.float32), market, active)
    scores = dict(zip(active.tolist(), PriorRanker().beside(pairs).scores(active).tolist(), strict=True))
    for n in range(1, len(active) + 1):
        least = sorted(scores.values())[-n]
        assert PlainView(n).beside(pairs).pool.tolist() == [row for row in active if scores[row] >= least]
    assert PlainView(99).beside(pairs).pool.tolist() == active.tolist()


def test_features_are_those_that_a_request_is_scored_with() -> None:
    (block,) = build_examples(Remembered(WORLD), VECTORS, (JANUARY,), JULY)
    market = build_market(Remembered(WORLD).knowledge(JANUARY), JANUARY, VECTORS)
    engine = Engine(market, PriorRanker(), VECTORS)
    assert len(block) > 0
    for at, key in rows_of(block):
        served = engine.why(block.queries[block.query[at]], key[-1]).ranked
        assert served is not None
        assert (
            served.score == PriorRanker().parts(block.matrix[at : at + 1].astype(np.float64)).sum(axis=1)[0]
        )


def test_blocks_stacked_say_what_they_said_apart() -> None:
    blocks = list(build_examples(Remembered(WORLD), VECTORS, (JANUARY, JULY), END))
    whole = stacked(blocks)
    assert told(whole) == told(blocks[0]) | told(blocks[1])
    assert whole.snapshot.tolist() == [JANUARY] * len(blocks[0]) + [JULY] * len(blocks[1])
    assert whole.matrix.tobytes() == b"".join(block.matrix.tobytes() for block in blocks)
    assert whole.dropped == {
        Dropped.FUND_UNKNOWN: 2,
        Dropped.OUTSIDE_POOL: 1,
        Dropped.REPEATED: 3,
        Dropped.STARTUP_UNKNOWN: 2,
    }


def test_nothing_known_gives_empty_blocks() -> None:
    blocks = list(build_examples(Remembered(Knowledge((), (), ())), VECTORS, (JANUARY, JULY), END))
    assert [len(block) for block in blocks] == [0, 0]
    assert [(b.matrix.shape, b.labels.shape, b.dropped) for b in blocks] == [((0, 8), (0, 2), {})] * 2


def test_a_snapshot_on_the_day_of_training_is_refused() -> None:
    with pytest.raises(BadValue, match="rising days"):
        list(build_examples(Remembered(WORLD), VECTORS, (END,), END))


def test_a_sample_keeps_every_investor_and_some_of_the_others_alike_in_every_build() -> None:
    def build(sample: float) -> Examples:
        return stacked(build_examples(Remembered(WORLD), VECTORS, (JANUARY, JULY), END, sample=sample))

    whole, half, none = build(1.0), build(0.5), build(0.0)
    assert told(none).keys() == {key for key, label in told(whole).items() if "unlabelled" not in label}
    assert told(none).keys() <= told(half).keys() <= told(whole).keys()
    assert told(half) == told(build(0.5))


def test_beside_an_introduction_stand_funds_drawn_by_lot_that_it_was_not_made_to() -> None:
    days, end = (date(2022, 7, 1), date(2023, 1, 1)), date(2024, 1, 1)
    alone, beside = (
        stacked(
            build_examples(
                Remembered(answered(40)),
                VECTORS,
                days,
                end,
                kinds=frozenset({Kind.INTRODUCTION}),
                others=others,
            )
        )
        for others in (0, 5)
    )
    unlabelled = beside.labelled(Outcome.INVESTS, Label.UNLABELLED)
    assert not alone.labelled(Outcome.INVESTS, Label.UNLABELLED).any()
    assert np.array_equal(beside.matrix[~unlabelled], alone.matrix)
    assert 2 < unlabelled.sum() / len(beside.queries) <= 5
    asked = set(zip(alone.query.tolist(), alone.fund.tolist(), strict=True))
    drawn = set(zip(beside.query[unlabelled].tolist(), beside.fund[unlabelled].tolist(), strict=True))
    assert not asked & drawn
