"""Controls of a trial: what its methods find where nothing is to be found, and without names or stages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matching.market import Floats
from matching.vocabulary import Control
from models.controls import Masked, Scrambled, without_stage
from models.evaluation import Evaluator, Trial
from models.judging import SHOWN, Judged
from models.metrics import Interval, mean_interval, per_query

LOTS = 8
"""How often deals are drawn by lot at most: in a small market a popular fund may be drawn often by accident,
but not eight times over; a method that has seen the answers finds them every time."""

ENOUGH = 30
"""Reachable queries that a control needs to say anything."""

TOLERANCE = 0.01
"""The same as for a claim: a smaller difference in recall@10 is none."""


@dataclass(frozen=True, slots=True)
class Check:
    """One method under one control.

    Attributes
    ----------
    recall_10 : under the control; of the last lot drawn.
    change : from the trial itself, paired by startup.
    expected : recall by chance for scrambled deals, else no change.
    passed : for scrambled deals, whether `recall_10` is not surely above chance and TOLERANCE; for masked
        names, whether `change` is within TOLERANCE, or its interval holds 0. None where there is nothing to
        pass: below ENOUGH queries, and without a stage, which a method may well need.
    """

    control: Control
    method: str
    recall_10: Interval
    change: Interval
    expected: float
    passed: bool | None


def check(evaluator: Evaluator, trials: Sequence[Trial]) -> list[Check]:
    """Judge the methods of a trial again under each control.

    The newest trial with ENOUGH reachable queries is taken, else the newest with any.
    """
    asked = [trial for trial in trials if trial.questions.reachable]
    told = [trial for trial in asked if trial.questions.reachable >= ENOUGH] or asked
    return list(_checks(evaluator, told[-1])) if told else []


def _checks(evaluator: Evaluator, trial: Trial) -> Iterator[Check]:
    questions, history = trial.questions, evaluator.history
    masked = Masked(history)
    drawn = _by_lot(evaluator, trial)
    hidden = evaluator.again(trial, masked, masked.questions(questions))
    silent = evaluator.again(trial, history, without_stage(questions))
    for name, result in trial.results.items():
        before = _recalls(result.judged)
        lots = drawn[name]
        passed = _at_chance(lots, trial) if len(before) >= ENOUGH else None
        recall_10, change = mean_interval(lots), mean_interval(lots - before)
        yield Check(Control.SCRAMBLED, name, recall_10, change, _chance(trial), passed)
        masks, stages = _recalls(hidden[name]), _recalls(silent[name])
        change = mean_interval(masks - before)
        steady = abs(change.mean) < TOLERANCE or change.low <= 0 <= change.high
        passed = steady if len(before) >= ENOUGH else None
        yield Check(Control.MASKED, name, mean_interval(masks), change, 0.0, passed)
        yield Check(Control.NO_STAGE, name, mean_interval(stages), mean_interval(stages - before), 0.0, None)


def _by_lot(evaluator: Evaluator, trial: Trial) -> dict[str, Floats]:
    """Draw lots for each method until one falls to chance; return its recalls in the last one drawn."""
    found: dict[str, Floats] = {}
    above = list(trial.results)
    for seed in range(LOTS):
        scrambled = Scrambled(evaluator.history, seed)
        judged = evaluator.again(trial, scrambled, trial.questions, above)
        found |= {name: _recalls(mine) for name, mine in judged.items()}
        above = [name for name in above if not _at_chance(found[name], trial)]
        if not above:
            break
    return found


def _at_chance(recalls: Floats, trial: Trial) -> bool:
    return mean_interval(recalls).low <= _chance(trial) + TOLERANCE


def _chance(trial: Trial) -> float:
    n = len(trial.questions.candidates)
    return min(SHOWN, n) / n


def _recalls(judged: Judged) -> Floats:
    return per_query(judged).recall_10
