"""The words of the funnel: statuses of introductions and reasons of passes, read from data/taxonomy."""

import csv
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import TypeVar

from data.cells import Broken, read_label
from data.glossary import Glossary, Reading, Term, by_name, lookup_key
from matching.vocabulary import IntroductionStatus, Language, PassReason

Member = TypeVar("Member", bound=StrEnum)


@lru_cache(1)
def statuses() -> Glossary[IntroductionStatus]:
    """Load the statuses of an introduction.

    >>> str(statuses().read("Declined").only), str(statuses().read("đã rót vốn").only)
    ('investor_declined', 'invested')
    """
    return _glossary("introduction_status", IntroductionStatus)


@lru_cache(1)
def pass_reasons() -> Glossary[PassReason]:
    """Load the reasons of a pass.

    >>> str(pass_reasons().read("too early").only), str(pass_reasons().read("hết vốn").only.group)
    ('stage', 'capacity')
    """
    return _glossary("pass_reason", PassReason)


def label_of(reason: PassReason, language: Language) -> str:
    """Name the reason of a pass.

    >>> label_of(PassReason.NO_DRY_POWDER, Language.VI)
    'Hết vốn để rót'
    """
    return _reason_labels()[reason][language is Language.VI]


@lru_cache(1)
def _reason_labels() -> dict[str, tuple[str, str]]:
    return {term.code: term.labels for term in _terms("pass_reason", PassReason)}


@lru_cache(1_000)
def read_status(text: str) -> str:
    """Read a status; there is no way to keep one that is not understood, so it is refused."""
    found = statuses().read(read_label(text)).only
    if found is None:
        raise Broken(f"be a status of an introduction ({', '.join(IntroductionStatus)})")
    return str(found)


def _glossary(kind: str, enum: type[Member]) -> Glossary[Member]:
    names = by_name(_terms(kind, enum))
    return Glossary(lambda text: names.get(lookup_key(text)))


def _terms(kind: str, enum: type[Member]) -> Iterator[Term[Member]]:
    text = resources.files("data").joinpath("taxonomy", "funnel.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["kind"] == kind:
            labels = (row["label_en"], row["label_vi"])
            names = (row["code"], *labels, *row["aliases"].split(";"))
            yield Term(row["code"], labels, names, Reading((enum(row["code"]),)))
