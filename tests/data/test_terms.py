import csv
import os
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.glossary import Reading
from data.terms import GENERAL, taxonomy
from matching.errors import NotFound
from matching.text import fold
from matching.vocabulary import BusinessModel, FundStatus, FundType, Instrument, Language, Sector, Stage

ROOT = Path(__file__).parents[2]
TAXONOMY = ROOT / "data" / "taxonomy"
SHARED = Path(os.environ.get("KETNOI_SHARED", ROOT.parent / "shared")) / "data"
KINDS: dict[str, type[StrEnum]] = {
    "business_model": BusinessModel,
    "instrument": Instrument,
    "fund_type": FundType,
    "fund_status": FundStatus,
}


def rows(name: str) -> list[dict[str, str]]:
    with (TAXONOMY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(kind: str, text: str) -> Reading[Any]:
    known = taxonomy()
    readers: dict[str, Callable[[str], Reading[Any]]] = {
        "business_model": known.business_models.read,
        "instrument": known.instruments.read,
        "fund_type": known.fund_types.read,
        "fund_status": known.fund_statuses.read,
    }
    return readers[kind](text)


ALIASES = [alias for row in rows("sectors.csv") for alias in row["aliases"].split(";") if alias]


def test_the_first_level_of_sectors_is_the_vocabulary() -> None:
    first = [row["code"] for row in rows("sectors.csv") if not row["parent"]]
    assert first == [*Sector, GENERAL]


def test_every_sector_is_divided_into_a_second_level_with_known_parents() -> None:
    parents = {row["parent"] for row in rows("sectors.csv") if row["parent"]}
    assert parents == {str(member) for member in Sector}


def test_only_named_groups_stand_beside_the_stages() -> None:
    others = [row["code"] for row in rows("stages.csv") if row["code"] not in set(Stage)]
    assert others == ["early-stage", "expansion", "late-stage", "all-stages", "stage-not-told"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_value_list_is_the_vocabulary_and_one_way_of_saying_nothing(kind: str) -> None:
    codes = [row["code"] for row in rows("values.csv") if row["kind"] == kind]
    assert codes == [*KINDS[kind], f"{kind.replace('_', '-')}-not-told"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_value_is_read_by_its_code_and_labels(kind: str) -> None:
    for row in rows("values.csv"):
        if row["kind"] == kind and row["code"] in set(KINDS[kind]):
            for text in (row["code"], row["label_en"], row["label_vi"]):
                assert read(kind, text).only == row["code"]


def test_every_value_belongs_to_a_known_kind() -> None:
    assert {row["kind"] for row in rows("values.csv")} == set(KINDS)


@pytest.mark.parametrize("name", ["sectors.csv", "stages.csv", "regions.csv", "provinces.csv", "values.csv"])
def test_every_row_has_labels_in_both_languages(name: str) -> None:
    for row in rows(name):
        assert None not in row, f"{row['code']}: a cell too many"
        for language, column in ((Language.EN, "label_en"), (Language.VI, "label_vi")):
            assert row[column].strip()
            assert taxonomy().label(row["code"], language) == row[column]


def test_a_label_of_an_unknown_code_is_refused_with_the_code() -> None:
    with pytest.raises(NotFound, match="'no-such-code'"):
        taxonomy().label("no-such-code", Language.VI)


@pytest.mark.parametrize(
    ("text", "sectors", "fine"),
    [
        ("fintech", [Sector.FINTECH], []),
        ("Fin-Tech", [Sector.FINTECH], []),
        ("công nghệ tài chính", [Sector.FINTECH], []),
        ("CONG NGHE TAI CHINH", [Sector.FINTECH], []),
        ("Financial Services", [Sector.FINTECH], []),
        ("ví điện tử", [Sector.FINTECH], ["payments"]),
        ("insurtech", [Sector.FINTECH], ["insurtech"]),
        ("thương mại điện tử", [Sector.ECOMMERCE], []),
        ("giáo dục", [Sector.EDTECH], []),
        ("nông nghiệp công nghệ cao", [Sector.AGRITECH], []),
        ("Quảng cáo", [Sector.MARTECH], ["advertising"]),
        ("bán dẫn", [Sector.DEEPTECH], ["semiconductors"]),
        ("Fashion/Beauty", [Sector.RETAIL], []),
        ("Children/Education", [Sector.RETAIL, Sector.EDTECH], ["children-family"]),
        ("games_video", [Sector.GAMING, Sector.MEDIA], ["video-streaming"]),
        ("Y tế và giáo dục", [Sector.HEALTHTECH, Sector.EDTECH], []),
        ("Uncertain/Other", [], []),
        ("Technology", [], []),
        ("AI - Big data", [Sector.AI, Sector.SAAS], ["data-analytics"]),
        ("thực phẩm & đồ uống (F&B)", [Sector.FOODTECH], []),
        ("tài chính - ngân hàng", [Sector.FINTECH], ["neobank"]),
        ("logistics - chuỗi cung ứng", [Sector.LOGISTICS], ["supply-chain"]),
        ("giáo dục - đào tạo", [Sector.EDTECH], []),
        ("y tế - sức khoẻ", [Sector.HEALTHTECH], []),
        ("du lịch thông minh", [Sector.TRAVEL], []),
        ("đô thị thông minh", [Sector.PROPTECH], ["smart-home"]),
        ("vi mạch", [Sector.DEEPTECH], ["semiconductors"]),
        ("thương mại điện tử xuyên biên giới", [Sector.ECOMMERCE], ["cross-border"]),
        ("kinh tế tuần hoàn", [Sector.CLEANTECH], ["waste-recycling"]),
        ("đổi mới sáng tạo xã hội", [Sector.SERVICES], ["social-impact"]),
        ("chuyển đổi số", [], []),
        ("kinh tế chia sẻ", [], []),
        ("Privacy and Security", [Sector.CYBERSECURITY], ["data-privacy"]),
        ("Messaging and Telecommunications", [Sector.SOCIAL, Sector.TELECOM], ["messaging"]),
        ("金融", [Sector.FINTECH], []),
        ("文娱传媒", [Sector.MEDIA], []),
        ("汽车交通", [Sector.MOBILITY], ["automotive"]),
        ("人工智能、区块链", [Sector.AI, Sector.WEB3], []),
        ("本地生活", [], []),
        ("khác", [], []),
    ],
)
def test_sectors_in_both_languages(text: str, sectors: list[Sector], fine: list[str]) -> None:
    reading = taxonomy().sectors([text])
    assert (list(reading.codes), list(reading.fine), reading.not_understood) == (sectors, fine, ())


@pytest.mark.parametrize(
    "row", [row for row in rows("sectors.csv") if row["parent"]], ids=lambda row: row["code"]
)
def test_a_sub_sector_is_part_of_its_group_and_excluded_alone(row: dict[str, str]) -> None:
    known = taxonomy()
    assert known.parent(row["code"]) == row["parent"]
    assert known.sectors.read(row["label_vi"]) == Reading((Sector(row["parent"]),), (row["code"],))
    assert known.exclusions.read(row["label_en"]) == Reading((), (row["code"],))


def test_a_group_is_no_sub_sector() -> None:
    with pytest.raises(NotFound, match="must be one of a sub-sector, got 'fintech'"):
        taxonomy().parent("fintech")


EARLY = [Stage.SEED, Stage.PRE_SERIES_A, Stage.SERIES_A]


@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("Series A", [Stage.SERIES_A]),
        ("vòng gọi vốn series A", [Stage.SERIES_A]),
        ("Vòng hạt giống", [Stage.SEED]),
        ("angel", [Stage.SEED]),
        ("accelerator", [Stage.PRE_SEED]),
        ("idea stage", [Stage.IDEA]),
        ("pre-Series A", [Stage.PRE_SERIES_A]),
        ("pre-series-b", [Stage.SERIES_A]),
        ("series-c+", [Stage.SERIES_C]),
        *((f"series-{letter}", [Stage.SERIES_D_PLUS]) for letter in "defgh"),
        ("private-equity", [Stage.GROWTH]),
        ("post-ipo", [Stage.GROWTH]),
        ("growth", [Stage.GROWTH]),
        ("early stage", EARLY),
        ("giai đoạn đầu", EARLY),
        ("expansion", [Stage.SERIES_B, Stage.SERIES_C]),
        ("any stage", list(Stage)),
        ("Seed / Series A", [Stage.SEED, Stage.SERIES_A]),
        *(
            (text, [])
            for text in ("venture", "other", "tv_pitch", "grant", "debt", "SME debt", "private-token")
        ),
        *((text, []) for text in ("corporate", "convertible")),
    ],
)
def test_stages_and_rounds(text: str, stages: list[Stage]) -> None:
    reading = taxonomy().stage(text)
    assert (list(reading.codes), reading.not_understood) == (stages, ())


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("fund_type", "angel_network", FundType.ANGEL_NETWORK),
        ("fund_type", "person", FundType.ANGEL_NETWORK),
        ("fund_type", "pe", FundType.PRIVATE_EQUITY),
        ("fund_type", "Quỹ đầu tư mạo hiểm", FundType.VC),
        ("fund_type", "corporate venture", FundType.CVC),
        ("fund_type", "person_or_company", None),
        ("fund_type", "financial_org", None),
        ("fund_status", "active", FundStatus.DEPLOYING),
        ("fund_status", "Đang giải ngân", FundStatus.DEPLOYING),
        ("business_model", "Direct-to-consumer", BusinessModel.D2C),
        ("instrument", "Trái phiếu chuyển đổi", Instrument.CONVERTIBLE_NOTE),
    ],
)
def test_the_smaller_lists(kind: str, text: str, code: StrEnum | None) -> None:
    reading = read(kind, text)
    assert (reading.only, reading.not_understood) == (code, ())


def mentions(path: str, column: str) -> Counter[str]:
    if not (SHARED / path).is_file():
        pytest.skip(f"no data set at {SHARED / path}")
    with (SHARED / path).open(encoding="utf-8", newline="") as file:
        items = (item.strip() for row in csv.DictReader(file) for item in row[column].split(";"))
        return Counter(item for item in items if item)


@pytest.mark.parametrize(
    ("path", "share"),
    [
        ("vietnam/startups.csv", 1.0),
        ("vietnam/funds.csv", 1.0),
        ("crunchbase/startups.csv", 0.99),
        ("sharktank/startups.csv", 1.0),
    ],
)
def test_coverage_of_sectors_in_real_data(path: str, share: float) -> None:
    counts = mentions(path, "sectors")
    unknown = set(taxonomy().sectors(counts).not_understood)
    assert sum(counts[text] for text in unknown) <= (1 - share) * counts.total(), sorted(unknown)


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("vietnam/funds.csv", "stages"),
        ("vietnam/investments.csv", "round"),
        ("crunchbase/startups.csv", "stage"),
        ("crunchbase/investments.csv", "round"),
        ("sharktank/startups.csv", "stage"),
    ],
)
def test_every_stage_and_round_in_real_data_is_understood(path: str, column: str) -> None:
    assert taxonomy().stages(mentions(path, column)).not_understood == ()


@given(
    st.sampled_from(ALIASES),
    st.sampled_from([str.upper, str.lower, str.title, fold]),
    st.sampled_from(["", " ", "\t"]),
)
def test_case_diacritics_and_margins_do_not_matter(
    alias: str, change: Callable[[str], str], margin: str
) -> None:
    assert taxonomy().sectors.read(f"{margin}{change(alias)}{margin}") == taxonomy().sectors.read(alias)


@given(st.text())
def test_any_text_is_understood_or_handed_back_as_it_came(text: str) -> None:
    known = taxonomy()
    for unknown in (
        known.sectors([text]).not_understood,
        known.stages([text]).not_understood,
        known.countries([text]).not_understood,
        known.exclusions([text]).not_understood,
        known.fund_types([text]).not_understood,
    ):
        assert unknown in ((), (text,))
    assert known.sectors([f"zzq {text}"]).not_understood in ((), (f"zzq {text}",))
