"""The protocol: questions asked on a day, the answers of the year after, and the funds to choose from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise

from matching.dates import months_before
from matching.knowledge import Knowledge, as_asked
from matching.records import Deal, Startup
from models.history import History

CANDIDATE_YEARS = 3
"""A fund with a deal this recently is a candidate."""

MONTHS = 12
"""Length of a window."""


FirstRounds = Mapping[str, tuple[date, frozenset[str]]]
"""By startup: the day of its first round, and the funds that invested on it."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is known before `cut` is history; what happens from then on and before `end` is the answer."""

    cut: date
    end: date


@dataclass(frozen=True)
class Questions:
    """A test: profiles asked about on the day `window.cut`, and which funds invested afterwards.

    Attributes
    ----------
    truth : for each startup asked about, the funds of its first round, reachable or not.
    candidates : the funds that are ranked.
    deals_before : how many deals each candidate had before the cut.
    unknown : startups left out because nobody knew them yet on the day of their round.
    """

    window: Window
    queries: tuple[Startup, ...]
    truth: Mapping[str, frozenset[str]]
    candidates: frozenset[str]
    deals_before: Mapping[str, int]
    unknown: int = 0

    @cached_property
    def funds(self) -> tuple[str, ...]:
        """The candidates in the order of their ids: a fund's row in all that is judged."""
        return tuple(sorted(self.candidates))

    @property
    def reachable(self) -> int:
        """How many queries have a true fund among the candidates."""
        return sum(bool(self.truth[query.startup_id] & self.candidates) for query in self.queries)


def rolling(end: date, n: int, months: int = MONTHS) -> tuple[Window, ...]:
    """Lay `n` windows of `months` end to end, oldest first, the last one up to `end`.

    >>> [str(window.cut) for window in rolling(date(2012, 7, 1), 2)]
    ['2010-07-01', '2011-07-01']
    """
    ends = [months_before(end, months * at) for at in range(n + 1)]
    return tuple(Window(cut, until) for until, cut in pairwise(ends))[::-1]


def ask(window: Window, rounds: FirstRounds, history: History, known: Knowledge) -> Questions:
    """Ask for the investors of every first round that fell into a window.

    The profile is the one that was told by the day of the round, later edits apart.

    Parameters
    ----------
    known : what `history` knew at the cut.
    """
    asked = sorted((id_, day) for id_, (day, _) in rounds.items() if window.cut <= day < window.end)
    profiles = history.profiles(asked)
    told = [one for one in asked if one in profiles]
    return Questions(
        window=window,
        queries=tuple(question(profiles[one], window.cut) for one in told),
        truth={id_: rounds[id_][1] for id_, _ in told},
        candidates=candidates(known.deals, window.cut),
        deals_before=Counter(deal.fund_id for deal in known.deals),
        unknown=len(asked) - len(told),
    )


def question(profile: Startup, cut: date) -> Startup:
    """Give a profile as a question asked on `cut`, without first_seen_on: it may be the day of its round."""
    return replace(as_asked(profile, cut), first_seen_on=None)


def candidates(deals: Iterable[Deal], cut: date) -> frozenset[str]:
    """Return the funds with a deal in the CANDIDATE_YEARS before `cut`."""
    since = months_before(cut, 12 * CANDIDATE_YEARS)
    return frozenset(d.fund_id for d in deals if d.announced_on and since <= d.announced_on < cut)


def undated(deals: Iterable[Deal]) -> frozenset[str]:
    """Return the startups with a deal of unknown date."""
    return frozenset(deal.startup_id for deal in deals if deal.announced_on is None)


def first_rounds(deals: Iterable[Deal], but: Set[str] = frozenset()) -> FirstRounds:
    """Return the day of each startup's first dated deal and the funds that made one on that day.

    Parameters
    ----------
    but : startups to leave out: with an undated deal, nobody can tell which round was the first.
    """
    found: dict[str, tuple[date, set[str]]] = {}
    for deal in deals:
        if deal.announced_on is None or deal.startup_id in but:
            continue
        day, funds = found.setdefault(deal.startup_id, (deal.announced_on, set()))
        if deal.announced_on < day:
            found[deal.startup_id] = (deal.announced_on, {deal.fund_id})
        elif deal.announced_on == day:
            funds.add(deal.fund_id)
    return {id_: (day, frozenset(funds)) for id_, (day, funds) in found.items()}
