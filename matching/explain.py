"""Reasons, evidence and cautions for a fund, as codes, counts and ids; words are made at the edge."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice

import numpy as np

from matching.candidates import Retrieved
from matching.dates import DAYS_PER_YEAR
from matching.features import Counts
from matching.gates import Gated
from matching.labels import label
from matching.likeness import Likeness
from matching.market import Floats, Market
from matching.records import Deal, Fund, Sentence, Startup
from matching.vocabulary import Feature, Gate, Label, Outcome, Risk, Sector, Stage

REASONS = 3
EVIDENCE = 3
NOTABLE = 0.05
"""A contribution smaller than this is not worth a sentence."""

DORMANT_YEARS = 3.0
CITED = frozenset({Feature.THESIS, Feature.PORTFOLIO})
"""Features whose reason is nothing without its evidence."""


@dataclass(frozen=True)
class DealEvidence:
    """A deal that speaks for the fund.

    Attributes
    ----------
    closeness : exponent of the kernel between the startup and the company, without its place.
    similar_text : the cosine of the two descriptions passes that of unrelated ones.
    """

    deal: Deal
    company: Startup
    closeness: float
    shared_sectors: tuple[Sector, ...]
    similar_text: bool
    same_country: bool
    same_city: bool

    @property
    def alike(self) -> bool:
        """Whether the company is like the startup in more than its place."""
        return self.similar_text or bool(self.shared_sectors)


@dataclass(frozen=True)
class SentenceEvidence:
    """A sentence of the thesis, and its cosine with the profile."""

    sentence: Sentence
    similarity: float


@dataclass(frozen=True)
class Reason:
    """What speaks for or against a fund; every claim can be counted again in the records.

    Attributes
    ----------
    contribution : its part of the score.
    n, of : companies (stage: deals) with the property asked for, of those where it is known; of ANSWERS,
        the introductions that the fund accepted, of those it answered or let pass.
    declared : whether what the fund declares agrees; None where one side declares nothing.
    deals, sentences : the evidence, nearest first.
    """

    feature: Feature
    contribution: float
    n: int = 0
    of: int = 0
    declared: bool | None = None
    deals: tuple[DealEvidence, ...] = ()
    sentences: tuple[SentenceEvidence, ...] = ()


@dataclass(frozen=True)
class Caution:
    """What to check before an introduction.

    Attributes
    ----------
    of : companies the statement rests on.
    last : date of the newest deal known, for DORMANT.
    gates : gates that could not be told, for FUND_SILENT and PROFILE_SILENT.
    """

    risk: Risk
    of: int = 0
    last: date | None = None
    gates: tuple[Gate, ...] = ()


@dataclass(frozen=True)
class Case:
    """All that was worked out for one query: what reasons are drawn from."""

    startup: Startup
    market: Market
    retrieved: Retrieved
    counts: Counts
    gated: Gated

    @cached_property
    def likeness(self) -> Likeness:
        """What the nearest companies have in common with the startup."""
        return Likeness.of(self.startup, self.market, self.retrieved)


def reasons(case: Case, row: int, contributions: Floats) -> tuple[Reason, ...]:
    """Give every feature that moved the score of fund `row`, largest first.

    `contributions` has shape (len(Feature),). What the records do not bear out is left out: a trace of many
    companies, each hardly alike, can be scored but not checked.
    """
    return tuple(_borne_out(case, row, contributions))


def speaking_for(case: Case, row: int, contributions: Floats) -> tuple[Reason, ...]:
    """Give the REASONS features that speak most for fund `row`, of `reasons`."""
    return tuple(islice(_borne_out(case, row, np.maximum(contributions, 0)), REASONS))


def _borne_out(case: Case, row: int, contributions: Floats) -> Iterator[Reason]:
    parts = dict(zip(Feature, contributions.tolist(), strict=True))
    for feature in sorted(parts, key=lambda feature: -abs(parts[feature])):
        if abs(parts[feature]) >= NOTABLE:
            reason = _reason(case, feature, row, parts[feature])
            if _is_borne_out(reason):
                yield reason


def _is_borne_out(reason: Reason) -> bool:
    """Tell whether the records show what a reason claims: its evidence, or at least one case of it."""
    if reason.feature in CITED:
        return bool(reason.deals or reason.sentences)
    if reason.feature is Feature.ANSWERS and not reason.of:
        return False
    if reason.feature is Feature.TICKET:
        return reason.contribution > 0 and reason.declared is True
    return reason.contribution < 0 or reason.n > 0 or reason.declared is True


def _reason(case: Case, feature: Feature, row: int, part: float) -> Reason:
    fund, startup, counts = case.market.funds.records[row], case.startup, case.counts
    if feature is Feature.THESIS:
        return Reason(feature, part, sentences=sentence_evidence(case, row))
    if feature is Feature.PORTFOLIO:
        return Reason(feature, part, deals=deal_evidence(case, row))
    if feature is Feature.ACTIVITY:
        return Reason(feature, part, n=int(counts.recent[row]))
    if feature is Feature.POPULARITY:
        return Reason(feature, part, n=int(counts.companies[row]))
    if feature is Feature.TICKET:
        return Reason(feature, part, declared=_within_range(startup.raising_usd, fund))
    if feature is Feature.ANSWERS:
        return _answers(case.market, fund, part)
    track, asked, field = {
        Feature.SECTOR: (counts.sector, startup.sectors, "sectors"),
        Feature.STAGE: (counts.stage, _known(startup.stage), "stages"),
        Feature.COUNTRY: (counts.country, _known(startup.country), "countries"),
    }[feature]
    declared = _declared(asked, fund, field)
    return Reason(feature, part, n=int(track.n[row]), of=int(track.of[row]), declared=declared)


def _answers(market: Market, fund: Fund, part: float) -> Reason:
    """Count what a fund accepted; a pass for want of capacity is no answer."""
    asked = (one for told in market.introductions.values() for one in told if one.fund_id == fund.fund_id)
    labels = [label(one, Outcome.ACCEPTS, market.as_of) for one in asked]
    accepted = labels.count(Label.POSITIVE)
    others = labels.count(Label.NEGATIVE) + labels.count(Label.SILENT)
    return Reason(Feature.ANSWERS, part, n=accepted, of=accepted + others)


def _within_range(asked: float | None, fund: Fund) -> bool | None:
    """Tell whether an ask is within what is known of a fund's ticket; None where either is unknown."""
    low, high = fund.ticket_min_usd, fund.ticket_max_usd
    if asked is None or (low is None and high is None):
        return None
    return (low is None or low <= asked) and (high is None or asked <= high)


def _known(code: Stage | str | None) -> frozenset[str]:
    return frozenset() if code is None else frozenset({code})


def _declared(asked: Set[str], fund: Fund, field: str) -> bool | None:
    """Tell whether what a fund declares holds what is asked; None where that cannot be told."""
    declared: Set[str] = getattr(fund, field)
    if asked & declared:
        return True
    return False if asked and declared and field not in fund.not_understood else None


def deal_evidence(case: Case, row: int) -> tuple[DealEvidence, ...]:
    """Cite the newest deal with each company of the fund that is like the startup, most alike first.

    Companies alike in place alone are cited only where there are no others.
    """
    held, like = case.market.holdings, case.likeness
    mine = held.by_fund.of(row)
    mine = mine[like.near[held.company[mine]]]
    company = held.company[mine]
    chosen = like.alike[company]
    if not chosen.any():
        chosen = like.neighbour[company]
    mine = mine[chosen]
    order = np.argsort(-like.closeness[held.company[mine]], kind="stable")[:EVIDENCE]
    return tuple(_cite(case, int(entry)) for entry in mine[order])


def _cite(case: Case, holding: int) -> DealEvidence:
    market, like = case.market, case.likeness
    company = int(market.holdings.company[holding])
    backed = market.companies[company]
    return DealEvidence(
        deal=market.deals.records[market.holdings.newest[holding]],
        company=backed,
        closeness=float(like.closeness[company]),
        shared_sectors=tuple(sorted(backed.sectors & case.startup.sectors)),
        similar_text=bool(like.similar_text[company]),
        same_country=bool(like.same_country[company]),
        same_city=bool(like.same_city[company]),
    )


def sentence_evidence(case: Case, row: int) -> tuple[SentenceEvidence, ...]:
    """Cite the sentences of the fund's thesis that are closer to the query than unrelated text."""
    kernel = case.market.layout.kernel
    mine = case.market.sentences_of.of(row)
    weights = case.retrieved.sentence_weight[mine]
    nearest = [at for at in np.argsort(-weights, kind="stable")[:EVIDENCE] if weights[at] > 0]
    return tuple(
        SentenceEvidence(
            sentence=case.market.sentences[mine[at]],
            similarity=float(np.log1p(weights[at]) / kernel.thesis + case.retrieved.thesis_floor),
        )
        for at in nearest
    )


def cautions(case: Case, row: int) -> tuple[Caution, ...]:
    """List what to check about fund `row`, gravest first."""
    return (*_cautions_of_the_past(case, row), *_cautions_of_silence(case, row))


def _cautions_of_the_past(case: Case, row: int) -> Iterator[Caution]:
    market, counts, fund = case.market, case.counts, case.market.funds.records[row]
    companies, last = counts.companies[row], market.deals.last[row]
    if not companies:
        yield Caution(Risk.NO_DEAL_KNOWN)
    if last is not None and (market.as_of - last).days > DORMANT_YEARS * DAYS_PER_YEAR:
        yield Caution(Risk.DORMANT, last=last)
    for risk, track, asked, field in (
        (Risk.NEW_COUNTRY, counts.country, _known(case.startup.country), "countries"),
        (Risk.NEW_SECTOR, counts.sector, case.startup.sectors, "sectors"),
    ):
        if track.n[row] == 0 and track.of[row] > 0 and not _declared(asked, fund, field):
            yield Caution(risk, of=int(track.of[row]))
    if companies == 1:
        yield Caution(Risk.THIN_EVIDENCE, of=1)


def _cautions_of_silence(case: Case, row: int) -> Iterator[Caution]:
    untold = case.gated.unknowns(row)
    profile = tuple(gate for gate in untold if _profile_is_silent(case, gate, row))
    theirs = tuple(gate for gate in untold if gate not in profile)
    if theirs:
        yield Caution(Risk.FUND_SILENT, gates=theirs)
    if profile:
        yield Caution(Risk.PROFILE_SILENT, gates=profile)


def _profile_is_silent(case: Case, gate: Gate, row: int) -> bool:
    """Tell whether a gate is unknown for want of the startup's side, rather than of the fund's."""
    startup = case.startup
    if gate is Gate.EXCLUDED_SECTOR:
        return bool(case.market.funds.exclusions_told[row])
    asked = {Gate.COUNTRY: startup.country, Gate.STAGE: startup.stage, Gate.TICKET: startup.raising_usd}
    return gate in asked and asked[gate] is None
