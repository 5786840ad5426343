"""The evaluation: every method on the same tests, its settings chosen on earlier windows alone."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial

import numpy as np

from matching.knowledge import Knowledge
from matching.market import Floats, Market, build_market
from matching.protocols import VectorStore
from models.history import History
from models.judging import Judged, Listed, judge
from models.methods import Method
from models.metrics import per_query
from models.rank_rates import rank_rates, with_rank_rates
from models.retrained import Retrained
from models.served import Released
from models.windows import Questions, Window, ask, first_rounds, rolling, undated

TUNING_WINDOWS = 2
"""Windows before a test on which its methods' settings are chosen."""

Family = Sequence[Method]
"""One method in all settings it is tuned over, the usual one first."""


@dataclass(frozen=True)
class Result:
    """One method on one test.

    Attributes
    ----------
    tuned : recall@10 of each setting over the tuning windows, in the family's order; empty where there was
        no question to tune on.
    seconds : to fit it and to rank all candidates for all queries.
    """

    method: Method
    judged: Judged
    tuned: tuple[float, ...]
    seconds: float


@dataclass(frozen=True)
class Trial:
    """All methods on one test, by name."""

    questions: Questions
    results: Mapping[str, Result]


Tuning = Mapping[str, tuple[Judged, ...]]
"""By method: how each of its settings did on one window; empty where there was no question."""


Keep = Callable[[Questions, str, Floats, Listed], None]


@dataclass
class Evaluator:
    """Runs methods on tests; what they did on a tuning window is remembered.

    Attributes
    ----------
    as_of : answers are looked up in what was known on this day; None is all.
    progress : is told what is done next.
    keep : is given the questions of a test, a method's name, its chances by place and each of its lists.
    """

    history: History
    vectors: VectorStore
    families: Sequence[Family]
    as_of: date | None = None
    progress: Callable[[str], None] = lambda step: None
    keep: Keep | None = None
    _tuning: dict[Window, Tuning] = field(default_factory=dict, init=False)

    def rolling(self, end: date, n: int) -> Iterator[Trial]:
        """Test on `n` windows that follow each other up to `end`, oldest first."""
        rounds = first_rounds(self.history.knowledge(self.as_of).deals, self._undated)
        for window in rolling(end, n):
            known = self.history.knowledge(window.cut)
            yield self._trial(ask(window, rounds, self.history, known), known)

    def trial(self, questions: Questions) -> Trial:
        """Test on questions of one's own."""
        return self._trial(questions, self.history.knowledge(questions.window.cut))

    def again(
        self, trial: Trial, history: History, questions: Questions, names: Iterable[str] | None = None
    ) -> dict[str, Judged]:
        """Judge a trial's methods, in the settings chosen there, on another history or questions."""
        cut = questions.window.cut
        market = build_market(history.knowledge(cut), cut, self.vectors)
        return {
            name: self._judge(_of(history, trial.results[name].method), questions, market)
            for name in (trial.results if names is None else names)
        }

    @cached_property
    def _undated(self) -> frozenset[str]:
        """Whom no test asks about, whatever day it stands on: an undated deal belongs to no day."""
        return undated(self.history.knowledge(None).deals)

    def _trial(self, questions: Questions, known: Knowledge) -> Trial:
        cut = questions.window.cut
        earlier = [self._tuned(window) for window in rolling(cut, TUNING_WINDOWS)]
        market = build_market(known, cut, self.vectors)
        results = (self._result(family, questions, market, earlier) for family in self.families)
        return Trial(questions, {result.method.name: result for result in results})

    def _tuned(self, window: Window) -> Tuning:
        """Judge every setting on a window, by what was known at its end; nothing of a test is in it."""
        if window not in self._tuning:
            known = self.history.knowledge(window.cut)
            rounds = first_rounds(self.history.knowledge(window.end).deals, self._undated)
            questions = ask(window, rounds, self.history, known)
            families = [family for family in self.families if questions.queries and is_tuned(family)]
            market = build_market(known, window.cut, self.vectors)
            self._tuning[window] = {
                family[0].name: tuple(self._judge(method, questions, market) for method in family)
                for family in families
            }
        return self._tuning[window]

    def _result(
        self, family: Family, questions: Questions, market: Market, earlier: Sequence[Tuning]
    ) -> Result:
        name = family[0].name
        asked = [window[name] for window in earlier if name in window]
        reachable = any(settings[0].n_reachable.any() for settings in asked)
        tuned = tuple(map(_recall, zip(*asked, strict=True))) if reachable else ()
        best = int(np.argmax(tuned)) if tuned else 0  # the first of equal ones
        rates = rank_rates([settings[best] for settings in asked])
        keep = partial(self.keep, questions, name, rates) if self.keep else None
        begun = time.perf_counter()
        judged = self._judge(family[best], questions, market, keep)
        seconds = time.perf_counter() - begun
        return Result(family[best], with_rank_rates(judged, rates), tuned, seconds)

    def _judge(
        self,
        method: Method,
        questions: Questions,
        market: Market,
        keep: Callable[[Listed], None] | None = None,
    ) -> Judged:
        self.progress(f"{questions.window.cut} {method.name}")
        return judge(method.fit(market, self.vectors), questions, market, keep)


def is_tuned(family: Family) -> bool:
    """Tell whether the windows before a test teach anything: settings, or chances by place."""
    return not isinstance(family[0], Released | Retrained)


def _of(history: History, method: Method) -> Method:
    """Give a method that trains the history it is to train on."""
    return replace(method, history=history) if isinstance(method, Retrained) else method


def _recall(windows: Sequence[Judged]) -> float:
    """Return recall@10 over the queries of all windows."""
    return float(np.concatenate([per_query(judged).recall_10 for judged in windows]).mean())
