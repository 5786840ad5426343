"""The way of one request: encode, gate, retrieve, features, rank, arrange, explain."""

from dataclasses import dataclass

import numpy as np

from matching.arrange import arrange
from matching.bitsets import positions
from matching.errors import BadValue, NotFound
from matching.explain import Case, cautions, reasons, speaking_for
from matching.failures import gate_failures, lifted
from matching.gates import Gated, gate
from matching.grounds import BANDS, grounds
from matching.market import Floats, Ints, Market, profile_vectors
from matching.pairs import Pairs
from matching.protocols import VectorStore
from matching.rank import Ranker, Ranking
from matching.records import Fund, Startup
from matching.suggestions import NearMiss, Prospect, Ranked, Shortlist, Suggestion, Verdict
from matching.vocabulary import NEGOTIABLE, Gate

NEAR_MISSES = 3

_FAILED_ONE = np.zeros(1 << len(Gate), np.bool_)
"""Whether a set of gates is one alone that is worth a question."""
_FAILED_ONE[[1 << positions(Gate)[rule] for rule in NEGOTIABLE]] = True


@dataclass(frozen=True)
class _Scored:
    case: Case
    ranking: Ranking
    rows: Ints
    scores: Floats


@dataclass(frozen=True)
class Engine:
    """Ranks the funds of one Market for any profile.

    Attributes
    ----------
    off : gates that are not held: a fund's monthly cap, where many are ranked and nobody is introduced yet.
    """

    market: Market
    ranker: Ranker
    vectors: VectorStore
    off: frozenset[Gate] = frozenset()

    def shortlist(self, startup: Startup, k: int) -> Shortlist:
        """Suggest the `k` best eligible funds, each with reasons, evidence and cautions.

        Raises
        ------
        BadValue
            If `k` is below 1.
        """
        scored = self._score(startup)
        shown = self._ranked(scored, k)
        row_of = self.market.funds.row_of
        rows = np.array([row_of[ranked.fund_id] for ranked in shown], np.int64)
        parts = scored.ranking.contributions(rows)
        return Shortlist(
            startup=scored.case.startup,
            sectors_read=not startup.sectors and bool(startup.texts),
            as_of=self.market.as_of,
            ranker=self.ranker.name,
            suggestions=tuple(
                self._suggest(scored.case, ranked, int(row), part)
                for ranked, row, part in zip(shown, rows, parts, strict=True)
            ),
            considered=len(self.market.funds),
            eligible=int(scored.case.gated.eligible.sum()),
            gated=_count_gates(scored.case),
            near_misses=self._near_misses(scored, shown[-1].score if len(shown) == k else -np.inf),
        )

    def rank(self, startup: Startup, k: int) -> list[Ranked]:
        """Rank the `k` best eligible funds, without explaining them."""
        return self._ranked(self._score(startup), k)

    def scores(self, startup: Startup) -> Floats:
        """Score every fund of the market, shape (n_funds,), -inf where a gate keeps it out."""
        scored = self._score(startup)
        found = np.full(len(self.market.funds), -np.inf)
        found[scored.rows] = scored.scores
        return found

    def why(self, startup: Startup, fund_id: str) -> Verdict:
        """Tell which gates keep a fund out, or its rank and what moves it.

        Raises
        ------
        NotFound
            If the Market does not know the fund.
        """
        row, scored = self._row(fund_id), self._score(startup)
        case = scored.case
        failures = gate_failures(case, row)
        return Verdict(
            startup=case.startup,
            fund=self.market.funds.records[row],
            as_of=self.market.as_of,
            ranker=self.ranker.name,
            failures=failures,
            unknown=case.gated.unknowns(row),
            overrides=lifted(case, row),
            ranked=None if failures else self._place(scored, row),
            of=len(scored.rows),
            reasons=reasons(case, row, scored.ranking.contributions(np.array([row]))[0]),
            cautions=cautions(case, row),
        )

    def prospect(self, startup: Startup, fund_id: str) -> Prospect | tuple[Gate, ...]:
        """Suggest one fund to a startup as its shortlist does, or tell the gates that keep it out.

        Raises
        ------
        NotFound
            If the Market does not know the fund.
        """
        row, gated = self._row(fund_id), gate(startup, self.market, self.off)
        if failed := gated.failures(row):
            return failed
        scored = self._score(startup, gated)
        part = scored.ranking.contributions(np.array([row]))[0]
        suggestion = self._suggest(scored.case, self._place(scored, row), row, part)
        return Prospect(scored.case.startup, suggestion)

    def fund(self, fund_id: str) -> Fund:
        """Return a fund of the Market.

        Raises
        ------
        NotFound
            If there is none of this id.
        """
        return self.market.funds.records[self._row(fund_id)]

    def _row(self, fund_id: str) -> int:
        row = self.market.funds.row_of.get(fund_id)
        if row is None:
            raise NotFound(f"no fund {fund_id!r} is known on {self.market.as_of}")
        return row

    def _score(self, startup: Startup, gated: Gated | None = None) -> _Scored:
        # by the startup's own words: sectors read from its text keep nobody out
        gated = gated or gate(startup, self.market, self.off)
        rows = np.flatnonzero(gated.eligible)
        pairs = Pairs.of(startup, profile_vectors([startup], self.vectors)[0], self.market, rows)
        case = Case(pairs.startup, self.market, pairs.retrieved, pairs.counts, gated)
        ranking = self.ranker.beside(pairs)
        return _Scored(case, ranking, rows, ranking.scores(rows))

    def _ranked(self, scored: _Scored, k: int) -> list[Ranked]:
        if k < 1:
            raise BadValue("at least 1", k, "k")
        return self._told(scored, arrange(scored.case.startup, self.market, scored.rows, scored.scores, k))

    def _place(self, scored: _Scored, row: int) -> Ranked:
        """Rank one fund; to arrange all others for that would cost more than to score them."""
        score = scored.scores[scored.rows == row][0]
        above, ties = int((scored.scores > score).sum()), np.flatnonzero(scored.scores == score)
        rows = scored.rows[ties]
        order = ties[arrange(scored.case.startup, self.market, rows, scored.scores[ties], len(ties))]
        at = int(np.flatnonzero(scored.rows[order] == row)[0])
        return self._told(scored, order[at : at + 1], above + at + 1)[0]

    def _told(self, scored: _Scored, order: Ints, first: int = 1) -> list[Ranked]:
        claimed = scored.ranking.bands(scored.scores, order)
        chances = scored.ranking.chances(scored.rows[order], scored.scores[order])
        allowed = grounds(scored.case)[scored.rows[order]]
        bands = [BANDS[min(BANDS.index(band), most)] for band, most in zip(claimed, allowed, strict=True)]
        return [
            Ranked(
                fund_id=self.market.funds.records[scored.rows[at]].fund_id,
                rank=rank,
                score=float(scored.scores[at]),
                band=band,
                outcome=self.ranker.outcome,
                chance=chance,
            )
            for rank, (at, band, chance) in enumerate(zip(order, bands, chances, strict=True), first)
        ]

    def _suggest(self, case: Case, ranked: Ranked, row: int, parts: Floats) -> Suggestion:
        return Suggestion(
            ranked=ranked,
            fund=self.market.funds.records[row],
            reasons=speaking_for(case, row, parts),
            cautions=cautions(case, row),
        )

    def _near_misses(self, scored: _Scored, least: float) -> tuple[NearMiss, ...]:
        """Find funds that one gate alone keeps out, of those whose score would reach `least`."""
        case = scored.case
        rows = np.flatnonzero(_FAILED_ONE[case.gated.failed])
        if not len(rows):
            return ()
        scores = scored.ranking.scores(rows)
        order = arrange(case.startup, self.market, rows, scores, NEAR_MISSES)
        return tuple(
            NearMiss(
                fund=self.market.funds.records[rows[at]],
                failure=gate_failures(case, int(rows[at]))[0],
                score=float(scores[at]),
            )
            for at in order
            if scores[at] >= least
        )


def _count_gates(case: Case) -> dict[Gate, int]:
    of_set = np.bincount(case.gated.failed)
    sets = np.flatnonzero(of_set)
    told = sets >> np.arange(len(Gate))[:, None] & 1  # which gates are in a set
    return {rule: int(n) for rule, n in zip(Gate, told @ of_set[sets], strict=True) if n}
