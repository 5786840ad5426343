"""Sentences about startups and funds, in English and Vietnamese, from a grammar of parts by sector.

Both languages of a profile tell of the same product and customers; the rest is drawn for each by itself.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from data.synthetic.catalogue import (
    CITIES,
    CITY_COUNTRY,
    COUNTRIES,
    STAGE_WORDS,
    Ints,
    Pair,
    phrases,
    sectors,
    topics,
)
from data.synthetic.market import Funds, Startups
from matching.vocabulary import Language, Sector

Item = TypeVar("Item")

DRAWS = 4
"""Random numbers a text needs."""

EN, VI = 0, 1
REGION: Pair = ("Southeast Asia", "Đông Nam Á")


def descriptions(
    startups: Startups, subject: Ints, language: Language, rng: np.random.Generator
) -> list[str]:
    """Describe every startup in one language.

    Parameters
    ----------
    subject : random numbers that choose product and customers, the same for both languages, shape (n, 2).
    """
    lang = VI if language is Language.VI else EN
    templates, hows, extras = phrases("startup"), phrases("how"), phrases("extra")
    lots = rng.integers(0, 1 << 30, (len(startups.topic), DRAWS)).tolist()
    parts = (startups.topic, startups.sector, startups.city, subject)
    rows = zip(*(part.tolist() for part in parts), lots, strict=True)
    found = []
    for topic, sector, city, (product, customers), (a, b, c, d) in rows:
        first = _pick(templates, a)[lang].format(
            what=_pick(topics()[topic].what[lang], product),
            whom=_pick(sectors()[sector].whom[lang], customers),
            how=_pick(hows, b)[lang],
        )
        second = _pick(extras, c)[lang].format(n=2 + d % 96, city=CITIES[city].name[lang])
        found.append(f"{first} {second}")
    return found


def theses(
    funds: Funds, sectors_told: Ints, stage: Ints, language: Language, rng: np.random.Generator
) -> list[str]:
    """State every fund's thesis in one language, in one sentence or two.

    Parameters
    ----------
    sectors_told : the sectors each fund says it invests in, main one first, -1 for none, shape (n, k).
    stage : the first stage it says it invests at, as a position in STAGES.
    """
    lang = VI if language is Language.VI else EN
    first_ones, second_ones = phrases("thesis"), phrases("second")
    lots = rng.integers(0, 1 << 30, (len(funds.city), DRAWS)).tolist()
    by_sector = [[at for at, topic in enumerate(topics()) if topic.sector == s] for s in range(len(Sector))]
    rows = zip(
        sectors_told.tolist(),
        funds.topics[0].tolist(),
        funds.city.tolist(),
        stage.tolist(),
        funds.regional.tolist(),
        lots,
        strict=True,
    )
    found = []
    for told, liked, city, at, wide, (a, b, c, d) in rows:
        other = [topic for sector in told for topic in by_sector[sector] if sector >= 0]
        named = [topic for topic in liked if topics()[topic].sector in told] + [_pick(other, b)] * (b % 3 > 0)
        nouns = list(dict.fromkeys(topics()[topic].noun[lang] for topic in named or other[:1]))
        place = REGION if wide else COUNTRIES[CITY_COUNTRY[city]].name
        text = _pick(first_ones, a)[lang].format(
            stage=STAGE_WORDS[at][lang], place=place[lang], nouns=_list(nouns, lang)
        )
        if c % 2:
            text += " " + _pick(second_ones, d)[lang].format(noun=nouns[0])
        found.append(text)
    return found


def _pick(items: Sequence[Item], lot: int) -> Item:
    return items[lot % len(items)]


def _list(items: Sequence[str], lang: int) -> str:
    last = (" and ", " và ")[lang]
    return last.join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]
