"""The command line with the real model over a part of data/vietnam, as a person runs it."""

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from models import bundled

ROOT = Path(__file__).parents[2]
VIETNAM = ROOT / "data" / "vietnam"
SECTORS = {"agritech", "foodtech", "healthtech", "mobility"}
"""What the startups do that are imported: to embed all takes a minute."""
SENTENCE = "Sàn kết nối nông dân với siêu thị và quán ăn, truy xuất nguồn gốc rau sạch."
TOLD = {
    "vi": "Ứng dụng khám bệnh từ xa: bác sĩ tư vấn cho bệnh nhân qua video, thuốc được giao tận nhà.",
    "en": "Telemedicine app: doctors see patients by video, and medicine is delivered to their homes.",
}
pytestmark = [
    pytest.mark.bundled,
    pytest.mark.skipif(not bundled.installed(), reason="needs the extra `bundled`"),
]


@dataclass(frozen=True)
class Centre:
    """An installation in a folder of its own, run as a process."""

    home: Path

    def run(self, *args: str | Path) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KETNOI_")}
        cache = os.environ.get("KETNOI_CACHE_DIR") or platformdirs.user_cache_dir("ketnoi")
        settings = {"KETNOI_HOME": str(self.home), "KETNOI_CACHE_DIR": cache, "KETNOI_LANGUAGE": "vi"}
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *args],
            cwd=ROOT,
            env={**kept, **settings},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def shortlist(self, *args: str | Path) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.run("shortlist", *args, "--json"))
        return answer


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """The startups of SECTORS with all who backed them, imported and embedded, once."""
    folder, centre = tmp_path_factory.mktemp("part"), Centre(tmp_path_factory.mktemp("centre"))
    startups = [row for row in read(VIETNAM / "startups.csv") if SECTORS & set(row["sectors"].split(";"))]
    names = {row["startup_id"] for row in startups}
    deals = [row for row in read(VIETNAM / "investments.csv") if row["startup_id"] in names]
    backers = {row["fund_id"] for row in deals}
    funds = [row for row in read(VIETNAM / "funds.csv") if row["fund_id"] in backers]
    for name, rows in (("startups", startups), ("investments", deals), ("funds", funds)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    centre.run("import", folder)
    return centre


@pytest.fixture(scope="module")
def investors() -> dict[str, set[str]]:
    """The funds behind each startup, as the file tells them."""
    found = defaultdict(set)
    with (VIETNAM / "investments.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["startup_id"]].add(row["fund_id"])
    return found


def fund_ids(answer: dict[str, Any]) -> list[str]:
    return [suggestion["fund_id"] for suggestion in answer["suggestions"]]


def test_a_vietnamese_sentence_is_read_and_answered_in_vietnamese(centre: Centre) -> None:
    answer = centre.shortlist("--text", SENTENCE)
    assert len(fund_ids(answer)) == 10
    assert answer["sectors_read"] and {"agritech", "foodtech"} & set(answer["sectors"])
    reasons = [reason for suggestion in answer["suggestions"] for reason in suggestion["reasons"]]
    assert "quỹ đã rót vốn vào những công ty tương tự" in {reason["text"] for reason in reasons}
    assert {"thesis", "portfolio"} <= {reason["code"] for reason in reasons}


def test_own_investors_are_not_suggested_again_but_those_of_the_nearest_rival_are(
    centre: Centre, investors: dict[str, set[str]]
) -> None:
    answer = centre.shortlist("dat-bike")
    found = fund_ids(answer)
    assert len(found) == 10 and not investors["dat-bike"] & set(found)
    assert answer["gated"]["already_invested"] == len(investors["dat-bike"]) == 9
    # Both build electric motorbikes in Vietnam.
    assert len(investors["selex-motors"] & set(found[:5])) >= 2


@pytest.mark.acceptance
def test_a_new_startup_in_a_file_finds_funds_that_backed_health_care(centre: Centre) -> None:
    answer = centre.shortlist("--profile", ROOT / "docs" / "examples" / "new-startup.json")
    assert len(fund_ids(answer)) == 10
    assert answer["gated"].get("ticket") and answer["gated"].get("stage")
    sectors = {row["startup_id"]: row["sectors"] for row in read(VIETNAM / "startups.csv")}
    first = [deal["startup_id"] for r in answer["suggestions"][0]["reasons"] for deal in r["deals"]]
    assert "healthtech" in sectors[first[0]]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.acceptance
def test_the_same_startup_told_in_either_language_finds_mostly_the_same_funds(
    centre: Centre, tmp_path: Path
) -> None:
    profiles = [
        {"startup_id": "vi", "name": "Told", "description_vi": TOLD["vi"]},
        {"startup_id": "en", "name": "Told", "description": TOLD["en"]},
    ]
    (tmp_path / "told.json").write_text(json.dumps(profiles), encoding="utf-8")
    centre.run("batch", "--profiles", tmp_path / "told.json", "--k", "10", "--out", tmp_path / "out.csv")
    found = defaultdict(set)
    for row in read(tmp_path / "out.csv"):
        found[row["startup_id"]].add(row["fund_id"])
    assert len(found["vi"]) == len(found["en"]) == 10
    assert len(found["vi"] & found["en"]) >= 5
