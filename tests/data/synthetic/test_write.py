import csv
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from data.formats.csv_file import read_csv
from data.importer import import_folder
from data.store import Store
from data.synthetic.courses import STATUSES
from data.synthetic.ids import fund_id, introduction_id, startup_id
from data.synthetic.market import NEVER
from data.synthetic.settings import MarketSettings
from data.synthetic.write import SyntheticMarket, draw_market, write_market
from matching.dates import end_of_period
from matching.errors import BadValue
from tests.data.synthetic.conftest import MIDDLE, SMALL

CONTRACT = ("startups", "funds", "investments", "introductions", "introduction_events")
FILES = (*(f"{name}.csv" for name in CONTRACT), "README.md", "truth/funds.csv", "truth/introductions.csv")
Row = dict[str, str]


def rows(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def checksum(folder: Path) -> str:
    return sha256(b"".join((folder / name).read_bytes() for name in FILES)).hexdigest()


def test_the_same_settings_give_the_same_bytes(small: Path, tmp_path: Path) -> None:
    write_market(draw_market(SMALL), tmp_path / "again")
    assert checksum(tmp_path / "again") == checksum(small)
    written = (path.relative_to(small).as_posix() for path in small.rglob("*") if path.is_file())
    assert sorted(written) == sorted(FILES)


def test_the_bytes_are_those_of_every_machine(small: Path) -> None:
    """A change of the generator changes them: then set the new sum, and say so in the changelog."""
    assert checksum(small)[:16] == "aad8868d0b646b38"


def test_another_seed_gives_another_market(small: Path, tmp_path: Path) -> None:
    write_market(draw_market(MarketSettings(50, 30, seed=8)), tmp_path / "other")
    for name in CONTRACT:
        assert rows(tmp_path / "other", name) != rows(small, name)


def test_imports_without_a_fault_and_twice_changes_nothing(
    engine: Engine, folder: Path, now: datetime
) -> None:
    report = import_folder(engine, folder, now)
    assert report.ok
    assert [file.faults for file in report.files] == [[]] * 5
    assert [dict(file.not_understood) for file in report.files] == [{}] * 5
    assert [file.unknown_columns for file in report.files] == [
        ["synthetic"],
        ["born_on", "synthetic"],
        *[["synthetic"]] * 3,
    ]
    again = import_folder(engine, folder, datetime(2024, 7, 1, tzinfo=UTC))
    assert [(file.added, file.changed) for file in again.files] == [(0, 0)] * 5
    assert len(Store(engine).knowledge(None).startups) == len(rows(folder, "startups"))


def test_everything_says_that_it_is_synthetic(folder: Path) -> None:
    for name, kind in (("startups", "startup"), ("funds", "fund")):
        for row in rows(folder, name):
            assert row[f"{kind}_id"].startswith("syn-")
            assert row["name"].endswith(("(synthetic)", "(dữ liệu tổng hợp)"))
            assert row["website"].endswith(".synthetic.example")
            assert row["synthetic"] == "true"
    for name in (*CONTRACT[2:], "truth/funds", "truth/introductions"):
        assert {row["synthetic"] for row in rows(folder, name)} == {"true"}
    for row in rows(folder, "introductions"):
        assert row["introduction_id"].startswith("syn-") and "synthetic" in row["released_by"]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "not real data" in readme and "không phải dữ liệu thật" in readme


def test_every_deal_is_after_founding_first_sight_and_the_birth_of_its_fund(folder: Path) -> None:
    startups = {row["startup_id"]: row for row in rows(folder, "startups")}
    funds = {row["fund_id"]: row for row in rows(folder, "funds")}
    assert len(rows(folder, "investments")) > len(startups)
    for deal in rows(folder, "investments"):
        startup, fund = startups[deal["startup_id"]], funds[deal["fund_id"]]
        before = [startup["first_seen_on"], startup["founded_on"], fund["born_on"], fund["verified_on"]]
        told = [end_of_period(day) for day in before if day]
        assert max(told) <= end_of_period(deal["announced_on"])


def test_a_fund_is_born_then_verified_and_its_ticket_is_a_range(folder: Path) -> None:
    for fund in rows(folder, "funds"):
        assert not fund["verified_on"] or fund["born_on"] <= fund["verified_on"]
        assert bool(fund["ticket_min_usd"]) == bool(fund["ticket_max_usd"])
        if fund["ticket_min_usd"]:
            assert float(fund["ticket_min_usd"]) < float(fund["ticket_max_usd"])
        assert not set(fund["excluded_sectors"].split(";")) & set(fund["sectors"].split(";")) - {""}


def test_texts_are_in_their_language_and_differ(folder: Path) -> None:
    pairs = [(row["description"], row["description_vi"]) for row in rows(folder, "startups")]
    pairs += [(row["thesis"], row["thesis_vi"]) for row in rows(folder, "funds")]
    for english, vietnamese in pairs:
        assert english.isascii()
        assert not vietnamese or re.search(
            "[ăâđêôơưạảấầẩậắằặẹẻếềểệỉịọỏốồổộớờởợụủứừửựỳỹáàãéèíìóòõúùý]", vietnamese
        )
        assert not re.search(r"[{}|]|  | \.|,,", english + vietnamese)


def test_no_sentence_names_a_fund_or_a_startup(folder: Path) -> None:
    names, words = set[str](), set[str]()
    for name, texts in (("startups", "description"), ("funds", "thesis")):
        for row in rows(folder, name):
            names |= set(re.findall(r"[^\W\d]+", row["name"].split(" (")[0]))
            words |= set(re.findall(r"\w+", f"{row[texts]} {row[f'{texts}_vi']}"))
    assert (names & words) <= {"Capital", "Quỹ"}  # common nouns
    assert len(names) > 20


def test_two_startups_of_a_sector_rarely_have_the_same_text(middle: Path) -> None:
    for column in ("description", "description_vi"):
        told = Counter(row[column] for row in rows(middle, "startups") if row[column])
        assert sum(times for times in told.values() if times > 1) < 0.02 * told.total()


def test_cells_are_missing_at_the_rates_set(middle: Path) -> None:
    startups, funds = rows(middle, "startups"), rows(middle, "funds")
    investments = rows(middle, "investments")
    for column, told, share in (
        ("description", startups, 0.10),
        ("country", startups, 0.06),
        ("stage", startups, 0.43),
        ("founded_on", startups, 0.23),
        ("thesis", funds, 0.50),
        ("ticket_max_usd", funds, 0.40),
        ("verified_on", funds, 0.50),
        ("round", investments, 0.33),
        ("amount_usd", investments, 0.10),
    ):
        assert abs(sum(not row[column] for row in told) / len(told) - share) < 0.05, column


def test_dates_are_known_to_the_day_the_month_or_the_year(middle: Path) -> None:
    widths = Counter(len(row["announced_on"]) for row in rows(middle, "investments"))
    assert set(widths) == {4, 7, 10}
    assert 0.6 < widths[10] / widths.total() < 0.85


def test_some_startups_and_funds_have_no_deal(middle: Path) -> None:
    deals = rows(middle, "investments")
    for name, key, low, high in (("startups", "startup_id", 0.14, 0.17), ("funds", "fund_id", 0.08, 0.16)):
        ids = {row[key] for row in rows(middle, name)}
        assert low < 1 - len({deal[key] for deal in deals}) / len(ids) < high


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for taken in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(BadValue, match="DIR must be a folder that is new or empty"):
            write_market(draw_market(SMALL), taken)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_written_file_has_only_columns_of_the_contract_and_the_marks(small: Path) -> None:
    with read_csv(small / "investments.csv") as sheet:
        columns, rows = sheet.columns, list(sheet.rows)
    assert columns == [
        "startup_id",
        "fund_id",
        "announced_on",
        "round",
        "amount_usd",
        "lead",
        "synthetic",
    ]
    assert len(rows) > 50 and sheet.faults == []


@pytest.fixture(scope="module")
def centre_folder(tmp_path_factory: pytest.TempPathFactory, centre: SyntheticMarket) -> Path:
    folder = tmp_path_factory.mktemp("centre") / "market"
    write_market(centre, folder)
    return folder


def test_events_stand_in_the_order_of_time_and_one_of_a_status(centre_folder: Path) -> None:
    courses: dict[str, list[tuple[str, str]]] = {}
    for event in rows(centre_folder, "introduction_events"):
        courses.setdefault(event["introduction_id"], []).append((event["at"], event["status"]))
    opened = {row["introduction_id"]: row["opened_on"] for row in rows(centre_folder, "introductions")}
    for course in courses.values():
        assert [at for at, _ in course] == sorted(at for at, _ in course)
        assert len({status for _, status in course}) == len(course)
    assert {id_: course[0] for id_, course in courses.items()} == {
        id_: (on, "founder_asked") for id_, on in opened.items()
    }


def test_an_invested_introduction_has_its_row_in_the_investments(centre_folder: Path) -> None:
    pairs = {
        row["introduction_id"]: (row["startup_id"], row["fund_id"])
        for row in rows(centre_folder, "introductions")
    }
    deals = {
        (row["startup_id"], row["fund_id"], row["announced_on"]) for row in rows(centre_folder, "investments")
    }
    events = rows(centre_folder, "introduction_events")
    invested = [event for event in events if event["status"] == "invested"]
    assert len(invested) > 30
    assert [event for event in invested if (*pairs[event["introduction_id"]], event["at"]) not in deals] == []


def test_the_truth_joins_the_imported_records_by_its_ids(
    engine: Engine, centre_folder: Path, centre: SyntheticMarket, now: datetime
) -> None:
    assert import_folder(engine, centre_folder, now).ok
    known = {each.introduction_id: each for each in Store(engine).knowledge(None).introductions}
    drawn = centre.introductions
    assert len(known) == len(drawn.startup)
    for row in range(0, len(known), 500):
        introduction = known[introduction_id(row)]
        assert introduction.startup_id == startup_id(int(drawn.startup[row]))
        assert introduction.fund_id == fund_id(int(drawn.fund[row]))
        last = introduction.events[-1]
        assert last.status is STATUSES[drawn.outcome()[row]]
        assert (last.at - date(1970, 1, 1)).days == drawn.day_of(last.status)[row]
    told = rows(centre_folder, "truth/introductions")
    assert np.allclose([float(row["chance"]) for row in told], drawn.chance, atol=1e-6)
    assert [int(row["rank_shown"]) for row in told] == drawn.rank.tolist()
    died = [row["died_on"] for row in rows(centre_folder, "truth/funds")]
    assert [bool(on) for on in died] == (centre.funds.died < NEVER).tolist()


def test_no_record_tells_the_future_of_a_fund(folder: Path) -> None:
    assert {row["status"] for row in rows(folder, "funds")} == {"", "deploying", "raising"}


def test_a_market_without_introductions_has_no_files_of_them(tmp_path: Path) -> None:
    written = write_market(draw_market(replace(SMALL, n_introductions=0)), tmp_path / "market")
    assert (written.introductions, written.introduction_events) == (0, 0)
    found = {path.stem for path in (tmp_path / "market").iterdir() if path.suffix == ".csv"}
    assert found == {"startups", "funds", "investments"}


def test_introductions_change_no_row_of_startups_and_funds(middle: Path, tmp_path: Path) -> None:
    write_market(draw_market(replace(MIDDLE, n_introductions=2_000)), tmp_path / "more")
    for name in ("startups", "funds"):
        assert rows(tmp_path / "more", name) == rows(middle, name)
    key = ("startup_id", "fund_id", "round", "amount_usd")
    before, after = (
        {tuple(row[part] for part in key) for row in rows(where, "investments")}
        for where in (middle, tmp_path / "more")
    )
    assert len(before - after) < 0.001 * len(before)
    assert 0 < len(after - before) < 60
