from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from data.database import HEAD
from tests.api.installation import ROOT, VIETNAM, Ketnoi, table, write


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


def test_an_import_names_the_exclusions_that_belong_to_nobody_until_they_do(ketnoi: Ketnoi) -> None:
    folder = write(ketnoi.home / "in", startups="startup_id,name,exclusions\na,A,b;f\nb,B,\n")
    said = ketnoi("import", folder)
    assert said.code == 0
    assert said.err == "excluded, but no fund or startup we know has this id: f\n"
    write(folder, funds="fund_id,name\nf,F\n")
    assert ketnoi("import", folder).err == ""
