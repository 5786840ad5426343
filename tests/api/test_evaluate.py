"""`ketnoi evaluate` on data/vietnam, and on questions of one's own."""

import csv
from pathlib import Path

import pytest

from api.commands import evaluate
from api.compose import App
from api.jobs.evaluation import FAMILIES, choose
from api.settings import Settings
from matching.errors import BadValue
from matching.vocabulary import Control
from models.checks import Check
from models.metrics import Interval
from tests.api.installation import Ketnoi, table, write

PARTS = {"profiles": "asked", "truth": "truth", "candidates": "funds"}
FOUR = ("--method", "prior-1", "--method", "product kernel", "--method", "popularity", "--method", "random")


def test_the_leaderboard_says_that_data_vietnam_is_too_small(vietnam: Ketnoi) -> None:
    said = vietnam("evaluate", "--windows", 2, "--as-of", "2022-01-01")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Too few for a claim: only 13 queries")
    told = said.out.splitlines()
    for family in FAMILIES:
        shown = [line for line in told if line.startswith(family[0].name)]
        assert len(shown) == (0 if family[0].name == "embedding neighbours" else 1), (
            "nothing is embedded here"
        )
    assert any(line.startswith("prior-1 (served)") for line in told)


def test_json_tells_every_figure_and_an_earlier_day_the_same_as_before(vietnam: Ketnoi) -> None:
    told = vietnam("evaluate", *FOUR, "--windows", 1, "--as-of", "2022-01-01", "--json").json
    assert told["finding"] == "too_few"
    assert (told["as_of"], told["synthetic"], told["encoder"]) == ("2022-01-01", False, "none")
    assert told["windows"][0]["window"] == {"cut": "2021-01-01", "end": "2022-01-01"}
    assert {method["name"] for method in told["methods"]} == set(FOUR[1::2])
    served = next(method for method in told["methods"] if method["name"] == "prior-1")
    assert 0 < served["recall_10"]["low"] < served["recall_10"]["mean"] < served["recall_10"]["high"] <= 1
    assert told["controls"] == []


def test_controls_fall_to_chance(vietnam: Ketnoi) -> None:
    arguments = ("evaluate", *FOUR, "--windows", 1, "--as-of", "2022-01-01", "--controls")
    told = vietnam(*arguments, "--json").json["controls"]
    assert len(told) == 4 * 3
    assert {row["control"] for row in told} == {"scrambled", "masked", "no_stage"}
    assert [row["passed"] for row in told] == [None] * 12, "13 questions say nothing"
    said = vietnam(*arguments)
    assert said.code == 0
    assert "Deals by lot" in said.out
    assert "? 0." in said.out and "✓" not in said.out


def test_a_control_that_fails_is_loud(vietnam: Ketnoi, monkeypatch: pytest.MonkeyPatch) -> None:
    recall = Interval(0.9, 0.8, 1.0, 40)
    leak = Check(Control.SCRAMBLED, "prior-1", recall, recall, expected=0.1, passed=False)
    monkeypatch.setattr(evaluate, "check", lambda evaluator, trials: [leak])
    said = vietnam(
        "evaluate", "--method", "prior-1", "--windows", 1, "--as-of", "2022-01-01", "--controls", "--json"
    )
    assert said.code == 1
    rule = "no more than 0.1000, chance, where who invested is drawn by lot"
    assert said.err == f"ketnoi: recall@10 of prior-1 must be {rule}, got '0.9000'\n"
    assert said.json["controls"][0]["passed"] is False


def test_what_of_the_questions_was_not_used_is_said(vietnam: Ketnoi, tmp_path: Path) -> None:
    asked = "startup_id,name,mood,sectors\na,A,good,zzq\n"
    files = write(tmp_path / "own", asked=asked, truth="startup_id,fund_id\na,vinacapital-ventures\n")
    own = ("--profiles", files / "asked.csv", "--truth", files / "truth.csv", "--as-of", "2025-01-01")
    said = vietnam("evaluate", *own, "--method", "random")
    assert said.code == 0
    assert "mood" in said.err and "zzq" in said.err


def test_an_evaluation_leaves_the_vectors_as_they_were(ketnoi: Ketnoi, tmp_path: Path) -> None:
    days = [f"20{year}-06-01" for year in (18, 19, 20, 21)]
    startups = [f"s{at},Zappa {at},Zappa {at} pays for Fund.,{day}" for at, day in enumerate(days)]
    ketnoi(
        "import",
        write(
            tmp_path / "told",
            startups=table("startup_id,name,description,first_seen_on", startups),
            funds=table("fund_id,name", ["f,Fund", "g,Other"]),
            investments=table(
                "startup_id,fund_id,announced_on", [f"s{at},f,{day}" for at, day in enumerate(days)]
            ),
        ),
    )
    told = ketnoi("evaluate", "--controls", "--method", "prior-1", "--windows", 1, "--json").json
    assert len(told["controls"]) == 3
    assert stored_vectors(ketnoi) == 4, "no masked text is among them"


def stored_vectors(ketnoi: Ketnoi) -> int:
    app = App(Settings(home=ketnoi.home, database_url="", embedding_model="none", threads=1))
    try:
        return app.store.counts()["embedding"]
    finally:
        app.close()


def test_without_a_deal_there_is_nothing_to_evaluate(ketnoi: Ketnoi) -> None:
    ketnoi("init")
    said = ketnoi("evaluate")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("There was nothing to measure")
    assert "prior-1" not in said.out
    assert ketnoi("evaluate", "--as-of", "1900-01-01", "--windows", 50).code == 0
    said = ketnoi("evaluate", "--as-of", "0002-01-01")
    assert (said.code, "must be from 1900-01-01 to 2199-12-31, got '0002-01-01'" in said.err) == (2, True)


def test_questions_of_ones_own_are_ranked_judged_and_written_down(vietnam: Ketnoi, tmp_path: Path) -> None:
    files = write(
        tmp_path / "own",
        asked="startup_id,name,sectors,country\na,Alpha,fintech,VN\nb,Beta,edtech,VN\n",
        truth="startup_id,fund_id\na,vinacapital-ventures\na,nobody\n",
        funds="fund_id\nvinacapital-ventures\ndo-ventures\nwavemaker-partners\nnobody\n",
    )
    own = [f"--{part}={files}/{name}.csv" for part, name in PARTS.items()]
    told = vietnam(
        "evaluate", *FOUR, "--as-of", "2025-01-01", *own, "--runs", tmp_path / "runs", "--json"
    ).json
    counts = told["windows"][0]
    assert (counts["queries"], counts["reachable"], counts["edges"], counts["edges_reachable"]) == (
        2,
        1,
        2,
        2,
    )
    folder = tmp_path / "runs" / "2025-01-01"
    with (folder / "product-kernel.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["fund_id"] for row in rows].count("nobody") == 0, "a candidate nobody knows is on no list"
    assert [int(row["rank"]) for row in rows if row["startup_id"] == "a"] == [1, 2, 3]
    assert (folder / "truth.qrels").read_text() == "a 0 nobody 1\na 0 vinacapital-ventures 1\n"


@pytest.mark.parametrize(
    ("asked", "truth", "told"),
    [
        (
            "startup_id,name\na,A\na,A\n",
            "startup_id,fund_id\na,f\n",
            "asked.csv:3, column startup_id: must not repeat",
        ),
        (
            "startup_id,name\na,A\n",
            "startup_id,fund_id\nz,f\n",
            "truth.csv: startup_id must be one that asked.csv asks about, got 'z'",
        ),
        ("startup_id,name\na,A\n", "startup_id\na\n", "truth.csv:1: must have the column fund_id"),
        ("startup_id,stage,name\na,A\n", "startup_id,fund_id\na,f\n", "asked.csv:2"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused(
    vietnam: Ketnoi, tmp_path: Path, asked: str, truth: str, told: str
) -> None:
    files = write(tmp_path / "own", asked=asked, truth=truth)
    said = vietnam(
        "evaluate", "--as-of", "2025-01-01", "--profiles", files / "asked.csv", "--truth", files / "truth.csv"
    )
    assert said.code == 1
    assert told in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--method", "magic"), 1, "--method must be one of learned, prior-1, product kernel"),
        (("--report", "page.pdf"), 1, "--report must be a file that ends in .html"),
        (("--runs", "."), 1, "--runs must be a folder that is new or empty"),
        (("--windows", "0"), 2, "--windows"),
    ],
)
def test_wrong_usage_is_one_clear_line(
    vietnam: Ketnoi, arguments: tuple[str, ...], code: int, told: str
) -> None:
    said = vietnam("evaluate", *arguments)
    assert said.code == code
    assert told in said.err


def test_own_questions_need_their_answers_and_their_day(vietnam: Ketnoi, tmp_path: Path) -> None:
    files = write(tmp_path / "own", asked="startup_id,name\na,A\n", truth="startup_id,fund_id\na,f\n")
    said = vietnam("evaluate", "--profiles", files / "asked.csv")
    assert (said.code, "--profiles and --truth go together" in said.err) == (2, True)
    said = vietnam("evaluate", "--profiles", files / "asked.csv", "--truth", files / "truth.csv")
    assert said.code == 1
    assert "--as-of must be given with --profiles" in said.err


def test_methods_are_chosen_by_name() -> None:
    assert [family[0].name for family in choose(["random", "EASE"], "none")] == ["random", "EASE"]
    assert len(choose([], "bundled")) == len(FAMILIES) == len(choose([], "none")) + 1
    with pytest.raises(BadValue, match="--method must be one of"):
        choose(["embedding neighbours"], "none")
