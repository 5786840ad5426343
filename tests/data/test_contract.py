import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.contract import FILES, FUNDS, INTRODUCTION_EVENTS, INVESTMENTS, STARTUPS, FileContract
from data.faults import FileReport
from data.mapping import KEYS
from data.rows import RowReader
from matching.vocabulary import (
    BusinessModel,
    FundStatus,
    FundType,
    Instrument,
    IntroductionStatus,
    PassGroup,
    PassReason,
    Sector,
    Stage,
)

PAGE = Path(__file__).parents[2] / "docs" / "import.md"


def record_of(contract: FileContract, **cells: str) -> tuple[dict[str, Any], list[str]]:
    report = FileReport(f"{contract.name}.csv")
    batch = RowReader(contract, list(cells), report).read([(2, list(cells.values()))])
    record = {name: values[0] for name, values in batch.values.items() if name not in ("extra", "raw")}
    return record, [f"{fault.column}: {fault.rule}" for fault in report.faults]


def described() -> dict[str, dict[str, tuple[str, str]]]:
    """What docs/import.md says of each file: column -> whether it is required, and its example."""
    files: dict[str, dict[str, tuple[str, str]]] = {}
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title = section.splitlines()[0]
        rows = re.findall(r"^\| `(\w+)` \| (yes|no) \| .+ \| `(.+)` \|$", section, flags=re.MULTILINE)
        if rows:
            files[title] = {column: (required, example) for column, required, example in rows}
    return files


@pytest.mark.parametrize("contract", FILES, ids=lambda contract: contract.name)
class TestThePageOfTheContract:
    def test_it_lists_every_column_in_order(self, contract: FileContract) -> None:
        assert tuple(described()[f"{contract.name}.csv"]) == contract.columns

    def test_it_says_which_columns_are_required(self, contract: FileContract) -> None:
        told = described()[f"{contract.name}.csv"]
        assert (
            tuple(column for column, (required, _) in told.items() if required == "yes") == contract.required
        )

    def test_a_row_of_its_examples_is_taken_and_understood(self, contract: FileContract) -> None:
        told = described()[f"{contract.name}.csv"]
        cells = {column: example for column, (_, example) in told.items()}
        report = FileReport("file.csv")
        batch = RowReader(contract, list(cells), report).read([(2, list(cells.values()))])
        record = {name: values[0] for name, values in batch.values.items() if name not in ("extra", "raw")}
        assert report.faults == []
        assert report.not_understood == {}
        assert all(value not in (None, "") for value in record.values())


@pytest.mark.parametrize("contract", FILES, ids=lambda contract: contract.name)
def test_a_record_fills_the_columns_of_its_table(contract: FileContract) -> None:
    table = contract.table if contract.versions is None else contract.versions
    kept = {"version", "valid_from", "recorded_at", "digest", "raw", "extra", "investment_id", "number"}
    record, _ = record_of(contract, **dict.fromkeys(contract.columns, ""))
    # A person goes to a table of its own.
    assert set(record) - {"person"} == {column.name for column in table.c} - kept


def test_what_a_file_needs_stands_before_it() -> None:
    names = [contract.name for contract in FILES]
    for contract in FILES:
        for need in contract.needs:
            assert names.index(need.owner) < names.index(contract.name)


def test_a_startup_is_read_into_the_vocabulary() -> None:
    record, faults = record_of(
        STARTUPS,
        startup_id="9pay",
        name="9PAY",
        sectors="Ví điện tử;fintech",
        business_model="b2b",
        country="Việt Nam",
        stage="Series A",
        instrument="SAFE",
        raising_usd="5e5",
        opted_out="có",
    )
    assert faults == []
    expected = {
        "sectors": Sector.FINTECH,
        "tags": "Ví điện tử;fintech",
        "business_model": BusinessModel.B2B,
        "country": "VN",
        "stage": Stage.SERIES_A,
        "stage_told": "Series A",
        "instrument": Instrument.SAFE,
        "raising_usd": 500_000,
        "opted_out": True,
        "program_id": None,
        "founded_on": None,
        "exclusions": "",
    }
    assert {name: record[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("country", "city", "known", "place"),
    [
        ("VN", "TP. Thủ Đức", "VN", "vn-ho-chi-minh"),
        ("", "Biên Hoà", None, "vn-dong-nai"),
        ("USA", "NYC", "US", "us-new-york"),
        ("ASEAN", "Hanoi", None, "vn-hanoi"),
        ("VN", "", "VN", ""),
    ],
)
def test_a_city_is_kept_as_written_with_its_place_and_tells_no_country(
    country: str, city: str, known: str | None, place: str
) -> None:
    record, faults = record_of(STARTUPS, startup_id="a", name="A", country=country, city=city)
    assert ([record[name] for name in ("country", "city", "place")], faults) == ([known, city, place], [])


def test_to_exclude_a_part_of_a_sector_is_not_to_exclude_the_sector() -> None:
    record, faults = record_of(
        FUNDS,
        fund_id="f",
        name="F",
        sectors="insurtech;gaming",
        excluded_sectors="Gambling;rượu bia;web3 and tobacco",
    )
    expected = {
        "sectors": "fintech;gaming",
        "subsectors": "insurtech",
        "excluded_sectors": "web3",
        "excluded_subsectors": "alcohol;gambling;tobacco",
    }
    assert ({name: record[name] for name in expected}, faults) == (expected, [])


def test_a_startup_that_says_nothing_of_opting_out_has_not() -> None:
    record, _ = record_of(STARTUPS, startup_id="a", name="A")
    assert record["opted_out"] is False


def test_a_stage_that_spans_several_is_none() -> None:
    record, faults = record_of(STARTUPS, startup_id="a", name="A", stage="early stage")
    assert (record["stage"], faults) == (None, [])


@pytest.mark.parametrize(
    ("word", "stage"),
    [("Venture", None), ("TV pitch", None), ("wobbly", None), ("Angel", Stage.SEED), ("", None)],
)
def test_the_word_of_a_stage_is_kept_whatever_is_made_of_it(word: str, stage: Stage | None) -> None:
    record, faults = record_of(STARTUPS, startup_id="a", name="A", stage=word)
    assert (record["stage"], record["stage_told"], faults) == (stage, word, [])


def test_a_stage_that_breaks_a_rule_is_one_fault() -> None:
    _, faults = record_of(STARTUPS, startup_id="a", name="A", stage="x" * 301)
    assert len(faults) == 1


def test_a_fund_is_read_into_the_vocabulary() -> None:
    record, faults = record_of(
        FUNDS,
        fund_id="f",
        name="F",
        type="Quỹ đầu tư mạo hiểm",
        stages="series A;seed",
        excluded_sectors="gaming",
        countries="Singapore;VN",
        status="Đang giải ngân",
        monthly_capacity="4",
        hq_country="SGP",
    )
    assert faults == []
    expected = {
        "type": FundType.VC,
        "stages": f"{Stage.SEED};{Stage.SERIES_A}",
        "excluded_sectors": Sector.GAMING,
        "countries": "SG;VN",
        "status": FundStatus.DEPLOYING,
        "monthly_capacity": 4,
        "hq_country": "SG",
        "sectors": "",
        "ticket_min_usd": None,
    }
    assert {name: record[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("low", "high", "faults"),
    [
        ("2", "1", ["ticket_min_usd: be at most ticket_max_usd, which is 1"]),
        ("1", "0", ["ticket_min_usd: be at most ticket_max_usd, which is 0"]),
        ("1", "1", []),
        ("2", "", []),
        ("", "1", []),
    ],
)
def test_a_ticket_must_not_begin_above_its_end(low: str, high: str, faults: list[str]) -> None:
    _, found = record_of(FUNDS, fund_id="f", name="F", ticket_min_usd=low, ticket_max_usd=high)
    assert found == faults


@pytest.mark.parametrize("contract", [STARTUPS, FUNDS], ids=lambda contract: contract.name)
def test_a_name_is_required(contract: FileContract) -> None:
    _, faults = record_of(contract, **{contract.key[0]: "a", "name": ""})
    assert faults == ["name: not be empty"]


def test_an_investment_keeps_its_words_beside_what_they_mean() -> None:
    record, faults = record_of(
        INVESTMENTS, startup_id="a", fund_id="f", announced_on="2021-02", round="Series A", lead="no"
    )
    assert faults == []
    assert record == {
        "startup_id": "a",
        "fund_id": "f",
        "announced_on": "2021-02",
        "announced_end": date(2021, 2, 28),
        "round": "Series A",
        "stage": Stage.SERIES_A,
        "amount_usd": None,
        "lead": False,
    }


def test_an_investment_without_date_or_round_has_empty_words() -> None:
    record, faults = record_of(INVESTMENTS, startup_id="a", fund_id="f")
    assert faults == []
    assert (record["announced_on"], record["announced_end"]) == ("", None)
    assert (record["round"], record["stage"], record["lead"]) == ("", None, None)


def test_each_bad_cell_of_an_investment_is_one_fault() -> None:
    _, faults = record_of(
        INVESTMENTS, startup_id="a b", fund_id="", announced_on="2021-02-30", round="x" * 301, amount_usd="-1"
    )
    assert [fault.split(":")[0] for fault in faults] == [
        "startup_id",
        "fund_id",
        "announced_on",
        "round",
        "amount_usd",
    ]


def test_an_event_is_read_into_the_funnel() -> None:
    record, faults = record_of(
        INTRODUCTION_EVENTS, introduction_id="i", status="Declined", at="2024-05", reason="Quá sớm", by="Lan"
    )
    assert faults == []
    assert record == {
        "introduction_id": "i",
        "status": IntroductionStatus.INVESTOR_DECLINED,
        "at": "2024-05",
        "at_end": date(2024, 5, 31),
        "reason": "Quá sớm",
        "pass_reason": PassReason.STAGE,
        "person": "Lan",
    }


@pytest.mark.parametrize("status", ["", "loved it", "invested or passed"])
def test_a_status_that_is_not_understood_is_refused_with_those_that_are(status: str) -> None:
    _, faults = record_of(INTRODUCTION_EVENTS, introduction_id="i", status=status, at="2024")
    (fault,) = faults
    assert fault.startswith("status: be a status of an introduction (suggested, shortlisted, ")


def test_the_page_lists_every_status_and_pass_reason() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [code for code in IntroductionStatus if f"`{code}`" not in page] == []
    assert [group for group in PassGroup if f"**{group}**" not in page] == []
    told = (f"`{code}`" in page or code.value == code.group.value for code in PassReason)
    assert all(told)


def test_the_page_lists_every_key_of_a_mapping() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [key for key in KEYS if f"`{key}`" not in page and f"`[NAME.{key}]`" not in page] == []
