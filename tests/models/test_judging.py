from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.knowledge import Knowledge
from matching.market import Floats, Market, build_market
from matching.records import Fund, Startup
from models.judging import BLOCK, NOBODY, SHOWN, judge
from models.windows import Questions, Window
from tests.matching.worlds import HashedVectors

CUT = date(2020, 1, 1)
WINDOW = Window(CUT, date(2021, 1, 1))


@dataclass(frozen=True)
class Fixed:
    """The scores given, by startup and fund; 0 where none is."""

    market: Market
    told: Mapping[str, Mapping[str, float]]

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Look scores up."""
        ids = [fund.fund_id for fund in self.market.funds.records]
        rows = [[self.told.get(query.startup_id, {}).get(id_, 0.0) for id_ in ids] for query in queries]
        return np.array(rows, np.float64).reshape(len(queries), len(ids))


def market_of(fund_ids: Sequence[str]) -> Market:
    funds = tuple(Fund(fund_id=id_, name=id_, verified_on=date(2019, 1, 1)) for id_ in fund_ids)
    return build_market(Knowledge((), funds, ()), CUT, HashedVectors())


def questions_of(truth: Mapping[str, Sequence[str]], candidates: Sequence[str]) -> Questions:
    return Questions(
        window=WINDOW,
        queries=tuple(Startup(startup_id=id_) for id_ in sorted(truth)),
        truth={id_: frozenset(funds) for id_, funds in truth.items()},
        candidates=frozenset(candidates),
        deals_before={},
    )


def test_places_shown_funds_and_hits() -> None:
    market = market_of(["x", "c", "b", "a"])  # x is no candidate
    told: dict[str, dict[str, float]] = {
        "p": {"x": 9, "a": 1, "b": 3, "c": 2},
        "q": {"a": 1, "b": -np.inf, "c": 2},
    }
    questions = questions_of({"p": ["a", "b", "x"], "q": ["b", "unknown"], "r": ["unknown"]}, ["a", "b", "c"])
    judged = judge(Fixed(market, told), questions, market)
    assert judged.n_true.tolist() == [3, 2, 1]
    assert judged.n_reachable.tolist() == [2, 1, 0]
    assert judged.n_candidates == 3
    assert judged.query.tolist() == [0, 0, 0, 1, 1, 2]
    assert judged.fund.tolist() == [0, 1, NOBODY, 1, NOBODY, NOBODY]
    assert judged.place.tolist() == [2, 0, np.inf, np.inf, np.inf, np.inf], "gated funds are on no list"
    assert judged.shown[:2, :4].tolist() == [[1, 2, 0, NOBODY], [2, 0, NOBODY, NOBODY]]
    assert judged.hit[0, :3].tolist() == [True, False, True]
    assert not judged.hit[1:].any()
    assert judged.hit.shape == judged.shown.shape == judged.chance.shape == (3, SHOWN)
    assert np.isnan(judged.chance).all()


def test_a_constant_score_puts_the_truth_anywhere() -> None:
    funds = [f"f{at:02}" for at in range(40)]
    market = market_of(funds)
    truth = {f"s{at:04}": ["f00"] for at in range(2_000)}
    judged = judge(Fixed(market, {}), questions_of(truth, funds), market)
    counts = np.bincount(judged.place.astype(int), minlength=40)
    # 50 in each place are expected; six deviations of a binomial are 42
    assert counts.min() > 8 and counts.max() < 92
    assert judged.place.mean() == pytest.approx(19.5, abs=6 * 40 / np.sqrt(12 * 2_000))


@given(st.integers(1, 3), st.permutations(range(6)))
def test_blocks_and_the_order_of_candidates_change_nothing(extra: int, order: list[int]) -> None:
    funds = [f"f{at}" for at in range(6)]
    market = market_of([funds[at] for at in order])
    n = BLOCK + extra
    told = {
        f"s{at:04}": {fund: float((at * 7 + i * 3) % 6) for i, fund in enumerate(funds)} for at in range(n)
    }
    truth = {id_: [funds[at % 6]] for at, id_ in enumerate(told)}
    judged = judge(Fixed(market, told), questions_of(truth, funds), market)
    below = [sum(value > scores[truth[id_][0]] for value in scores.values()) for id_, scores in told.items()]
    ties = [sum(value == scores[truth[id_][0]] for value in scores.values()) for id_, scores in told.items()]
    assert all(low <= place < low + tied for low, place, tied in zip(below, judged.place, ties, strict=True))
    straight = judge(Fixed(market_of(funds), told), questions_of(truth, funds), market_of(funds))
    assert np.array_equal(judged.shown, straight.shown)


def test_candidates_of_a_market_without_funds_are_on_no_list() -> None:
    market = market_of([])
    judged = judge(Fixed(market, {}), questions_of({"p": ["a"]}, ["a"]), market)
    assert (judged.n_reachable.tolist(), judged.place.tolist()) == ([1], [np.inf])


def test_no_question_and_no_candidate() -> None:
    market = market_of(["a"])
    assert judge(Fixed(market, {}), questions_of({}, ["a"]), market).shown.shape == (0, SHOWN)
    judged = judge(Fixed(market, {}), questions_of({"p": ["a"]}, []), market)
    assert judged.n_reachable.tolist() == [0]
    assert (judged.shown == NOBODY).all()


def test_other_ids_of_startups_and_funds_draw_the_same_lots() -> None:
    def shown(startup: str, fund: str) -> list[list[str]]:
        known = tuple(
            Fund(fund_id=f"{fund}{(at * 7 + len(fund)) % 20:02}", name=f"Fund {at}") for at in range(20)
        )
        market = build_market(Knowledge((), known, ()), CUT, HashedVectors())
        questions = questions_of({}, [one.fund_id for one in known])
        asking = tuple(
            Startup(
                startup_id=f"{startup}{(len(startup) - at) % 5}", name=f"Startup {at}", description="x" * at
            )
            for at in range(5)
        )
        truth = {one.startup_id: frozenset[str]() for one in asking}
        judged = judge(Fixed(market, {}), replace(questions, queries=asking, truth=truth), market)
        name_of = {one.fund_id: one.name for one in known}
        return [[name_of[questions.funds[row]] for row in rows] for rows in judged.shown]

    one = shown("a", "f")
    assert one == shown("zz", "another")
    assert len({tuple(names) for names in one}) == 5, "each startup has a lot of its own"
