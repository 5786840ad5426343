"""Answers as plain values for JSON: codes and ids, with the words of one language beside them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from api.after_yes import AfterYes, nothing_more
from api.words import Words
from matching.explain import Caution, Reason
from matching.failures import GateFailure
from matching.prospects import Prospects
from matching.records import Deal, Fund, Startup
from matching.suggestions import NearMiss, Ranked, Shortlist, Suggestion, Verdict

Sources = Mapping[tuple[str, str, date | None], str]
"""Where a deal was read, by startup, fund and date."""


class Answers:
    """Turns what the engine returns into plain values."""

    def __init__(self, words: Words, sources: Sources, after_yes: AfterYes = nothing_more) -> None:
        self._words, self._sources, self._after_yes = words, sources, after_yes

    def shortlist(self, shortlist: Shortlist) -> dict[str, Any]:
        """Give a shortlist."""
        startup = shortlist.startup
        return {
            "startup_id": startup.startup_id,
            "startup": startup.name,
            "sectors": sorted(startup.sectors),
            "sectors_read": shortlist.sectors_read,
            "as_of": shortlist.as_of.isoformat(),
            "ranker": shortlist.ranker,
            "considered": shortlist.considered,
            "eligible": shortlist.eligible,
            "gated": {gate.value: n for gate, n in shortlist.gated.items()},
            "near_misses": [self._near_miss(miss, startup) for miss in shortlist.near_misses],
            "suggestions": [self._suggestion(suggestion, startup) for suggestion in shortlist.suggestions],
        }

    def prospects(self, prospects: Prospects) -> dict[str, Any]:
        """Give the startups for a fund, each with the fund as its own shortlist shows it."""
        return {
            "fund_id": prospects.fund.fund_id,
            "fund": prospects.fund.name,
            "as_of": prospects.as_of.isoformat(),
            "ranker": prospects.ranker,
            "considered": prospects.considered,
            "eligible": prospects.eligible,
            "gated": {gate.value: n for gate, n in prospects.gated.items()},
            "startups": [
                {
                    "startup_id": prospect.startup.startup_id,
                    "startup": prospect.startup.name,
                    **self._suggestion(prospect.suggestion, prospect.startup),
                }
                for prospect in prospects.shown
            ],
        }

    def verdict(self, verdict: Verdict) -> dict[str, Any]:
        """Give a verdict on one fund."""
        startup, fund = verdict.startup, verdict.fund
        return {
            "startup_id": startup.startup_id,
            "startup": startup.name,
            "as_of": verdict.as_of.isoformat(),
            "ranker": verdict.ranker,
            "fund_id": fund.fund_id,
            "fund": fund.name,
            "failures": [self._failure(failure, startup, fund) for failure in verdict.failures],
            "unknown": [gate.value for gate in verdict.unknown],
            "overrides": [
                {"gate": o.gate.value, "reason": o.reason, "decided_on": o.decided_on.isoformat()}
                for o in verdict.overrides
            ],
            "ranked": self._ranked(verdict.ranked, fund) if verdict.ranked else None,
            "of": verdict.of,
            "reasons": [self._reason(reason, startup, fund) for reason in verdict.reasons],
            "cautions": [self._caution(caution, startup) for caution in verdict.cautions],
        }

    def _suggestion(self, suggestion: Suggestion, startup: Startup) -> dict[str, Any]:
        return {
            **self._ranked(suggestion.ranked, suggestion.fund),
            "reasons": [self._reason(reason, startup, suggestion.fund) for reason in suggestion.reasons],
            "cautions": [self._caution(caution, startup) for caution in suggestion.cautions],
        }

    def _near_miss(self, miss: NearMiss, startup: Startup) -> dict[str, Any]:
        return {
            "fund_id": miss.fund.fund_id,
            "fund": miss.fund.name,
            "score": miss.score,
            "failure": self._failure(miss.failure, startup, miss.fund),
        }

    def _ranked(self, ranked: Ranked, fund: Fund) -> dict[str, Any]:
        return {
            "rank": ranked.rank,
            "fund_id": fund.fund_id,
            "fund": fund.name,
            "score": ranked.score,
            "band": ranked.band.value,
            "event": ranked.outcome.value,
            "probability": ranked.probability,
            "low": ranked.chance.low if ranked.chance else None,
            "high": ranked.chance.high if ranked.chance else None,
            "after_yes": {
                step.value: {"probability": chance.probability, "low": chance.low, "high": chance.high}
                for step, chance in self._after_yes(fund.fund_id).items()
            },
        }

    def _reason(self, reason: Reason, startup: Startup, fund: Fund) -> dict[str, Any]:
        return {
            "code": reason.feature.value,
            "contribution": reason.contribution,
            "text": self._words.reason(reason, startup, fund),
            "n": reason.n,
            "of": reason.of,
            "declared": reason.declared,
            "deals": [{**self._deal(e.deal), "company": e.company.name} for e in reason.deals],
            "sentences": [
                {"text": e.sentence.text, "language": e.sentence.language.value, "similarity": e.similarity}
                for e in reason.sentences
            ],
        }

    def _deal(self, deal: Deal) -> dict[str, Any]:
        return {
            "startup_id": deal.startup_id,
            "fund_id": deal.fund_id,
            "announced_on": deal.announced or None,
            "stage": deal.stage.value if deal.stage else None,
            "source": self._sources.get((deal.startup_id, deal.fund_id, deal.announced_on)),
        }

    def _caution(self, caution: Caution, startup: Startup) -> dict[str, Any]:
        return {
            "code": caution.risk.value,
            "text": self._words.caution(caution, startup),
            "of": caution.of,
            "last": caution.last.isoformat() if caution.last else None,
            "gates": [gate.value for gate in caution.gates],
        }

    def _failure(self, failure: GateFailure, startup: Startup, fund: Fund) -> dict[str, Any]:
        return {
            "code": failure.gate.value,
            "text": self._words.failure(failure, startup, fund),
            "distance": failure.distance,
            "since": failure.since.isoformat() if failure.since else None,
            "until": failure.until.isoformat() if failure.until else None,
            "deals": [self._deal(deal) for deal in failure.deals],
        }
