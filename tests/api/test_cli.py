import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.api.installation import ROOT, VIETNAM, Ketnoi, fund_ids

COMMANDS = ("init", "import", "export", "shortlist", "why", "batch", "synthetic", "override", "doctor")
GROUPS = ("account", "key", "releases", "serve")
ASKING = {"name": "Asking", "sectors": ["fintech"], "country": "VN", "stage": "seed"}


def run_apart(program: str, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program in a process of its own, in the environment of the test."""
    return subprocess.run(
        [sys.executable, "-c", program, *args],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


# --- what goes wrong ---

STARTUP_RULE = "ketnoi: STARTUP must be the id of a startup known then, got "
BAD = [
    (("shortlist", "coolmat"), 1, f"{STARTUP_RULE}'coolmat'; did you mean coolmate?"),
    (("shortlist", "qqqqqq"), 1, f"{STARTUP_RULE}'qqqqqq'\n"),
    (("shortlist", ""), 1, f"{STARTUP_RULE}''\n"),
    (("shortlist", "\x1b[31m"), 1, r"got '\x1b[31m'"),
    (("why", "coolmat", "mekong-capital"), 1, "did you mean coolmate?"),
    (
        ("why", "coolmate", "mekong-capita"),
        1,
        "FUND must be the id of a fund known then, got ",
    ),
    (("why", "coolmate", "mekong-capita"), 1, "did you mean mekong-capital"),
    (("why", "mekong-capital"), 2, "give STARTUP FUND, or FUND --profile FILE"),
    (("why", "a", "b", "c"), 2, "give STARTUP FUND, or FUND --profile FILE"),
    (("why",), 2, "Missing argument"),
    (("shortlist",), 2, "give one of STARTUP, --profile FILE or --text TEXT"),
    (("shortlist", "coolmate", "--text", "x"), 2, "give one of STARTUP, --profile FILE or --text TEXT"),
    (("shortlist", "--text", "  "), 2, "must not be empty"),
    (("shortlist", "coolmate", "--k", "0"), 2, "'--k'"),
    (("shortlist", "coolmate", "--k", "ten"), 2, "'--k'"),
    (
        ("shortlist", "coolmate", "--as-of", "31/02/2021"),
        2,
        "must be a day like 2021-03-31, got '31/02/2021'",
    ),
    (
        ("shortlist", "coolmate", "--as-of", "2021-02-31"),
        2,
        "must be a day like 2021-03-31, got '2021-02-31'",
    ),
    (("shortlist", "coolmate", "--lang", "fr"), 2, "'fr' is not one of 'vi', 'en'"),
    (("shortlist", "--profile", "missing.json"), 2, "'missing.json' does not exist"),
    (("shortlist", "--profile", "."), 2, "is a directory"),
    (("shortlist", "coolmate", "extra"), 2, "unexpected extra argument"),
    (("shortlist", "--nope"), 2, "No such option: --nope"),
    (("batch", "--all"), 2, "--out"),
    (("batch", "--out", "x.csv"), 2, "give one of --all or --profiles FILE"),
    (
        ("batch", "--all", "--out", "x.xlsx"),
        1,
        "--out must be a file that ends in .csv or .parquet, got 'x.xlsx'",
    ),
    (("batch", "--all", "--out", "nowhere/x.csv"), 1, "--out must be in a folder that exists, got "),
    (("batch", "--all", "--out", f"{'x' * 300}.csv"), 1, "File name too long"),
    (("import",), 2, "Missing argument"),
    (("import", "nowhere"), 1, "DIR must be a folder that exists, got 'nowhere'"),
    (
        ("import", "."),
        1,
        "DIR must be a folder with at least one of programs, startups, funds, investments",
    ),
    (("doctor", "extra"), 2, "unexpected extra argument"),
    (("nonsense",), 2, "No such command 'nonsense'"),
]


@pytest.mark.parametrize(("args", "code", "told"), BAD)
def test_a_bad_invocation_says_what_is_wrong_and_prints_no_answer(
    vietnam: Ketnoi,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: Sequence[str],
    code: int,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = vietnam(*args)
    assert (said.code, said.out) == (code, "")
    assert told in said.err and "Traceback" not in said.err
    assert code == 2 or said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"name": ', "p.json: must be csv (then name it .csv) or proper json (Expecting value"),
        (
            '[{"name": "A"}, {"name": "B"}]',
            "must hold one profile (`ketnoi batch --profiles` takes many), got ",
        ),
        ('{"sector": "fintech"}', "p.json:1: must have at least one column of startups.csv (startup_id, "),
        (
            '{"name": {"en": "A"}}',
            "p.json:1, column name: must be a text, a number, true or false, or a list",
        ),
        (
            '{"name": "A", "stage": "seed", "raising_usd": -1}',
            "column raising_usd: must be US dollars from 0",
        ),
    ],
)
def test_a_refused_profile_says_where_and_why(
    vietnam: Ketnoi, tmp_path: Path, content: str, told: str
) -> None:
    path = tmp_path / "p.json"
    path.write_text(content, encoding="utf-8")
    for command in (("shortlist",), ("why", "mekong-capital")):
        said = vietnam(*command, "--profile", path)
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith("ketnoi: p.json") and told in said.err and said.err.count("\n") == 1


@pytest.mark.parametrize(
    "args",
    [
        ("shortlist", "coolmate"),
        ("shortlist", "--text", "x"),
        ("why", "a", "b"),
        ("batch", "--all", "--out", "x.csv"),
        ("export", "out"),
    ],
)
def test_without_a_database_the_command_that_makes_one_is_named(
    ketnoi: Ketnoi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: Sequence[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    said = ketnoi(*args)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"ketnoi: no Ketnoi database at sqlite:///{ketnoi.home}/ketnoi.sqlite3: run ")
    assert said.err.endswith("run `ketnoi init`, or `ketnoi import DIR`\n")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_one_line(ketnoi: Ketnoi) -> None:
    ketnoi.home.mkdir()
    (ketnoi.home / "ketnoi.sqlite3").write_text("this is no database" * 100, encoding="utf-8")
    for args in (("init",), ("shortlist", "x"), ("import", VIETNAM)):
        said = ketnoi(*args)
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
        assert "cannot be opened: file is not a database" in said.err
    assert ketnoi("doctor").code == 1


# --- as a process ---

LOADED = """
import sys
from api.cli import main
try:
    main()
finally:
    heavy = {"alembic", "babel", "faiss", "numpy", "openpyxl", "rich", "sqlalchemy", "torch", "transformers"}
    heavy |= {"argon2", "fastapi", "structlog", "uvicorn"}
    print("loaded:", *sorted(heavy & sys.modules.keys()), file=sys.stderr)
"""


def test_help_lists_every_command_and_loads_nothing_heavy() -> None:
    done = run_apart(LOADED, "--help")
    assert done.returncode == 0
    assert done.stderr == "loaded:\n"
    for command in (*COMMANDS, *GROUPS):
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_names_its_options(ketnoi: Ketnoi, command: str) -> None:
    said = ketnoi(command, "--help")
    assert said.code == 0
    assert f"Usage: ketnoi {command} " in said.out and "--json" in said.out


def test_shortlist_of_a_stored_startup_loads_no_torch(vietnam: Ketnoi) -> None:
    done = run_apart(LOADED, "shortlist", "coolmate", "--json")
    assert done.returncode == 0
    assert len(fund_ids(json.loads(done.stdout))) == 10
    loaded = done.stderr.split()
    assert "numpy" in loaded and not {"torch", "transformers", "alembic", "openpyxl"} & set(loaded)


def test_vietnamese_is_printed_as_utf8_also_where_python_was_told_otherwise(vietnam: Ketnoi) -> None:
    done = run_apart(
        LOADED, "shortlist", "coolmate", "--lang", "vi", PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert done.returncode == 0
    assert done.stdout.startswith("Quỹ gợi ý cho Coolmate\n")


def test_a_reader_that_stops_early_is_no_error(vietnam: Ketnoi) -> None:
    program = "import subprocess, sys; command = [sys.executable, '-m', 'api.cli', *sys.argv[1:]]\n"
    program += "running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)\n"
    program += "print(running.stdout.readline().decode().strip()); running.stdout.close()\n"
    program += "print(running.stderr.read().decode(), end=''); running.stderr.close(); running.wait()\n"
    done = run_apart(program, "shortlist", "coolmate", "--k", "300")
    assert (done.stdout, done.stderr) == ("Suggested funds for Coolmate\n", "")
