"""Controls of a trial: what its methods find where nothing is to be found, and without names or stages."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching.market import Floats
from matching.vocabulary import Control
from models.controls import Masked, Scrambled, without_stage
from models.evaluation import Evaluator, Trial
from models.judging import SHOWN, Judged
from models.metrics import Interval, mean_interval, per_query

LOTS = 3
"""How often deals are drawn by lot: a popular fund that is drawn often by accident is found often."""

ENOUGH = 30
"""Reachable queries that a control needs to say anything."""

TOLERANCE = 0.01
"""The same as for a claim: a smaller difference in recall@10 is none."""


@dataclass(frozen=True, slots=True)
class Check:
    """One method under one control.

    Attributes
    ----------
    recall_10 : under the control.
    change : from the trial itself, paired by startup.
    expected : recall by chance for scrambled deals, else no change.
    passed : for scrambled deals, whether `recall_10` is not surely above chance and TOLERANCE; else whether
        `change` is within TOLERANCE, or its interval holds 0; None below ENOUGH queries, where an interval
        means nothing.
    """

    control: Control
    method: str
    recall_10: Interval
    change: Interval
    expected: float
    passed: bool | None


def check(evaluator: Evaluator, trial: Trial) -> Iterator[Check]:
    """Judge a trial's methods again under each control; none where no query is reachable."""
    questions = trial.questions
    if not questions.reachable:
        return
    history = evaluator.history
    masked = Masked(history)
    by_chance = min(SHOWN, len(questions.candidates)) / len(questions.candidates)
    lots = [evaluator.again(trial, Scrambled(history, seed), questions) for seed in range(LOTS)]
    hidden = evaluator.again(trial, masked, masked.questions(questions))
    silent = evaluator.again(trial, history, without_stage(questions))
    for name, result in trial.results.items():
        before = _recalls(result.judged)
        drawn = np.mean([_recalls(lot[name]) for lot in lots], axis=0)
        found = mean_interval(drawn)
        passed = found.low <= by_chance + TOLERANCE if found.n >= ENOUGH else None
        yield Check(Control.SCRAMBLED, name, found, mean_interval(drawn - before), by_chance, passed)
        for control, judged in ((Control.MASKED, hidden[name]), (Control.NO_STAGE, silent[name])):
            change = mean_interval(_recalls(judged) - before)
            steady = abs(change.mean) < TOLERANCE or change.low <= 0 <= change.high
            passed = steady if change.n >= ENOUGH else None
            yield Check(control, name, mean_interval(_recalls(judged)), change, 0.0, passed)


def _recalls(judged: Judged) -> Floats:
    return per_query(judged).recall_10
