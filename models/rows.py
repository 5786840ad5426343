"""Answered introductions as rows to learn from, and folds of them that never look ahead."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matching.labels import WINDOW_DAYS
from matching.market import Bools, Floats, Ints
from matching.vocabulary import Label, Outcome
from models.examples import Examples

FOLDS = 5


@dataclass(frozen=True, eq=False)
class Rows:
    """One entry an introduction that was answered or met with silence, by day.

    Attributes
    ----------
    matrix : its columns, shape (n, width); NaN is unknown.
    accepted, silent : what came of it; neither is a no.
    day : on which it was opened.
    startup : a number for each startup.
    offset : log odds that are added to what a linear model tells.
    """

    matrix: Floats
    accepted: Bools
    silent: Bools
    day: npt.NDArray[np.datetime64]
    startup: Ints
    offset: Floats

    @classmethod
    def of(cls, examples: Examples) -> "Rows":
        """Take what is known whether it was accepted; censored and uninformative rows are left out."""
        accepted = examples.labelled(Outcome.ACCEPTS, Label.POSITIVE)
        silent = examples.labelled(Outcome.ACCEPTS, Label.SILENT)
        told = np.flatnonzero(accepted | silent | examples.labelled(Outcome.ACCEPTS, Label.NEGATIVE))
        told = told[np.argsort(examples.day[told], kind="stable")]
        number: dict[str, int] = {}
        of_query = [number.setdefault(query.startup_id, len(number)) for query in examples.queries]
        return cls(
            matrix=np.asarray(examples.matrix[told], np.float64),
            accepted=accepted[told],
            silent=silent[told],
            day=examples.day[told],
            startup=np.array(of_query, np.int64)[examples.query[told]],
            offset=np.zeros(len(told)),
        )

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.accepted)

    def take(self, rows: Ints) -> "Rows":
        """Keep some rows."""
        return Rows(*(getattr(self, each.name)[rows] for each in fields(self)))

    def folds(self) -> Iterator[tuple[Ints, Ints]]:
        """Cut the later half into FOLDS parts, each with the rows that a model of that day could know.

        A model knows the rows whose window had closed before the first day of the part, and none of a
        startup that is in it.

        Yields
        ------
        Positions to learn from, and to be judged by.
        """
        n = len(self)
        borders = [n // 2 + n * at // (2 * FOLDS) for at in range(FOLDS)]
        starts = np.unique(self.day[borders]) if n else self.day
        closed = self.day + np.timedelta64(WINDOW_DAYS[Outcome.ACCEPTS], "D")
        for start, end in pairwise([*starts, self.day.max() + np.timedelta64(1, "D")] if n else []):
            judged = np.flatnonzero((self.day >= start) & (self.day < end))
            known = (closed < start) & ~np.isin(self.startup, self.startup[judged])
            yield np.flatnonzero(known), judged
