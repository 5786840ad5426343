"""The notebooks run from the first cell to the last, without a kernel: no socket, no package but their own.

What a cell shows is the value of its last line, as HTML where it has some. Cells are plain Python: the
compiler knows no magic commands.
"""

import ast
import json
import os
from pathlib import Path
from typing import Any

import pytest

from api.settings import PREFIX

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LONGEST_CELL = 25


def cells(path: Path) -> list[dict[str, Any]]:
    told = json.loads(path.read_text(encoding="utf-8"))
    assert (told["nbformat"], told["metadata"]["kernelspec"]["name"]) == (4, "python3")
    found: list[dict[str, Any]] = told["cells"]
    return found


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def run(path: Path) -> tuple[dict[str, Any], list[Any]]:
    """Run the cells in turn; return the names they leave and what each showed."""
    names: dict[str, Any] = {"__name__": "__main__"}
    shown = []
    for number, cell in enumerate(cells(path)):
        if cell["cell_type"] == "code":
            *body, last = ast.parse(source(cell)).body
            where, value = f"{path.name}, cell {number}", None
            if isinstance(last, ast.Expr):
                exec(compile(ast.Module(body, []), where, "exec"), names)
                value = eval(compile(ast.Expression(last.value), where, "eval"), names)
            else:
                exec(compile(ast.Module([*body, last], []), where, "exec"), names)
            html = getattr(value, "_repr_html_", None)
            shown.append(html() if html else value)
    return names, shown


@pytest.fixture
def own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the developer's own settings away, and match on fields alone."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KETNOI_EMBEDDING_MODEL", "none")


def test_the_notebooks_are_there() -> None:
    assert [path.name for path in NOTEBOOKS] == ["evaluation.ipynb", "tour.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_stored_without_output_in_small_cells(path: Path) -> None:
    found = cells(path)
    assert len({cell["id"] for cell in found}) == len(found) > 5
    for cell in found:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
        assert 0 < len(cell["source"]) <= LONGEST_CELL
    assert found[0]["cell_type"] == "markdown" and source(found[0]).startswith("# ")


@pytest.mark.usefixtures("own_settings")
def test_the_evaluation_shows_what_the_page_shows() -> None:
    names, shown = run(FOLDER / "evaluation.ipynb")
    parts = names["shown"]
    assert {"verdict", "tests", "leaderboard", "gains", "windows", "pool", "slices", "exposure"} <= set(parts)
    html = [one for one in shown if isinstance(one, str) and one.startswith("<section")]
    assert len(html) == len(parts)
    assert sum("<svg" in one for one in html) >= 6
    assert names["summary"].few and names["summary"].reachable > 0
    assert names["size"] > 50_000


@pytest.mark.usefixtures("own_settings")
def test_the_tour_shows_a_list_a_reason_and_a_gate(capsys: pytest.CaptureFixture[str]) -> None:
    names, _ = run(FOLDER / "tour.ipynb")
    told = capsys.readouterr().out
    assert "Suggested funds for Vườn Xanh" in told and "Quỹ gợi ý cho Vườn Xanh" in told
    assert "the startup does not want to meet this fund" in told
    assert len(names["shortlist"].suggestions) == len(names["then"].suggestions) == 3
