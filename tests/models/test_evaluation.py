"""The protocol as a whole: tuning without a look ahead, and numbers that later rows cannot change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.jobs.evaluation import FAMILIES
from matching.knowledge import Knowledge, known_before
from matching.market import Floats, Market
from matching.protocols import VectorStore
from matching.records import Deal, Fund, Startup
from matching.vocabulary import Stage
from models.baselines.lottery import Lottery
from models.controls import Masked, Scrambled, without_stage
from models.evaluation import Evaluator, Family, Trial
from models.history import Remembered
from models.judging import Judged
from models.methods import Scorer
from models.metrics import per_query
from models.served import Served
from tests.matching.worlds import HashedVectors
from tests.models.planted import COUNTRIES, FUNDS_EACH, ByCountry, by_country, history

END = date(2021, 1, 1)
Families = Callable[[Remembered], list[Family]]


def plain(_: Remembered) -> list[Family]:
    return [[ByCountry(-1.0), ByCountry(1.0)], [Lottery("constant")]]


def trials(of: Remembered, n: int = 1, families: Families = plain) -> list[Trial]:
    return list(Evaluator(of, HashedVectors(), families(of)).rolling(END, n))


def recall(judged: Judged) -> float:
    return float(per_query(judged).recall_10.mean())


def test_settings_are_chosen_on_earlier_windows_and_tested_on_the_next() -> None:
    first, last = trials(history(), 2)
    assert (first.questions.window.cut, last.questions.window.cut) == (date(2019, 1, 1), date(2020, 1, 1))
    for trial in (first, last):
        told = trial.results["by country"]
        assert told.method == ByCountry(1.0)
        assert told.tuned == (0.0, 1.0), "of 24 funds ten hold all four of the country, or the other twenty"
        assert recall(told.judged) == 1.0
        assert recall(trial.results["constant"].judged) == pytest.approx(10 / 24, abs=0.2)
        assert len(trial.questions.queries) == trial.questions.reachable == 60
        assert len(trial.questions.candidates) == len(COUNTRIES) * FUNDS_EACH
    assert np.isnan(last.results["constant"].judged.chance).all() == (recall_hits(last) < 30)


def recall_hits(trial: Trial) -> int:
    return int(trial.results["constant"].judged.hit.sum())


def test_the_chance_of_a_place_is_its_rate_in_the_tuning_windows() -> None:
    trial = trials(history())[0]
    judged = trial.results["by country"].judged
    # both investors are among the first four places
    assert judged.chance[0, :4].sum() == pytest.approx(2, abs=0.15)
    assert (judged.chance[:, 4:] < 0.02).all()
    assert (judged.chance == judged.chance[0]).all()


def test_without_earlier_windows_the_usual_setting_is_taken_and_no_chance_told() -> None:
    facts = known_before(by_country(), END)
    recent = tuple(deal for deal in facts.deals if deal.announced_on and deal.announced_on.year == 2020)
    trial = trials(Remembered(replace(facts, deals=recent)))[0]
    told = trial.results["by country"]
    assert (told.method, told.tuned) == (ByCountry(-1.0), ())
    assert np.isnan(told.judged.chance).all()
    assert trial.questions.reachable == 0


def test_no_record_at_all() -> None:
    trial = trials(Remembered(Knowledge((), (), ())))[0]
    assert len(trial.questions.queries) == 0
    assert trial.results["constant"].judged.shown.shape[0] == 0


# Later rows change no earlier number.


def same(one: Judged, other: Judged) -> bool:
    """Whether two judgements are the same, bit for bit."""
    pairs = ((getattr(one, field.name), getattr(other, field.name)) for field in fields(Judged))
    return all(np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f") for a, b in pairs)


def changed_by_later_rows(families: Families, facts: Knowledge, later: Knowledge) -> list[str]:
    """Name the methods whose scores, choices or tuning figures move when rows from END on are added."""
    whole = replace(
        facts,
        startups=facts.startups + later.startups,
        funds=facts.funds + later.funds,
        deals=facts.deals + later.deals,
    )
    before, after = (trials(Remembered(told), 2, families) for told in (facts, whole))
    return [
        name
        for a, b in zip(before, after, strict=True)
        for name, result in a.results.items()
        if not same(result.judged, b.results[name].judged) or result.tuned != b.results[name].tuned
    ]


FACTS = known_before(by_country(8), END)


@st.composite
def later_rows(draw: st.DrawFn) -> Knowledge:
    """Startups, funds and deals of END or later; deals of old startups to old funds among them."""
    days = st.dates(END, date(2023, 1, 1))
    new = [Startup(startup_id=f"later-{at}", country="VN", first_seen_on=END) for at in range(3)]
    funds = [Fund(fund_id=f"new-{at}", name=f"New {at}") for at in range(2)]
    ids = [startup.startup_id for startup in (*FACTS.startups, *new)]
    to = [fund.fund_id for fund in (*FACTS.funds, *funds)]
    made = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(to), days), min_size=1, max_size=40))
    deals = tuple(Deal(startup_id=s, fund_id=f, announced_on=day) for s, f, day in made)
    return Knowledge(tuple(new), tuple(funds), deals)


def honest(_: Remembered) -> list[Family]:
    return [[ByCountry(-1.0), ByCountry(1.0)], *(family[:1] for family in FAMILIES)]


@given(later_rows())
@settings(max_examples=6, deadline=None)
def test_later_rows_change_no_earlier_number(later: Knowledge) -> None:
    assert changed_by_later_rows(honest, FACTS, later) == []


@dataclass(frozen=True)
class Peeking:
    """Counts all deals it can get hold of, those after the cut too: what must be caught."""

    everything: Remembered
    name: str = "peeking"

    def fit(self, market: Market, vectors: VectorStore) -> "Peeked":
        """Look at what happens next."""
        return Peeked(market, self.everything.facts.deals)


@dataclass(frozen=True)
class Peeked:
    """The deals of all times."""

    market: Market
    deals: tuple[Deal, ...]

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score by deals of all times."""
        row_of = self.market.funds.row_of
        rows = [row_of[deal.fund_id] for deal in self.deals if deal.fund_id in row_of]
        counts = np.bincount(np.array(rows, np.int64), minlength=len(row_of)).astype(np.float64)
        return np.tile(counts, (len(queries), 1))


def test_a_method_that_peeks_is_caught() -> None:
    later = Knowledge(
        startups=(Startup(startup_id="later", first_seen_on=END),),
        funds=(),
        deals=tuple(
            Deal(startup_id="later", fund_id=f"VN-{at}", announced_on=END)
            for at in range(4)
            for _ in range(30)
        ),
    )
    assert "peeking" in changed_by_later_rows(lambda told: [[Peeking(told)]], FACTS, later)


# Nothing of the test window reaches what is fitted or chosen.


CUT = date(2020, 1, 1)


@st.composite
def another_year(draw: st.DrawFn) -> Knowledge:
    """The same facts up to CUT, and after it other startups, backed by funds of another country."""
    before = tuple(deal for deal in FACTS.deals if deal.announced_on and deal.announced_on < CUT)
    shift = draw(st.integers(1, len(COUNTRIES) - 1))
    new, deals = [], []
    for number in range(draw(st.integers(1, 25))):
        country = draw(st.integers(0, len(COUNTRIES) - 1))
        day = draw(st.dates(CUT, END - timedelta(days=1)))
        new.append(Startup(startup_id=f"n{number}", country=COUNTRIES[country], first_seen_on=day))
        fund = f"{COUNTRIES[(country + shift) % len(COUNTRIES)]}-{draw(st.integers(0, FUNDS_EACH - 1))}"
        deals.append(Deal(startup_id=f"n{number}", fund_id=fund, announced_on=day))
    late = Fund(fund_id="late", verified_on=CUT)  # known from CUT on, and with it a deal of a tuning window
    old = Startup(startup_id="old", country="VN", first_seen_on=date(2018, 5, 1))
    deals.append(Deal(startup_id="old", fund_id="late", announced_on=date(2018, 5, 1)))
    return Knowledge((*FACTS.startups, *new, old), (*FACTS.funds, late), (*before, *deals))


@given(another_year())
@settings(max_examples=6, deadline=None)
def test_the_year_that_is_asked_about_chooses_no_setting_and_tells_no_chance(other: Knowledge) -> None:
    (one,), (two,) = (trials(Remembered(facts)) for facts in (FACTS, other))
    assert one.questions.candidates == two.questions.candidates
    for name, result in one.results.items():
        mine, theirs = (r.judged.chance for r in (result, two.results[name]))
        assert (result.method, result.tuned) == (two.results[name].method, two.results[name].tuned)
        assert np.array_equal(mine[0], theirs[0], equal_nan=True)


@dataclass(frozen=True)
class Noting:
    """Notes the day of every Market, and its newest deal."""

    seen: list[tuple[date, date]]
    name: str = "noting"

    def fit(self, market: Market, vectors: VectorStore) -> Scorer:
        """Note."""
        days = [deal.announced_on for deal in market.deals.records if deal.announced_on]
        self.seen.append((market.as_of, max(days)))
        return Lottery().fit(market, vectors)


def test_every_market_ends_where_its_window_begins() -> None:
    seen: list[tuple[date, date]] = []
    trials(history(), 2, lambda of: [[Noting(seen)]])
    assert sorted({as_of for as_of, _ in seen}) == [date(year, 1, 1) for year in (2017, 2018, 2019, 2020)]
    assert all(newest < as_of for as_of, newest in seen)


def test_a_startup_with_an_undated_deal_is_asked_about_on_no_day() -> None:
    some = FACTS.deals[-1].startup_id
    facts = replace(FACTS, deals=(*FACTS.deals, Deal(startup_id=some, fund_id="VN-0")))
    for as_of in (None, END):
        evaluator = Evaluator(Remembered(facts), HashedVectors(), plain(Remembered(facts)), as_of)
        trial = next(iter(evaluator.rolling(END, 1)))
        assert some not in trial.questions.truth


# Controls: what may not be found, what may not be needed.


def control(
    of: Remembered, to: Callable[[Remembered], Scrambled | Masked]
) -> tuple[Trial, dict[str, Judged]]:
    evaluator = Evaluator(of, HashedVectors(), [[ByCountry()], [Served()]])
    trial = next(iter(evaluator.rolling(END, 1)))
    return trial, evaluator.again(trial, to(of), trial.questions)


def test_shuffled_deals_fall_to_chance() -> None:
    trial, scrambled = control(history(120), Scrambled)
    for name, judged in scrambled.items():
        assert recall(trial.results[name].judged) > 0.95
        # 240 true funds of which 10 in 24 are found by chance; six deviations of a binomial are .19
        assert recall(judged) == pytest.approx(10 / 24, abs=0.19), name


def test_a_peeking_method_is_above_chance_even_then() -> None:
    of = history(120)
    evaluator = Evaluator(of, HashedVectors(), [[Remembering(of)]])
    trial = next(iter(evaluator.rolling(END, 1)))
    judged = evaluator.again(trial, Scrambled(of), trial.questions)["remembering"]
    assert recall(judged) > 10 / 24 + 0.19


@dataclass(frozen=True)
class Remembering:
    """Looks the answers up in the whole history."""

    everything: Remembered
    name: str = "remembering"

    def fit(self, market: Market, vectors: VectorStore) -> "Looking":
        """Keep the answers."""
        return Looking(market, {(d.startup_id, d.fund_id) for d in self.everything.facts.deals})


@dataclass(frozen=True)
class Looking:
    """Pairs that became deals."""

    market: Market
    pairs: set[tuple[str, str]]

    def scores(self, queries: Sequence[Startup]) -> Floats:
        """Score 1 for a deal."""
        funds = self.market.funds.records
        return np.array(
            [[(q.startup_id, f.fund_id) in self.pairs for f in funds] for q in queries], np.float64
        )


def test_masked_names_and_unknown_stages_are_asked_too() -> None:
    trial, masked = control(history(), Masked)
    assert same(
        masked["by country"], replace(trial.results["by country"].judged, chance=masked["by country"].chance)
    )
    staged = replace(
        trial.questions,
        queries=tuple(replace(q, stage=Stage.SEED, stage_told="angel") for q in trial.questions.queries),
    )
    assert {(query.stage, query.stage_told) for query in without_stage(staged).queries} == {(None, "")}
