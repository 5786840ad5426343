from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given

from matching.candidates import retrieve
from matching.explain import (
    EVIDENCE,
    NOTABLE,
    Case,
    Caution,
    DealEvidence,
    Reason,
    cautions,
    deal_evidence,
    reasons,
    sentence_evidence,
)
from matching.features import count
from matching.gates import gate
from matching.knowledge import Knowledge
from matching.market import lay_out, profile_vectors
from matching.protocols import VectorStore
from matching.records import Deal, Fund, Introduction, IntroductionEvent, Sentence, Startup
from matching.vocabulary import (
    Feature,
    FundStatus,
    Gate,
    IntroductionStatus,
    Language,
    PassReason,
    Prompt,
    Risk,
    Sector,
)
from tests.matching.worlds import (
    ASKING,
    FIXED,
    HAND_MADE,
    LENDCO,
    MONEY,
    PAYCO,
    QUICK,
    SAYS_PAY,
    TODAY,
    HashedVectors,
    questions,
    years_ago,
)


def case_of(startup: Startup, world: Knowledge, vectors: VectorStore = FIXED) -> Case:
    market = lay_out(world, TODAY, vectors)
    retrieved = retrieve(startup, profile_vectors([startup], vectors)[0], market)
    return Case(startup, market, retrieved, count(startup, market), gate(startup, market))


CASE = case_of(ASKING, HAND_MADE)
MONEY_ROW, FIELDS_ROW, QUIET_ROW = 0, 1, 2


def by_feature(case: Case, row: int, part: float = 1.0) -> dict[Feature, Reason]:
    """Every reason, as if each feature had moved the score by `part`."""
    return {reason.feature: reason for reason in reasons(case, row, np.full(len(Feature), part))}


# --- reasons ---


def test_each_reason_tells_the_numbers_counted_by_hand() -> None:
    found = by_feature(CASE, MONEY_ROW)
    assert found[Feature.SECTOR] == Reason(Feature.SECTOR, 1.0, n=2, of=2, declared=True)
    assert found[Feature.COUNTRY] == Reason(Feature.COUNTRY, 1.0, n=1, of=2, declared=True)
    assert found[Feature.STAGE] == Reason(Feature.STAGE, 1.0, n=2, of=3, declared=True)
    assert found[Feature.TICKET] == Reason(Feature.TICKET, 1.0, declared=True)
    assert found[Feature.ACTIVITY] == Reason(Feature.ACTIVITY, 1.0, n=1)
    assert found[Feature.POPULARITY] == Reason(Feature.POPULARITY, 1.0, n=2)


def test_declared_is_none_where_either_side_is_silent_and_false_where_they_differ() -> None:
    assert by_feature(CASE, QUIET_ROW, -1.0)[Feature.SECTOR].declared is None
    assert by_feature(case_of(Startup(), HAND_MADE), MONEY_ROW, -1.0)[Feature.COUNTRY].declared is None
    thai = case_of(replace(ASKING, country="TH"), HAND_MADE)
    assert by_feature(thai, MONEY_ROW, -1.0)[Feature.COUNTRY].declared is False


def test_what_the_records_do_not_bear_out_is_no_reason_for_a_fund() -> None:
    thai = case_of(replace(ASKING, country="TH"), HAND_MADE)  # where none of its companies is
    assert Feature.COUNTRY in by_feature(thai, MONEY_ROW, -1.0)
    assert Feature.COUNTRY not in by_feature(thai, MONEY_ROW)
    assert Feature.COUNTRY in by_feature(CASE, MONEY_ROW)


@pytest.mark.parametrize(
    ("asked", "row", "part", "given"),
    [
        (200_000.0, MONEY_ROW, 1.0, True),
        (200_000.0, MONEY_ROW, -1.0, False),  # what fits can only speak for a fund
        (900_000.0, MONEY_ROW, 1.0, False),
        (None, MONEY_ROW, 1.0, False),
        (200_000.0, QUIET_ROW, 1.0, False),  # it tells no ticket
    ],
)
def test_the_ticket_is_a_reason_only_where_the_ask_is_in_a_range_that_is_told(
    asked: float | None, row: int, part: float, given: bool
) -> None:
    case = case_of(replace(ASKING, raising_usd=asked), HAND_MADE)
    assert (Feature.TICKET in by_feature(case, row, part)) is given


def test_reasons_come_by_the_size_of_their_part_and_small_ones_are_left_out() -> None:
    parts = np.array([0.1, -3.0, NOTABLE, 0.0, 0.0499, 2.0, -0.0499, 0.0, 1.0])
    found = reasons(CASE, MONEY_ROW, parts)
    assert [(reason.feature, reason.contribution) for reason in found] == [
        (Feature.PORTFOLIO, -3.0),
        (Feature.TICKET, 2.0),
        (Feature.THESIS, 0.1),
        (Feature.SECTOR, NOTABLE),
    ]


@QUICK
@given(questions())
def test_the_numbers_of_reasons_are_recounted_from_the_records(question: tuple[Knowledge, Startup]) -> None:
    world, asking = question
    case = case_of(asking, world, HashedVectors())
    by_id = {startup.startup_id: startup for startup in world.startups}
    for row, fund in enumerate(world.funds):
        found = by_feature(case, row, -1.0)
        mine = [deal for deal in world.deals if deal.fund_id == fund.fund_id]
        others = [deal for deal in mine if deal.startup_id != asking.startup_id]
        held = [by_id[startup_id] for startup_id in {deal.startup_id for deal in others}]
        alike = [startup for startup in held if startup.sectors & asking.sectors]
        recent = [d for d in mine if d.announced_on and (TODAY - d.announced_on).days <= 2 * 365.25]
        assert found[Feature.SECTOR].n == len(alike)
        assert found[Feature.STAGE].n == len([d for d in others if asking.stage and d.stage == asking.stage])
        assert found[Feature.COUNTRY].of == len([s for s in held if s.country and asking.country])
        assert found[Feature.ACTIVITY].n == len(recent)
        assert found[Feature.POPULARITY].n == len({deal.startup_id for deal in mine})


# --- evidence ---


def test_deals_are_cited_with_what_they_share_the_newest_of_each_company() -> None:
    first, second = deal_evidence(CASE, MONEY_ROW)
    assert (first.deal, first.company) == (HAND_MADE.deals[1], PAYCO)
    assert (second.deal, second.company) == (HAND_MADE.deals[2], LENDCO)
    assert first.shared_sectors == second.shared_sectors == (Sector.FINTECH,)
    assert (first.same_country, first.same_city, second.same_country, second.same_city) == (
        True,
        True,
        False,
        False,
    )
    # without place: text 10 (cosine - floor) and sectors, and for the second the stage
    floor = (1.8 + 20 * 0.83) / 23
    assert first.closeness == pytest.approx(10 * (1 - floor) + 2.5, abs=1e-5)
    assert second.closeness == pytest.approx(10 * (0.8 - floor) + 2.5 / 2**0.5 + 1.5, abs=1e-5)
    assert (first.similar_text, second.similar_text) == (True, False)  # cosines 1 and .8, a floor of .8


def test_closeness_leaves_out_the_place_also_where_the_startup_tells_none() -> None:
    nowhere = case_of(replace(ASKING, country=None, city="", place=""), HAND_MADE)
    for here, there in zip(deal_evidence(CASE, MONEY_ROW), deal_evidence(nowhere, MONEY_ROW), strict=True):
        assert there.deal == here.deal
        assert there.closeness == pytest.approx(here.closeness, abs=1e-5)


def test_companies_alike_in_place_alone_are_cited_only_where_there_are_no_others() -> None:
    neighbour = Startup(startup_id="near", sectors=frozenset({Sector.SAAS}), country="VN", place="vn-hanoi")
    asking = replace(ASKING, description="", stage=None)
    at_money = Deal(startup_id="near", fund_id="money", announced_on=TODAY)
    world = replace(HAND_MADE, startups=(*HAND_MADE.startups, neighbour), deals=(*HAND_MADE.deals, at_money))
    assert "near" not in {e.company.startup_id for e in deal_evidence(case_of(asking, world), MONEY_ROW)}
    alone = case_of(asking, replace(world, deals=(at_money,)))
    assert [(e.company, e.alike) for e in deal_evidence(alone, MONEY_ROW)] == [(neighbour, False)]


@QUICK
@given(questions())
def test_deal_evidence_belongs_to_the_fund_and_is_nearest_first(
    question: tuple[Knowledge, Startup],
) -> None:
    world, asking = question
    case = case_of(asking, world, HashedVectors())
    for row, fund in enumerate(world.funds):
        found: tuple[DealEvidence, ...] = deal_evidence(case, row)
        assert len(found) <= EVIDENCE
        assert all(evidence.deal in world.deals for evidence in found)
        assert {evidence.deal.fund_id for evidence in found} <= {fund.fund_id}
        assert asking.startup_id not in {evidence.deal.startup_id for evidence in found}
        assert len({evidence.company.startup_id for evidence in found}) == len(found)
        closeness = [evidence.closeness for evidence in found]
        assert closeness == sorted(closeness, reverse=True)
        for evidence in found:
            assert evidence.company.startup_id == evidence.deal.startup_id
            assert set(evidence.shared_sectors) == evidence.company.sectors & asking.sectors
            dates = [
                d.announced_on
                for d in world.deals
                if d.fund_id == fund.fund_id and d.startup_id == evidence.deal.startup_id
            ]
            if None not in dates:
                assert evidence.deal.announced_on == max(day for day in dates if day)


def test_a_sentence_is_cited_with_its_true_cosine_and_an_unrelated_one_is_not() -> None:
    (cited,) = sentence_evidence(CASE, MONEY_ROW)
    assert cited.sentence == Sentence(text=SAYS_PAY, language=Language.EN)
    assert cited.similarity == pytest.approx(0.96, abs=1e-5)
    assert sentence_evidence(CASE, FIELDS_ROW) == sentence_evidence(CASE, QUIET_ROW) == ()


@QUICK
@given(questions())
def test_sentences_belong_to_the_fund_nearest_first_with_their_true_cosines(
    question: tuple[Knowledge, Startup],
) -> None:
    world, asking = question
    vectors = HashedVectors()
    case = case_of(asking, world, vectors)
    text = profile_vectors([asking], vectors)[0].astype(float)
    for row, fund in enumerate(world.funds):
        found = sentence_evidence(case, row)
        assert {evidence.sentence for evidence in found} <= set(fund.sentences)
        said = vectors.vectors([evidence.sentence.text for evidence in found], Prompt.PASSAGE)
        similarities = [evidence.similarity for evidence in found]
        assert similarities == pytest.approx((said.astype(float) @ text).tolist(), abs=1e-5)
        assert similarities == sorted(similarities, reverse=True)


# --- cautions ---

FUND = replace(MONEY, countries=frozenset(), sectors=frozenset())
OTHERS = (PAYCO, LENDCO, replace(LENDCO, startup_id="lend too"))


def risks(fund: Fund, *deals: Deal, startup: Startup = ASKING) -> dict[Risk, Caution]:
    case = case_of(startup, Knowledge(OTHERS, (fund,), deals))
    return {caution.risk: caution for caution in cautions(case, 0)}


def deal(startup_id: str, days_ago: int | None = 0) -> Deal:
    announced_on = None if days_ago is None else TODAY - timedelta(days=days_ago)
    return Deal(startup_id=startup_id, fund_id="money", announced_on=announced_on)


def test_a_fund_that_tells_all_and_backs_companies_alike_has_no_caution() -> None:
    assert risks(MONEY, deal("pay"), deal("lend")) == {}


def test_no_deal_known_until_there_is_one_and_thin_evidence_until_there_are_two() -> None:
    assert risks(MONEY) == {Risk.NO_DEAL_KNOWN: Caution(Risk.NO_DEAL_KNOWN)}
    assert risks(MONEY, deal("pay"), deal("pay")) == {Risk.THIN_EVIDENCE: Caution(Risk.THIN_EVIDENCE, of=1)}


def test_dormant_when_the_newest_dated_deal_is_over_three_years_old() -> None:
    old, older = deal("pay", 1096), deal("lend", 2000)  # three years are 1095.75 days
    assert risks(MONEY, older, old)[Risk.DORMANT] == Caution(Risk.DORMANT, last=old.announced_on)
    assert Risk.DORMANT not in risks(MONEY, older, deal("pay", 1095))
    assert Risk.DORMANT not in risks(MONEY, deal("pay", None))


def test_a_new_country_is_one_of_no_company_that_the_fund_does_not_declare() -> None:
    abroad = (deal("lend"), deal("lend too"))
    assert risks(replace(MONEY, countries=frozenset()), *abroad)[Risk.NEW_COUNTRY] == Caution(
        Risk.NEW_COUNTRY, of=2
    )
    assert Risk.NEW_COUNTRY not in risks(MONEY, *abroad)
    assert Risk.NEW_COUNTRY not in risks(replace(MONEY, countries=frozenset()), *abroad, deal("pay"))
    assert Risk.NEW_COUNTRY not in risks(replace(MONEY, countries=frozenset()))


def test_a_new_sector_is_one_of_no_company_that_the_fund_does_not_declare() -> None:
    farming = replace(ASKING, sectors=frozenset({Sector.AGRITECH}))
    payments = (deal("pay"), deal("lend"))
    expected = Caution(Risk.NEW_SECTOR, of=2)
    assert risks(MONEY, *payments, startup=farming)[Risk.NEW_SECTOR] == expected
    declared = replace(MONEY, sectors=frozenset({Sector.AGRITECH}))
    assert Risk.NEW_SECTOR not in risks(declared, *payments, startup=farming)
    assert Risk.NEW_SECTOR not in risks(MONEY, *payments)


def test_unknown_fields_are_listed_by_their_gates() -> None:
    silent = replace(MONEY, status=None, stages=frozenset())
    assert risks(silent, deal("pay"), deal("lend")) == {
        Risk.FUND_SILENT: Caution(Risk.FUND_SILENT, gates=(Gate.FUND_NOT_DEPLOYING, Gate.STAGE))
    }


def test_what_the_profile_does_not_say_is_not_laid_at_the_fund_s_door() -> None:
    mute = replace(ASKING, stage=None, raising_usd=None)
    told = replace(MONEY, status=FundStatus.DEPLOYING)
    found = risks(told, deal("pay"), deal("lend"), startup=mute)
    assert found[Risk.PROFILE_SILENT] == Caution(Risk.PROFILE_SILENT, gates=(Gate.STAGE, Gate.TICKET))
    assert Risk.FUND_SILENT not in found


def test_cautions_come_gravest_first() -> None:
    mute = Fund(fund_id="money")
    found = risks(mute, deal("lend", 2000))
    assert list(found) == [Risk.DORMANT, Risk.NEW_COUNTRY, Risk.THIN_EVIDENCE, Risk.FUND_SILENT]


def test_answers_are_counted_from_what_came_of_the_fund_s_introductions() -> None:
    def met(number: int, status: IntroductionStatus, reason: PassReason | None = None) -> Introduction:
        event = IntroductionEvent(status=status, at=years_ago(0.5), reason=reason)
        return Introduction(
            introduction_id=f"i{number}",
            startup_id="pay",
            fund_id="money",
            opened_on=years_ago(1),
            events=(event,),
        )

    told = (
        met(1, IntroductionStatus.INVESTOR_OK),
        met(2, IntroductionStatus.INVESTOR_DECLINED, PassReason.THESIS),
        met(3, IntroductionStatus.INVESTOR_DECLINED, PassReason.BANDWIDTH),  # no answer to what it is
        met(4, IntroductionStatus.EXPIRED_NO_REPLY),
    )
    case = case_of(ASKING, replace(HAND_MADE, introductions=told))
    found = by_feature(case, MONEY_ROW)[Feature.ANSWERS]
    assert (found.n, found.of) == (1, 3)
    assert Feature.ANSWERS not in by_feature(CASE, MONEY_ROW, -1.0)  # nobody was introduced to it
