import csv
import subprocess
import sys
from pathlib import Path

import pycountry
import pytest

from data.countries import country_label
from data.terms import taxonomy
from matching.errors import BadValue
from matching.vocabulary import Language

ROOT = Path(__file__).parents[2]
ALL = {country.alpha_2 for country in pycountry.countries}


def read(text: str) -> set[str]:
    reading = taxonomy().country(text)
    assert reading.not_understood == ()
    return set(reading.codes)


def test_codes_are_those_of_iso_3166() -> None:
    with (ROOT / "data" / "taxonomy" / "countries.csv").open(encoding="utf-8", newline="") as file:
        ours = {(row["code"], row["alpha3"]) for row in csv.DictReader(file)}
    assert ours == {(country.alpha_2, country.alpha_3) for country in pycountry.countries}


@pytest.mark.parametrize("code", sorted(ALL))
def test_each_country_is_read_by_its_codes_and_its_names(code: str) -> None:
    country = pycountry.countries.get(alpha_2=code)
    assert country is not None
    official = getattr(country, "official_name", country.name)
    assert [read(text) for text in (code, country.alpha_3, country.name, official)] == [{code}] * 4


@pytest.mark.parametrize("code", sorted(ALL))
@pytest.mark.parametrize("language", Language)
def test_each_country_is_read_back_from_its_label(code: str, language: Language) -> None:
    assert read(country_label(code, language)) == {code}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("VN", "VN"),
        ("vnm", "VN"),
        ("Viet Nam", "VN"),
        ("VIỆT NAM", "VN"),
        ("UK", "GB"),
        ("usa", "US"),
        ("U.S.A.", "US"),
        ("Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("Hàn Quốc", "KR"),
        ("han quoc", "KR"),
        ("Lao PDR", "LA"),
        ("Hong Kong, China", "HK"),
        ("ROM", "RO"),
        ("Côte d'Ivoire", "CI"),
        ("Bosnia and Herzegovina", "BA"),
    ],
)
def test_spellings(text: str, code: str) -> None:
    assert read(text) == {code}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mỹ", "US"),
        ("MỸ", "US"),
        ("mỹ", "US"),
        ("MY", "MY"),
        ("Áo", "AT"),
        ("AO", "AO"),
        ("Bỉ", "BE"),
        ("BI", "BI"),
        ("Nga", "RU"),
        ("NGA", "NG"),
    ],
)
def test_a_vietnamese_name_is_told_from_the_code_it_resembles(text: str, code: str) -> None:
    assert read(text) == {code}


@pytest.mark.parametrize(
    "text", ["my", "My", "ao", "bi", "emerging markets", "khu vực", "ex-Japan", "Atlantis"]
)
def test_what_cannot_be_told_is_not_guessed(text: str) -> None:
    reading = taxonomy().country(text)
    assert (reading.codes, reading.not_understood) == ((), (text,))


ASEAN = {"BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"}


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("Southeast Asia", ASEAN),
        ("Đông Nam Á", ASEAN),
        ("ASEAN", ASEAN),
        ("global", ALL),
        ("ĐNÁ", ASEAN),
        ("Đông Dương", {"VN", "LA", "KH"}),
        ("SEA + India", {*ASEAN, "IN"}),
        ("Southeast Asia ex-Singapore", ASEAN - {"SG"}),
        ("Southeast Asia (excluding Singapore and Malaysia)", ASEAN - {"SG", "MY"}),
        ("Đông Nam Á, trừ Singapore", ASEAN - {"SG"}),
        ("India and ASEAN except Laos", {"IN", *ASEAN} - {"LA"}),
        ("中国、越南", {"CN", "VN"}),
        ("Vietnam, Laos and Cambodia", {"VN", "LA", "KH"}),
        ("Benelux", {"BE", "NL", "LU"}),
    ],
)
def test_regions_are_lists_of_countries(text: str, countries: set[str]) -> None:
    assert read(text) == countries


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("South Asia", "Asia"),
        ("EU", "Europe"),
        ("MENA", "EMEA"),
        ("Japan", "APAC"),
        ("Brazil", "Latin America"),
    ],
)
def test_regions_contain_each_other(part: str, whole: str) -> None:
    assert read(part) < read(whole)


def test_every_region_lists_countries_only() -> None:
    with (ROOT / "data" / "taxonomy" / "regions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert read(row["code"]) <= ALL, row["code"]


def test_apac_without_japan_is_apac_without_one_country() -> None:
    assert read("APAC") - read("APAC ex-Japan") == {"JP"}


def test_what_is_left_out_of_a_region_but_not_known_is_reported() -> None:
    reading = taxonomy().country("ASEAN (ex-Atlantis)")
    assert (set(reading.codes), reading.not_understood) == (ASEAN, ("ASEAN (ex-Atlantis)",))


def test_a_region_is_no_single_country() -> None:
    assert taxonomy().country("ASEAN").only is None


def test_a_label_of_an_unknown_territory_is_refused() -> None:
    with pytest.raises(BadValue, match="must be an ISO 3166 alpha-2 code in capitals, got 'vietnam'"):
        country_label("vietnam", Language.VI)


def test_common_spellings_need_neither_babel_nor_pycountry() -> None:
    script = (
        "import sys; from data.terms import taxonomy; "
        "taxonomy().countries(['VN', 'GBR', 'Hàn Quốc', 'United States', 'Southeast Asia']); "
        "assert not {'babel', 'pycountry'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
