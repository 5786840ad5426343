"""The metrics against the reference evaluator, where it is there: another program, other code, one answer."""

import importlib.util
import warnings
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from api.jobs.runs import Runs
from models.judging import NOBODY, judge
from models.metrics import calibration, exposure, found_within, per_query, recall_of_all
from tests.models.test_judging import Fixed, market_of, questions_of

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "evaluate.py"
FUNDS = [f"f{at:02}" for at in range(70)]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    if not REFERENCE.exists():
        pytest.skip("the reference evaluator is not beside the project")
    spec = importlib.util.spec_from_file_location("reference_evaluator", REFERENCE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(12))
def test_agrees_to_a_billionth(reference: ModuleType, tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = [*FUNDS, "never seen"]
    truth = {f"s{at}": sorted(rng.choice(known, rng.integers(1, 14), replace=False)) for at in range(8)}
    n_candidates = int(rng.integers(12, len(FUNDS)))
    market = market_of(FUNDS)
    questions = questions_of(truth, FUNDS[:n_candidates])
    scores = {id_: {fund: float(rng.choice([rng.random(), -np.inf])) for fund in FUNDS} for id_ in truth}
    chances = np.sort(rng.random(10))[::-1]
    fixed = Fixed(market, scores)
    with Runs(tmp_path / "runs", depth=len(FUNDS)) as runs:
        judged = judge(fixed, questions, market, lambda listed: runs.keep(questions, "m", chances, listed))
    judged = replace(judged, chance=np.where(judged.shown != NOBODY, chances, np.nan))
    files = tmp_path / "runs" / "2020-01-01"
    candidates = set(questions.candidates)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = reference.load_run(files / "m.csv", candidates)
        told, _ = reference.evaluate(run, reference.read(files / "truth.csv"), candidates, sorted(truth))
    measured, shown, chance = per_query(judged), exposure(judged), calibration(judged)
    assert chance is not None
    expected = {
        "reachable_queries": len(measured.row),
        "R@10": measured.recall_10.mean(),
        "R@50": measured.recall_50.mean(),
        "nDCG@10": measured.ndcg_10.mean(),
        "MRR": measured.mrr.mean(),
        "R@10_all": recall_of_all(judged, 10),
        "R@50_all": recall_of_all(judged, 50),
        "R@50_micro_reachable": found_within(judged, 50).sum() / judged.n_reachable.sum(),
        "coverage": shown.coverage,
        "Gini": shown.gini,
    }
    assert {name: told[name] for name in expected} == pytest.approx(expected, rel=1e-9, abs=1e-9)
    calibrated = {"ECE": chance.ece, "mean_p": chance.mean_chance, "base_rate": chance.base_rate}
    calibrated |= {"n": chance.n, "abstained": chance.abstained}
    assert {name: told["shown"][name] for name in calibrated} == pytest.approx(calibrated, rel=1e-9, abs=1e-9)
    assert told["shown"]["BrierSkill"] == pytest.approx(chance.skill, rel=1e-9)
