import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum
from string import Formatter

import numpy as np
import pytest

from api.words import Words
from data.terms import taxonomy
from matching.candidates import retrieve
from matching.engine import Engine
from matching.explain import (
    Case,
    Caution,
    DealEvidence,
    Reason,
    cautions,
    reasons,
)
from matching.failures import GateFailure, gate_failures
from matching.features import count, features
from matching.gates import gate
from matching.knowledge import Knowledge
from matching.market import build_market, profile_vectors
from matching.rank import PriorRanker
from matching.records import Deal, Fund, Startup
from matching.vocabulary import (
    PLAIN_FEATURES,
    Band,
    Feature,
    FundStatus,
    FundType,
    Gate,
    Language,
    ReleaseEvent,
    ReleaseStatus,
    Risk,
    Sector,
    Stage,
)
from tests.api.installation import ROOT
from tests.matching.worlds import HashedVectors

DAY = date(2026, 11, 24)
VI, EN = Words(Language.VI), Words(Language.EN)
BOTH = pytest.mark.parametrize("words", [VI, EN], ids=["vi", "en"])
VIETNAMESE = re.compile(
    "[đàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE
)
RAW = [code for kind in (Gate, Risk, Stage, FundType, FundStatus) for code in kind if re.search("[-_]", code)]
SECTIONS: dict[str, type[StrEnum]] = {
    "gate": Gate,
    "failure": Gate,
    "change": Gate,
    "feature": Feature,
    "risk": Risk,
    "band": Band,
    "release_status": ReleaseStatus,
    "release_event": ReleaseEvent,
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def all_strings(words: Words) -> dict[tuple[str, str], str]:
    return {(section, key): text for section, texts in words.strings.items() for key, text in texts.items()}


# --- the two files ---


def test_both_languages_have_the_same_strings_with_the_same_placeholders() -> None:
    vi, en = all_strings(VI), all_strings(EN)
    assert list(vi) == list(en)
    assert {key: placeholders(text) for key, text in vi.items()} == {
        key: placeholders(text) for key, text in en.items()
    }


def test_every_string_of_the_section_text_is_said_somewhere() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "api").rglob("*.py"))
    assert [key for key in EN.strings["text"] if not re.search(f"[\"']{key}[\"']", code)] == []


@BOTH
@pytest.mark.parametrize(("section", "kind"), SECTIONS.items())
def test_every_code_has_its_string(words: Words, section: str, kind: type[StrEnum]) -> None:
    assert set(kind) <= set(words.strings[section])
    extra = {"risk": {"none"}, "change": {"stage_earlier", "ticket_less"}}
    assert set(words.strings[section]) - set(kind) == extra.get(section, set())


@BOTH
def test_strings_are_composed_trimmed_and_not_empty(words: Words) -> None:
    for text in all_strings(words).values():
        assert text and text == text.strip() and text == unicodedata.normalize("NFC", text)


def test_vietnamese_is_written_with_its_diacritics_and_english_is_not_vietnamese() -> None:
    for key, text in all_strings(VI).items():
        assert VIETNAMESE.search(text), f"{key}: {text}"
    assert not any(VIETNAMESE.search(text) for text in all_strings(EN).values())


@BOTH
@pytest.mark.parametrize("code", [*Sector, *Stage, *FundStatus])
def test_every_term_has_a_label(words: Words, code: StrEnum) -> None:
    assert words.term(code) == taxonomy().label(code, words.language) != code


# --- numbers, dates, lists ---


def test_money_is_grouped_as_each_language_does() -> None:
    assert VI.money(1_234_567) == "1.234.567 USD"
    assert EN.money(1_234_567) == "1,234,567 USD"
    assert EN.money(0) == "0 USD"
    assert (VI.money(None), EN.money(None)) == ("chưa rõ giới hạn", "no limit known")


@BOTH
def test_days_and_months_are_written_day_first(words: Words) -> None:
    assert words.day(date(2026, 3, 9)) == "09/03/2026"
    for told, said in (("2021", "2021"), ("2021-03", "03/2021"), ("2021-03-09", "09/03/2021")):
        assert words.announced(Deal(startup_id="s", fund_id="f", announced=told)) == said


def test_what_is_not_known_is_said() -> None:
    assert [VI.day(None), EN.day(None)] == ["chưa rõ ngày", "date unknown"]
    assert [VI.country(None), EN.term(None)] == ["chưa rõ", "unknown"]


def test_the_first_few_of_many_names_are_told() -> None:
    assert EN.names("abcd") == "a, b, c, d"
    assert EN.names("abcdef") == "a, b, c, d … (+2)"
    assert EN.stages({Stage.SERIES_A, Stage.IDEA}) == "Idea, Series A"


def test_a_fund_is_told_by_its_kind_and_place_as_far_as_they_are_known() -> None:
    fund = Fund(fund_id="f", type=FundType.VC, hq_country="SG")
    assert (VI.fund(fund), EN.fund(fund)) == ("Quỹ đầu tư mạo hiểm, Singapore", "Venture capital, Singapore")
    assert EN.fund(replace(fund, type=None)) == "Singapore"
    assert EN.fund(Fund(fund_id="f")) == ""


# --- sentences ---


def test_of_a_long_declaration_the_part_that_was_asked_is_told() -> None:
    fund = Fund(fund_id="f", sectors=frozenset(Sector), stages=frozenset(Stage))
    startup = Startup(sectors=frozenset({Sector.RETAIL}), stage=Stage.SERIES_C)
    sector, stage = (Reason(feature, 1.0, declared=True) for feature in (Feature.SECTOR, Feature.STAGE))
    assert EN.reason(sector, startup, fund) == "the sectors it declares include Retail and consumer goods"
    assert EN.reason(stage, startup, fund) == "the stages it declares include Series C"


def test_a_declaration_and_a_track_record_are_told_in_one_line() -> None:
    fund = Fund(fund_id="f", sectors=frozenset({Sector.SAAS}))
    told = Reason(Feature.SECTOR, -0.2, n=1, of=7, declared=False)
    assert EN.reason(told, Startup(sectors=frozenset({Sector.FINTECH})), fund) == (
        "it declares other sectors (Software); "
        "1 of the 7 companies we know it backed are in Financial technology and services"
    )


def test_a_deal_is_told_with_what_makes_it_like_the_startup() -> None:
    evidence = DealEvidence(
        deal=Deal(startup_id="a", fund_id="f", announced_on=date(2021, 3, 31), stage=Stage.SEED),
        company=Startup(startup_id="a", name="Alpha"),
        closeness=1.0,
        shared_sectors=(Sector.FOODTECH,),
        similar_text=True,
        same_country=True,
        same_city=True,
    )
    assert EN.deal(evidence) == (
        "backed Alpha (Seed; 31/03/2021; same sector: Food and beverage; similar description; same city)"
    )
    bare = replace(evidence, deal=Deal(startup_id="a", fund_id="f"), company=Startup(startup_id="a"))
    bare = replace(bare, shared_sectors=(), similar_text=False, same_city=False)
    assert EN.deal(bare) == "backed a (date unknown; same country)"


def test_cautions_name_what_they_rest_on() -> None:
    asking = Startup(country="VN", sectors=frozenset({Sector.FOODTECH}))
    assert EN.caution(Caution(Risk.NEW_COUNTRY, of=3), asking) == (
        "no company we know it backed (3) is in Vietnam"
    )
    assert EN.caution(Caution(Risk.NEW_SECTOR, of=3), asking).endswith("is in Food and beverage")
    assert "in 2021:" in EN.caution(Caution(Risk.DORMANT, last=date(2021, 12, 31)), asking)
    assert EN.caution(Caution(Risk.FUND_SILENT, gates=(Gate.STAGE, Gate.TICKET)), asking) == (
        "the fund does not say: stage, ticket"
    )


def test_an_excluded_part_of_a_sector_is_named() -> None:
    startup = Startup(sectors=frozenset({Sector.FOODTECH}), subsectors=frozenset({"alcohol"}))
    fund = Fund(fund_id="f", excluded_subsectors=frozenset({"alcohol", "tobacco"}))
    failure = GateFailure(Gate.EXCLUDED_SECTOR)
    assert "the fund excludes Alcoholic drinks" in EN.failure(failure, startup, fund)
    assert "quỹ loại trừ Đồ uống có cồn" in VI.failure(failure, startup, fund)


# --- everything the engine can say of data/vietnam ---


@pytest.fixture(scope="module")
def engine(knowledge: Knowledge) -> Engine:
    """Data/vietnam with texts that have vectors; one fund more, which every gate can keep out."""
    strict = Fund(
        fund_id="strict",
        name="Strict",
        stages=frozenset({Stage.SERIES_A}),
        excluded_sectors=frozenset({Sector.GAMING, Sector.WEB3}),
        countries=frozenset({"SG", "ID"}),
        ticket_min_usd=100_000,
        ticket_max_usd=5_000_000,
        status=FundStatus.RESERVED,
    )
    vectors = HashedVectors()
    world = replace(knowledge, funds=(*knowledge.funds, strict))
    return Engine(build_market(world, DAY, vectors), PriorRanker(), vectors)


def check(said: str, words: Words) -> None:
    assert said == said.strip() and said
    assert not re.search(r"[{}]|None|\(\)|; ?;|, ?,", said), said
    assert not [code for code in RAW if code in said], said
    assert words is EN or VIETNAMESE.search(said), said


def test_every_reason_and_caution_of_the_first_five_can_be_said(engine: Engine) -> None:
    told: set[StrEnum] = set()
    for startup in engine.market.companies:
        for suggestion in engine.shortlist(startup, 5).suggestions:
            for reason in suggestion.reasons:
                told.add(reason.feature)
                for words in (VI, EN):
                    check(words.reason(reason, startup, suggestion.fund), words)
                    for evidence in reason.deals:
                        check(words.deal(evidence), words)
            for caution in suggestion.cautions:
                told.add(caution.risk)
                for words in (VI, EN):
                    check(words.caution(caution, startup), words)
    assert {Feature.THESIS, Feature.PORTFOLIO, Feature.SECTOR, Feature.COUNTRY, Feature.POPULARITY} <= told
    assert {Risk.DORMANT, Risk.THIN_EVIDENCE, Risk.NEW_SECTOR, Risk.FUND_SILENT} <= told


def odd_profiles(knowledge: Knowledge) -> Iterator[Startup]:
    """Startups that every gate keeps from some fund, too early and too late, too small and too large."""
    base = next(startup for startup in knowledge.startups if startup.startup_id == "dat-bike")
    base = replace(
        base, exclusions=frozenset({"mekong-capital", "selex-motors"}), sectors=frozenset({Sector.GAMING})
    )
    yield replace(base, stage=Stage.IDEA, raising_usd=1.0)
    yield replace(base, stage=Stage.GROWTH, raising_usd=1e12, country="JP")
    yield replace(base, stage=Stage.SEED, raising_usd=300_000.0, opted_out=True)
    yield replace(base, stage=None, raising_usd=None)


def test_every_gate_failure_reason_and_caution_of_odd_profiles_can_be_said(
    engine: Engine, knowledge: Knowledge
) -> None:
    told: set[StrEnum] = set()
    market = engine.market
    for startup in odd_profiles(knowledge):
        text = profile_vectors([startup], engine.vectors)[0]
        retrieved, counts = retrieve(startup, text, market), count(startup, market)
        case = Case(startup, market, retrieved, counts, gate(startup, market))
        parts = np.zeros((len(market.funds), len(Feature)))
        parts[:, : len(PLAIN_FEATURES)] = PriorRanker().parts(
            features(startup, market, retrieved, counts, np.arange(len(market.funds)))
        )
        for row, fund in enumerate(market.funds.records):
            failures = gate_failures(case, row)
            why, risks = reasons(case, row, parts[row]), cautions(case, row)
            told |= {f.gate for f in failures} | {r.feature for r in why} | {c.risk for c in risks}
            for words in (VI, EN):
                for failure in failures:
                    check(words.failure(failure, startup, fund), words)
                for reason in why:
                    check(words.reason(reason, startup, fund), words)
                for caution in risks:
                    check(words.caution(caution, startup), words)
    by_introductions = {Gate.ALREADY_INTRODUCED, Gate.COOLING_DOWN, Gate.AT_CAPACITY}
    assert told == {*Gate, *PLAIN_FEATURES, *Risk} - by_introductions


@pytest.mark.parametrize("words", [VI, EN])
def test_gates_of_introductions_can_be_said(words: Words) -> None:
    startup, fund = Startup(name="An"), Fund(fund_id="f", monthly_capacity=3)
    day, later = date(2026, 3, 9), date(2026, 9, 5)
    for failure, told in (
        (GateFailure(Gate.ALREADY_INTRODUCED, since=day), "09/03/2026"),
        (GateFailure(Gate.COOLING_DOWN, since=day, until=later), "05/09/2026"),
        (GateFailure(Gate.AT_CAPACITY, taken=3), "3"),
    ):
        said = words.failure(failure, startup, fund)
        check(said, words)
        assert told in said


@pytest.mark.parametrize(
    ("stage", "asked", "said"),
    [
        (Stage.IDEA, 99_999.0, ["clear 3 stages later", "clear with an ask 1 USD larger"]),
        (Stage.SERIES_C, 5_000_001.0, ["clear one stage earlier", "clear with an ask 1 USD smaller"]),
    ],
)
def test_the_nearest_change_goes_the_right_way(
    engine: Engine, stage: Stage, asked: float, said: list[str]
) -> None:
    startup = Startup(stage=stage, raising_usd=asked)
    verdict = engine.why(startup, "strict")
    changes = [
        EN.failure(failure, startup, verdict.fund).rpartition("; would ")[2]
        for failure in verdict.failures
        if failure.gate in {Gate.STAGE, Gate.TICKET}
    ]
    assert changes == said
