"""Countries by code and by name, in English and Vietnamese."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from data.glossary import Reading, Term, by_name, lookup_key, pieces
from matching.errors import BadValue
from matching.text import normalise
from matching.vocabulary import Language

_EXCEPT = re.compile(
    r"\W*\b(?:ex|excl|excluding|except(?: for)?|without|ngoại trừ|trừ|không bao gồm|không gồm)\b\W*",
    re.IGNORECASE,
)


class Countries:
    """Finds the ISO 3166 alpha-2 codes a text stands for.

    Without its diacritics the Vietnamese "Mỹ" (the United States) is spelled like MY (Malaysia), "Áo"
    (Austria) like AO (Angola), "Nga" (Russia) like NGA (Nigeria). So capitals are read as a code first, such
    a name only as it is properly spelled, and "my" is not guessed at.

    Parameters
    ----------
    codes : mapping of str to str
        Alpha-2 and alpha-3 codes, in capitals, to alpha-2.
    names : mapping of str to sequence of str
        Common names and abbreviations by alpha-2.
    regions : iterable of Term
        Names of groups of countries.
    """

    def __init__(
        self, codes: Mapping[str, str], names: Mapping[str, Iterable[str]], regions: Iterable[Term[str]]
    ) -> None:
        self._codes = codes
        spellings = [(name, country) for country, own in names.items() for name in own]
        clashing = [(name, country) for name, country in spellings if self._clashes(name, country)]
        self._exact = {normalise(name).casefold(): country for name, country in clashing}
        self._refused = {lookup_key(name) for name, _ in clashing}
        plain = [
            Term(country, ("", ""), (name,), Reading((country,)))
            for name, country in spellings
            if not self._clashes(name, country)
        ]
        self._names = by_name([*plain, *regions])

    def find(self, text: str) -> Reading[str] | None:
        """Look a code, a country, a region or a region without some countries up; None if it is none.

        >>> region = Term("apac", ("", ""), ("APAC",), Reading(("JP", "VN")))
        >>> Countries({"JP": "JP"}, {}, [region]).find("APAC ex-JP").codes
        ('VN',)
        """
        named = self._named(text)
        return named if named is not None else self._without(normalise(text))

    def _without(self, text: str) -> Reading[str] | None:
        """Read "APAC ex-Japan"; None unless both sides are understood."""
        region, *rest = _EXCEPT.split(text, maxsplit=1)
        kept, left_out = self._named(region), [self._named(piece) for piece in pieces("".join(rest))]
        if kept is None or not left_out or None in left_out:
            return None
        gone = {code for reading in left_out if reading is not None for code in reading.codes}
        return Reading(tuple(code for code in kept.codes if code not in gone))

    def _named(self, text: str) -> Reading[str] | None:
        spelled = normalise(text)
        code = self._codes.get(spelled) or self._exact.get(spelled.casefold())
        if code is not None:
            return Reading((code,))
        key = lookup_key(text)
        if key in self._refused:
            return None
        if key in self._names:
            return self._names[key]
        code = self._codes.get(key.upper()) or self._formal_name(key)
        return Reading((code,)) if code is not None else None

    def _formal_name(self, key: str) -> str | None:
        country = _formal_names().get(key)
        return country if country is not None and not self._clashes(key, country) else None

    def _clashes(self, name: str, country: str) -> bool:
        return self._codes.get(lookup_key(name).upper(), country) != country


def country_label(alpha2: str, language: Language) -> str:
    """Name a country as the Unicode CLDR does.

    >>> country_label("KR", Language.VI), country_label("KR", Language.EN)
    ('Hàn Quốc', 'South Korea')

    Raises
    ------
    BadValue
        If `alpha2` is the code of no territory.
    """
    name = _territories(language).get(alpha2)
    if name is None:
        raise BadValue("an ISO 3166 alpha-2 code in capitals", alpha2, "country")
    return name


@lru_cache
def _territories(language: Language) -> Mapping[str, str]:
    # Babel reads a locale in 20 ms; most commands name no country.
    from babel import Locale

    return dict(Locale(str(language)).territories)


@lru_cache(1)
def _formal_names() -> dict[str, str]:
    """Index every name of ISO 3166 and of CLDR; one that two countries share is left out."""
    found: dict[str, set[str]] = {}
    for country, name in _all_names():
        found.setdefault(lookup_key(name), set()).add(country)
    return {key: owners.pop() for key, owners in found.items() if len(owners) == 1}


def _all_names() -> Iterator[tuple[str, str]]:
    # pycountry takes 60 ms to import, and common spellings never come here.
    import pycountry

    for country in pycountry.countries:
        for field in ("name", "official_name", "common_name"):
            name = getattr(country, field, None)
            if name:
                yield country.alpha_2, name
        for language in Language:
            yield country.alpha_2, _territories(language)[country.alpha_2]
