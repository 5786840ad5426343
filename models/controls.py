"""Controls of an evaluation: what a method may not find, and what it may not need."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import blake2b

from matching.knowledge import Knowledge
from matching.records import Deal, Startup
from models.history import Asked, History
from models.windows import Questions

MASK = "…"
_WORD = re.compile(r"\w+(?:[.&-]\w+)*")


@dataclass(frozen=True)
class Scrambled:
    """A history in which nothing can be learned: the fund of every deal, and its profile, is drawn by lot.

    A method that is fitted to it and still finds true funds more often than by chance has seen them
    somewhere it should not look.
    """

    history: History
    seed: int = 0

    def knowledge(self, as_of: date | None) -> Knowledge:
        """Return what was known, funds shuffled."""
        known = self.history.knowledge(as_of)
        ids = sorted(fund.fund_id for fund in known.funds)
        shuffled = sorted(ids, key=self._lot)
        swapped = dict(zip(ids, shuffled, strict=True))
        return replace(
            known,
            funds=tuple(replace(fund, fund_id=swapped[fund.fund_id]) for fund in known.funds),
            deals=tuple(replace(deal, fund_id=ids[self._lot_of(deal) % len(ids)]) for deal in known.deals),
            introductions=(),
            overrides=(),
        )

    def profiles(self, asked: Iterable[Asked]) -> Mapping[Asked, Startup]:
        """Return profiles as they are."""
        return self.history.profiles(asked)

    def _lot_of(self, deal: Deal) -> int:
        return self._lot(f"{deal.startup_id}\0{deal.fund_id}\0{deal.announced}{deal.announced_on}")

    def _lot(self, text: str) -> int:
        return int.from_bytes(blake2b(f"{self.seed}\0{text}".encode(), digest_size=8).digest(), "big")


@dataclass(frozen=True)
class Masked:
    """A history whose texts name no startup and no fund.

    Names are matched as they are written, but a startup's own in any case: what is left of a gain when they
    are masked does not come from a description that gives its investor away.
    """

    history: History

    def knowledge(self, as_of: date | None) -> Knowledge:
        """Return what was known, names masked."""
        known = self.history.knowledge(as_of)
        return replace(
            known,
            startups=tuple(map(self._startup, known.startups)),
            funds=tuple(
                replace(
                    fund,
                    thesis=self._text(fund.thesis, fund.name),
                    thesis_vi=self._text(fund.thesis_vi, fund.name),
                )
                for fund in known.funds
            ),
        )

    def profiles(self, asked: Iterable[Asked]) -> Mapping[Asked, Startup]:
        """Return profiles, names masked."""
        return {one: self._startup(told) for one, told in self.history.profiles(asked).items()}

    def questions(self, questions: Questions) -> Questions:
        """Ask the same, names masked."""
        return replace(questions, queries=tuple(map(self._startup, questions.queries)))

    def _startup(self, startup: Startup) -> Startup:
        return replace(
            startup,
            description=self._text(startup.description, startup.name),
            description_vi=self._text(startup.description_vi, startup.name),
        )

    def _text(self, text: str, own: str) -> str:
        if not text:
            return text
        if own:
            text = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", MASK, text, flags=re.IGNORECASE)
        return self._names.mask(text)

    @cached_property
    def _names(self) -> "Names":
        known = self.history.knowledge(None)
        return Names.of([*(startup.name for startup in known.startups), *(fund.name for fund in known.funds)])


@dataclass(frozen=True)
class Names:
    """Names to be found in texts, each as its words; case counts."""

    known: frozenset[str]
    longest: int

    @classmethod
    def of(cls, names: Iterable[str]) -> "Names":
        """Collect names."""
        known = frozenset(" ".join(_WORD.findall(name)) for name in names) - {""}
        return cls(known, max((name.count(" ") + 1 for name in known), default=0))

    def mask(self, text: str) -> str:
        """Replace every name in a text, the longest first.

        >>> Names.of(["Alpha Fund II", "Alpha", "Beta"]).mask("Backed by Alpha Fund II and Beta.")
        'Backed by … and ….'
        """
        words = list(_WORD.finditer(text))
        kept, at, done = [], 0, 0
        while at < len(words):
            n = self._length([word.group() for word in words[at : at + self.longest]])
            if n:
                kept += [text[done : words[at].start()], MASK]
                done = words[at + n - 1].end()
            at += max(1, n)
        return "".join([*kept, text[done:]])

    def _length(self, words: list[str]) -> int:
        """Count the words of the longest name that these begin with, 0 where they begin with none."""
        return next((n for n in range(len(words), 0, -1) if " ".join(words[:n]) in self.known), 0)


def without_stage(questions: Questions) -> Questions:
    """Ask the same of profiles that do not say which round they raise."""
    silent = (replace(query, stage=None, stage_told="") for query in questions.queries)
    return replace(questions, queries=tuple(silent))
