"""Controls of a trial: what its methods find where nothing is to be found, and without names or stages."""

from collections.abc import Iterator
from dataclasses import dataclass

from matching.vocabulary import Control
from models.controls import Masked, Scrambled, without_stage
from models.evaluation import Evaluator, Trial
from models.judging import SHOWN, Judged
from models.metrics import Interval, mean_interval, per_query

TOLERANCE = 0.01
"""The same as for a claim: a smaller difference in recall@10 is none."""


@dataclass(frozen=True, slots=True)
class Check:
    """One method under one control.

    Attributes
    ----------
    recall_10 : under the control.
    change : from the trial itself, paired by startup.
    expected : what was to come out: of scrambled deals, recall by chance; else no change.
    passed : whether `recall_10`, of scrambled deals, or `change` is within TOLERANCE of it, or its interval
        holds it.
    """

    control: Control
    method: str
    recall_10: Interval
    change: Interval
    expected: float
    passed: bool


def check(evaluator: Evaluator, trial: Trial) -> Iterator[Check]:
    """Judge a trial's methods again under each control; none where no query is reachable."""
    questions = trial.questions
    if not questions.reachable:
        return
    history = evaluator.history
    masked = Masked(history)
    by_chance = min(SHOWN, len(questions.candidates)) / len(questions.candidates)
    for control, judged in (
        (Control.SCRAMBLED, evaluator.again(trial, Scrambled(history), questions)),
        (Control.MASKED, evaluator.again(trial, masked, masked.questions(questions))),
        (Control.NO_STAGE, evaluator.again(trial, history, without_stage(questions))),
    ):
        expected = by_chance if control is Control.SCRAMBLED else 0.0
        for name, mine in judged.items():
            yield _checked(control, name, mine, trial.results[name].judged, expected)


def _checked(control: Control, name: str, mine: Judged, before: Judged, expected: float) -> Check:
    recalls = per_query(mine).recall_10
    recall_10, change = mean_interval(recalls), mean_interval(recalls - per_query(before).recall_10)
    found = recall_10 if control is Control.SCRAMBLED else change
    passed = abs(found.mean - expected) < TOLERANCE or found.low <= expected <= found.high
    return Check(control, name, recall_10, change, expected, passed)
