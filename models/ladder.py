"""The ladder: the plainest ranker serves until a richer one is shown to be better on later data."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matching.vocabulary import Rung
from models.judging import Judged
from models.metrics import Interval, mean_interval, per_query


@dataclass(frozen=True, slots=True)
class Step:
    """A try to climb.

    Attributes
    ----------
    against : the rung that served before.
    recall_10, ndcg_10 : differences to it, paired by startup.
    taken : whether it serves now.
    """

    rung: Rung
    against: Rung
    recall_10: Interval
    ndcg_10: Interval
    taken: bool


SURE = {Rung.KERNEL: 0.5, Rung.LOGISTIC: 0.9, Rung.BOOSTED: 0.9}
"""The interval of a rung's gain that has to lie above 0. The kernel needs a sign only: its settings were
chosen on other data, so that nothing of it is fitted to these."""

ENOUGH = 100
"""Questions below which nothing is taken."""


def climb(judged: Mapping[Rung, Judged]) -> tuple[Rung, tuple[Step, ...]]:
    """Choose a rung by its lists for questions that none of them has learned from.

    A rung is taken if its nDCG@10 is surely higher than that of the one that served before (the interval of
    SURE is above 0), its recall@10 is not lower, and there are ENOUGH questions: small data leave the prior.
    """
    served, steps = Rung.PRIOR, []
    for rung in Rung:
        if rung is Rung.PRIOR or rung not in judged:
            continue
        new, old = per_query(judged[rung]), per_query(judged[served])
        # sorted, for a resampled mean depends on the order of questions, which ids decide
        recall = mean_interval(np.sort(new.recall_10 - old.recall_10))
        gains = np.sort(new.ndcg_10 - old.ndcg_10)
        sure = len(gains) >= ENOUGH and mean_interval(gains, SURE[rung]).low > 0
        taken = sure and recall.mean >= 0
        steps.append(Step(rung, served, recall, mean_interval(gains), taken))
        served = rung if taken else served
    return served, tuple(steps)
