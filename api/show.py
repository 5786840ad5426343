"""Shortlists and verdicts on a terminal."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from api.after_yes import AfterYes, nothing_more
from api.answers import Sources
from api.words import Words
from matching.explain import Reason
from matching.records import Fund, Startup
from matching.suggestions import Ranked, Shortlist, Suggestion, Verdict
from matching.text import normalise
from matching.vocabulary import Band, Risk

MARKS = {Band.STRONG: "●●●", Band.MEDIUM: "●●○", Band.LOW: "●○○"}
"""Beside the word, so that nothing rests on colour alone."""

SILENT = frozenset({Risk.FUND_SILENT, Risk.PROFILE_SILENT})
"""What nobody told is no risk found, and is printed on a line of its own."""


class Screen:
    """Prints answers in one language."""

    def __init__(
        self, console: Console, words: Words, sources: Sources, after_yes: AfterYes = nothing_more
    ) -> None:
        self._console, self._words, self._sources = console, words, sources
        self._after_yes = after_yes

    def shortlist(self, shortlist: Shortlist) -> None:
        """Print a shortlist."""
        words, startup = self._words, shortlist.startup
        name = startup.name or words.say("text", "your_text")
        self._print(f"[bold]{escape(words.say('text', 'shortlist', startup=name))}[/bold]")
        day = words.day(shortlist.as_of)
        self._print(f"[dim]{words.say('text', 'about', day=day, ranker=shortlist.ranker)}[/dim]\n")
        if shortlist.sectors_read:
            key = "sectors_read" if startup.sectors else "no_sector_read"
            said = words.say("text", key, sectors=words.terms(sorted(startup.sectors)))
            self._print(f"[dim]{said}[/dim]\n")
        for suggestion in shortlist.suggestions:
            self._suggestion(suggestion, startup)
        if not shortlist.suggestions:
            self._print(words.say("text", "nothing" if shortlist.considered else "nothing_known"))
        if shortlist.near_misses:
            self._print(f"{words.say('text', 'near_misses')}:")
        for miss in shortlist.near_misses:
            said = escape(words.failure(miss.failure, startup, miss.fund))
            self._print(f"    ✗ {escape(miss.fund.name)}: {said}")
        self._print(f"[dim]{self._counts(shortlist)}[/dim]")

    def verdict(self, verdict: Verdict) -> None:
        """Print a verdict on one fund."""
        words, fund, startup = self._words, verdict.fund, verdict.startup
        names = {"fund": fund.name, "startup": startup.name or words.say("text", "your_text")}
        if verdict.ranked is None:
            self._print(f"[bold]{escape(words.say('text', 'why_not', **names))}[/bold]")
            self._print(f"  {words.say('text', 'kept_out_by')}:")
            for failure in verdict.failures:
                self._print(f"    ✗ {escape(words.failure(failure, startup, fund))}")
        else:
            place = words.say("text", "why", rank=verdict.ranked.rank, of=verdict.of, **names)
            self._print(f"[bold]{escape(place)}[/bold]  {self._band(verdict.ranked.band)}")
            self._chance(verdict.ranked)
            if steps := self._after_yes(fund.fund_id):
                self._print(f"    {escape(words.after_yes(steps))}")
        for override in verdict.overrides:
            gate, day = words.say("gate", override.gate), words.day(override.decided_on)
            said = words.say("text", "overridden", day=day, gate=gate, reason=override.reason)
            self._print(f"  ✓ {escape(said)}")
        for title, sign in (("speaks_for", 1), ("holds_down", -1)):
            mine = [reason for reason in verdict.reasons if reason.contribution * sign > 0]
            if mine:
                self._print(f"  {words.say('text', title)}:")
                self._reasons(mine, startup, fund)
        self._cautions(verdict, startup)

    def _print(self, line: str) -> None:
        self._console.print(line, highlight=False, soft_wrap=True)

    def _band(self, band: Band) -> str:
        return f"{MARKS[band]} {self._words.say('band', band)}"

    def _suggestion(self, suggestion: Suggestion, startup: Startup) -> None:
        ranked, fund = suggestion.ranked, suggestion.fund
        about = self._words.fund(fund)
        kind = f" ({escape(about)})" if about else ""
        self._print(f"[bold]{ranked.rank:>2}. {escape(fund.name)}[/bold]{kind}  {self._band(ranked.band)}")
        self._chance(ranked)
        self._reasons(suggestion.reasons, startup, fund)
        self._cautions(suggestion, startup)
        self._print("")

    def _chance(self, ranked: Ranked) -> None:
        if ranked.chance:
            self._print(f"    {escape(self._words.chance(ranked.chance, ranked.outcome))}")

    def _reasons(self, reasons: tuple[Reason, ...] | list[Reason], startup: Startup, fund: Fund) -> None:
        for reason in reasons:
            sign = "+" if reason.contribution > 0 else "-"
            feature = self._words.say("feature", reason.feature)
            said = escape(self._words.reason(reason, startup, fund))
            self._print(f"    {sign} {feature}: {said}  [dim]{reason.contribution:+.2f}[/dim]")
            for line in self._evidence(reason):
                self._print(f"        [dim]↳ {line}[/dim]")

    def _evidence(self, reason: Reason) -> Iterator[str]:
        for sentence in reason.sentences[:1]:
            yield escape(self._words.say("evidence", "sentence", text=sentence.sentence.text))
        for evidence in reason.deals:
            deal = evidence.deal
            source = self._sources.get((deal.startup_id, deal.fund_id, deal.announced_on))
            cited = f"  {self._words.say('text', 'read_at')}: {normalise(source)}" if source else ""
            yield escape(f"{self._words.deal(evidence)}{cited}")

    def _cautions(self, told: Suggestion | Verdict, startup: Startup) -> None:
        risks = [caution for caution in told.cautions if caution.risk not in SILENT]
        said = self._words.caution(risks[0], startup) if risks else self._words.say("risk", "none")
        self._print(f"    ! {self._words.say('text', 'risk')}: {escape(said)}")
        silent = [self._words.caution(c, startup) for c in told.cautions if c.risk in SILENT]
        if silent:
            self._print(f"    ? {self._words.say('text', 'not_checked')}: {escape('; '.join(silent))}")

    def _counts(self, shortlist: Shortlist) -> str:
        told = self._words.say(
            "text",
            "considered",
            shown=len(shortlist.suggestions),
            eligible=shortlist.eligible,
            all=shortlist.considered,
            gated=shortlist.considered - shortlist.eligible,
        )
        gates = ", ".join(f"{self._words.say('gate', gate)}: {n}" for gate, n in shortlist.gated.items())
        return f"{told}{' — ' if gates else ''}{gates}"
