"""Where a city lies: the key that two spellings of one place share, by which the core compares places.

A place in Vietnam is one of the 34 provinces since 2025-07-01 (Resolution 202/2025/QH15), whichever of the
63 before, or of their towns, it is told by. Elsewhere it is the city, keyed by its country.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from data.glossary import Glossary, Reading, Term, by_name, lookup_key
from matching.errors import BadValue
from matching.text import fold

VIETNAM = "VN"
NO_COUNTRY = "ZZ"
"""How the Unicode CLDR codes an unknown region."""

_PREFIX = re.compile(r"^(?:tinh|thanh pho|tp|quan|city of|province of) | (?:province|city|district|capital)$")


@dataclass(frozen=True, slots=True)
class City:
    """One row of cities.csv: a city of which the names vary, or which shares its name with another's."""

    country: str
    names: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key of its place."""
        return _key(self.country, self.names[0])


class Places:
    """Reads the name of a city as the key of its place, such as "vn-da-nang" or "us-new-york".

    Attributes
    ----------
    provinces : the glossary of the provinces of Vietnam.
    listed : the keys of every province and city of the files; any other city has a key of its own.

    Parameters
    ----------
    provinces : terms of provinces.csv.
    cities : rows of cities.csv.

    Raises
    ------
    BadValue
        If a name belongs to two provinces, or to two cities of one country.
    """

    def __init__(self, provinces: Iterable[Term[str]], cities: Iterable[City]) -> None:
        self._provinces = by_name(provinces)
        self.provinces: Glossary[str] = Glossary(self._province)
        self._keys: dict[tuple[str, str], str] = {}
        self._countries: dict[str, set[str]] = {}
        for city in cities:
            for name in map(lookup_key, city.names):
                if self._keys.setdefault((city.country, name), city.key) != city.key:
                    raise BadValue(f"a name of one city of {city.country} only", name, "taxonomy city")
                self._countries.setdefault(name, set()).add(city.country)
        codes = (code for reading in self._provinces.values() for code in reading.codes)
        self.listed = frozenset(codes) | frozenset(self._keys.values())
        self._within: dict[str | None, Glossary[str]] = {}

    def within(self, country: str | None) -> Glossary[str]:
        """Return the glossary of cities of a country; None where it is unknown.

        A city that is no province of a known Vietnam is reported as not understood. Elsewhere a city
        that is not listed is a place of its own.
        """
        if country not in self._within:
            self._within[country] = Glossary(self._reader(country))
        return self._within[country]

    def _reader(self, country: str | None) -> Callable[[str], Reading[str]]:
        if country is None:
            return self._anywhere
        return self._vietnamese if country == VIETNAM else lambda text: self._abroad(text, country)

    def _province(self, text: str) -> Reading[str] | None:
        whole = self._provinces.get(lookup_key(text))  # first: "Quận 1" loses its meaning with its prefix
        return whole or self._provinces.get(lookup_key(_PREFIX.sub("", fold(text))))

    def _vietnamese(self, text: str) -> Reading[str]:
        """Read a city or an address; of an address the province is all that is asked for."""
        found = self.provinces.read(text)
        if found.codes or not found.not_understood:
            return Reading(found.codes)
        return Reading(_own(VIETNAM, text).codes, (), (text,))

    def _anywhere(self, text: str) -> Reading[str]:
        """Read a city of an unknown country: a name that one place alone has tells the place."""
        found = self.provinces.read(text)
        if not found.not_understood:
            return found
        owners = {country for name in _names(text) for country in self._countries.get(name, ())}
        return self._abroad(text, owners.pop() if len(owners) == 1 else NO_COUNTRY)

    def _abroad(self, text: str, country: str) -> Reading[str]:
        known = (self._keys.get((country, name)) for name in _names(text))
        if key := next(filter(None, known), None):
            return Reading((key,))
        said_nothing = self._provinces.get(lookup_key(text)) == Reading()
        return Reading() if said_nothing else _own(country, text)


def _names(text: str) -> tuple[str, str]:
    """Fold a name with and without what follows a comma: "Washington, DC" is an alias, "Austin, TX" none."""
    return lookup_key(text), lookup_key(_head(text))


def _head(text: str) -> str:
    return text.split(",")[0]


def _own(country: str, text: str) -> Reading[str]:
    """Give a city that no file lists a place of its own; what has no letter is not understood."""
    city = _head(text) if lookup_key(_head(text)) else text
    return Reading((_key(country, city),)) if lookup_key(city) else Reading((), (), (text,))


def _key(country: str, city: str) -> str:
    return f"{country.lower()}-{fold(city).replace(' ', '-')}"
