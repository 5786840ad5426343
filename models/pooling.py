"""Tests of several windows put together, so that one measure is taken over all of them."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from matching.market import Ints
from models.evaluation import Trial
from models.judging import NOBODY, Judged
from models.windows import Questions, Window


def pooled(trials: Sequence[Trial], name: str) -> tuple[Questions, Judged]:
    """Join the tests of all windows into one, in which a candidate of two windows counts as two."""
    asked = [trial.questions for trial in trials]
    parts = [trial.results[name].judged for trial in trials]
    query_0 = [0, *accumulate(len(part.n_true) for part in parts)]
    fund_0 = [0, *accumulate(part.n_candidates for part in parts)]
    labels = [{id_: f"{at:06}\0{id_}" for id_ in questions.candidates} for at, questions in enumerate(asked)]
    questions = Questions(
        window=Window(asked[0].window.cut, asked[-1].window.end),
        queries=tuple(query for one in asked for query in one.queries),
        truth={id_: truth for one in asked for id_, truth in one.truth.items()},
        candidates=frozenset(label for of in labels for label in of.values()),
        deals_before={
            label: one.deals_before.get(id_, 0)
            for one, of in zip(asked, labels, strict=True)
            for id_, label in of.items()
        },
    )
    judged = Judged(
        n_true=np.concatenate([part.n_true for part in parts]),
        n_reachable=np.concatenate([part.n_reachable for part in parts]),
        n_candidates=fund_0[-1],
        query=_moved([part.query for part in parts], query_0),
        fund=_moved([part.fund for part in parts], fund_0),
        place=np.concatenate([part.place for part in parts]),
        shown=_moved([part.shown for part in parts], fund_0),
        hit=np.concatenate([part.hit for part in parts]),
        chance=np.concatenate([part.chance for part in parts]),
    )
    return questions, judged


def _moved(rows: Sequence[Ints], by: Sequence[int]) -> Ints:
    """Count the rows of each part on from those of the parts before it; NOBODY stays."""
    return np.concatenate(
        [np.where(part == NOBODY, part, part + n) for part, n in zip(rows, by, strict=False)]
    )
