from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings

from matching.knowledge import Knowledge
from matching.market import Ints, Market
from matching.pairs import Pairs
from matching.records import Deal, Fund, Startup
from matching.vocabulary import Rung
from models.examples import Examples, build_examples
from models.features.view import COLUMNS, DealView, Matrix, Seen
from models.history import History, Remembered
from models.leaks import first_difference, first_leak
from models.releases import read, write
from models.training import Lesson, Training, learn
from tests.models.histories import SNAPSHOTS, TRAINED, with_later_facts
from tests.models.lessons import DAY, VECTORS, examples_of, market, releases, told_otherwise
from tests.models.test_leaks import LATER, QUERY, WORLD


def train(history: History, day: date = DAY) -> Lesson:
    return Training(history, VECTORS, day).run()


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return train(Remembered(market()))


def bytes_of(lesson: Lesson) -> bytes:
    return write(lesson.trained).to_bytes()


def test_a_synthetic_market_teaches_a_rung_above_the_prior(lesson: Lesson) -> None:
    assert lesson.rung is not Rung.PRIOR
    assert lesson.window is not None and lesson.window.end == DAY
    assert set(lesson.judged) == {Rung.PRIOR, Rung.KERNEL, Rung.LOGISTIC}
    assert [step.rung for step in lesson.steps] == [Rung.KERNEL, Rung.LOGISTIC]
    assert read(write(lesson.trained), "r").name == f"{lesson.rung} r"


@pytest.mark.acceptance
def test_training_again_gives_the_same_bytes(lesson: Lesson) -> None:
    assert bytes_of(train(Remembered(market()))) == bytes_of(lesson)


def test_other_ids_and_another_order_of_records_give_the_same_bytes(lesson: Lesson) -> None:
    other = train(Remembered(told_otherwise(market(), 5)[0]))
    assert other.steps == lesson.steps
    assert bytes_of(other) == bytes_of(lesson)


def test_nor_do_they_change_a_byte_of_what_each_rung_learns() -> None:
    examples = examples_of(told_otherwise(market(), 6)[0])
    for rung in (Rung.LOGISTIC, Rung.BOOSTED):
        assert write(learn(examples, rung)).to_bytes() == write(releases()[rung]).to_bytes(), rung


def test_nothing_dated_on_the_day_or_later_changes_a_byte(lesson: Lesson) -> None:
    ids = [startup.startup_id for startup in market().startups[:40]]
    later = [
        Deal(startup_id=id_, fund_id="late", announced_on=DAY + timedelta(days=at))
        for at, id_ in enumerate(ids)
    ]
    fund = Fund(fund_id="late", name="Late", thesis="We back rice.", verified_on=DAY)
    more = replace(market(), funds=(fund, *market().funds), deals=(*later, *market().deals))
    assert bytes_of(train(Remembered(more))) == bytes_of(lesson)


@pytest.mark.parametrize("n", [0, 1, 10])
def test_few_deals_leave_the_prior(n: int) -> None:
    startups = tuple(Startup(startup_id=f"s{at}", country="VN") for at in range(n))
    funds = (Fund(fund_id="f"), Fund(fund_id="g"))
    days = [date(2022, 2, 1) + timedelta(days=100 * at) for at in range(n)]
    deals = tuple(
        Deal(startup_id=f"s{at}", fund_id="fg"[at % 2], announced_on=day) for at, day in enumerate(days)
    )
    lesson = train(Remembered(Knowledge(startups, funds, deals)))
    assert (lesson.rung, lesson.trained.name) == (Rung.PRIOR, "prior-1")
    assert read(write(lesson.trained), "r").name == "prior-1 r"


def test_deals_without_a_day_and_deals_of_one_day_leave_the_prior() -> None:
    startups, fund = (Startup(startup_id="a"), Startup(startup_id="b")), Fund(fund_id="f")
    for day in (None, DAY - timedelta(days=1), DAY):
        deals = tuple(Deal(startup_id=id_, fund_id="f", announced_on=day) for id_ in "ab")
        assert train(Remembered(Knowledge(startups, (fund,), deals))).rung is Rung.PRIOR


# --- leaks: what an earlier question saw must not depend on later facts ---


def build(history: History) -> Iterator[Examples]:
    return build_examples(history, VECTORS, SNAPSHOTS, TRAINED, see=DealView.of)


@settings(deadline=None, max_examples=10)
@given(with_later_facts())
def test_later_facts_change_no_earlier_feature_by_a_bit(told: tuple[Knowledge, Knowledge, date]) -> None:
    world, more, day = told
    assert first_difference(build(Remembered(world)), build(Remembered(more)), day) is None
    assert first_leak(build, Remembered(more), day) is None


def test_a_column_that_peeks_is_caught_whichever_it_is() -> None:
    @dataclass(frozen=True)
    class Peeking:
        seen: Seen
        future: Counter[str]
        column: int

        @property
        def pool(self) -> Ints:
            return self.seen.pool

        def matrix(self, rows: Ints) -> Matrix:
            found = np.nan_to_num(self.seen.matrix(rows))
            funds = [self.seen.pairs.market.funds.records[row].fund_id for row in rows]
            found[:, self.column] = [self.future[fund] for fund in funds]
            return found

    @dataclass(frozen=True)
    class PeekingView:
        view: DealView
        future: Counter[str]
        column: int
        width: int = len(COLUMNS)

        def beside(self, pairs: Pairs) -> Peeking:
            return Peeking(self.view.beside(pairs), self.future, self.column)

    for column in range(0, len(COLUMNS), 7):

        def peeking(history: History, column: int = column) -> Iterator[Examples]:
            future = Counter(told.fund_id for told in history.knowledge(date(2100, 1, 1)).deals)

            def see(market: Market) -> PeekingView:
                return PeekingView(DealView.of(market), future, column)

            return build_examples(history, VECTORS, SNAPSHOTS, TRAINED, see=see)

        leak = first_leak(peeking, Remembered(WORLD), LATER)
        assert leak is not None and (leak.asking, leak.feature) == (QUERY, column)
