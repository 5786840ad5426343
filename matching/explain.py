"""Reasons, evidence and cautions for a fund, as codes, counts and ids; words are made at the edge."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

import numpy as np

from matching.candidates import Retrieved
from matching.dates import DAYS_PER_YEAR
from matching.features import Counts
from matching.gates import Gated
from matching.labels import label
from matching.market import Floats, Market
from matching.records import Deal, Fund, Sentence, Startup
from matching.vocabulary import Feature, Gate, Label, Outcome, Risk, Sector, Stage

REASONS = 3
EVIDENCE = 3
NOTABLE = 0.05
"""A contribution smaller than this is not worth a sentence."""

SIMILAR = 0.03
"""How far a cosine has to pass that of unrelated texts: on data/vietnam the nearest twelfth of all pairs."""

DORMANT_YEARS = 3.0
CITED = frozenset({Feature.THESIS, Feature.PORTFOLIO})
"""Features whose reason is nothing without its evidence."""


@dataclass(frozen=True)
class DealEvidence:
    """A deal that speaks for the fund.

    Attributes
    ----------
    closeness : exponent of the kernel between the startup and the company, without its place.
    similar_text : the cosine of the two descriptions passes that of unrelated ones by SIMILAR.
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


def reasons(case: Case, row: int, contributions: Floats) -> tuple[Reason, ...]:
    """Give every feature that moved the score of fund `row`, largest first.

    `contributions` has shape (len(Feature),). What the records do not bear out is left out: a trace of many
    companies, each hardly alike, can be scored but not checked.
    """
    found = [
        _reason(case, feature, row, float(part))
        for feature, part in zip(Feature, contributions, strict=True)
        if abs(part) >= NOTABLE
    ]
    return tuple(sorted(filter(_is_borne_out, found), key=lambda reason: -abs(reason.contribution)))


def _is_borne_out(reason: Reason) -> bool:
    """Tell whether the records show what a reason claims: its evidence, or at least one case of it."""
    if reason.feature in CITED:
        return bool(reason.deals or reason.sentences)
    if reason.feature is Feature.ANSWERS and not reason.of:
        return False
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
        return Reason(feature, part, declared=True)
    if feature is Feature.ANSWERS:
        return _answers(case.market, fund, part)
    track, declared = {
        Feature.SECTOR: (counts.sector, _declared(startup.sectors, fund, "sectors")),
        Feature.STAGE: (counts.stage, _declared(_known(startup.stage), fund, "stages")),
        Feature.COUNTRY: (counts.country, _declared(_known(startup.country), fund, "countries")),
    }[feature]
    return Reason(feature, part, n=int(track.n[row]), of=int(track.of[row]), declared=declared)


def _answers(market: Market, fund: Fund, part: float) -> Reason:
    """Count what a fund accepted; a pass for want of capacity is no answer."""
    asked = (one for told in market.introductions.values() for one in told if one.fund_id == fund.fund_id)
    labels = [label(one, Outcome.ACCEPTS, market.as_of) for one in asked]
    accepted = labels.count(Label.POSITIVE)
    others = labels.count(Label.NEGATIVE) + labels.count(Label.SILENT)
    return Reason(Feature.ANSWERS, part, n=accepted, of=accepted + others)


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
    deals, weights = case.market.deals, case.retrieved.company_weight
    newest: dict[int, int] = {}
    for entry in np.flatnonzero((deals.fund == row) & (weights[deals.company] > 1)):
        company = int(deals.company[entry])
        if company not in newest or deals.age_years[entry] < deals.age_years[newest[company]]:
            newest[company] = int(entry)
    cited = [_cite(case, entry, company) for company, entry in newest.items()]
    near = [evidence for evidence in cited if evidence.same_country or evidence.same_city]
    alike = [evidence for evidence in cited if evidence.alike] or near
    return tuple(sorted(alike, key=lambda evidence: -evidence.closeness)[:EVIDENCE])


def _cite(case: Case, entry: int, company: int) -> DealEvidence:
    market, startup = case.market, case.startup
    kernel, backed = market.layout.kernel, market.companies[company]
    same_country = backed.country is not None and backed.country == startup.country
    same_city = bool(backed.place) and backed.place == startup.place
    counted_country = same_country or startup.country is None  # `retrieve` counts an unknown one as the same
    counted_city = same_city and backed.place in market.layout.cities
    place = kernel.country * counted_country + kernel.city * counted_city
    similarity = float(case.retrieved.text @ market.company_texts[company])
    return DealEvidence(
        deal=market.deals.records[entry],
        company=backed,
        closeness=float(np.log(case.retrieved.company_weight[company])) - place,
        shared_sectors=tuple(sorted(backed.sectors & startup.sectors)),
        similar_text=similarity >= case.retrieved.text_floor + SIMILAR,
        same_country=same_country,
        same_city=same_city,
    )


def sentence_evidence(case: Case, row: int) -> tuple[SentenceEvidence, ...]:
    """Cite the sentences of the fund's thesis that are closer to the query than unrelated text."""
    kernel = case.market.layout.kernel
    mine = np.flatnonzero(case.market.sentence_fund == row)
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
    market, counts, fund = case.market, case.counts, case.market.funds.records[row]
    companies, last = int(counts.companies[row]), _last_deal(market, row)
    dormant = last is not None and (market.as_of - last).days > DORMANT_YEARS * DAYS_PER_YEAR
    declared = {
        Risk.NEW_COUNTRY: _declared(_known(case.startup.country), fund, "countries"),
        Risk.NEW_SECTOR: _declared(case.startup.sectors, fund, "sectors"),
    }
    tracks = {Risk.NEW_COUNTRY: counts.country, Risk.NEW_SECTOR: counts.sector}
    new = {
        risk: not declared[risk] and track.of[row] > 0 and track.n[row] == 0 for risk, track in tracks.items()
    }
    untold = case.gated.unknowns(row)
    profile = tuple(gate for gate in untold if _profile_is_silent(case, gate, row))
    theirs = tuple(gate for gate in untold if gate not in profile)
    checks = [
        (not companies, Caution(Risk.NO_DEAL_KNOWN)),
        (dormant, Caution(Risk.DORMANT, last=last)),
        (new[Risk.NEW_COUNTRY], Caution(Risk.NEW_COUNTRY, of=int(counts.country.of[row]))),
        (new[Risk.NEW_SECTOR], Caution(Risk.NEW_SECTOR, of=int(counts.sector.of[row]))),
        (companies == 1, Caution(Risk.THIN_EVIDENCE, of=1)),
        (bool(theirs), Caution(Risk.FUND_SILENT, gates=theirs)),
        (bool(profile), Caution(Risk.PROFILE_SILENT, gates=profile)),
    ]
    return tuple(caution for applies, caution in checks if applies)


def _profile_is_silent(case: Case, gate: Gate, row: int) -> bool:
    """Tell whether a gate is unknown for want of the startup's side, rather than of the fund's."""
    startup = case.startup
    if gate is Gate.EXCLUDED_SECTOR:
        return bool(case.market.funds.exclusions_told[row])
    asked = {Gate.COUNTRY: startup.country, Gate.STAGE: startup.stage, Gate.TICKET: startup.raising_usd}
    return gate in asked and asked[gate] is None


def _last_deal(market: Market, row: int) -> date | None:
    days = [market.deals.records[at].announced_on for at in np.flatnonzero(market.deals.fund == row)]
    return max((day for day in days if day is not None), default=None)
