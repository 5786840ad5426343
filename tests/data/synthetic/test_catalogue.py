import pytest

from data.synthetic.catalogue import CITIES, COUNTRIES, phrases, sectors, topic_table, topics
from data.terms import taxonomy
from matching.vocabulary import Sector

KINDS = ("startup", "how", "extra", "thesis", "second")
PARTS = [pair for kind in KINDS for pair in phrases(kind)]
PARTS += [topic.noun for topic in topics()]
PARTS += [pair for topic in topics() for pair in zip(*topic.what, strict=True)]
PARTS += [pair for sector in sectors() for pair in zip(*sector.whom, strict=True)]


def test_english_parts_are_ascii_and_vietnamese_ones_have_diacritics() -> None:
    assert [en for en, _ in PARTS if not en.isascii()] == []
    assert [vi for _, vi in PARTS if vi.isascii()] == []


def test_both_languages_of_a_phrase_have_the_same_gaps() -> None:
    for english, vietnamese in (pair for kind in KINDS for pair in phrases(kind)):
        gaps = [{part.split("}")[0] for part in text.split("{")[1:]} for text in (english, vietnamese)]
        assert gaps[0] == gaps[1]


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.code)
def test_the_taxonomy_reads_every_topic_as_its_sector(topic: object) -> None:
    (found,) = [each for each in topics() if each is topic]
    assert taxonomy().sectors([found.code]).codes == (tuple(Sector)[found.sector],)


def test_every_sector_has_topics_and_stands_in_the_order_of_the_vocabulary() -> None:
    assert [sector.code for sector in sectors()] == list(Sector)
    for at, row in enumerate(topic_table()):
        assert {topics()[topic].sector for topic in row} == {at}


def test_the_taxonomy_reads_every_country_in_either_language() -> None:
    for country in COUNTRIES:
        for name in (country.code, *country.name):
            assert taxonomy().country(name).only == country.code


def test_every_country_has_a_city() -> None:
    assert {city.country for city in CITIES} == set(range(len(COUNTRIES)))
