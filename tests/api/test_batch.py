import csv
import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from api.compose import App
from api.jobs.batch import COLUMNS, rank_all
from data.importer import import_folder
from matching.records import Startup
from tests.api.installation import VIETNAM, Ketnoi, table, write, write_json

DAY = "2021-07-01"
STARTUPS = """\
startup_id,name,sectors,country,stage,founded_on,first_seen_on
pay,Pay,fintech,VN,seed,2018,2019-01-01
lend,Lend,fintech,VN,series-a,2019,2020-05-01
farm,Farm,agritech,VN,seed,2020,2021-03
"""
LATER_STARTUPS = "new,New,fintech,VN,seed,2022,2022-02-01\nnow,Now,agritech,VN,,2021,2021-07-01\n"
FUNDS = "fund_id,name,sectors,verified_on\none,One,fintech,\ntwo,Two,,2020-01-01\nthree,Three,,\n"
LATER_FUNDS = "four,Four,fintech,2023-01-01\nfive,Five,,\n"
DEALS = """\
startup_id,fund_id,announced_on,round
pay,one,2019-06,seed
lend,one,2021-06-30,series-a
farm,two,2021-04-15,seed
lend,three,2020,seed
"""
LATER_DEALS = """\
pay,two,2021-07-01,series-a
pay,three,2021,series-a
farm,three,2021-07,seed
new,one,2022-03,seed
new,five,2022-03,seed
farm,five,,seed
"""
Rows = list[dict[str, str]]


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_startup(rows: Rows) -> dict[str, Rows]:
    found: dict[str, Rows] = defaultdict(list)
    for row in rows:
        found[row["startup_id"]].append(row)
    return found


def ranked(suggestions: list[dict[str, Any]]) -> list[tuple[str, int, float]]:
    return [(s["fund_id"], int(s["rank"]), float(s["score"])) for s in suggestions]


def nothing(done: int, total: int) -> None:
    """Take progress and keep quiet."""


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A small folder with facts before and after DAY."""
    return write(
        tmp_path / "full",
        startups=STARTUPS + LATER_STARTUPS,
        funds=FUNDS + LATER_FUNDS,
        investments=DEALS + LATER_DEALS,
    )


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """The same folder as it would have been written on DAY."""
    return write(tmp_path / "cut", startups=STARTUPS, funds=FUNDS, investments=DEALS)


def batch_after(ketnoi: Ketnoi, folder: Path, out: Path, *args: object) -> bytes:
    """Import a folder into a database of its own, rank from it, return the file."""
    ketnoi.monkeypatch.setenv("KETNOI_HOME", str(folder / "home"))
    assert ketnoi("import", folder).code == 0
    said = ketnoi("batch", "--out", out, *args)
    assert (said.code, said.err) == (0, "")
    return out.read_bytes()


def test_all_writes_the_columns_promised_and_a_falling_score(vietnam: Ketnoi, tmp_path: Path) -> None:
    out = tmp_path / "all.csv"
    said = vietnam("batch", "--all", "--k", 5, "--out", out, "--json")
    rows = read(out)
    assert tuple(rows[0]) == COLUMNS == ("startup_id", "fund_id", "rank", "score", "probability", "event")
    assert said.json == {"out": str(out), "startups": 227, "rows": len(rows), "ranker": "prior-1"}
    lists = by_startup(rows)
    assert len(lists) == 227
    for mine in lists.values():
        assert [row["rank"] for row in mine] == [str(rank) for rank in range(1, len(mine) + 1)]
        assert all(float(above["score"]) >= float(below["score"]) for above, below in pairwise(mine))
        assert {(row["probability"], row["event"]) for row in mine} == {("", "invests")}


def test_batch_and_shortlist_give_the_same_funds_ranks_and_scores(vietnam: Ketnoi, tmp_path: Path) -> None:
    profiles = [{"startup_id": "asking", "sectors": "fintech"}, {"startup_id": "else", "country": "VN"}]
    vietnam("batch", "--all", "--k", 7, "--out", tmp_path / "all.csv")
    path = write_json(tmp_path / "profiles.json", profiles)
    said = vietnam("batch", "--profiles", path, "--k", 7, "--out", tmp_path / "some.csv")
    assert said.out == f"{tmp_path}/some.csv: 14 rows for 2 startups, ranked by prior-1\n"
    stored, asked = (by_startup(read(tmp_path / name)) for name in ("all.csv", "some.csv"))
    assert list(asked) == ["asking", "else"]
    for startup_id in ("coolmate", "dat-bike"):
        answer = vietnam("shortlist", startup_id, "--k", 7, "--json").json
        assert ranked(answer["suggestions"]) == ranked(stored[startup_id])
    for profile in profiles:
        path = write_json(tmp_path / "one.json", profile)
        answer = vietnam("shortlist", "--profile", path, "--k", 7, "--json").json
        assert ranked(answer["suggestions"]) == ranked(asked[profile["startup_id"]])


def test_a_startup_that_opted_out_has_no_row(ketnoi: Ketnoi, tmp_path: Path) -> None:
    rows = "startup_id,name,opted_out\na,Alpha,yes\nb,Beta,\n"
    folder = write(tmp_path / "in", startups=rows, funds="fund_id,name\nf,Fund\n")
    batch_after(ketnoi, folder, tmp_path / "out.csv", "--all")
    assert [row["startup_id"] for row in read(tmp_path / "out.csv")] == ["b"]


def test_what_of_the_profiles_was_not_used_is_said(vietnam: Ketnoi, tmp_path: Path) -> None:
    path = write(tmp_path, p="name,sector,stage\nA,fintech,\nB,saas,wobbly\n") / "p.csv"
    said = vietnam("batch", "--profiles", path, "--out", tmp_path / "o.csv", "--json")
    assert said.json["startups"] == 2
    assert said.err.splitlines() == [
        "Columns that are not used: sector",
        "Not in the vocabulary (unknown sectors still serve to compare startups): stage 'wobbly'",
    ]


def test_parquet_holds_what_the_csv_holds(vietnam: Ketnoi, tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="needs the extra `parquet`")
    for name in ("all.csv", "all.parquet"):
        assert vietnam("batch", "--all", "--k", 2, "--out", tmp_path / name).code == 0
    table = polars.read_parquet(tmp_path / "all.parquet")
    assert tuple(table.columns) == COLUMNS
    told = [["" if cell is None else str(cell) for cell in row] for row in table.iter_rows()]
    assert told == [list(row.values()) for row in read(tmp_path / "all.csv")]


# --- as of ---


def test_as_of_gives_the_file_that_a_database_cut_at_that_day_gives(
    ketnoi: Ketnoi, full: Path, cut: Path, tmp_path: Path
) -> None:
    asked = ("--all", "--as-of", DAY)
    then = batch_after(ketnoi, cut, tmp_path / "cut.csv", *asked)
    assert batch_after(ketnoi, full, tmp_path / "full.csv", *asked) == then
    assert set(by_startup(read(tmp_path / "cut.csv"))) == {"pay", "lend", "farm"}
    assert {row["fund_id"] for row in read(tmp_path / "cut.csv")} == {"one", "two", "three"}
    assert batch_after(ketnoi, full, tmp_path / "today.csv", "--all") != then


def test_a_stored_startup_lends_a_question_of_its_id_nothing_of_that_day_or_after(
    ketnoi: Ketnoi, full: Path, cut: Path, tmp_path: Path
) -> None:
    told = [
        {"startup_id": "pay", "sectors": "fintech"},
        {"startup_id": "new", "sectors": "fintech", "founded_on": 2022},
        {"startup_id": "now", "country": "VN"},
    ]
    asked = ("--profiles", write_json(tmp_path / "profiles.json", told), "--as-of", DAY)
    then = batch_after(ketnoi, cut, tmp_path / "cut.csv", *asked)
    assert batch_after(ketnoi, full, tmp_path / "full.csv", *asked) == then
    funds = {
        startup: {row["fund_id"] for row in rows}
        for startup, rows in by_startup(read(tmp_path / "cut.csv")).items()
    }
    every = {"one", "two", "three"}
    assert funds == {"pay": every - {"one"}, "new": every, "now": every}  # `pay` had `one` before DAY


def test_the_day_of_a_question_s_own_founding_and_first_sight_change_nothing(
    ketnoi: Ketnoi, cut: Path, tmp_path: Path
) -> None:
    plain = {"startup_id": "q", "sectors": "fintech"}
    files = []
    for n, more in enumerate(({}, {"founded_on": "2030"}, {"first_seen_on": "2030-01-01"})):
        path = write_json(tmp_path / f"{n}.json", {**plain, **more})
        files.append(batch_after(ketnoi, cut, tmp_path / f"{n}.csv", "--profiles", path, "--as-of", DAY))
    assert files[0].count(b"\n") == 4 and files[0] == files[1] == files[2]


# --- the file appears only when it is whole ---


def rank_and_stop(app: App, out: Path) -> None:
    """Rank four startups of data/vietnam and be stopped after the second."""
    import_folder(app.database, VIETNAM, datetime(2026, 11, 24, tzinfo=UTC))
    knowledge = app.store.knowledge(None)

    def stop(done: int, total: int) -> None:
        if (done, total) == (2, 4):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rank_all(app.engine(knowledge, None), knowledge.startups[:4], 3, out, stop)


def test_stopped_midway_there_is_no_file(app: App, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    rank_and_stop(app, tmp_path / "out" / "ranked.csv")
    assert list((tmp_path / "out").iterdir()) == []


def test_stopped_midway_the_old_file_is_untouched(app: App, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "ranked.csv"
    out.write_text("old", encoding="utf-8")
    rank_and_stop(app, out)
    assert out.read_text(encoding="utf-8") == "old"
    assert list((tmp_path / "out").iterdir()) == [out]


def test_a_refused_file_of_profiles_leaves_the_old_file_untouched(vietnam: Ketnoi, tmp_path: Path) -> None:
    out, path = tmp_path / "out.csv", write(tmp_path, p="name,raising_usd\nA,5\nB,much\n") / "p.csv"
    out.write_text("old", encoding="utf-8")
    said = vietnam("batch", "--profiles", path, "--out", out)
    assert said.code == 1
    assert (
        said.err.startswith("ketnoi: p.csv:3, column raising_usd: must be US dollars")
        and "'much'" in said.err
    )
    assert out.read_text(encoding="utf-8") == "old"


def test_the_file_can_be_read_by_whom_the_umask_allows(app: App, tmp_path: Path) -> None:
    plain, out = tmp_path / "plain.txt", tmp_path / "out.csv"
    plain.touch()
    assert rank_all(app.engine(app.store.knowledge(None), None), [], 3, out, nothing) == 0
    assert out.stat().st_mode == plain.stat().st_mode


def test_a_name_with_brackets_is_printed_as_it_is(vietnam: Ketnoi, tmp_path: Path) -> None:
    path = write_json(tmp_path / "p.json", {"name": "A"})
    said = vietnam("batch", "--profiles", path, "--k", 1, "--out", tmp_path / "[red]:tiger:.csv")
    assert said.out.startswith(f"{tmp_path}/[red]:tiger:.csv: 1 rows for 1 startups")


def test_ids_with_quotes_come_back_from_the_csv(app: App, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", funds=table("fund_id,name", ['"a""b",Fund']))
    assert import_folder(app.database, folder, datetime(2026, 11, 24, tzinfo=UTC)).ok
    asking = replace(Startup(), startup_id='x"y')
    rank_all(app.engine(app.store.knowledge(None), None), [asking], 3, tmp_path / "o.csv", nothing)
    (row,) = read(tmp_path / "o.csv")
    assert json.loads(json.dumps([row["startup_id"], row["fund_id"]])) == ['x"y', 'a"b']


def test_a_fund_at_its_monthly_cap_is_ranked_for_a_cohort_and_kept_off_one_shortlist(
    ketnoi: Ketnoi, tmp_path: Path
) -> None:
    files = {
        "startups": "startup_id,name,first_seen_on\nold,Old,2020\nnew,New,2020\n",
        "funds": "fund_id,name,monthly_capacity,verified_on\nfull,Full,1,2020\nfree,Free,,2020\n",
        "introductions": "introduction_id,startup_id,fund_id,opened_on\ni,old,full,2021-06-15\n",
    }
    ketnoi("import", write(tmp_path / "capped", **files))
    shown = ketnoi("shortlist", "new", "--as-of", "2021-06-20", "--json").json
    assert ([s["fund_id"] for s in shown["suggestions"]], shown["gated"]) == (["free"], {"at_capacity": 1})
    ketnoi("batch", "--all", "--as-of", "2021-06-20", "--out", tmp_path / "run.csv")
    with (tmp_path / "run.csv").open(encoding="utf-8") as file:
        ranked = {(row["startup_id"], row["fund_id"]) for row in csv.DictReader(file)}
    assert ranked == {("new", "full"), ("new", "free"), ("old", "free")}, (
        "introduced already is another matter"
    )
