"""The Market: an immutable, columnar picture of the fund side as of one date.

Serving holds one Market and swaps it whole; training builds one per snapshot with the same
functions, so nothing later than the date can reach a feature.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from matching.bitsets import COUNTRY_WORDS, Words, bits, country_words, positions
from matching.canonical import canonical
from matching.dates import DAYS_PER_YEAR
from matching.index import EvidenceIndex
from matching.kernel import (
    CITY_SLOTS,
    USUAL_TEXT_FLOOR,
    USUAL_THESIS_FLOOR,
    Company,
    Floor,
    Kernel,
    Layout,
    common,
)
from matching.knowledge import Knowledge
from matching.protocols import FloatMatrix, VectorStore
from matching.records import Deal, Fund, Introduction, Override, Sentence, Startup
from matching.vocabulary import CLOSED_STATUSES, Prompt, Sector, Stage

HALF_LIFE_YEARS = 2.0
"""A deal this old counts half; ACCURACY's best kernel had 1.6, the best simple baseline 2."""

Of = TypeVar("Of", Introduction, Override)

DEFAULT_KERNEL = Kernel()

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FundColumns:
    """One entry a fund, in the order of `records`; NaN and empty sets are unknown.

    Attributes
    ----------
    stages, sectors, excluded_sectors, partly_excluded : bit sets, shape (n,).
    countries : bit sets, shape (n, COUNTRY_WORDS).
    countries_told, stages_told, sectors_told, status_told : whether the field is known and understood whole.
    exclusions_told : whether excluded sectors, if any, are understood as a whole.
    closed : the fund is known not to make new investments.
    ticket_min, ticket_max : US dollars.
    capacity : introductions it takes in a month; taken : those of the Market's month.
    tie_key : the fund told without its id, so that an id never decides a tie.
    """

    records: tuple[Fund, ...]
    row_of: Mapping[str, int]
    stages: Ints
    sectors: Ints
    excluded_sectors: Ints
    partly_excluded: Ints
    countries: Words
    countries_told: Bools
    stages_told: Bools
    sectors_told: Bools
    status_told: Bools
    exclusions_told: Bools
    closed: Bools
    ticket_min: Floats
    ticket_max: Floats
    capacity: Floats
    taken: Ints
    tie_key: tuple[bytes, ...]

    def __len__(self) -> int:
        """Count the funds."""
        return len(self.records)


@dataclass(frozen=True)
class DealColumns:
    """One entry a deal; company and fund are rows.

    Attributes
    ----------
    stage : position in `Stage`, -1 where unknown.
    age_years : at the Market's date; an undated deal is as old as the median dated one.
    dated : whether the date is known.
    weight : 0.5 ** (age / HALF_LIFE_YEARS).
    """

    records: tuple[Deal, ...]
    company: Ints
    fund: Ints
    stage: Ints
    age_years: Floats
    dated: Bools
    weight: Floats


@dataclass(frozen=True)
class HoldingColumns:
    """One entry a (company, fund) pair with at least one deal; the weight is that of its newest deal."""

    company: Ints
    fund: Ints
    weight: Floats


@dataclass(frozen=True)
class Market:
    """Funds, the companies they backed, the deals between them, and the evidence index, as of `as_of`.

    Attributes
    ----------
    introduced : startups with an introduction, by id; `introductions` tells theirs.
    """

    as_of: date
    funds: FundColumns
    companies: tuple[Startup, ...]
    company_row: Mapping[str, int]
    company_texts: FloatMatrix
    company_sectors: Ints
    company_countries: npt.NDArray[np.str_]
    deals: DealColumns
    holdings: HoldingColumns
    sentences: tuple[Sentence, ...]
    sentence_fund: Ints
    sentence_weight: Floats
    layout: Layout
    index: EvidenceIndex
    introduced: Mapping[str, Startup]
    introductions: Mapping[str, tuple[Introduction, ...]]
    overrides: Mapping[str, tuple[Override, ...]]


def build_market(
    knowledge: Knowledge, as_of: date, vectors: VectorStore, kernel: Kernel = DEFAULT_KERNEL
) -> Market:
    """Build the Market of `as_of` from what was known on that date (`matching.knowledge.known_before`).

    Rows are in `canonical` order, so that other ids and another order of records change no bit of it.

    Parameters
    ----------
    knowledge : every fund is kept; of the startups, those with a deal become evidence.
    as_of : the date ages are counted to.
    vectors : embeds thesis sentences as passages and company texts as queries (both sides of a
        comparison between companies are alike, so both carry the same prompt).
    kernel : block weights; by default those set by hand.
    """
    return lay_out(canonical(knowledge), as_of, vectors, kernel)


def lay_out(
    knowledge: Knowledge, as_of: date, vectors: VectorStore, kernel: Kernel = DEFAULT_KERNEL
) -> Market:
    """Build a Market whose rows are in the order of the records given; see `build_market`."""
    backed = {deal.startup_id for deal in knowledge.deals}
    companies = tuple(startup for startup in knowledge.startups if startup.startup_id in backed)
    texts = profile_vectors(companies, vectors)
    fund_row = {fund.fund_id: row for row, fund in enumerate(knowledge.funds)}
    company_row = {company.startup_id: row for row, company in enumerate(companies)}
    sentences = [(row, sentence) for row, fund in enumerate(knowledge.funds) for sentence in fund.sentences]
    thesis = vectors.vectors([sentence.text for _, sentence in sentences], Prompt.PASSAGE)
    views = [kernel_view(company, text) for company, text in zip(companies, texts, strict=True)]
    layout = Layout(
        kernel=kernel,
        text_width=vectors.width,
        countries=common([view.country for view in views], len(views)),
        cities=common([view.city for view in views], CITY_SLOTS),
        text_floor=Floor.over(texts, USUAL_TEXT_FLOOR),
        thesis_floor=Floor.over(_usual_theses(thesis, sentences, knowledge), USUAL_THESIS_FLOOR),
    )
    deals = _deal_columns(knowledge.deals, company_row, fund_row, as_of)
    introductions = _by_startup(knowledge.introductions)
    return Market(
        as_of=as_of,
        funds=_fund_columns(knowledge.funds, fund_row, _taken(knowledge, fund_row, as_of)),
        companies=companies,
        company_row=company_row,
        company_texts=texts,
        company_sectors=np.array([bits(c.sectors, Sector) for c in companies], np.int64),
        company_countries=np.array([c.country or "" for c in companies], "U2"),
        deals=deals,
        holdings=_holding_columns(deals, len(fund_row)),
        sentences=tuple(sentence for _, sentence in sentences),
        sentence_fund=np.array([row for row, _ in sentences], np.int64),
        sentence_weight=np.array([_language_share(knowledge.funds[row]) for row, _ in sentences], np.float64),
        layout=layout,
        index=EvidenceIndex(layout.companies(views), layout.sentences(thesis)),
        introduced={s.startup_id: s for s in knowledge.startups if s.startup_id in introductions},
        introductions=introductions,
        overrides=_by_startup(knowledge.overrides),
    )


def _usual_theses(
    thesis: FloatMatrix, sentences: Sequence[tuple[int, Sentence]], knowledge: Knowledge
) -> FloatMatrix:
    """Choose the sentences of funds with a deal, if any: a fund without one moves no score of another."""
    active = {deal.fund_id for deal in knowledge.deals}
    told = thesis[np.array([knowledge.funds[row].fund_id in active for row, _ in sentences], np.bool_)]
    return told if len(told) else thesis


def kernel_view(startup: Startup, text: npt.NDArray[np.float32]) -> Company:
    """Show a startup to the kernel."""
    return Company(text, startup.sectors, startup.country, startup.place, startup.stage)


def profile_vectors(startups: Sequence[Startup], vectors: VectorStore) -> FloatMatrix:
    """Embed profiles, shape (len(startups), width): the unit mean over a profile's languages, or zeros."""
    told = [(row, text) for row, startup in enumerate(startups) for text in startup.texts]
    sums = np.zeros((len(startups), vectors.width), np.float32)
    rows = np.array([row for row, _ in told], np.int64)
    np.add.at(sums, rows, vectors.vectors([text for _, text in told], Prompt.QUERY))
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    sums /= lengths
    return sums


def _fund_columns(funds: tuple[Fund, ...], row_of: Mapping[str, int], taken: Ints) -> FundColumns:
    def money(values: Sequence[float | None]) -> Floats:
        return np.array([np.nan if value is None else value for value in values], np.float64)

    def told(field: str) -> Bools:
        return np.array([bool(getattr(f, field)) and field not in f.not_understood for f in funds], np.bool_)

    countries = [country_words(fund.countries) for fund in funds]
    return FundColumns(
        records=funds,
        row_of=row_of,
        stages=np.array([bits(fund.stages, Stage) for fund in funds], np.int64),
        sectors=np.array([bits(fund.sectors, Sector) for fund in funds], np.int64),
        excluded_sectors=np.array([bits(fund.excluded_sectors, Sector) for fund in funds], np.int64),
        partly_excluded=np.array([bits(fund.partly_excluded, Sector) for fund in funds], np.int64),
        countries=np.stack(countries) if countries else np.zeros((0, COUNTRY_WORDS), np.uint64),
        countries_told=told("countries"),
        stages_told=told("stages"),
        sectors_told=told("sectors"),
        status_told=told("status"),
        exclusions_told=np.array(["excluded_sectors" not in f.not_understood for f in funds], np.bool_),
        closed=np.array([fund.status in CLOSED_STATUSES for fund in funds], np.bool_),
        ticket_min=money([fund.ticket_min_usd for fund in funds]),
        ticket_max=money([fund.ticket_max_usd for fund in funds]),
        capacity=money([fund.monthly_capacity for fund in funds]),
        taken=taken,
        tie_key=tuple(f"{f.name}\0{f.type}\0{f.thesis}\0{f.thesis_vi}".encode() for f in funds),
    )


def _deal_columns(
    deals: tuple[Deal, ...], company_row: Mapping[str, int], fund_row: Mapping[str, int], as_of: date
) -> DealColumns:
    stage_at = positions(Stage)
    days = np.array(
        [np.nan if d.announced_on is None else (as_of - d.announced_on).days for d in deals], np.float64
    )
    dated = ~np.isnan(days)
    usual = float(np.median(days[dated])) if dated.any() else 0.0
    ages = np.maximum(np.where(dated, days, usual), 0) / DAYS_PER_YEAR
    return DealColumns(
        records=deals,
        company=np.array([company_row[d.startup_id] for d in deals], np.int64),
        fund=np.array([fund_row[d.fund_id] for d in deals], np.int64),
        stage=np.array([-1 if d.stage is None else stage_at[d.stage] for d in deals], np.int64),
        age_years=ages,
        dated=dated,
        weight=0.5 ** (ages / HALF_LIFE_YEARS),
    )


def _holding_columns(deals: DealColumns, n_funds: int) -> HoldingColumns:
    pairs, entry = np.unique(deals.company * max(1, n_funds) + deals.fund, return_inverse=True)
    weight = np.zeros(len(pairs))
    np.maximum.at(weight, entry, deals.weight)
    company, fund = np.divmod(pairs, max(1, n_funds))
    return HoldingColumns(company, fund, weight)


def _by_startup(records: tuple[Of, ...]) -> dict[str, tuple[Of, ...]]:
    found: dict[str, list[Of]] = {}
    for record in records:
        found.setdefault(record.startup_id, []).append(record)
    return {startup_id: tuple(mine) for startup_id, mine in found.items()}


def _taken(knowledge: Knowledge, row_of: Mapping[str, int], as_of: date) -> Ints:
    """Count the introductions each fund was given in the month of `as_of`, up to that day."""
    taken = np.zeros(len(row_of), np.int64)
    for introduction in knowledge.introductions:
        day = introduction.known_from
        if day is not None and (day.year, day.month) == (as_of.year, as_of.month) and day <= as_of:
            taken[row_of[introduction.fund_id]] += 1
    return taken


def _language_share(fund: Fund) -> float:
    """Weigh a sentence so that a thesis told in two languages counts once."""
    return 1 / len({sentence.language for sentence in fund.sentences})
