"""Later facts change no earlier number; a feature that peeks on purpose is caught by the very same check."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings

from matching.knowledge import Knowledge, known_before
from matching.market import Floats, Ints, Market, build_market
from matching.pairs import Pairs
from matching.records import Deal, Fund, Startup
from matching.vocabulary import PLAIN_FEATURES, Feature, Kind
from models import examples, snapshots
from models.examples import Examples, PlainSeen, PlainView, build_examples
from models.history import Asked, History, Remembered
from models.leaks import Leak, first_difference, first_leak
from tests.matching.worlds import HashedVectors
from tests.models.histories import SNAPSHOTS, TRAINED, with_later_facts

LATER = date(2021, 2, 1)
FAR = date(2100, 1, 1)


def build(history: History) -> Iterator[Examples]:
    """The honest way."""
    return build_examples(history, HashedVectors(), SNAPSHOTS, TRAINED)


def check(world: Knowledge, more: Knowledge, day: date) -> None:
    """Hold builds from fewer and from more facts against each other."""
    assert first_difference(build(Remembered(world)), build(Remembered(more)), day) is None
    assert first_leak(build, Remembered(more), day) is None


@settings(deadline=None, max_examples=20)
@given(with_later_facts())
def test_later_facts_change_no_earlier_feature_by_a_bit(told: tuple[Knowledge, Knowledge, date]) -> None:
    check(*told)


@pytest.mark.acceptance
@settings(deadline=None, max_examples=400)
@given(with_later_facts())
def test_nor_do_they_in_hundreds_of_markets(told: tuple[Knowledge, Knowledge, date]) -> None:
    check(*told)


@settings(deadline=None, max_examples=20)
@given(with_later_facts())
def test_facts_after_the_day_of_training_change_nothing_at_all(
    told: tuple[Knowledge, Knowledge, date],
) -> None:
    world, more, day = told
    days = [snapshot for snapshot in (date(2019, 1, 1), *SNAPSHOTS) if snapshot < day]
    one, other = (
        examples.stacked(build_examples(Remembered(facts), HashedVectors(), days, day))
        for facts in (world, more)
    )
    assert (one.queries, one.dropped) == (other.queries, other.dropped)
    for column in ("query", "fund", "kind", "snapshot", "day", "matrix", "labels"):
        assert getattr(one, column).tobytes() == getattr(other, column).tobytes(), column


def deal(startup_id: str, fund_id: str, day: date) -> Deal:
    return Deal(startup_id=startup_id, fund_id=fund_id, announced=str(day), announced_on=day)


WORLD = Knowledge(
    startups=tuple(Startup(startup_id=id_, country="VN") for id_ in ("old", "asking", "coming")),
    funds=(Fund(fund_id="f"), Fund(fund_id="g"), Fund(fund_id="late", verified_on=date(2016, 1, 1))),
    deals=(
        deal("old", "f", date(2019, 5, 1)),
        deal("old", "g", date(2019, 6, 1)),
        deal("asking", "f", date(2020, 3, 1)),
        deal("coming", "g", date(2021, 3, 1)),
        deal("coming", "late", date(2021, 3, 1)),
    ),
)
QUERY = (date(2020, 1, 1), Kind.DEAL, "asking", date(2020, 3, 1))


def test_the_world_told_by_hand_leaks_nothing() -> None:
    assert first_leak(build, Remembered(WORLD), LATER) is None
    blocks = list(build(Remembered(WORLD)))
    assert [len(block) for block in blocks] == [2, 0, 2]


def test_a_market_of_what_is_known_today_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def peeking(history: History) -> Iterator[Examples]:
        def market(knowledge: Knowledge, as_of: date, vectors: HashedVectors) -> Market:
            return build_market(history.knowledge(TRAINED), as_of, vectors)

        monkeypatch.setattr(snapshots, "build_market", market)
        return build(history)

    leak = first_leak(peeking, Remembered(WORLD), LATER)
    assert leak is not None
    assert leak.asking == QUERY


@pytest.mark.parametrize("feature", PLAIN_FEATURES)
def test_a_peeking_feature_is_caught_whichever_it_is(
    monkeypatch: pytest.MonkeyPatch, feature: Feature
) -> None:

    def peeking(history: History) -> Iterator[Examples]:
        class Peeking(Pairs):
            def matrix(self, rows: Ints) -> Floats:
                found = super().matrix(rows)
                funds = [self.market.funds.records[row].fund_id for row in rows]
                future = Counter(told.fund_id for told in history.knowledge(FAR).deals)
                found[:, list(Feature).index(feature)] += [1e-9 * future[fund] for fund in funds]
                return found

        monkeypatch.setattr(examples, "Pairs", Peeking)
        return build(history)

    leak = first_leak(peeking, Remembered(WORLD), LATER)
    assert leak is not None
    assert (leak.asking, leak.fund_id, leak.feature) == (QUERY, "g", list(Feature).index(feature))
    assert leak.with_later != leak.without


def test_a_pool_that_knows_who_will_be_active_is_caught() -> None:
    def peeking(history: History) -> Iterator[Examples]:
        future = {told.fund_id for told in history.knowledge(FAR).deals}

        class Peeking(PlainView):
            def beside(self, pairs: Pairs) -> PlainSeen:
                rows = pairs.market.funds.row_of
                known = [rows[id_] for id_ in sorted(future) if id_ in rows]
                return super().beside(replace(pairs, eligible=np.union1d(pairs.eligible, known)))

        return build_examples(history, HashedVectors(), SNAPSHOTS, TRAINED, see=lambda market: Peeking())

    assert first_leak(peeking, Remembered(WORLD), LATER) == Leak(QUERY, "late")


def test_a_profile_of_today_is_caught() -> None:
    edited = replace(WORLD, startups=tuple(replace(s, country="SG") for s in WORLD.startups))

    class Edited(Remembered):
        def knowledge(self, as_of: date | None) -> Knowledge:
            return known_before(edited if as_of is None or as_of > LATER else WORLD, as_of)

    @dataclass(frozen=True)
    class OfToday:
        history: History

        def knowledge(self, as_of: date | None) -> Knowledge:
            return self.history.knowledge(as_of)

        def profiles(self, asked: Iterable[Asked]) -> dict[Asked, Startup]:
            today = {startup.startup_id: startup for startup in self.history.knowledge(TRAINED).startups}
            return {(id_, day): today[id_] for id_, day in asked}

    def peeking(history: History) -> Iterator[Examples]:
        return build(OfToday(history))

    assert first_leak(build, Edited(WORLD), LATER) is None
    leak = first_leak(peeking, Edited(WORLD), LATER)
    assert leak is not None
    assert (leak.asking, leak.feature) == (QUERY, list(Feature).index(Feature.PORTFOLIO))


def test_one_bit_is_a_difference_and_a_later_row_is_none() -> None:
    blocks = list(build(Remembered(WORLD)))
    matrix = blocks[0].matrix.copy()
    matrix[1, 0] = np.nextafter(matrix[1, 0], 1)
    other = [replace(blocks[0], matrix=matrix), *blocks[1:]]
    found = first_difference(blocks, other, LATER)
    fund_id = blocks[0].fund_ids[blocks[0].fund[1]]
    assert found == Leak(QUERY, fund_id, list(Feature).index(Feature.THESIS), 0.0, float(matrix[1, 0]))
    assert first_difference(blocks, other, QUERY[-1]) is None
    assert first_difference(blocks, blocks, LATER) is None
