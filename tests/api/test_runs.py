from datetime import date
from pathlib import Path

import numpy as np
import pytest

from api.jobs.runs import Runs
from matching.errors import BadValue
from matching.records import Startup
from models.judging import Listed
from models.windows import Questions, Window

QUESTIONS = Questions(
    window=Window(date(2020, 1, 1), date(2021, 1, 1)),
    queries=(Startup(startup_id="a b"), Startup(startup_id="c")),
    truth={"a b": frozenset({"g", "unreachable"}), "c": frozenset()},
    candidates=frozenset({"g", "f"}),
    deals_before={},
)
SECOND = Listed("c", np.array([0]), np.array([1.0]))
LISTED = Listed("a b", np.array([1, 0]), np.array([0.5, -2.0]))


def test_a_run_and_its_answers(tmp_path: Path) -> None:
    with Runs(tmp_path / "out", depth=2) as runs:
        runs.keep(QUESTIONS, "by place, x", np.array([0.25, np.nan]), LISTED)
        runs.keep(
            QUESTIONS, "by place, x", np.array([0.25, np.nan]), Listed("c", np.array([0]), np.array([1.0]))
        )
    told = {path.name: path.read_text() for path in (tmp_path / "out" / "2020-01-01").iterdir()}
    assert told == {
        "queries.csv": "startup_id\na b\nc\n",
        "truth.csv": "startup_id,fund_id\na b,g\na b,unreachable\n",
        "candidates.csv": "fund_id\nf\ng\n",
        "truth.qrels": "a%20b 0 g 1\na%20b 0 unreachable 1\n",
        "by-place-x.csv": "startup_id,fund_id,rank,score,probability,event\n"
        "a b,g,1,0.5,0.25,invests\na b,f,2,-2.0,,invests\nc,f,1,1.0,0.25,invests\n",
        "by-place-x.run": "a%20b Q0 g 1 -1 by-place-x\na%20b Q0 f 2 -2 by-place-x\nc Q0 f 1 -1 by-place-x\n",
    }


def test_a_run_is_cut_at_its_depth(tmp_path: Path) -> None:
    with Runs(tmp_path / "out", depth=1) as runs:
        runs.keep(QUESTIONS, "m", np.full(10, np.nan), LISTED)
    assert (tmp_path / "out" / "2020-01-01" / "m.csv").read_text().splitlines()[1:] == [
        "a b,g,1,0.5,,invests"
    ]


def test_runs_are_not_mixed_with_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "old.run").write_text("")
    with pytest.raises(BadValue, match="--runs must be a folder that is new or empty"):
        Runs(tmp_path, 10)


def test_nothing_appears_of_runs_that_fail(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Runs(tmp_path / "out", depth=1) as runs:
        runs.keep(QUESTIONS, "m", np.full(10, np.nan), LISTED)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled_and_a_missing_parent_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with Runs(tmp_path / "empty", depth=1) as runs:
        runs.keep(QUESTIONS, "m", np.full(10, np.nan), LISTED)
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["2020-01-01"]
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
    with pytest.raises(BadValue, match="--runs must be in a folder that exists"):
        Runs(tmp_path / "no" / "where", 10)
