"""What training asks of a window: the introductions opened in it, and the first rounds closed in it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

from matching.canonical import canonical
from matching.knowledge import Knowledge
from matching.labels import label
from matching.records import Introduction
from matching.vocabulary import Dropped, Kind, Label, Outcome
from models.windows import first_rounds

Labels = tuple[Label, ...]
"""One label an `Outcome`, in the order of the vocabulary."""

INVESTED: Labels = tuple(
    {Outcome.INVESTS: Label.POSITIVE, Outcome.ACCEPTS: Label.UNINFORMATIVE}[outcome] for outcome in Outcome
)
"""A deal without an introduction: nobody asked, so it says nothing of who accepts one."""

NOTHING: Labels = tuple(
    {Outcome.INVESTS: Label.UNLABELLED, Outcome.ACCEPTS: Label.UNINFORMATIVE}[outcome] for outcome in Outcome
)
"""A candidate that made no deal: it may have declined or never heard of the startup."""


@dataclass(frozen=True)
class Question:
    """A startup on the day it was introduced to funds, or closed its first round.

    Attributes
    ----------
    answers : labels by fund: of every fund it was introduced to, or of the investors of the round.
    introduced : funds of a first round that an introduction up to that day accounts for; no candidates.
    """

    kind: Kind
    startup_id: str
    day: date
    answers: Mapping[str, Labels]
    introduced: frozenset[str] = frozenset()


class Ledger:
    """All that is known on the day of training, in the order of time.

    Parameters
    ----------
    knowledge : what was known at the start of `as_of`, so that no label comes from later.
    """

    def __init__(self, knowledge: Knowledge, as_of: date) -> None:
        self._as_of = as_of
        knowledge = canonical(knowledge)
        self._row = {startup.startup_id: row for row, startup in enumerate(knowledge.startups)}
        self._introductions = sorted(
            ((i.known_from, i) for i in knowledge.introductions if i.known_from), key=itemgetter(0)
        )
        self._introduced: dict[tuple[str, str], date] = {}
        for day, one in self._introductions:
            self._introduced.setdefault((one.startup_id, one.fund_id), day)
        self._first_rounds = first_rounds(knowledge.deals)

    def between(
        self, start: date, until: date, dropped: Counter[Dropped], kinds: Set[Kind] = frozenset(Kind)
    ) -> list[Question]:
        """List the questions of [start, until) by day; what repeats a pair is counted in `dropped`.

        Those of one day are in `canonical` order of their startups: no id decides what a model learns first.
        """
        asked: list[Question] = []
        if Kind.INTRODUCTION in kinds:
            asked.extend(self._introductions_in(start, until, dropped))
        if Kind.DEAL in kinds:
            asked.extend(self._first_rounds_in(start, until, dropped))
        return sorted(
            asked, key=lambda question: (question.day, self._row[question.startup_id], question.kind)
        )

    def _introductions_in(self, start: date, until: date, dropped: Counter[Dropped]) -> Iterable[Question]:
        """Take the first introduction of each pair in the window: a later one has the same features."""
        asked: dict[tuple[str, date], dict[str, Labels]] = {}
        seen: set[tuple[str, str]] = set()
        for day, one in self._introductions:
            pair = one.startup_id, one.fund_id
            if not start <= day < until:
                continue
            if pair in seen:
                dropped[Dropped.REPEATED] += 1
                continue
            seen.add(pair)
            asked.setdefault((one.startup_id, day), {})[one.fund_id] = self._labels(one)
        return [Question(Kind.INTRODUCTION, id_, day, answers) for (id_, day), answers in asked.items()]

    def _first_rounds_in(self, start: date, until: date, dropped: Counter[Dropped]) -> Iterable[Question]:
        for startup_id, (day, investors) in self._first_rounds.items():
            if not start <= day < until:
                continue
            introduced = {f for f in investors if self._introduced.get((startup_id, f), date.max) <= day}
            dropped[Dropped.REPEATED] += len(introduced)
            if answers := dict.fromkeys(sorted(investors - introduced), INVESTED):
                yield Question(Kind.DEAL, startup_id, day, answers, frozenset(introduced))

    def _labels(self, introduction: Introduction) -> Labels:
        return tuple(label(introduction, outcome, self._as_of) for outcome in Outcome)
