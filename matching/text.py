"""Clean text and split it into sentences, alike for Vietnamese and English."""

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"[^a-z0-9]+")
_DIACRITICS = re.compile(r"[\u0300-\u034e\u0350-\u036f]+")
_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+|(?<=[\u3002\uff01\uff1f])\s*|\n+")
MIN_SENTENCE_LETTERS = 40


def normalise(text: str) -> str:
    r"""Bring a text to NFC, without control characters, with single spaces.

    Some tokenisers give decomposed Vietnamese another vector, and the vector cache knows a text by its bytes.

    >>> normalise("công\x00 nghe\u0302\t tài  chính ")
    'công nghê tài chính'
    """
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():  # then there is nothing to take out; most texts are, and this is the fast way
        return _SPACE.sub(" ", composed).strip()
    return _SPACE.sub(" ", "".join(" " if _is_control(c) else c for c in composed)).strip()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} and character != "\u200d"


def sentences(text: str) -> tuple[str, ...]:
    """Split a thesis into normalised sentences; a fragment that says little joins its neighbour.

    >>> sentences("Backs financial technology in Vietnam from its seed round on. Leads. Hanoi.")
    ('Backs financial technology in Vietnam from its seed round on. Leads. Hanoi.',)
    """
    found: list[str] = []
    for part in (normalise(piece) for piece in _SENTENCE_END.split(unicodedata.normalize("NFC", text))):
        if not part:
            continue
        if found and (_is_fragment(part) or _is_fragment(found[-1])):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return tuple(found)


def _is_fragment(text: str) -> bool:
    return sum(character.isalpha() for character in text) < MIN_SENTENCE_LETTERS


def fold(text: str) -> str:
    """Reduce a label to the form it is looked up by: no case, no diacritics, no punctuation.

    >>> fold("Công nghệ Tài-chính"), fold("FinTech"), fold("Đà Nẵng")
    ('cong nghe tai chinh', 'fintech', 'da nang')
    """
    spread = text.lower()
    if not text.isascii():
        lower = unicodedata.normalize("NFKD", text).casefold()  # in this order, as NFKD of ™ is TM
        spread = _DIACRITICS.sub("", unicodedata.normalize("NFKD", lower.replace("đ", "d")))
    if spread.isascii():  # the fast way for English and Vietnamese
        return _MARKS.sub(" ", spread).strip()
    plain = "".join(c if c.isalnum() else " " for c in spread if not unicodedata.combining(c))
    return _SPACE.sub(" ", plain).strip()
