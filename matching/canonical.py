"""One order of records, by what they tell alone: neither their ids nor the order of rows decide it.

Sums of floating-point numbers depend on the order of their terms; in this one they are the same bit for bit.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import Any, TypeVar

from matching.knowledge import Knowledge
from matching.records import Deal, Introduction, Override

IDS = frozenset({"startup_id", "fund_id", "introduction_id", "exclusions"})
"""Fields that hold ids."""

UNKNOWN = b""
"""Stands for the profile of whom a record names and nobody told of."""

Between = TypeVar("Between", Deal, Introduction, Override)
Link = tuple[int, int, bytes]
"""Two vertices, and what the record between them tells."""


def canonical(knowledge: Knowledge) -> Knowledge:
    """Put all records into an order that depends on their content alone.

    Startups and funds stand by a hash of their profiles; those of one profile by whom they dealt with, when
    and how (`_Colours`). Deals, introductions and overrides stand by startup, then by fund, then by what
    they tell.
    """
    n = len(knowledge.startups)
    startup_at = {startup.startup_id: at for at, startup in enumerate(knowledge.startups)}
    fund_at = {fund.fund_id: at for at, fund in enumerate(knowledge.funds, n)}
    deals = _links(knowledge.deals, startup_at, fund_at)
    introductions = _links(knowledge.introductions, startup_at, fund_at)
    overrides = _links(knowledge.overrides, startup_at, fund_at)
    profiles = [*_digests(knowledge.startups), *_digests(knowledge.funds), UNKNOWN]
    colours = _Colours(profiles, [*deals, *introductions, *overrides]).of
    order = sorted(range(len(profiles) - 1), key=lambda at: (at >= n, profiles[at], colours[at]))
    place = {at: row for row, at in enumerate((*order, len(order)))}
    return Knowledge(
        tuple(knowledge.startups[at] for at in order[:n]),
        tuple(knowledge.funds[at - n] for at in order[n:]),
        _placed(knowledge.deals, deals, place),
        _placed(knowledge.introductions, introductions, place),
        _placed(knowledge.overrides, overrides, place),
    )


def _digests(records: Sequence[Any]) -> list[bytes]:
    """Hash all that each record tells, ids apart."""
    names = [field.name for field in fields(records[0]) if field.name not in IDS] if records else []
    values = {name: list(map(attrgetter(name), records)) for name in names}
    for name, column in values.items():
        if isinstance(column[0], frozenset):
            values[name] = [sorted(value) if value else () for value in column]
    return [_mixed(repr(told).encode()) for told in zip(*values.values(), strict=True)]


def _links(records: Sequence[Between], startup_at: dict[str, int], fund_at: dict[str, int]) -> list[Link]:
    unknown = len(startup_at) + len(fund_at)
    return [
        (startup_at.get(one.startup_id, unknown), fund_at.get(one.fund_id, unknown), told)
        for one, told in zip(records, _digests(records), strict=True)
    ]


def _placed(records: Sequence[Between], links: Sequence[Link], place: dict[int, int]) -> tuple[Between, ...]:
    keys = [(place[startup], place[fund], told) for startup, fund, told in links]
    return tuple(records[at] for at in sorted(range(len(records)), key=keys.__getitem__))


class _Colours:
    """Colours of startups and funds: the same only for the same profile, linked to the same colours.

    Colour refinement (Weisfeiler and Leman 1968). Where it ends with vertices alike that reach each other,
    one of them is singled out and refinement goes on (McKay 1981). Which one, the order of rows decides:
    what refinement leaves alike is taken to be interchangeable. The search that would prove it is left out:
    it matters to regular graphs of several shapes in one market, all of records that tell nothing.

    Attributes
    ----------
    of : the colour of each vertex; at first its profile.
    """

    def __init__(self, profiles: Sequence[bytes], links: Iterable[Link]) -> None:
        self.of = list(profiles)
        self._members: dict[bytes, set[int]] = defaultdict(set)
        for vertex, colour in enumerate(profiles):
            self._members[colour].add(vertex)
        self._near: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        for one, other, told in links:
            for vertex, reached in ((one, other), (other, one)):
                if self._is_tied(reached):
                    self._near[vertex].append((reached, told))
        self._refine(list(self._near))
        self._single_out()

    def _is_tied(self, vertex: int) -> bool:
        return len(self._members[self.of[vertex]]) > 1

    def _single_out(self) -> None:
        waiting = [colour for colour, members in self._members.items() if len(members) > 1]
        heapify(waiting)
        while waiting:
            colour = heappop(waiting)
            members = self._members[colour]
            if len(members) < 2:
                continue
            vertex = next(iter(members))
            if any(self._is_tied(near) for near, _ in self._near.get(vertex, ())):
                self._recolour(_mixed(colour, b"%d" % len(members)), [vertex])  # no two by the same name
                for found in (colour, *self._refine([vertex])):
                    heappush(waiting, found)

    def _recolour(self, colour: bytes, vertices: Iterable[int]) -> None:
        for vertex in vertices:
            self._members[self.of[vertex]].discard(vertex)
            self._members[colour].add(vertex)
            self.of[vertex] = colour

    def _refine(self, changed: list[int]) -> list[bytes]:
        """Tell apart what reaches vertices of a new colour, until none is new; return all the new ones."""
        added: list[bytes] = []
        while changed:
            parts: dict[bytes, dict[bytes, list[int]]] = defaultdict(lambda: defaultdict(list))
            for vertex, told in self._seen(changed).items():
                colour = self.of[vertex]
                parts[colour][_mixed(colour, *sorted(told))].append(vertex)
            changed = []
            for colour, found in parts.items():
                seen = [vertex for part in found.values() for vertex in part]
                if len(found) > 1 or len(seen) < len(self._members[colour]):
                    for new, part in found.items():
                        self._recolour(new, part)
                    added += found
                    changed += seen
        return added

    def _seen(self, changed: Iterable[int]) -> dict[int, list[bytes]]:
        """List for each tied vertex what it sees of those that changed."""
        seen: dict[int, list[bytes]] = defaultdict(list)
        for vertex in changed:
            for near, told in self._near.get(vertex, ()):
                if self._is_tied(near):
                    seen[near].append(told + self.of[vertex])
        return seen


def _mixed(*parts: bytes) -> bytes:
    return blake2b(b"".join(parts), digest_size=16).digest()
