"""The rules of the house that no linter knows."""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from api.cli import app

ROOT = Path(__file__).parents[1]
ROOMS = ("matching", "models", "data", "api")
FROZEN = (
    ROOT / "data" / "migrations" / "versions"
)  # a migration says one thing after another, and stays as it is
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if FROZEN not in path.parents)
MACHINE = re.compile(rf"(?<![\w.:/~-])/(?:{'|'.join(('work', 'root', 'home', 'tmp/w'))})/")
LEFT_OUT = {"__pycache__", "build", "dist"}
TEXTS = {".py", ".md", ".toml", ".txt", ".csv", ".json", ".ipynb", ".yml", ".yaml", ".mako", ".example", ""}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def texts() -> Iterator[Path]:
    """Find every text file of the project; what tools leave behind begins with a dot."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if name not in LEFT_OUT and not name.endswith(".egg-info") and (name[0] != "." or name == ".ci")
        ]
        yield from (Path(folder) / name for name in files if Path(name).suffix in TEXTS)


def lines_of(page: str) -> list[str]:
    return (ROOT / page).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_file_is_over_400_lines_and_no_function_over_50(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    functions = (
        n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    long = {f.name: n for f in functions if (n := (f.end_lineno or 0) - f.lineno + 1) > 50}
    assert long == {}


def test_the_rooms_are_there() -> None:
    assert {name_of(path).split(os.sep)[0] for path in SOURCES} == set(ROOMS)


def test_the_readme_names_every_command() -> None:
    text = "\n".join(lines_of("README.md"))
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert len(commands) >= 6
    assert [name for name in commands if not re.search(rf"\bketnoi {name}\b", text)] == []


def test_the_changelog_begins_with_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    heads = re.findall(r"^## \[?(\d+\.\d+\.\d+)", "\n".join(lines_of("CHANGELOG.md")), re.MULTILINE)
    assert heads[0] == version


def test_decisions_are_one_page_each_and_numbered_without_gaps() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert pages
    assert [page.name[:5] for page in pages] == [f"{n:04d}-" for n in range(1, len(pages) + 1)]
    assert [page.name for page in pages if len(lines_of(name_of(page))) >= 80] == []


def test_contributing_is_short() -> None:
    assert 0 < len(lines_of("CONTRIBUTING.md")) < 60


def test_no_file_names_a_place_on_somebody_s_machine() -> None:
    found = [path for path in texts() if MACHINE.search(path.read_text(encoding="utf-8"))]
    assert list(map(name_of, found)) == []


def test_what_is_searched_for_machine_paths_is_the_project() -> None:
    names = set(map(name_of, texts()))
    assert {
        "pyproject.toml",
        "Makefile",
        "api/cli.py",
        "data/vietnam/funds.csv",
        "tests/test_house.py",
    } <= names
    assert not any(name.startswith((".git/", ".venv/")) for name in names)
    assert MACHINE.search("cd " + "/".join(("", "work", "main")))
    assert not MACHINE.search("https://example.org/work/with-us and a/root/b")
