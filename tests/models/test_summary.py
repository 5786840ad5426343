import json
from dataclasses import replace
from datetime import date
from math import isnan, log2

import numpy as np
import pytest

from matching.vocabulary import Finding
from models.figures import setting_of
from models.metrics import Interval
from models.pooling import pooled
from models.served import Served
from models.summary import Summary, as_plain, summarise
from tests.models.trials import Lists, Written, questions, trial

FIRST = questions(2020, {"s1": "a", "s2": "bz", "s3": "z"})  # nobody can find z: it is no candidate
SECOND = questions(2021, {"s4": "cd"})
OURS = {"s1": "ab", "s2": "cb", "s3": "abc", "s4": "cd"}
BASE = {"s1": "bcdefghijkla", "s2": "b", "s3": "", "s4": "d"}
POOR: Lists = {}


@pytest.fixture(scope="module")
def summary() -> Summary:
    both = ("poor", POOR), ("base", BASE)
    return summarise([trial(FIRST, OURS, *both, chance=0.5), trial(SECOND, OURS, *both, chance=0.5)])


def many(n: int, better: int) -> Summary:
    """Ask n startups about one fund; ours finds it for `better` of them, where the baseline does not."""
    names = [f"s{at:04}" for at in range(n)]
    base = {name: "" if at < better else "a" for at, name in enumerate(names)}
    asked = questions(2020, dict.fromkeys(names, "a"))
    return summarise([trial(asked, dict.fromkeys(names, "a"), ("base", base))])


def test_the_tests_are_counted(summary: Summary) -> None:
    first, second = summary.windows
    assert (first.queries, first.reachable, first.edges, first.edges_reachable, first.candidates) == (
        3, 2, 4, 2, 20,
    )  # fmt: skip
    assert (second.queries, second.reachable, second.edges, second.edges_reachable) == (1, 1, 2, 2)
    total = summary.total
    assert total is not None
    assert (total.queries, total.reachable, total.edges, total.edges_reachable) == (4, 3, 6, 4)
    assert (total.window.cut, total.window.end) == (date(2020, 1, 1), date(2022, 1, 1))


def test_means_are_over_the_reachable_queries_of_all_windows(summary: Summary) -> None:
    ours, base = summary.method("ours"), summary.method("base")
    assert ours is not None and base is not None
    assert (ours.recall_10.mean, ours.recall_10.n) == (1.0, 3)
    assert ours.mrr.mean == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert ours.ndcg_10.mean == pytest.approx((1 + 1 / log2(3) + 1) / 3)
    assert base.recall_10.mean == pytest.approx((0 + 1 + 1 / 2) / 3)
    assert base.recall_50.mean == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert [interval.mean for interval in base.by_window] == [0.5, 0.5]
    assert [interval.n for interval in base.by_window] == [2, 1]


def test_recall_of_all_edges_and_of_pools_is_a_share_of_sums(summary: Summary) -> None:
    ours, base = summary.method("ours"), summary.method("base")
    assert ours is not None and base is not None
    assert (ours.all_10, base.all_10, base.all_50) == (4 / 6, 2 / 6, 3 / 6)
    assert list(ours.pool.items()) == [(k, 1.0) for k in (100, 200, 400, 800, 1_600)]
    assert base.pool[100] == 3 / 4


def test_exposure_is_measured_in_each_window(summary: Summary) -> None:
    ours = summary.method("ours")
    assert ours is not None
    assert ours.coverage == pytest.approx((3 / 20 + 2 / 20) / 2)
    # a, b, c are shown 2, 3, 2 times of 7; then c and d once each
    first = (2 * (2 * 18 - 21) + 2 * (2 * 19 - 21) + 3 * (2 * 20 - 21)) / (20 * 7)
    second = ((2 * 19 - 21) + (2 * 20 - 21)) / (20 * 2)
    assert ours.gini == pytest.approx((first + second) / 2)


def test_chances_are_judged_over_the_shown_funds_of_all_queries(summary: Summary) -> None:
    ours = summary.method("ours")
    assert ours is not None and ours.calibration is not None
    assert ours.calibration.n == 9
    assert ours.calibration.base_rate == pytest.approx(4 / 9)
    assert ours.calibration.mean_chance == 0.5
    assert sum(b.n for b in ours.reliability) == 9
    assert all(b.chance == 0.5 and b.low <= 0.5 <= b.high for b in ours.reliability)


def test_the_perfect_range_of_a_bin_is_that_of_drawn_coins() -> None:
    lists = {f"s{at:04}": "a" for at in range(400)}
    (method,) = summarise([trial(questions(2020, lists), lists, chance=0.2)]).methods
    first = method.reliability[0]
    half = 1.96 * (0.2 * 0.8 / 40) ** 0.5
    assert (first.n, first.frequency) == (40, 1.0)
    assert first.low == pytest.approx(0.2 - half, abs=1 / 40)
    assert first.high == pytest.approx(0.2 + half, abs=1 / 40)


def test_the_best_baseline_is_named_and_every_method_compared_with_it(summary: Summary) -> None:
    assert [method.name for method in summary.methods] == ["ours", "base", "poor"]
    assert (summary.served, summary.baseline) == ("ours", "base")
    assert [gain.name for gain in summary.gains] == ["ours", "poor"]
    ours, poor = summary.gains
    assert ours.recall_10.mean == pytest.approx((1 + 0 + 0.5) / 3)
    assert poor.recall_10.mean == pytest.approx(-0.5)
    assert ours.ndcg_10.n == 3
    assert not ours.claim and summary.few and summary.finding is Finding.TOO_FEW


def test_an_interval_of_differences_is_paired() -> None:
    gain = many(200, better=200).gains[0]
    assert (gain.recall_10.low, gain.recall_10.mean, gain.recall_10.high) == (1, 1, 1)


@pytest.mark.parametrize(
    ("n", "better", "claim", "finding"),
    [
        (100, 20, True, Finding.BETTER),
        (99, 99, False, Finding.TOO_FEW),
        (600, 5, False, Finding.ALIKE),  # its interval is above 0, but 0.0083 is no claim
        (200, 0, False, Finding.ALIKE),
    ],
)
def test_a_claim_needs_enough_queries_an_interval_above_zero_and_a_hundredth(
    n: int, better: int, claim: bool, finding: Finding
) -> None:
    summary = many(n, better)
    assert (summary.gains[0].claim, summary.finding) == (claim, finding)
    assert (summary.gains[0].recall_10.low > 0) == (better > 0)


def test_a_ranker_that_finds_less_is_worse() -> None:
    names = [f"s{at:03}" for at in range(100)]
    asked = questions(2020, dict.fromkeys(names, "a"))
    told = trial(asked, {}, ("base", dict.fromkeys(names, "a")))
    assert summarise([told]).finding is Finding.WORSE


def test_slices_are_pooled_and_small_ones_are_counted_only(summary: Summary) -> None:
    ours = summary.method("ours")
    assert ours is not None
    told = {(s.dimension, s.value): (s.n, s.recall_10) for s in ours.slices}
    assert told["country", "VN"] == (3, None)
    assert told["deals of the fund", "no candidate"] == (2, None)
    large = many(40, 10).methods
    by_name = {m.name: {(s.dimension, s.value): s.recall_10 for s in m.slices} for m in large}
    stage = by_name["base"]["stage", "seed"]
    assert stage is not None and (stage.n, stage.mean) == (40, 0.75)


def test_a_fund_has_the_deals_of_each_window_in_its_slice() -> None:
    tests = [questions(year, {f"{year}-{at:02}": "a" for at in range(10)}) for year in (2020, 2021)]
    tests[1] = replace(tests[1], deals_before={"a": 5}, candidates=frozenset("a"))
    lists = {f"2021-{at:02}": "a" for at in range(10)}
    (method,) = summarise([trial(asked, lists) for asked in tests]).methods
    told = {s.value: s.recall_10 for s in method.slices if s.dimension == "deals of the fund"}
    assert {value: (r.mean, r.n) for value, r in told.items() if r} == {"1": (0.0, 10), "5-9": (1.0, 10)}


def test_windows_put_together_keep_their_candidates_apart() -> None:
    asked, judged = pooled([trial(FIRST, OURS), trial(SECOND, OURS)], "ours")
    assert [query.startup_id for query in asked.queries] == ["s1", "s2", "s3", "s4"]
    assert len(asked.candidates) == judged.n_candidates == 40
    assert judged.query.tolist() == [0, 1, 1, 2, 3, 3]
    assert judged.fund.tolist() == [0, 1, -1, -1, 22, 23]
    assert judged.shown[3, :3].tolist() == [22, 23, -1]
    assert np.array_equal(judged.n_true, [1, 2, 1, 2])


def test_settings_and_seconds_are_kept(summary: Summary) -> None:
    base = summary.method("base")
    assert base is not None
    assert [(c.setting, c.tuned) for c in base.choices] == [("half_life=2.0", (0.25, 0.5))] * 2
    assert base.seconds == 3.0
    assert setting_of(Served()) == ""
    assert setting_of(Written("x", {}, half_life=1.0)) == "half_life=1.0"


def test_without_a_test_or_a_question_nothing_is_found() -> None:
    empty = summarise([])
    assert (empty.methods, empty.total, empty.finding) == ((), None, Finding.NO_QUESTION)
    for truth in ({}, {"s": "z"}):
        summary = summarise([trial(questions(2020, truth), {}, ("base", {}))])
        assert (summary.baseline, summary.gains, summary.finding) == (None, (), Finding.NO_QUESTION)
        assert len(summary.methods) == 2 and isnan(summary.methods[0].recall_10.mean)
        assert summary.methods[0].calibration is None


def test_without_a_baseline_nothing_is_compared() -> None:
    assert summarise([trial(SECOND, OURS)]).finding is Finding.NOT_COMPARED


def test_a_summary_can_be_told_as_json(summary: Summary) -> None:
    told = json.loads(json.dumps(as_plain(summary), allow_nan=False))
    assert told["windows"][0]["window"] == {"cut": "2020-01-01", "end": "2021-01-01"}
    assert told["methods"][1]["pool"]["100"] == 0.75
    assert as_plain(Interval(np.nan, 0.0, 1.0, 0)) == {"mean": None, "low": 0.0, "high": 1.0, "n": 0}
