import csv
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.countries import country_label
from data.glossary import Reading, Term
from data.places import NO_COUNTRY, City, Places
from data.terms import NO_PROVINCE, taxonomy
from matching.errors import BadValue
from matching.text import fold
from matching.vocabulary import Language

TAXONOMY = Path(__file__).parents[2] / "data" / "taxonomy"

# Resolution 202/2025/QH15: 23 provinces and cities made of 52, and the 11 that stay as they were.
MERGED = {
    "vn-tuyen-quang": "Hà Giang, Tuyên Quang",
    "vn-lao-cai": "Yên Bái, Lào Cai",
    "vn-thai-nguyen": "Bắc Kạn, Thái Nguyên",
    "vn-phu-tho": "Vĩnh Phúc, Hòa Bình, Phú Thọ",
    "vn-bac-ninh": "Bắc Giang, Bắc Ninh",
    "vn-hung-yen": "Thái Bình, Hưng Yên",
    "vn-hai-phong": "Hải Dương, Hải Phòng",
    "vn-ninh-binh": "Hà Nam, Nam Định, Ninh Bình",
    "vn-quang-tri": "Quảng Bình, Quảng Trị",
    "vn-da-nang": "Quảng Nam, Đà Nẵng",
    "vn-quang-ngai": "Kon Tum, Quảng Ngãi",
    "vn-gia-lai": "Bình Định, Gia Lai",
    "vn-khanh-hoa": "Ninh Thuận, Khánh Hòa",
    "vn-lam-dong": "Đắk Nông, Bình Thuận, Lâm Đồng",
    "vn-dak-lak": "Phú Yên, Đắk Lắk",
    "vn-ho-chi-minh": "Bà Rịa - Vũng Tàu, Bình Dương, Hồ Chí Minh",
    "vn-dong-nai": "Bình Phước, Đồng Nai",
    "vn-tay-ninh": "Long An, Tây Ninh",
    "vn-can-tho": "Sóc Trăng, Hậu Giang, Cần Thơ",
    "vn-vinh-long": "Bến Tre, Trà Vinh, Vĩnh Long",
    "vn-dong-thap": "Tiền Giang, Đồng Tháp",
    "vn-ca-mau": "Bạc Liêu, Cà Mau",
    "vn-an-giang": "Kiên Giang, An Giang",
}
KEPT = {
    "vn-hanoi": "Hà Nội",
    "vn-hue": "Thừa Thiên Huế",
    "vn-lai-chau": "Lai Châu",
    "vn-dien-bien": "Điện Biên",
    "vn-son-la": "Sơn La",
    "vn-lang-son": "Lạng Sơn",
    "vn-quang-ninh": "Quảng Ninh",
    "vn-thanh-hoa": "Thanh Hóa",
    "vn-nghe-an": "Nghệ An",
    "vn-ha-tinh": "Hà Tĩnh",
    "vn-cao-bang": "Cao Bằng",
}
OLD = {old: code for code, names in (MERGED | KEPT).items() for old in names.split(", ")}


def rows(name: str) -> list[dict[str, str]]:
    with (TAXONOMY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def place(city: str, country: str | None = "VN") -> str | None:
    return taxonomy().places.within(country).read(city).only


def test_there_are_34_provinces_made_of_63() -> None:
    assert (len(MERGED), len(KEPT), len(OLD)) == (23, 11, 63)
    codes = [row["code"] for row in rows("provinces.csv")]
    assert set(codes) == {*MERGED, *KEPT, NO_PROVINCE}
    assert len(codes) == 35


@pytest.mark.parametrize("old", OLD)
def test_each_of_the_63_is_part_of_its_province(old: str) -> None:
    spellings = (old, fold(old), f"Tỉnh {old}", f"{old} Province", f"TP. {old}", f"{old}, Việt Nam")
    assert {place(text) for text in spellings} == {OLD[old]}


@pytest.mark.parametrize("code", [*MERGED, *KEPT])
def test_each_province_is_read_from_its_code_and_its_labels(code: str) -> None:
    labels = [taxonomy().label(code, language) for language in Language]
    assert list(taxonomy().provinces([code, *labels]).codes) == [code]


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        (
            "vn-ho-chi-minh",
            "TP.HCM; TPHCM; Tp. Hồ Chí Minh; HCMC; Sài Gòn; Saigon; Ho Chi Minh City; Thành phố Hồ Chí Minh;"
            "Thủ Đức; TP Thủ Đức; Vũng Tàu; Thủ Dầu Một; Quận 1; Quận 1, TP.HCM; Bình Thạnh District;"
            "胡志明市; 12 Lê Lợi, Quận 7, TP HCM, Việt Nam; Ho Chi Minh City (Saigon)",
        ),
        ("vn-hanoi", "Hà Nội; Ha Noi; HANOI; Thủ đô Hà Nội; Cầu Giấy; Hanoi, Vietnam; 河内"),
        ("vn-da-nang", "Đà Nẵng; Da Nang; Danang; TP. Đà Nẵng; Hội An; Tam Kỳ"),
        ("vn-dong-nai", "Biên Hoà; Biên Hòa; Bien Hoa City"),
        ("vn-khanh-hoa", "Nha Trang; Khánh Hoà; Phan Rang - Tháp Chàm"),
        ("vn-lam-dong", "Đà Lạt; Dalat; Phan Thiết"),
        ("vn-gia-lai", "Quy Nhơn; Pleiku"),
        ("vn-hue", "Huế; Hue City; TP Huế"),
        ("vn-dak-lak", "Buôn Ma Thuột; Dak Lak; Đắc Lắc; Tuy Hòa"),
        ("vn-an-giang", "Phú Quốc; Long Xuyên; Rạch Giá"),
        ("vn-nghe-an", "Vinh; TP Vinh"),
    ],
)
def test_spellings_and_towns(code: str, spellings: str) -> None:
    for text in spellings.split(";"):
        assert (text, place(text)) == (text, code)


@pytest.mark.parametrize("text", ["", "  ", "Vietnam", "toàn quốc", "remote", "không rõ"])
@pytest.mark.parametrize("country", ["VN", "US", None])
def test_what_names_no_place_is_understood_as_nothing(text: str, country: str | None) -> None:
    if country == "VN" or text.strip() != "Vietnam":
        assert taxonomy().places.within(country).read(text) == Reading()


def test_two_provinces_are_no_single_place() -> None:
    reading = taxonomy().places.within("VN").read("Hà Nội & TP.HCM")
    assert (reading.only, reading.not_understood) == (None, ())


def test_an_unknown_town_of_vietnam_is_reported_and_a_place_of_its_own() -> None:
    assert taxonomy().places.within("VN").read("Atlantis") == Reading(("vn-atlantis",), (), ("Atlantis",))


@pytest.mark.parametrize("country", ["VN", "US", None])
def test_a_city_without_a_letter_is_reported(country: str | None) -> None:
    assert taxonomy().places.within(country).read("?!") == Reading((), (), ("?!",))


@pytest.mark.parametrize(
    ("country", "spellings", "key"),
    [
        ("US", "New York;New York City;NYC;new york, NY;Brooklyn", "us-new-york"),
        ("US", "San Francisco;SF;San Francisco, CA", "us-san-francisco"),
        ("US", "Washington;Washington DC;Washington, D.C.", "us-washington"),
        ("IN", "Bangalore;Bengaluru;BENGALURU, Karnataka", "in-bengaluru"),
        ("IN", "Bombay;Mumbai", "in-mumbai"),
        ("DE", "München;Munich;Muenchen;MUNCHEN", "de-munich"),
        ("BR", "São Paulo;Sao Paulo", "br-sao-paulo"),
        ("US", "Palo Alto;palo-alto;PALO  ALTO, CA", "us-palo-alto"),
        ("GB", "Cambridge", "gb-cambridge"),
        ("US", "Cambridge;Cambridge, MA", "us-cambridge"),
        ("SG", "Hanoi", "sg-hanoi"),
        (None, "Hà Nội;Ha Noi", "vn-hanoi"),
        (None, "Bengaluru;Bangalore", "in-bengaluru"),
        (None, "Singapore", "sg-singapore"),
        (None, "Cambridge", "zz-cambridge"),
        (None, "Springfield;Springfield, IL", "zz-springfield"),
    ],
)
def test_cities_abroad_and_of_unknown_countries(country: str | None, spellings: str, key: str) -> None:
    assert {place(text, country) for text in spellings.split(";")} == {key}


def test_every_row_of_cities_is_of_a_country_and_no_province() -> None:
    for row in rows("cities.csv"):
        assert row["country"] != "VN"
        assert country_label(row["country"], Language.EN)
        for name in (row["name"], *filter(None, row["aliases"].split(";"))):
            assert taxonomy().provinces.read(name).codes == (), name


def test_a_name_of_two_cities_of_one_country_is_refused() -> None:
    with pytest.raises(BadValue, match="a name of one city of US only, got 'sf'"):
        Places([], [City("US", ("San Francisco", "SF")), City("US", ("Sioux Falls", "SF"))])


def test_a_name_of_two_countries_tells_no_country() -> None:
    province = Term("vn-x", ("", ""), ("X",), Reading(("vn-x",)))
    places = Places([province], [City("GB", ("Bath",)), City("US", ("Bath",)), City("FR", ("Nice",))])
    found = [places.within(None).read(text).only for text in ("Bath", "Nice", "X")]
    assert found == [f"{NO_COUNTRY.lower()}-bath", "fr-nice", "vn-x"]


Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: list[Form] = ["NFC", "NFD", "NFKC", "NFKD"]
NAMES = [
    (row["code"], name)
    for row in rows("provinces.csv")
    for name in (row["label_en"], row["label_vi"], *filter(None, row["aliases"].split(";")))
]


@given(
    st.sampled_from(NAMES),
    st.sampled_from([str.upper, str.lower, str.title, fold]),
    st.sampled_from(FORMS),
    st.sampled_from([None, "VN"]),
)
def test_case_diacritics_and_composition_do_not_matter(
    named: tuple[str, str], change: Callable[[str], str], form: Form, country: str | None
) -> None:
    code, name = named
    text = unicodedata.normalize(form, change(name))
    assert place(text, country) == (None if code == NO_PROVINCE else code)


@given(st.text(max_size=20), st.sampled_from([None, "VN", "US"]))
def test_every_city_has_at_most_one_key_that_spelling_it_loudly_keeps(text: str, country: str | None) -> None:
    reading = taxonomy().places.within(country).read(text)
    assert reading.not_understood in ((), (text,))
    assert taxonomy().places.within(country).read(f" {text}\t").codes == reading.codes
    if country == "US":
        assert len(reading.codes) <= 1
