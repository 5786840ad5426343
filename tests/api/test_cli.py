import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from data.database import HEAD
from tests.api.installation import ROOT, VIETNAM, Ketnoi, fund_ids, table, write, write_json

COMMANDS = ("init", "import", "export", "shortlist", "why", "batch", "synthetic", "override", "doctor")
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


# --- init, import, doctor ---


def test_init_makes_the_database_and_doctor_sees_it(ketnoi: Ketnoi) -> None:
    before = ketnoi("doctor")
    assert before.code == 0
    assert "none yet at" in before.out and "`ketnoi init` makes it" in before.out
    made = ketnoi("init")
    assert made.code == 0
    assert made.out == f"Database ready: sqlite:///{ketnoi.home}/ketnoi.sqlite3\n"
    assert f"schema {HEAD}: 0 startups, 0 funds, 0 investments" in ketnoi("doctor").out


def test_init_twice_changes_nothing(ketnoi: Ketnoi) -> None:
    first, again = ketnoi("init", "--json"), ketnoi("init", "--json")
    assert first == again
    assert first.json == {
        "database": f"sqlite:///{ketnoi.home}/ketnoi.sqlite3",
        "schema": HEAD,
        "embedding_model_ready": False,
    }


def test_import_counts_new_changed_and_unchanged_rows(ketnoi: Ketnoi, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", startups="startup_id,name\na,Alpha\nb,Beta\n")
    assert ketnoi("import", folder).out == "startups.csv: 2 rows imported: 2 new, 0 changed, 0 unchanged\n"
    write(folder, startups="startup_id,name\na,Alpha\nb,Better\n")
    assert ketnoi("import", folder).out == "startups.csv: 2 rows imported: 0 new, 1 changed, 1 unchanged\n"


def test_import_names_what_it_did_not_use_or_understand(ketnoi: Ketnoi, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", startups="startup_id,name,sectors,mood\na,Alpha,fintech;zzz,good\n")
    assert ketnoi("import", folder).out.splitlines()[1:] == [
        "  kept as they are, not used: columns mood",
        "  not understood, kept as unknown: 'zzz' in sectors (1x)",
    ]


def test_import_json_reports_file_by_file(ketnoi: Ketnoi) -> None:
    said = ketnoi("import", VIETNAM, "--json")
    assert said.code == 0
    assert said.json["ok"] is True and said.json["dry_run"] is False
    assert {file["file"]: file["added"] for file in said.json["files"]} == {
        "startups.csv": 227,
        "funds.csv": 397,
        "investments.csv": 580,
    }


def test_a_dry_run_writes_nothing(ketnoi: Ketnoi, tmp_path: Path) -> None:
    said = ketnoi("import", write(tmp_path / "in", startups="startup_id,name\na,Alpha\n"), "--dry-run")
    assert said.out == "startups.csv: 1 row would be taken: 1 new, 0 changed, 0 unchanged\n"
    assert "0 startups" in ketnoi("doctor").out


def test_a_refused_file_names_line_column_rule_and_value(ketnoi: Ketnoi, tmp_path: Path) -> None:
    rows = table("startup_id,name,founded_on", ["a,Alpha,2021", "b,Beta,31/02/2021"])
    said = ketnoi("import", write(tmp_path / "in", startups=rows, funds="fund_id,name\nf,Fund\n"))
    assert said.code == 1
    assert said.out.splitlines() == [
        "startups.csv: refused, nothing of it was imported (1 fault)",
        "  startups.csv:3, column founded_on: must be an ISO date (2021, 2021-03 or 2021-03-31) that exists, "
        "got '31/02/2021'",
        "funds.csv: 1 row imported: 1 new, 0 changed, 0 unchanged",
    ]


def test_a_refused_file_exits_1_with_json_too(ketnoi: Ketnoi, tmp_path: Path) -> None:
    said = ketnoi("import", write(tmp_path / "in", startups="startup_id,name\na,\n"), "--json")
    assert said.code == 1
    (fault,) = said.json["files"][0]["faults"]
    assert (fault["file"], fault["line"], fault["column"]) == ("startups.csv", 2, "name")
    assert fault["rule"] == "not be empty"


@pytest.mark.parametrize("name", ["investments.csv", "funds.xlsx", "startups.jsonl"])
def test_a_file_of_any_format_that_is_refused_exits_1_without_a_traceback(
    ketnoi: Ketnoi, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfe nonsense")
    said = ketnoi("import", tmp_path)
    assert said.code == 1
    assert said.out.startswith(f"{name}: refused, nothing of it was imported (1 fault)\n  {name}")
    assert "Traceback" not in said.out + said.err


def test_import_reads_a_foreign_export_through_a_mapping(ketnoi: Ketnoi) -> None:
    examples = ROOT / "docs" / "examples"
    said = ketnoi("import", examples / "hoip", "--mapping", examples / "hoip-mapping.toml")
    assert said.code == 0
    assert said.out.splitlines() == [
        "ho-so-doanh-nghiep.csv: 3 rows imported: 3 new, 0 changed, 0 unchanged",
        "  kept as they are, not used: columns Số nhân sự",
        "nha-dau-tu.csv: 2 rows imported: 2 new, 0 changed, 0 unchanged",
        "ket-noi.csv: 2 rows imported: 2 new, 0 changed, 0 unchanged",
        "nhat-ky-ket-noi.jsonl: 4 rows imported: 4 new, 0 changed, 0 unchanged",
    ]


def test_a_mapping_that_is_wrong_is_one_line(ketnoi: Ketnoi, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("[startup]", encoding="utf-8")
    said = ketnoi("import", VIETNAM, "--mapping", tmp_path / "m.toml")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "ketnoi: mapping must be a file of the contract (did you mean startups?), got 'startup'\n"
    )


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_export_writes_what_import_takes_as_unchanged(vietnam: Ketnoi, tmp_path: Path, ending: str) -> None:
    said = vietnam("export", tmp_path / "out", "--format", ending)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        f"programs.{ending}: 0 rows",
        f"startups.{ending}: 227 rows",
        f"funds.{ending}: 397 rows",
        f"investments.{ending}: 580 rows",
        f"introductions.{ending}: 0 rows",
        f"introduction_events.{ending}: 0 rows",
        "Earlier versions of startups and funds are not in these files.",
    ]
    again = vietnam("import", tmp_path / "out", "--json").json
    assert [file["unchanged"] for file in again["files"]] == [0, 227, 397, 580, 0, 0]


def test_export_replaces_files_only_with_force(vietnam: Ketnoi, tmp_path: Path) -> None:
    assert vietnam("export", tmp_path).code == 0
    refused = vietnam("export", tmp_path)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(
        "ketnoi: DIR must be a folder without programs.csv (--force replaces it), got "
    )
    forced = vietnam("export", tmp_path, "--force", "--json")
    assert (forced.code, forced.json["files"][1]) == (0, {"file": "startups.csv", "rows": 227})


def test_a_file_with_very_many_faults_prints_the_first_twenty(ketnoi: Ketnoi, tmp_path: Path) -> None:
    rows = table("startup_id,name", (f"s{n}," for n in range(50)))
    lines = ketnoi("import", write(tmp_path / "in", startups=rows)).out.splitlines()
    assert len(lines) == 1 + 20 + 1
    assert lines[-1] == "  … and 30 faults more (--json lists them all)"


def test_doctor_json_lists_its_checks(vietnam: Ketnoi) -> None:
    said = vietnam("doctor", "--json")
    assert said.code == 0
    assert [(check["name"], check["ok"]) for check in said.json] == [
        ("ketnoi", True),
        ("database", True),
        ("embedding model", True),
    ]
    assert "227 startups, 397 funds, 580 investments" in said.json[1]["found"]


def test_doctor_exits_1_where_the_database_is_of_another_version(vietnam: Ketnoi) -> None:
    database = create_engine(f"sqlite:///{vietnam.home}/ketnoi.sqlite3")
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    said = vietnam("doctor")
    assert said.code == 1
    assert "BAD database: " in said.out and f"has schema 9999, this version needs {HEAD}" in said.out
    assert vietnam("shortlist", "coolmate").err.endswith(f"this version needs {HEAD}: run `ketnoi init`\n")


def test_doctor_prints_a_model_s_name_with_brackets_as_it_is(
    ketnoi: Ketnoi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETNOI_EMBEDDING_MODEL", "models/[bold]:tiger:")
    assert "embedding model: models/[bold]:tiger:" in ketnoi("doctor").out


# --- shortlist, why ---


def test_shortlist_of_a_stored_startup(vietnam: Ketnoi) -> None:
    said = vietnam("shortlist", "coolmate", "--k", 3, "--json")
    assert said.code == 0 and said.err == ""
    answer = said.json
    assert (answer["startup"], answer["considered"], answer["sectors_read"]) == ("Coolmate", 397, False)
    assert [suggestion["rank"] for suggestion in answer["suggestions"]] == [1, 2, 3]
    assert answer["eligible"] < answer["considered"]


def test_shortlist_is_the_same_every_time(vietnam: Ketnoi) -> None:
    assert vietnam("shortlist", "coolmate", "--json").out == vietnam("shortlist", "coolmate", "--json").out


def test_shortlist_answers_in_the_language_asked_for(
    vietnam: Ketnoi, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert vietnam("shortlist", "coolmate").out.startswith("Suggested funds for Coolmate")
    assert vietnam("shortlist", "coolmate", "--lang", "vi").out.startswith("Quỹ gợi ý cho Coolmate")
    monkeypatch.setenv("KETNOI_LANGUAGE", "vi")
    assert vietnam("shortlist", "coolmate").out.startswith("Quỹ gợi ý cho Coolmate")


def test_shortlist_of_a_text(vietnam: Ketnoi) -> None:
    said = vietnam("shortlist", "--text", "Ví điện tử cho tiểu thương", "--k", 2)
    assert said.code == 0
    assert said.out.startswith("Suggested funds for your text\n")
    assert "\n 2. " in said.out and "\n 3. " not in said.out


def test_shortlist_of_a_profile_in_json_and_in_csv_is_the_same(vietnam: Ketnoi, tmp_path: Path) -> None:
    as_json = write_json(tmp_path / "asking.json", ASKING)
    as_csv = write(tmp_path, asking="name,sectors,country,stage\nAsking,fintech,VN,seed\n") / "asking.csv"
    first, second = (vietnam("shortlist", "--profile", path, "--json").json for path in (as_json, as_csv))
    assert fund_ids(first) == fund_ids(second) and len(fund_ids(first)) == 10


@pytest.mark.parametrize("command", [("shortlist",), ("why", "mekong-capital")])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_of_a_profile_was_not_used_is_said_on_standard_error(
    vietnam: Ketnoi, tmp_path: Path, command: Sequence[str], form: Sequence[str]
) -> None:
    path = write_json(tmp_path / "p.json", {"name": "A", "sector": "fintech", "sectors": "saas; zzz"})
    said = vietnam(*command, "--profile", path, *form)
    assert said.code == 0
    assert said.err.splitlines() == [
        "Columns that are not used: sector",
        "Not understood and left aside: sectors 'zzz'",
    ]


def test_a_startup_that_opted_out_gets_an_empty_list_with_the_reason(vietnam: Ketnoi, tmp_path: Path) -> None:
    path = write_json(tmp_path / "p.json", {**ASKING, "opted_out": True})
    said = vietnam("shortlist", "--profile", path)
    assert said.code == 0
    assert "No fund to suggest." in said.out
    assert "397 kept out by hard rules" in said.out and "suggestions to this startup: 397" in said.out


def test_an_empty_database_knows_no_fund(ketnoi: Ketnoi) -> None:
    ketnoi("init")
    said = ketnoi("shortlist", "--text", "anything")
    assert said.code == 0
    assert "No fund is known on this date." in said.out


def test_as_of_a_day_before_the_first_deal_no_startup_is_known(vietnam: Ketnoi) -> None:
    said = vietnam("shortlist", "coolmate", "--as-of", "1990-01-01")
    assert said.code == 1
    assert said.err.startswith("ketnoi: STARTUP must be the id of a startup known then")


def test_why_tells_the_rank_that_the_shortlist_gives(vietnam: Ketnoi) -> None:
    second = vietnam("shortlist", "coolmate", "--json").json["suggestions"][1]
    verdict = vietnam("why", "coolmate", second["fund_id"], "--json").json
    assert verdict["ranked"] == {key: second[key] for key in verdict["ranked"]}
    assert verdict["failures"] == []
    told = vietnam("why", "coolmate", second["fund_id"])
    assert told.code == 0
    assert told.out.startswith(f"{second['fund']} for Coolmate: rank 2 of {verdict['of']}")


def test_why_not_cites_the_deal_of_a_fund_that_already_invested(vietnam: Ketnoi) -> None:
    verdict = vietnam("why", "dat-bike", "infraco-asia", "--json").json
    (failure,) = verdict["failures"]
    assert (failure["code"], verdict["ranked"]) == ("already_invested", None)
    assert [deal["announced_on"] for deal in failure["deals"]] == ["2024-08"]
    said = vietnam("why", "dat-bike", "infraco-asia")
    assert said.code == 0
    assert "✗ the fund already backs this startup (08/2024)" in said.out


def test_why_not_gives_the_nearest_change_that_clears_a_gate(vietnam: Ketnoi) -> None:
    said = vietnam("why", "jungle-ventures", "--profile", ROOT / "docs/examples/new-startup.json")
    assert said.code == 0
    assert "would clear one stage later" in said.out
    assert "would clear with an ask 2,200,000 USD larger" in said.out


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
        "DIR must be a folder with at least one of programs.csv, startups.csv, funds.csv, investments.csv",
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
    print("loaded:", *sorted(heavy & sys.modules.keys()), file=sys.stderr)
"""


def test_help_lists_every_command_and_loads_nothing_heavy() -> None:
    done = run_apart(LOADED, "--help")
    assert done.returncode == 0
    assert done.stderr == "loaded:\n"
    for command in COMMANDS:
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


def test_a_slip_in_an_exclusion_is_named_and_a_question_leaves_no_trace(
    vietnam: Ketnoi, tmp_path: Path
) -> None:
    asking = {**ASKING, "description": "Payments", "exclusions": ["nextran", "nextrans", "dat-bike"]}
    said = vietnam("shortlist", "--profile", write_json(tmp_path / "p.json", asking))
    assert said.code == 0
    assert said.err == "excluded, but no fund or startup we know has this id: nextran\n"
    assert "Nextrans" not in said.out


def test_an_override_lets_a_fund_back_in_with_its_reason_and_undo_takes_it_back(vietnam: Ketnoi) -> None:
    pair = ("dat-bike", "infraco-asia")
    assert vietnam("why", *pair, "--json").json["failures"][0]["code"] == "already_invested"
    said = vietnam("override", *pair, "already_invested", "--reason", "Vòng mới, quỹ muốn gặp lại")
    assert (said.code, said.err) == (0, "")
    verdict = vietnam("why", *pair, "--json").json
    assert verdict["failures"] == [] and verdict["ranked"] is not None
    assert [o["reason"] for o in verdict["overrides"]] == ["Vòng mới, quỹ muốn gặp lại"]
    assert "Vòng mới, quỹ muốn gặp lại" in vietnam("why", *pair).out
    assert vietnam("override", *pair, "already_invested", "--reason", "Nhầm", "--undo", "--json").json == {
        "startup_id": pair[0],
        "fund_id": pair[1],
        "gate": "already_invested",
        "lifted": False,
        "decided_on": verdict["as_of"],
    }
    assert vietnam("why", *pair, "--json").json["ranked"] is None


@pytest.mark.parametrize(
    ("gate", "reason", "rule"),
    [
        ("country", " ", "--reason must be a reason of 1 to 1,000 printable characters"),
        ("country", "x" * 1_001, "--reason must be a reason of 1 to 1,000 printable characters"),
        ("excluded_by_startup", "please", "GATE must be one of already_introduced, "),
        ("no-such-gate", "please", "GATE must be one of already_introduced, "),
    ],
)
def test_an_override_without_a_reason_or_of_what_nobody_may_lift_is_refused(
    vietnam: Ketnoi, gate: str, reason: str, rule: str
) -> None:
    said = vietnam("override", "dat-bike", "nextrans", gate, "--reason", reason)
    assert said.code == 1
    assert said.err.startswith(f"ketnoi: {rule}")


def test_an_import_names_the_exclusions_that_belong_to_nobody_until_they_do(ketnoi: Ketnoi) -> None:
    folder = write(ketnoi.home / "in", startups="startup_id,name,exclusions\na,A,b;f\nb,B,\n")
    said = ketnoi("import", folder)
    assert said.code == 0
    assert said.err == "excluded, but no fund or startup we know has this id: f\n"
    write(folder, funds="fund_id,name\nf,F\n")
    assert ketnoi("import", folder).err == ""
