"""Free text to the vocabulary: sectors, stages, countries and the smaller lists, read from data/taxonomy."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any, TypeVar

from data.countries import Countries
from data.glossary import Code, Glossary, Reading, Term, by_name, lookup_key
from data.places import City, Places
from matching.errors import BadValue, NotFound
from matching.vocabulary import BusinessModel, FundStatus, FundType, Instrument, Language, Sector, Stage

Member = TypeVar("Member", bound=StrEnum)
Row = dict[str, str]

GENERAL = "general"
"""The sector row of texts that are understood and name none of our groups."""

NO_PROVINCE = "vn-province-not-told"
"""The province row of texts that are understood and tell no place."""


@dataclass(frozen=True)
class Taxonomy:
    """A glossary for each kind of text, and the labels of every term.

    Each glossary is called with a list of texts, or its `read` with one. `exclusions` reads sectors that a
    fund excludes: a sub-sector there does not stand for its group.

    >>> found = taxonomy().sectors(["InsurTech", "Công nghệ giáo dục", "other", "zzq"])
    >>> [str(code) for code in found.codes], found.fine, found.not_understood
    (['fintech', 'edtech'], ('insurtech',), ('zzq',))
    >>> str(taxonomy().stages.read("Vòng hạt giống").only)
    'seed'
    """

    sectors: Glossary[Sector]
    exclusions: Glossary[Sector]
    stages: Glossary[Stage]
    countries: Glossary[str]
    places: Places
    business_models: Glossary[BusinessModel]
    instruments: Glossary[Instrument]
    fund_types: Glossary[FundType]
    fund_statuses: Glossary[FundStatus]
    _parents: dict[str, Sector]
    _labels: dict[str, tuple[str, str]]

    @property
    def provinces(self) -> Glossary[str]:
        """Reads the provinces of Vietnam, new and old.

        >>> taxonomy().provinces(["Trà Vinh", "TPHCM", "Binh Duong"]).codes
        ('vn-vinh-long', 'vn-ho-chi-minh')
        """
        return self.places.provinces

    def stage(self, text: str) -> Reading[Stage]:
        """Read one stage or round; its `only` is None for a group of stages or a round that tells none."""
        return self.stages.read(text)

    def country(self, text: str) -> Reading[str]:
        """Read one country; its `only` is None for a region."""
        return self.countries.read(text)

    def parent(self, subsector: str) -> Sector:
        """Return the group of a sub-sector.

        >>> str(taxonomy().parent("alcohol"))
        'foodtech'

        Raises
        ------
        NotFound
            If no sub-sector has this code.
        """
        found = self._parents.get(subsector)
        if found is None:
            raise NotFound(f"code must be one of a sub-sector, got {subsector!r}")
        return found

    def label(self, code: str, language: Language) -> str:
        """Name a sector of either level, a stage, a region or another term.

        >>> taxonomy().label("insurtech", Language.VI), taxonomy().label(Stage.SEED, Language.EN)
        ('Bảo hiểm', 'Seed')

        Raises
        ------
        NotFound
            If no term has this code.
        """
        labels = self._labels.get(code)
        if labels is None:
            raise NotFound(f"code must be one of the taxonomy, got {code!r}")
        return labels[language is Language.VI]


@lru_cache(1)
def taxonomy() -> Taxonomy:
    """Load the taxonomy, once.

    Raises
    ------
    BadValue
        If a name or a code belongs to two terms of one file, or a label's code to two files.
    """
    sectors, stages, regions = list(_sector_terms()), list(_stage_terms()), _region_terms()
    provinces = list(_province_terms())
    models = list(_value_terms("business_model", BusinessModel))
    instruments = list(_value_terms("instrument", Instrument))
    types = list(_value_terms("fund_type", FundType))
    statuses = list(_value_terms("fund_status", FundStatus))
    return Taxonomy(
        sectors=_glossary(sectors),
        exclusions=_glossary(map(_as_exclusion, sectors)),
        stages=_glossary(stages),
        countries=Glossary(_countries(regions).find),
        places=Places(provinces, _cities()),
        business_models=_glossary(models),
        instruments=_glossary(instruments),
        fund_types=_glossary(types),
        fund_statuses=_glossary(statuses),
        _parents={term.code: term.reading.codes[0] for term in sectors if term.reading.fine},
        _labels=_labels([*sectors, *stages, *regions, *provinces, *models, *instruments, *types, *statuses]),
    )


def _glossary(terms: Iterable[Term[Code]]) -> Glossary[Code]:
    names = by_name(terms)
    return Glossary(lambda text: names.get(lookup_key(text)))


def _labels(terms: Iterable[Term[Any]]) -> dict[str, tuple[str, str]]:
    labels: dict[str, tuple[str, str]] = {}
    for term in terms:
        if term.code in labels:
            raise BadValue("the code of one term only", term.code, "taxonomy code")
        labels[term.code] = term.labels
    return labels


def _sector_terms() -> Iterator[Term[Sector]]:
    for row in _rows("sectors.csv"):
        code, parent = row["code"], row["parent"]
        if code == GENERAL:
            yield _term(row, Reading())
        else:
            yield _term(row, Reading((Sector(parent or code),), (code,) if parent else ()))


def _as_exclusion(term: Term[Sector]) -> Term[Sector]:
    """Read a sub-sector as itself alone: who excludes alcohol does not exclude food."""
    return replace(term, reading=Reading((), term.reading.fine)) if term.reading.fine else term


def _stage_terms() -> Iterator[Term[Stage]]:
    members = {member.value: member for member in Stage}
    for row in _rows("stages.csv"):
        spanned = [row["code"]] if row["code"] in members else _items(row["stages"])
        yield _term(row, Reading(tuple(Stage(code) for code in spanned)))


def _value_terms(kind: str, enum: type[Member]) -> Iterator[Term[Member]]:
    members = {member.value: member for member in enum}
    for row in _rows("values.csv"):
        if row["kind"] == kind:
            member = members.get(row["code"])
            yield _term(row, Reading() if member is None else Reading((member,)))


def _region_terms() -> list[Term[str]]:
    """Read the regions; one may list regions that stand above it in the file."""
    members: dict[str, list[str]] = {}
    terms = []
    for row in _rows("regions.csv"):
        codes = [code for item in _items(row["countries"]) for code in members.get(item, [item])]
        members[row["code"]] = list(dict.fromkeys(codes))
        terms.append(_term(row, Reading(tuple(members[row["code"]]))))
    return terms


def _province_terms() -> Iterator[Term[str]]:
    for row in _rows("provinces.csv"):
        yield _term(row, Reading() if row["code"] == NO_PROVINCE else Reading((row["code"],)))


def _cities() -> Iterator[City]:
    for row in _rows("cities.csv"):
        yield City(row["country"], (row["name"], *_items(row["aliases"])))


def _countries(regions: Iterable[Term[str]]) -> Countries:
    rows = list(_rows("countries.csv"))
    codes = {row[column]: row["code"] for row in rows for column in ("code", "alpha3")}
    return Countries(codes, {row["code"]: _items(row["aliases"]) for row in rows}, regions)


def _term(row: Row, reading: Reading[Code]) -> Term[Code]:
    names = (row["code"], row["label_en"], row["label_vi"], *_items(row["aliases"]))
    return Term(row["code"], (row["label_en"], row["label_vi"]), names, reading)


def _items(cell: str) -> list[str]:
    return [item.strip() for item in cell.split(";") if item.strip()]


@lru_cache
def _rows(name: str) -> list[Row]:
    text = resources.files("data").joinpath("taxonomy", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
