"""What a free text is understood as, and the glossary that understands it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Generic, TypeVar

from matching.errors import BadValue
from matching.text import fold, normalise

Code = TypeVar("Code", bound=str)

# An import meets few distinct texts, each many thousand times; the bound guards against a column of prose.
CACHED_TEXTS = 65_536
_BRACKETS = re.compile(r"[()\[\]\uff08\uff09\u3010\u3011]")
_JOINT = re.compile(
    r"[/,;|+&_\u3001\uff0c\uff1b\uff0f\u00b7]|\s[-\u2013\u2014]\s|\b(?:and|or|và|hoặc)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reading(Generic[Code]):
    """What texts were understood as.

    A text may be understood and yet have no code: "other" is a known way of saying nothing.

    Attributes
    ----------
    codes : tuple of Code
        Members of the vocabulary, or ISO 3166 alpha-2 codes; each once, in the order read.
    fine : tuple of str
        Second-level codes under `codes`; sectors alone have them.
    not_understood : tuple of str
        Texts, as they were given, of which at least a part is unknown.
    """

    codes: tuple[Code, ...] = ()
    fine: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()

    @property
    def only(self) -> Code | None:
        """The code, if there is exactly one: "early stage" spans several, so it tells no startup's stage."""
        return self.codes[0] if len(self.codes) == 1 else None


@dataclass(frozen=True, slots=True)
class Term(Generic[Code]):
    """One row of a taxonomy file.

    Attributes
    ----------
    code : str
        Unique over all files.
    labels : tuple of str
        English, then Vietnamese.
    names : tuple of str
        Every text that means this term: its code, labels and aliases.
    reading : Reading
        What those texts are understood as.
    """

    code: str
    labels: tuple[str, str]
    names: tuple[str, ...]
    reading: Reading[Code]


class Glossary(Generic[Code]):
    """Reads the texts of one column, remembering those it has met.

    A text it does not know as a whole is read by what stands in and before brackets, and each of these by
    its parts: "Food & drinks (F&B)", "fintech and insurance", "AI - Big data".

    Parameters
    ----------
    find : callable
        Looks one name up; None if it is unknown.
    """

    def __init__(self, find: Callable[[str], Reading[Code] | None]) -> None:
        self._find = find
        self._remembered: Callable[[str], Reading[Code]] = lru_cache(CACHED_TEXTS)(self._read)

    def __call__(self, items: Iterable[str]) -> Reading[Code]:
        """Read the items of a list, such as the cell of a column cut at `;`."""
        return _merged([self._remembered(item) for item in items])

    def read(self, text: str) -> Reading[Code]:
        """Read one text; an empty one is understood as nothing."""
        return self._remembered(text)

    def _read(self, text: str) -> Reading[Code]:
        if not text.strip():
            return Reading()
        whole = self._find(text)
        if whole is not None:
            return whole
        parts = list(self._parts(normalise(text)))
        merged = _merged([part for part in parts if part is not None])
        if parts and None not in parts:
            return merged
        return Reading(merged.codes, merged.fine, (text,))

    def _parts(self, text: str) -> Iterator[Reading[Code] | None]:
        for phrase in _pieces(_BRACKETS, text):
            whole = self._find(phrase)
            if whole is not None:
                yield whole
            else:
                yield from map(self._find, _pieces(_JOINT, phrase))


def pieces(text: str) -> list[str]:
    """Cut a list written in one text, such as "China and Japan", at its commas, slashes, "and"s ..."""
    return _pieces(_JOINT, text)


def _pieces(joint: re.Pattern[str], text: str) -> list[str]:
    return [piece for piece in joint.split(text) if lookup_key(piece)]


def lookup_key(text: str) -> str:
    """Fold a name and drop its spaces, so that one alias stands for every spelling of a compound.

    >>> lookup_key("fin-tech") == lookup_key("FinTech") == lookup_key("Fin Tech")
    True
    """
    return fold(text).replace(" ", "")


def by_name(terms: Iterable[Term[Code]]) -> dict[str, Reading[Code]]:
    """Index terms by the lookup key of each of their names.

    Raises
    ------
    BadValue
        If a name belongs to two terms, or holds neither letter nor digit.
    """
    owners: dict[str, Term[Code]] = {}
    for term in terms:
        for name in term.names:
            owner = owners.setdefault(lookup_key(name), term)
            if owner.code != term.code:
                rule = f"a name of one term only, not of both {owner.code!r} and {term.code!r}"
                raise BadValue(rule, name, "taxonomy name")
    if "" in owners:
        raise BadValue("a text with letters or digits", "", f"taxonomy name of {owners[''].code!r}")
    return {key: term.reading for key, term in owners.items()}


def _merged(readings: Sequence[Reading[Code]]) -> Reading[Code]:
    if len(readings) == 1:
        return readings[0]
    return Reading(
        tuple(dict.fromkeys(chain.from_iterable(reading.codes for reading in readings))),
        tuple(dict.fromkeys(chain.from_iterable(reading.fine for reading in readings))),
        tuple(dict.fromkeys(chain.from_iterable(reading.not_understood for reading in readings))),
    )
