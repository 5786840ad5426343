from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.api.installation import ROOT, Ketnoi, fund_ids, write, write_json

ASKING = {"name": "Asking", "sectors": ["fintech"], "country": "VN", "stage": "seed"}


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
        "Not in the vocabulary (unknown sectors still serve to compare startups): sectors 'zzz'",
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


def test_a_slip_in_an_exclusion_is_named_and_a_question_leaves_no_trace(
    vietnam: Ketnoi, tmp_path: Path
) -> None:
    asking = {**ASKING, "description": "Payments", "exclusions": ["nextran", "nextrans", "dat-bike"]}
    before = vietnam("doctor").out
    said = vietnam("shortlist", "--profile", write_json(tmp_path / "p.json", asking))
    assert said.code == 0
    assert vietnam("doctor").out == before  # which counts the vectors kept
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
