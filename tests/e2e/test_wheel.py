"""Build the wheel, install it where nothing else is, use it from there."""

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("matching", "models", "data", "api", "tests", "benchmarks", "notebooks")
FILES = ("pyproject.toml", "README.md", "LICENSE")
BIN = "Scripts" if os.name == "nt" else "bin"
SHIPPED = {
    "api/locale/vi.toml",
    "api/locale/en.toml",
    "api/templates/report.html",
    "api/templates/part.html",
    "data/migrations/env.py",
    "data/migrations/versions/0001_records.py",
    "data/taxonomy/sectors.csv",
    "data/taxonomy/countries.csv",
    "data/vietnam/startups.csv",
    "data/vietnam/funds.csv",
    "data/vietnam/investments.csv",
    "data/vietnam/README.md",
}

pytestmark = [pytest.mark.packaging]


@dataclass(frozen=True)
class Installed:
    """A virtual environment that holds the wheel and its core dependencies."""

    folder: Path
    wheel: Path

    def run(self, program: str, *args: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "SYSTEMROOT", "TEMP"}}
        plain = {"KETNOI_HOME": str(self.folder / "home"), "KETNOI_EMBEDDING_MODEL": "none"}
        return subprocess.run(
            [self.folder / BIN / program, *args],
            cwd=self.folder,  # where no folder of the project can stand in for the installed packages
            env={**kept, **plain, "KETNOI_LANGUAGE": "en", "PYTHONWARNINGS": "error", **settings},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


def pip(python: Path | str, *args: str | Path) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *args], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build from a copy: a build leaves folders behind, and would ship what an older one left."""
    source = tmp_path_factory.mktemp("source")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source)
    pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", source / "dist", source)
    (built,) = (source / "dist").glob("ketnoi-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Install the wheel with its core dependencies alone, in the versions this project is tested with."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    limits = ROOT / "constraints.txt"
    pip(folder / BIN / "python", "install", *(("-c", limits) if limits.is_file() else ()), wheel)
    yield Installed(folder, wheel)
    shutil.rmtree(folder)


def test_the_wheel_holds_what_the_program_reads_and_nothing_else_of_the_project(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert SHIPPED - names == set()
    code = {str(path.relative_to(ROOT)) for part in PARTS[:4] for path in (ROOT / part).rglob("*.py")}
    assert code - names == set()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"matching", "models", "data", "api"}


@pytest.mark.acceptance
def test_the_installed_program_imports_its_own_data_and_answers(installed: Installed) -> None:
    doctor = installed.run("ketnoi", "doctor")
    assert (doctor.returncode, doctor.stderr) == (0, "")
    assert "none yet at" in doctor.stdout

    found = installed.run("python", "-c", "import data, pathlib; print(pathlib.Path(data.__file__).parent)")
    vietnam = Path(found.stdout.strip()) / "vietnam"
    assert installed.folder in vietnam.parents

    imported = installed.run("ketnoi", "import", vietnam)
    assert (imported.returncode, imported.stderr) == (0, "")
    assert "investments.csv: 580 rows imported: 580 new" in imported.stdout

    answer = installed.run("ketnoi", "shortlist", "coolmate", "--json")
    assert (answer.returncode, answer.stderr) == (0, "")
    suggestions = json.loads(answer.stdout)["suggestions"]
    assert [suggestion["rank"] for suggestion in suggestions] == list(range(1, 11))
    assert all(suggestion["reasons"] for suggestion in suggestions)


@pytest.mark.acceptance
def test_without_the_extra_the_missing_model_is_named(installed: Installed) -> None:
    probe = "from importlib.util import find_spec as f; print(f('torch'), f('sentence_transformers'))"
    assert installed.run("python", "-c", probe).stdout.split() == ["None", "None"]
    other = {"KETNOI_HOME": str(installed.folder / "other"), "KETNOI_EMBEDDING_MODEL": "bundled"}
    doctor = installed.run("ketnoi", "doctor", **other)
    assert doctor.returncode == 0
    assert "run `pip install 'ketnoi[bundled]'`" in doctor.stdout
    assert installed.run("ketnoi", "init", **other).returncode == 0
    asked = installed.run("ketnoi", "shortlist", "--text", "Ví điện tử", **other)
    assert asked.returncode == 1
    assert asked.stderr.count("\n") == 1 and "pip install 'ketnoi[bundled]'" in asked.stderr
