"""Candidate generation: the nearest evidence, and the funds it speaks for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.market import Floats, Market, kernel_view
from matching.records import Startup

NEAREST = 1_000
"""Companies and sentences retrieved for a query."""

TYPICAL = np.exp(2.0)
"""Kernel weight of a company alike in one block (the same sectors, say), the unit of `portfolio`."""


@dataclass(frozen=True)
class Retrieved:
    """Evidence for a query.

    Attributes
    ----------
    text : the startup's unit vector, or zeros, shape (text width,).
    text_floor, thesis_floor : cosines of that vector with unrelated companies and sentences.
    company_weight : kernel weight of each company, shape (n_companies,); 0 where not retrieved, and
        for the asking startup itself.
    sentence_weight : how much closer than unrelated each thesis sentence is, exp(product) - 1, not
        below 0, shape (n_sentences,).
    portfolio, thesis : both summed by fund, shape (n_funds,).
    """

    text: npt.NDArray[np.float32]
    text_floor: float
    thesis_floor: float
    company_weight: Floats
    sentence_weight: Floats
    portfolio: Floats
    thesis: Floats


def retrieve(startup: Startup, text: npt.NDArray[np.float32], market: Market) -> Retrieved:
    """Search the evidence nearest to a startup whose text vector is `text`, shape (width,)."""
    query = market.layout.query(kernel_view(startup, text))
    near = market.index.companies(query, NEAREST)
    company_weight = np.zeros(len(market.companies))
    unknown = 0.0 if startup.country else market.layout.kernel.country  # unknown is not a mismatch
    company_weight[near.rows] = np.exp(near.products + unknown)
    if (own := market.company_row.get(startup.startup_id)) is not None:
        company_weight[own] = 0.0
    sentence_weight = np.zeros(len(market.sentences))
    if text.any():
        said = market.index.sentences(market.layout.question(text), NEAREST)
        sentence_weight[said.rows] = np.maximum(np.expm1(said.products), 0.0)
    held, told = market.holdings, np.flatnonzero(sentence_weight)
    backed = held.by_company.of_all(near.rows)
    portfolio = held.weight[backed] * company_weight[held.company[backed]]
    thesis = market.sentence_weight[told] * sentence_weight[told]
    return Retrieved(
        text=text,
        text_floor=market.layout.text_floor.of(text),
        thesis_floor=market.layout.thesis_floor.of(text),
        company_weight=company_weight,
        sentence_weight=sentence_weight,
        portfolio=by_fund(held.fund[backed], portfolio, market) / TYPICAL,
        thesis=by_fund(market.sentence_fund[told], thesis, market),
    )


def by_fund(fund: npt.NDArray[np.int64], values: Floats, market: Market) -> Floats:
    """Sum `values` by fund row, shape (n_funds,), smallest first.

    The order of rows is not enough to fix every bit: where a company is one of several alike, the one who
    asks tells them apart, and its fund may hold their companies the other way round.
    """
    told = np.flatnonzero(values)
    told = told[np.argsort(values[told])]
    return np.bincount(fund[told], values[told], minlength=len(market.funds)).astype(np.float64)
