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

from matching.bitsets import bits
from matching.canonical import canonical
from matching.columns import (
    DealColumns,
    FundColumns,
    HoldingColumns,
    TrackColumns,
    deal_columns,
    fund_columns,
    holding_columns,
    track_columns,
)
from matching.groups import Groups
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
from matching.records import Fund, Introduction, Override, Sentence, Startup
from matching.vocabulary import Prompt, Sector

Of = TypeVar("Of", Introduction, Override)

DEFAULT_KERNEL = Kernel()

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


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
    company_places: npt.NDArray[np.str_]
    deals: DealColumns
    holdings: HoldingColumns
    tracks: TrackColumns
    sentences: tuple[Sentence, ...]
    sentence_fund: Ints
    sentence_weight: Floats
    sentences_of: Groups
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
    deals = deal_columns(knowledge.deals, company_row, fund_row, as_of)
    holdings = holding_columns(deals, len(companies), len(fund_row))
    introductions = _by_startup(knowledge.introductions)
    sentence_fund = np.array([row for row, _ in sentences], np.int64)
    return Market(
        as_of=as_of,
        funds=fund_columns(knowledge.funds, fund_row, _taken(knowledge, fund_row, as_of)),
        companies=companies,
        company_row=company_row,
        company_texts=texts,
        company_sectors=np.array([bits(c.sectors, Sector) for c in companies], np.int64),
        company_countries=np.array([c.country or "" for c in companies], "U2"),
        company_places=np.array([c.place for c in companies], np.str_),
        deals=deals,
        holdings=holdings,
        tracks=track_columns(companies, deals, holdings, len(fund_row)),
        sentences=tuple(sentence for _, sentence in sentences),
        sentence_fund=sentence_fund,
        sentence_weight=np.array([_language_share(knowledge.funds[row]) for row, _ in sentences], np.float64),
        sentences_of=Groups.by(sentence_fund, len(fund_row)),
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
