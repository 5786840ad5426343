"""Judge a method: where its full lists put the funds that invested, and what it would have shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from matching.market import Floats, Ints, Market
from matching.records import Startup
from models.methods import Scorer, TellsChances
from models.windows import Questions

SHOWN = 10
"""Funds that a startup's list shows."""

BLOCK = 256
"""Queries scored at a time: at 10,000 funds a block of scores is 20 MB."""

NOBODY = -1


@dataclass(frozen=True)
class Judged:
    """Where one method put what, for one test; queries in the order of `Questions.queries`.

    Attributes
    ----------
    n_true, n_reachable : true funds of each query, and those among the candidates, shape (n_queries,).
    n_candidates : funds that were ranked.
    query, fund : one entry a true fund: its query, and its row among the sorted candidates or NOBODY,
        shape (n_edges,).
    place : its place in the list, 0 is the first; inf where it is not on it, shape (n_edges,).
    shown : rows of the candidates in the first SHOWN places, NOBODY past the end of a short list,
        shape (n_queries, SHOWN).
    hit : whether the fund in that place invested, shape (n_queries, SHOWN).
    chance : what was said of its probability, NaN where nothing was, shape (n_queries, SHOWN).
    """

    n_true: Ints
    n_reachable: Ints
    n_candidates: int
    query: Ints
    fund: Ints
    place: Floats
    shown: Ints
    hit: npt.NDArray[np.bool_]
    chance: Floats


@dataclass(frozen=True, slots=True)
class Listed:
    """The list of one query.

    Attributes
    ----------
    funds : rows of the candidates, in the order of their ids, best first; those kept off it are not there.
    scores : their scores, which never rise.
    """

    startup_id: str
    funds: Ints
    scores: Floats


def judge(
    scorer: Scorer, questions: Questions, market: Market, keep: Callable[[Listed], None] | None = None
) -> Judged:
    """Rank all candidates for every query, and look the true funds up.

    Equal scores fall by a lot drawn for each query, so that a constant score gains nothing; the names and
    texts of profiles decide it, and ids only where a query tells neither. A candidate that the market does
    not know is on no list.

    Parameters
    ----------
    keep : is given every list, in the order of queries.
    """
    funds = questions.funds
    row_of = {fund_id: row for row, fund_id in enumerate(funds)}
    columns = np.array([market.funds.row_of.get(fund_id, NOBODY) for fund_id in funds], np.int64)
    truths = [_rows(questions.truth[query.startup_id], row_of) for query in questions.queries]
    places, shown = [np.zeros(0)], np.full((len(truths), SHOWN), NOBODY)
    score = np.full(shown.shape, np.nan)
    for at, listed in enumerate(_lists(scorer, questions, columns)):
        place_of = np.full(len(funds) + 1, np.inf)  # the last entry answers for NOBODY
        place_of[listed.funds] = np.arange(len(listed.funds))
        places.append(place_of[truths[at]])
        top = listed.funds[:SHOWN]
        shown[at, : len(top)] = top
        score[at, : len(top)] = listed.scores[:SHOWN]
        if keep is not None:
            keep(listed)
    judged = _judged(truths, np.concatenate(places), shown, len(funds))
    if not isinstance(scorer, TellsChances):
        return judged
    return replace(judged, chance=np.where(shown == NOBODY, np.nan, scorer.chances(score)))


def _lists(scorer: Scorer, questions: Questions, columns: Ints) -> Iterator[Listed]:
    queries, by_row = questions.queries, np.argsort(columns, kind="stable")  # the market's order, not of ids
    for start in range(0, len(queries), BLOCK):
        block = queries[start : start + BLOCK]
        unknown = np.full((len(block), 1), -np.inf)  # the last column answers for NOBODY
        scores = np.hstack([scorer.scores(block), unknown])[:, columns]
        for query, row in zip(block, scores, strict=True):
            lot = by_row[_lot(query, len(columns))]
            order = lot[np.argsort(-row[lot], kind="stable")]
            order = order[row[order] > -np.inf]
            yield Listed(query.startup_id, order, row[order])


def _lot(query: Startup, n: int) -> Ints:
    """Shuffle n positions, for each startup in its own way."""
    told = "\0".join((query.name, *query.texts)) or query.startup_id
    seed = int.from_bytes(blake2b(told.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng(seed).permutation(n)


def _rows(fund_ids: frozenset[str], row_of: dict[str, int]) -> Ints:
    return np.array([row_of.get(fund_id, NOBODY) for fund_id in sorted(fund_ids)], np.int64)


def _judged(truths: Sequence[Ints], place: Floats, shown: Ints, n_candidates: int) -> Judged:
    query = np.repeat(np.arange(len(truths)), [len(truth) for truth in truths])
    fund = np.concatenate([np.zeros(0, np.int64), *truths])
    n = len(truths)
    hit = np.zeros((n, SHOWN), np.bool_)
    top = place < SHOWN
    hit[query[top], place[top].astype(np.int64)] = True
    return Judged(
        n_true=np.bincount(query, minlength=n),
        n_reachable=np.bincount(query[fund != NOBODY], minlength=n),
        n_candidates=n_candidates,
        query=query,
        fund=fund,
        place=place,
        shown=shown,
        hit=hit,
        chance=np.full((n, SHOWN), np.nan),
    )
