import json
from pathlib import Path

from tests.api.installation import Ketnoi


def test_synthetic_writes_a_market_that_imports(ketnoi: Ketnoi, tmp_path: Path) -> None:
    folder = tmp_path / "market"
    said = ketnoi("synthetic", folder, "--startups", 60, "--funds", 40, "--introductions", 25, "--seed", 5)
    assert said.code == 0
    assert said.out.startswith(f"{folder}: synthetic market, seed 5: 60 startups, 40 funds, ")
    assert said.out.endswith(" introductions; none of them is real\n")
    imported = ketnoi("import", folder, "--json")
    assert imported.code == 0 and imported.json["ok"] is True
    added = {file["file"]: file["added"] for file in imported.json["files"]}
    assert (added["startups.csv"], added["introductions.csv"]) == (60, 25)


def test_synthetic_tells_json_what_it_wrote(ketnoi: Ketnoi, tmp_path: Path) -> None:
    said = ketnoi("synthetic", tmp_path / "market", "--startups", 60, "--funds", 40, "--json")
    names = ("investments", "introductions", "introduction_events")
    lines = {name: (tmp_path / "market" / f"{name}.csv").read_text().count("\n") - 1 for name in names}
    assert said.json == {
        "out": str(tmp_path / "market"),
        "synthetic": True,
        "seed": 0,
        "startups": 60,
        "funds": 40,
        **lines,
    }


def test_synthetic_refuses_a_folder_that_holds_something(ketnoi: Ketnoi, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(json.dumps("mine"))
    said = ketnoi("synthetic", tmp_path)
    assert said.code == 1 and said.out == ""
    assert said.err.startswith("ketnoi: DIR must be a folder that is new or empty, got ")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["mine.json"]


def test_synthetic_refuses_a_size_out_of_range(ketnoi: Ketnoi, tmp_path: Path) -> None:
    said = ketnoi("synthetic", tmp_path / "market", "--startups", 5)
    assert said.code == 1
    assert said.err == "ketnoi: n_startups must be from 10 to 1,000,000, got '5'\n"
    assert not (tmp_path / "market").exists()
