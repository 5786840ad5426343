from pathlib import Path

import pytest

from data.answers import read_candidates, read_truth
from data.profiles import Refused


def written(folder: Path, text: str) -> Path:
    path = folder / "told.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_funds_of_each_startup(tmp_path: Path) -> None:
    path = written(tmp_path, "startup_id,fund_id,announced_on\na,f,2020\na,g,\na,f,2021\nb,g,2020\n")
    assert read_truth(path) == {"a": {"f", "g"}, "b": {"g"}}
    assert read_candidates(path) == {"f", "g"}
    assert read_truth(written(tmp_path, "startup_id,fund_id\n")) == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("startup_id,fund\na,f\n", "told.csv:1: must have the column fund_id, got 'startup_id,fund'"),
        ("startup_id,fund_id\na,f\n,g\n", "told.csv:3, column startup_id: must not be empty"),
        ("startup_id,fund_id\na,f\nb\n", "told.csv:3"),
        ("", "told.csv:1"),
    ],
)
def test_what_breaks_a_rule_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Refused, match=told.replace("'", "['\"]")):
        read_truth(written(tmp_path, text))
