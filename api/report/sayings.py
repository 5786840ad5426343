"""How figures are said on the page, in one language."""

from dataclasses import dataclass
from datetime import timedelta

from api.words import Words
from models.metrics import Interval
from models.slices import OTHER, UNKNOWN
from models.summary import ENOUGH_QUERIES, SMALLEST_CLAIM, Summary
from models.windows import Window

LONGEST_LABEL = 28
"""Characters of a name in a plot; its table has all of it."""


@dataclass(frozen=True)
class Sayings:
    """Says the figures of one summary."""

    words: Words
    summary: Summary

    def text(self, key: str, **values: object) -> str:
        """Say a string of the page."""
        return self.words.say("report", key, **values)

    def interval(self, interval: Interval | None) -> str:
        """Say a mean with its interval."""
        if interval is None:
            return self.text("too_few")
        if not interval.n:
            return self.text("no_figure")
        low, high = self.words.number(interval.low), self.words.number(interval.high)
        return f"{self.words.number(interval.mean)} ({self.text('to', low=low, high=high)})"

    def gain(self, interval: Interval) -> str:
        """Say a difference, with its sign."""
        return ("+" if interval.mean > 0 else "") + self.interval(interval)

    def method(self, name: str) -> str:
        """Say a method and what it stands for."""
        role = {self.summary.baseline: "best_baseline", self.summary.served: "served"}.get(name)
        return f"{name} ({self.text(role)})" if role else name

    def short(self, name: str) -> str:
        """Cut a long name, for a plot."""
        return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"

    def label(self, name: str) -> str:
        """Say a method in a plot, what it stands for on a second line."""
        role = self.method(name)[len(name) :].strip()
        return "\n".join(filter(None, (self.short(name), role)))

    def window(self, window: Window) -> str:
        """Say the first and the last day of a window."""
        last = window.end - timedelta(days=1)
        return f"{window.cut:%d/%m/%Y}\N{NO-BREAK SPACE}\N{EN DASH} {last:%d/%m/%Y}"

    def slice(self, dimension: str, value: str) -> str:
        """Say the value of a slice."""
        if dimension == "country" and value not in {OTHER, UNKNOWN}:
            return self.words.country(value)
        if dimension in {"sector", "stage"} and value not in {OTHER, UNKNOWN}:
            return self.words.term(value)
        return self.words.strings["slice"].get(value, value)

    def verdict(self) -> tuple[str, ...]:
        """Say what was found, in two sentences."""
        summary, number = self.summary, self.words.number
        mine, best = summary.method(summary.served), summary.method(summary.baseline)
        gain, values = summary.gain(summary.served), dict[str, str]()
        if mine and best and gain:
            values = {
                "served": mine.name,
                "baseline": best.name,
                "mine": number(mine.recall_10.mean),
                "theirs": number(best.recall_10.mean),
                "gain": number(gain.recall_10.mean),
                "low": number(gain.recall_10.low),
                "high": number(gain.recall_10.high),
            }
        found = self.words.say(
            "finding", summary.finding, reachable=summary.reachable, enough=ENOUGH_QUERIES, **values
        )
        return found, self._nobody()

    def _nobody(self) -> str:
        total = self.summary.total
        if total is None or not total.edges:
            return self.text("no_deal")
        return self.text("nobody", share=self.words.share(1 - total.edges_reachable / total.edges))

    @property
    def least(self) -> str:
        """The smallest gain that is a claim."""
        return self.words.number(SMALLEST_CLAIM, 2)
