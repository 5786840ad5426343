import csv
import json
from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import pytest

from tests.api.installation import ROOT, VIETNAM, Ketnoi

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (VIETNAM / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


STARTUPS = {row["startup_id"]: row for row in rows("startups")}
DEALS = rows("investments")


def end(text: str) -> str | None:
    """Give the last day of a date of which the day or the month may be missing."""
    if not text:
        return None
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1]).isoformat()


def groups(row: Row) -> set[str]:
    """Give a startup's first-level sectors; insurance is the one tag here that is of the second level."""
    return {"fintech" if tag == "insurtech" else tag for tag in row["sectors"].split(";") if tag}


@pytest.fixture
def answers(vietnam: Ketnoi) -> list[dict[str, Any]]:
    """Shortlists of three startups, and of one that knows its stage and ask."""
    asked = [("coolmate",), ("dat-bike",), ("9pay",), ("--profile", ROOT / "docs/examples/new-startup.json")]
    return [vietnam("shortlist", *args, "--k", 25, "--json").json for args in asked]


def told(answers: list[dict[str, Any]], code: str) -> list[tuple[dict[str, Any], str, dict[str, Any]]]:
    """List the reasons of a kind, each with its answer and fund."""
    return [
        (answer, suggestion["fund_id"], reason)
        for answer in answers
        for suggestion in answer["suggestions"]
        for reason in suggestion["reasons"]
        if reason["code"] == code
    ]


def test_a_shortlist_is_plain_json_and_says_what_it_is_about(answers: list[dict[str, Any]]) -> None:
    assert json.loads(json.dumps(answers, allow_nan=False)) == answers
    assert [answer["startup_id"] for answer in answers] == ["coolmate", "dat-bike", "9pay", "profile 1"]
    for answer in answers:
        assert answer["eligible"] <= answer["considered"] == 397
        assert answer["considered"] - answer["eligible"] <= sum(answer["gated"].values())
        for suggestion in answer["suggestions"]:
            assert suggestion["probability"] is None  # there is no history to calibrate with
            assert (suggestion["event"], len(suggestion["reasons"]) <= 3) == ("invests", True)
            assert suggestion["cautions"] == [c for c in suggestion["cautions"] if c["text"]]


def test_every_deal_cited_stands_in_investments_with_its_source(answers: list[dict[str, Any]]) -> None:
    cited = [(fund, deal) for _, fund, reason in told(answers, "portfolio") for deal in reason["deals"]]
    assert len(cited) > 50
    for fund, deal in cited:
        assert deal["fund_id"] == fund
        sources = {
            row["source"]
            for row in DEALS
            if (row["startup_id"], row["fund_id"], row["announced_on"] or None)
            == (deal["startup_id"], fund, deal["announced_on"])
        }
        assert deal["source"] in sources
        assert deal["company"] == STARTUPS[deal["startup_id"]]["name"]


def held(fund: str, but: str) -> list[Row]:
    """List the companies a fund backed, without the one that asks."""
    return [
        STARTUPS[s] for s in sorted({row["startup_id"] for row in DEALS if row["fund_id"] == fund} - {but})
    ]


def test_companies_of_the_sector_can_be_counted_again(answers: list[dict[str, Any]]) -> None:
    found = [case for case in told(answers, "sector") if case[2]["of"]]
    assert len(found) > 5
    for answer, fund, reason in found:
        known = [row for row in held(fund, answer["startup_id"]) if groups(row)]
        asked = set(answer["sectors"])
        assert (reason["n"], reason["of"]) == (sum(bool(groups(row) & asked) for row in known), len(known))


def test_companies_of_the_country_can_be_counted_again(answers: list[dict[str, Any]]) -> None:
    found = [case for case in told(answers, "country") if case[2]["of"]]
    assert len(found) > 5
    for answer, fund, reason in found:
        known = [row for row in held(fund, answer["startup_id"]) if row["country"]]
        n = sum(row["country"] == "Vietnam" for row in known)
        assert (reason["n"], reason["of"]) == (n, len(known))


def test_deals_of_the_stage_can_be_counted_again(answers: list[dict[str, Any]]) -> None:
    untold = {"", "private-token", "corporate", "convertible"}
    found = [case for case in told(answers, "stage") if case[2]["of"]]
    assert len(found) > 3
    for _, fund, reason in found:
        known = [row["round"] for row in DEALS if row["fund_id"] == fund and row["round"] not in untold]
        assert (reason["n"], reason["of"]) == (known.count("seed"), len(known))


def test_all_companies_a_fund_backed_can_be_counted_again(answers: list[dict[str, Any]]) -> None:
    found = told(answers, "popularity")
    assert len(found) > 5
    assert all(reason["n"] == len(held(fund, but="")) for _, fund, reason in found)


def test_deals_of_the_last_two_years_can_be_counted_again(vietnam: Ketnoi) -> None:
    as_of = date(2022, 7, 1)
    answer = vietnam("shortlist", "coolmate", "--as-of", as_of, "--k", 100, "--json").json
    found = told([answer], "activity")
    assert len(found) > 2
    for _, fund, reason in found:
        days = [end(row["announced_on"]) for row in DEALS if row["fund_id"] == fund]
        first = as_of - timedelta(days=2 * 365.25)
        assert reason["n"] == sum(day is not None and str(first) <= day < str(as_of) for day in days)


def test_a_verdict_is_plain_json_with_the_same_reasons(vietnam: Ketnoi) -> None:
    first = vietnam("shortlist", "coolmate", "--json").json["suggestions"][0]
    verdict = vietnam("why", "coolmate", first["fund_id"], "--json").json
    assert [reason for reason in verdict["reasons"] if reason["contribution"] > 0][:3] == first["reasons"]
    assert verdict["cautions"] == first["cautions"]
    silent = [c["gates"] for c in verdict["cautions"] if c["code"] in {"fund_silent", "profile_silent"}]
    assert sorted(verdict["unknown"]) == sorted(gate for gates in silent for gate in gates)
