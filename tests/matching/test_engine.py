from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import Engine
from matching.errors import BadValue, NotFound
from matching.knowledge import Knowledge
from matching.records import Fund, Override, Startup
from matching.suggestions import Ranked
from matching.vocabulary import NEGOTIABLE, OVERRIDABLE, Feature, FundStatus, Gate, Outcome
from tests.matching.worlds import (
    ASKING,
    FARMCO,
    FIXED,
    HAND_MADE,
    QUICK,
    TODAY,
    engine_of,
    failed_gates,
    hand_made,
    questions,
    renamed,
    renamed_startup,
)

Question = tuple[Knowledge, Startup]


def eligible_ids(world: Knowledge, asking: Startup) -> set[str]:
    return {fund.fund_id for fund in world.funds if not failed_gates(asking, fund, world.deals)}


@QUICK
@given(questions(), st.integers(1, 8))
def test_only_eligible_funds_are_returned_at_most_k_ranked_from_one_and_none_twice(
    question: Question, k: int
) -> None:
    world, asking = question
    eligible = eligible_ids(world, asking)
    found = engine_of(world).rank(asking, k)
    ids = [ranked.fund_id for ranked in found]
    assert set(ids) <= eligible
    assert len(ids) == len(set(ids)) == min(k, len(eligible))
    assert [ranked.rank for ranked in found] == list(range(1, len(found) + 1))
    scores = [ranked.score for ranked in found]
    assert scores == sorted(scores, reverse=True)


@QUICK
@given(questions())
def test_every_eligible_fund_appears_when_k_is_the_number_of_funds(question: Question) -> None:
    world, asking = question
    found = engine_of(world).rank(asking, max(1, len(world.funds)))
    assert {ranked.fund_id for ranked in found} == eligible_ids(world, asking)


@QUICK
@given(questions(), st.integers(1, 6))
def test_a_shorter_list_is_the_beginning_of_a_longer_one(question: Question, k: int) -> None:
    world, asking = question
    engine = engine_of(world)
    assert engine.rank(asking, k) == engine.rank(asking, 9)[:k]


@QUICK
@given(questions(), st.data())
def test_other_ids_and_another_order_of_records_change_no_score_and_no_place(
    question: Question, data: st.DataObject
) -> None:
    world, asking = question
    ids = sorted(
        {s.startup_id for s in world.startups}
        | {f.fund_id for f in world.funds}
        | {asking.startup_id}
        | asking.exclusions
        | {fund_id for s in world.startups for fund_id in s.exclusions}
    )
    new = dict(zip(ids, data.draw(st.permutations([f"x{i}" for i in range(len(ids))])), strict=True))
    other = renamed(world, new)
    shuffled = Knowledge(
        tuple(data.draw(st.permutations(other.startups))),
        tuple(data.draw(st.permutations(other.funds))),
        tuple(data.draw(st.permutations(other.deals))),
    )
    before = engine_of(world).rank(asking, 9)
    after = engine_of(shuffled).rank(renamed_startup(asking, new), 9)
    assert after == [replace(ranked, fund_id=new[ranked.fund_id]) for ranked in before]


@QUICK
@given(questions(), st.integers(0, 5), st.booleans())
def test_an_ineligible_fund_without_deals_or_thesis_changes_no_score_bit_for_bit(
    question: Question, at: int, closed: bool
) -> None:
    world, asking = question
    shy = Fund(fund_id="shy", name="Shy", ticket_max_usd=1.0)
    if closed:
        shy = Fund(fund_id="shy", name="Shy", status=FundStatus.INACTIVE)
    more = replace(world, funds=(*world.funds[:at], shy, *world.funds[at:]))
    asking = replace(asking, raising_usd=100_000.0)
    assert engine_of(more).rank(asking, 9) == engine_of(world).rank(asking, 9)


@QUICK
@given(questions())
def test_the_shortlist_explains_what_rank_ranks_and_counts_the_gates(question: Question) -> None:
    world, asking = question
    engine = engine_of(world)
    shortlist = engine.shortlist(asking, 4)
    assert [suggestion.ranked for suggestion in shortlist.suggestions] == engine.rank(asking, 4)
    assert [s.fund.fund_id for s in shortlist.suggestions] == [
        s.ranked.fund_id for s in shortlist.suggestions
    ]
    failures = [failed_gates(asking, fund, world.deals) for fund in world.funds]
    assert shortlist.considered == len(world.funds)
    assert shortlist.eligible == failures.count(set())
    assert shortlist.gated == {
        rule: n for rule in Gate if (n := sum(rule in failed for failed in failures)) > 0
    }


@QUICK
@given(questions())
def test_why_agrees_with_the_shortlist_on_every_fund(question: Question) -> None:
    world, asking = question
    engine = engine_of(world)
    shown = {s.fund.fund_id: s for s in engine.shortlist(asking, 9).suggestions}
    for fund in world.funds:
        verdict = engine.why(asking, fund.fund_id)
        assert {failure.gate for failure in verdict.failures} == failed_gates(asking, fund, world.deals)
        assert verdict.of == len(shown)
        if fund.fund_id in shown:
            suggestion = shown[fund.fund_id]
            assert verdict.ranked == suggestion.ranked
            assert verdict.cautions == suggestion.cautions
            assert [r for r in verdict.reasons if r.contribution > 0][:3] == list(suggestion.reasons)
        else:
            assert verdict.ranked is None


def test_the_world_told_by_hand_is_ranked_as_its_evidence_says() -> None:
    engine = hand_made()
    assert [ranked.fund_id for ranked in engine.rank(ASKING, 3)] == ["money", "fields", "quiet"]
    farmer = replace(FARMCO, startup_id="new")
    assert engine.rank(farmer, 1)[0].fund_id == "fields"
    first = engine.shortlist(ASKING, 1).suggestions[0]
    assert [reason.feature for reason in first.reasons[:2]] == [Feature.PORTFOLIO, Feature.THESIS]
    assert (first.ranked.outcome, first.ranked.probability) == (Outcome.INVESTS, None)


def test_a_startup_that_tells_nothing_still_gets_every_fund() -> None:
    assert len(hand_made().rank(Startup(), 9)) == 3


def test_an_own_company_s_fund_is_gated_and_its_evidence_not_used_for_others() -> None:
    engine = hand_made()
    own = replace(ASKING, startup_id="lend")
    assert [ranked.fund_id for ranked in engine.rank(own, 9)] == ["quiet"]
    assert engine.why(own, "money").failures[0].gate is Gate.ALREADY_INVESTED


def test_an_unknown_fund_is_not_found_and_the_message_names_it_and_the_day() -> None:
    with pytest.raises(NotFound, match="no fund 'nobody' is known on 2025-07-01"):
        hand_made().why(ASKING, "nobody")


@pytest.mark.parametrize("k", [0, -1])
def test_a_list_of_less_than_one_is_refused(k: int) -> None:
    engine: Engine = hand_made()
    with pytest.raises(BadValue, match="k must be at least 1"):
        engine.rank(ASKING, k)
    with pytest.raises(BadValue, match="k must be at least 1"):
        engine.shortlist(ASKING, k)


def test_an_empty_market_gives_an_empty_list() -> None:
    shortlist = engine_of(Knowledge((), (), ())).shortlist(ASKING, 5)
    assert (shortlist.suggestions, shortlist.considered, shortlist.eligible, shortlist.gated) == (
        (),
        0,
        0,
        {},
    )


def test_the_same_question_twice_has_the_same_answer() -> None:
    answers: list[list[Ranked]] = [hand_made().rank(ASKING, 3) for _ in range(2)]
    assert answers[0] == answers[1]


def test_a_near_miss_fails_one_gate_alone_and_would_be_on_the_list_without_it() -> None:
    asking = replace(ASKING, raising_usd=90_000.0)
    funds = tuple(replace(f, ticket_min_usd=140_000.0, ticket_max_usd=None) for f in HAND_MADE.funds)
    engine = engine_of(replace(HAND_MADE, funds=funds), FIXED)
    shortlist = engine.shortlist(asking, 2)
    assert shortlist.suggestions == ()
    for miss in shortlist.near_misses:
        assert (miss.failure.gate, miss.failure.distance) == (Gate.TICKET, 50_000.0)
        asks_more = engine.why(replace(asking, raising_usd=140_000.0), miss.fund.fund_id)
        assert asks_more.ranked is not None
    assert shortlist.near_misses


@QUICK
@given(questions(), st.integers(1, 6))
def test_near_misses_fail_one_negotiable_gate_and_score_with_the_list(question: Question, k: int) -> None:
    world, asking = question
    shortlist = engine_of(world).shortlist(asking, k)
    for miss in shortlist.near_misses:
        assert failed_gates(asking, miss.fund, world.deals) == {miss.failure.gate} <= NEGOTIABLE
        if len(shortlist.suggestions) == k:
            assert miss.score >= shortlist.suggestions[-1].ranked.score


@QUICK
@given(questions(), st.data())
def test_overriding_every_failed_gate_puts_a_fund_among_the_ranked_and_why_names_the_reasons(
    question: Question, data: st.DataObject
) -> None:
    world, asking = question
    barred = [f for f in world.funds if failed_gates(asking, f, world.deals) - OVERRIDABLE == set()]
    if not barred:
        return
    fund = data.draw(st.sampled_from(barred))
    failed = failed_gates(asking, fund, world.deals)
    overrides = tuple(
        Override(
            startup_id=asking.startup_id, fund_id=fund.fund_id, gate=rule, reason="asked", decided_on=TODAY
        )
        for rule in sorted(failed)
    )
    verdict = engine_of(replace(world, overrides=overrides)).why(asking, fund.fund_id)
    assert verdict.ranked is not None
    assert {override.gate for override in verdict.overrides} == failed
