"""The rules of a cell: each function reads the stripped text of one cell, or raises the rule it breaks."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from unicodedata import is_normalized

from data.glossary import CACHED_TEXTS, Glossary
from matching.dates import RULE as DATE_RULE
from matching.dates import end_of_period
from matching.errors import BadValue
from matching.text import normalise

MAX_LABEL = 300
MAX_TEXT = 20_000
MAX_MONEY = 1e12
CACHED_IDS = 262_144
_ASCII_ID = re.compile(r"[!-+\--:<-~]{1,200}")
_ID = re.compile(r"[^\s;,\x00-\x1f\x7f]{1,200}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WEBSITE = re.compile(r"(?:https?://)?[^\s/:@]+\.[^\s/:@]+(?::\d+)?(?:/\S*)?", re.IGNORECASE)
_BOOLEANS = {
    **dict.fromkeys(("true", "1", "yes", "có"), True),
    **dict.fromkeys(("false", "0", "no", "không"), False),
}


class Broken(Exception):
    """A cell breaks a rule; the text of the error finishes "must ..."."""


def _is_id(value: str) -> bool:
    """Tell whether a text can be an id: what looks the same has to be the same."""
    return bool(_ASCII_ID.fullmatch(value)) or (bool(_ID.fullmatch(value)) and normalise(value) == value)


@lru_cache(CACHED_IDS)
def read_id(text: str) -> str:
    """Read an identifier; an empty one is none."""
    if not _is_id(text):
        raise Broken("be an id of 1 to 200 visible characters without spaces, commas or semicolons")
    return text


def read_ids(text: str) -> str:
    """Read identifiers separated by semicolons, as one text in canonical form."""
    found = _items(read_text(text))
    if not all(map(_is_id, found)):
        raise Broken("be ids separated by semicolons")
    return ";".join(sorted(set(found)))


def check_text(text: str, limit: int = MAX_TEXT) -> None:
    """Refuse a text that is too long, or holds control characters (halves of a character among them)."""
    if len(text) > limit:
        raise Broken(f"have at most {limit:,} characters, not {len(text):,}")
    if not text.isprintable() and _CONTROL.search(text):
        raise Broken("hold no control characters")


def read_text(text: str, limit: int = MAX_TEXT) -> str:
    """Read a text, normalised line by line."""
    plain = text.isprintable() and "  " not in text and (text.isascii() or is_normalized("NFC", text))
    if plain and len(text) <= limit:
        return text.strip()  # what normalising would make of it, four times as fast
    check_text(text, limit)
    normal = "\n".join(filter(None, map(normalise, text.splitlines())))
    check_text(normal, limit)  # a few characters become two or three
    return normal


def read_label(text: str) -> str:
    """Read a short text such as a city."""
    return read_text(text, MAX_LABEL)


read_place = lru_cache(CACHED_TEXTS)(read_label)
"""Read a short text that many rows share."""


def read_name(text: str) -> str:
    """Read a short text that must not be empty."""
    name = read_label(text)
    if not name:
        raise Broken("not be empty")
    return name


@lru_cache(CACHED_TEXTS)
def read_word(text: str) -> str:
    """Read a text of at most 200 characters, such as the name of a round."""
    return read_text(text, 200)


def read_website(text: str) -> str:
    """Read a web address."""
    value = read_label(text)
    if value and not _WEBSITE.fullmatch(value):
        raise Broken("be a web address (http, https or a bare domain)")
    return value


def read_date(text: str) -> str:
    """Read a date of which the day or the month may be missing, as it is written."""
    read_end(text)
    return text


@lru_cache(CACHED_TEXTS)
def read_end(text: str) -> date:
    """Read the last day of the period that such a date names."""
    try:
        return end_of_period(text)
    except BadValue:
        raise Broken(f"be {DATE_RULE}") from None


def begin_of_period(text: str) -> date:
    """Return the first day of the period that a date names which was read before."""
    return date.fromisoformat(f"{text}-01-01"[:10])


@lru_cache(CACHED_TEXTS)
def read_money(text: str) -> float:
    """Read an amount in US dollars."""
    amount = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not 0 <= amount <= MAX_MONEY:
        raise Broken("be US dollars from 0 to 1,000,000,000,000, in digits without separators")
    return abs(amount)  # -0 would not come back the same from every database


def read_count(text: str) -> int:
    """Read a whole number."""
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Broken("be a whole number from 0 to 999999")
    return int(text)


@lru_cache(CACHED_TEXTS)
def read_boolean(text: str) -> bool:
    """Read true or false."""
    value = normalise(text).casefold()
    if value not in _BOOLEANS:
        raise Broken("be true or false (1 or 0, yes or no, có or không)")
    return _BOOLEANS[value]


@lru_cache(CACHED_TEXTS)
def read_items(text: str) -> str:
    """Read texts separated by semicolons as they are, in canonical form."""
    return ";".join(map(normalise, _items(read_text(text))))


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(";") if item.strip()]


@dataclass(frozen=True, slots=True)
class Understood:
    """What the taxonomy makes of a cell: a code or sorted codes, and the words it does not know."""

    value: str | None
    unknown: tuple[str, ...] = ()


class Words:
    """Reads cells through a glossary, which is loaded with the first of them; remembers what it has read."""

    def __init__(
        self, glossary: Callable[[], Glossary[Any]], *, several: bool = False, fine: bool = False
    ) -> None:
        self._glossary, self.several, self._fine = glossary, several, fine
        self.understand: Callable[[str], Understood] = lru_cache(CACHED_TEXTS)(self._understand)

    def _understand(self, text: str) -> Understood:
        if self.several:
            found = self._glossary()(_items(read_text(text)))
            if self._fine:  # beside the column of first-level codes, which tells what is not understood
                return Understood(";".join(sorted(found.fine)))
            return Understood(";".join(sorted(map(str, found.codes))), found.not_understood)
        found = self._glossary().read(read_label(text))
        return Understood(None if found.only is None else str(found.only), found.not_understood)

    def __call__(self, text: str) -> str | None:
        """Read a cell as a code (None if it has not exactly one), or as sorted codes."""
        return self.understand(text).value
