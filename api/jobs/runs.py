"""Write what an evaluation ranked, and against which answers, for other evaluators to read."""

import csv
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from api.jobs.batch import COLUMNS
from matching.errors import BadValue
from matching.market import Floats
from matching.vocabulary import Outcome
from models.judging import Listed
from models.windows import Questions


class Runs:
    """A folder for each test, named by its cut: the answers, and each method's lists as a run.

    To be used in a `with`: the whole appears at its end, and nothing of it where something fails.

    Files for this project's own format end in .csv, those of TREC (Voorhees and Harman 2005), with ids whose
    white space is written %20, in .qrels and .run. The score of a .run is minus the rank, for evaluators put
    equal scores in an order of their own.
    """

    def __init__(self, folder: Path, depth: int) -> None:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadValue("a folder that is new or empty", folder, "--runs")
        if not folder.absolute().parent.is_dir():
            raise BadValue("in a folder that exists", folder, "--runs")
        self._whole, self._depth = folder.absolute(), depth
        self._folder = self._whole.with_name(f".{self._whole.name}.{os.getpid()}")
        self._begun: set[tuple[str, str]] = set()

    def __enter__(self) -> "Runs":
        """Begin."""
        self._folder.mkdir()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Show the whole, or remove what was begun."""
        if kind is None:
            os.replace(self._folder, self._whole)
        else:
            shutil.rmtree(self._folder)

    def keep(self, questions: Questions, method: str, chances: Floats, listed: Listed) -> None:
        """Add one list to the run of a method."""
        folder = self._folder / questions.window.cut.isoformat()
        if not folder.exists():
            self._answers(folder, questions)
        funds = questions.funds
        rows = [
            (
                listed.startup_id,
                funds[fund],
                rank,
                float(score),
                _chance(chances, rank),
                Outcome.INVESTS.value,
            )
            for rank, (fund, score) in enumerate(
                zip(listed.funds[: self._depth], listed.scores[: self._depth], strict=True), 1
            )
        ]
        name = re.sub(r"\W+", "-", method).strip("-")
        if (folder.name, name) not in self._begun:
            self._begun.add((folder.name, name))
            _append(folder / f"{name}.csv", [COLUMNS])
        _append(folder / f"{name}.csv", rows)
        trec = ((_trec(s), "Q0", _trec(f), rank, -rank, name) for s, f, rank, *_ in rows)
        _append(folder / f"{name}.run", trec, " ")

    def _answers(self, folder: Path, questions: Questions) -> None:
        folder.mkdir(parents=True)
        asked = [query.startup_id for query in questions.queries]
        true = [(id_, fund_id) for id_ in asked for fund_id in sorted(questions.truth[id_])]
        _append(folder / "queries.csv", [("startup_id",), *((id_,) for id_ in asked)])
        _append(folder / "truth.csv", [("startup_id", "fund_id"), *true])
        _append(folder / "candidates.csv", [("fund_id",), *((id_,) for id_ in questions.funds)])
        _append(folder / "truth.qrels", ((_trec(id_), 0, _trec(fund_id), 1) for id_, fund_id in true), " ")


def _chance(chances: Floats, rank: int) -> float | None:
    """Return the chance of a place, None past the shown ones or where nothing is known."""
    return float(chances[rank - 1]) if rank <= len(chances) and not np.isnan(chances[rank - 1]) else None


def _trec(id_: str) -> str:
    return re.sub(r"\s", "%20", id_)


def _append(path: Path, rows: Iterable[Sequence[Any]], separator: str = ",") -> None:
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator="\n").writerows(rows)
