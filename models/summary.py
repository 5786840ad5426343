"""Every number that an evaluation shows, computed once: for the page, the JSON and the terminal."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from matching.vocabulary import Finding
from models.checks import Check
from models.evaluation import Trial
from models.figures import Counts, MethodFigures, counts, measure, measure_slices
from models.metrics import Interval, PerQuery, mean_interval
from models.windows import Window

ENOUGH_QUERIES = 100
"""Below so many reachable queries nothing is claimed."""

SMALLEST_CLAIM = 0.01
"""A smaller gain is no claim, whatever its interval."""


@dataclass(frozen=True, slots=True)
class Gain:
    """A method against the best baseline on the same queries, differences paired by startup."""

    name: str
    recall_10: Interval
    ndcg_10: Interval
    claim: bool


@dataclass(frozen=True)
class Summary:
    """An evaluation.

    Attributes
    ----------
    methods : by recall@10, best first; equal ones in the order they were given.
    served : the first method given that is served; None where none is.
    baseline : the best method that is not served; None where there is none or no query was reachable.
    gains : of every other method against `baseline`, in the order of `methods`.
    synthetic : whether the market was made up.
    as_of : the answers are what was known on this day; None is all.
    encoder : what embedded the texts; empty where it is not told.
    controls : of the newest test; empty where none was asked for.
    """

    windows: tuple[Counts, ...]
    methods: tuple[MethodFigures, ...]
    served: str | None
    baseline: str | None
    gains: tuple[Gain, ...]
    synthetic: bool = False
    as_of: date | None = None
    encoder: str = ""
    controls: tuple[Check, ...] = ()

    @property
    def total(self) -> Counts | None:
        """The counts of all tests together, candidates as their mean; None without a test."""
        if not self.windows:
            return None
        return Counts(
            window=Window(self.windows[0].window.cut, self.windows[-1].window.end),
            queries=sum(w.queries for w in self.windows),
            reachable=sum(w.reachable for w in self.windows),
            edges=sum(w.edges for w in self.windows),
            edges_reachable=sum(w.edges_reachable for w in self.windows),
            unknown=sum(w.unknown for w in self.windows),
            candidates=round(sum(w.candidates for w in self.windows) / len(self.windows)),
        )

    @property
    def reachable(self) -> int:
        """How many queries everything is measured on."""
        return self.total.reachable if self.total else 0

    @property
    def few(self) -> bool:
        """Whether there are too few queries to claim anything."""
        return self.reachable < ENOUGH_QUERIES

    @property
    def finding(self) -> Finding:
        """What can be said of the ranker served."""
        gain = self.gain(self.served)
        if not self.reachable:
            return Finding.NO_QUESTION
        if gain is None:
            return Finding.NOT_COMPARED
        if self.few:
            return Finding.TOO_FEW
        if gain.claim:
            return Finding.BETTER
        worse = gain.recall_10.high < 0 and gain.recall_10.mean <= -SMALLEST_CLAIM
        return Finding.WORSE if worse else Finding.ALIKE

    def method(self, name: str | None) -> MethodFigures | None:
        """Find a method."""
        return next((method for method in self.methods if method.name == name), None)

    def gain(self, name: str | None) -> Gain | None:
        """Find a method's gain over the best baseline."""
        return next((gain for gain in self.gains if gain.name == name), None)


def summarise(
    trials: Sequence[Trial],
    *,
    synthetic: bool = False,
    as_of: date | None = None,
    encoder: str = "",
    controls: Sequence[Check] = (),
) -> Summary:
    """Put the tests of all windows together; every test has the same methods.

    A baseline is a method that does not rank with the engine. The best one is chosen on these very tests,
    which favours it: a gain over it is rather too small than too large.
    """
    given = list(trials[0].results) if trials else []
    measured = {name: measure(trials, name) for name in given}
    served = [name for name, (mine, _) in measured.items() if mine.served]
    figures = sorted((mine for mine, _ in measured.values()), key=lambda m: -np.nan_to_num(m.recall_10.mean))
    windows = tuple(counts(trial.questions) for trial in trials)
    baselines = [m.name for m in figures if not m.served and any(w.reachable for w in windows)]
    best = baselines[0] if baselines else None
    closer = {best, *served[:1]}
    enough = sum(w.reachable for w in windows) >= ENOUGH_QUERIES
    return Summary(
        windows=windows,
        methods=tuple(
            replace(mine, slices=measure_slices(trials, mine.name)) if mine.name in closer else mine
            for mine in figures
        ),
        served=served[0] if served else None,
        baseline=best,
        gains=tuple(
            _gain(mine.name, measured[mine.name][1], measured[best][1], enough)
            for mine in figures
            if best is not None and mine.name != best
        ),
        synthetic=synthetic,
        as_of=as_of,
        encoder=encoder,
        controls=tuple(controls),
    )


def as_plain(told: Any) -> Any:
    """Turn a summary, or any part of one, into what JSON can say: an unknown number is null, a day text."""
    if is_dataclass(told):
        return {field.name: as_plain(getattr(told, field.name)) for field in fields(told)}
    if isinstance(told, Mapping):
        return {str(key): as_plain(value) for key, value in told.items()}
    if isinstance(told, tuple):
        return [as_plain(value) for value in told]
    if isinstance(told, date):
        return told.isoformat()
    return None if isinstance(told, float) and not math.isfinite(told) else told


def _gain(name: str, mine: PerQuery, best: PerQuery, enough: bool) -> Gain:
    recall_10 = mean_interval(mine.recall_10 - best.recall_10)
    return Gain(
        name=name,
        recall_10=recall_10,
        ndcg_10=mean_interval(mine.ndcg_10 - best.ndcg_10),
        claim=enough and recall_10.low > 0 and recall_10.mean >= SMALLEST_CLAIM,
    )
