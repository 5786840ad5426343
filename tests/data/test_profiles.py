import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.formats.jsonl_file import NOT_NESTED
from data.profiles import Refused, read_profiles
from matching.records import Startup
from matching.vocabulary import BusinessModel, Sector, Stage

FULL = {
    "startup_id": "asking",
    "name": "Asking",
    "description": "Payments",
    "description_vi": "Thanh toán",
    "sectors": ["fintech", "y tế số"],
    "business_model": "b2b",
    "country": "Việt Nam",
    "city": "Hồ Chí Minh",
    "stage": "Vòng hạt giống",
    "founded_on": "2020-02",
    "raising_usd": 500000,
    "exclusions": ["f", "g"],
    "opted_out": False,
}
READ = Startup(
    startup_id="asking",
    name="Asking",
    description="Payments",
    description_vi="Thanh toán",
    sectors=frozenset({Sector.FINTECH, Sector.HEALTHTECH}),
    tags=("fintech", "y tế số"),
    business_model=BusinessModel.B2B,
    country="VN",
    city="Hồ Chí Minh",
    place="vn-ho-chi-minh",
    subsectors=frozenset({"digital-health"}),
    stage=Stage.SEED,
    stage_told="vòng hạt giống",
    founded_on=date(2020, 2, 29),
    raising_usd=500_000.0,
    exclusions=frozenset({"f", "g"}),
)


def in_json(folder: Path, told: object) -> Path:
    path = folder / "p.json"
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return path


def in_csv(folder: Path, text: str) -> Path:
    path = folder / "p.csv"
    path.write_text(text, encoding="utf-8")
    return path


def one(path: Path) -> Startup:
    (startup,), _ = read_profiles(path)
    return startup


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        read_profiles(path)
    assert str(refused.value) == "\n".join(map(str, refused.value.faults))
    return str(refused.value)


# --- what is read ---


def test_a_json_profile_may_have_every_column(tmp_path: Path) -> None:
    assert one(in_json(tmp_path, FULL)) == READ


def test_lists_and_texts_with_semicolons_are_the_same(tmp_path: Path) -> None:
    told = {**FULL, "sectors": "fintech; y tế số", "exclusions": "g;f"}
    assert one(in_json(tmp_path, told)) == READ


def test_a_csv_profile_is_read_like_the_json_one(tmp_path: Path) -> None:
    row = [";".join(value) if isinstance(value, list) else str(value) for value in FULL.values()]
    assert one(in_csv(tmp_path, f"{','.join(FULL)}\n{','.join(row)}\n")) == READ


def test_the_ending_may_be_in_capitals_and_the_file_may_begin_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / "P.CSV").write_text("name,country\nAn,VN\n", encoding="utf-8-sig")
    (tmp_path / "P.JSON").write_text('{"name": "An", "country": "VN"}', encoding="utf-8-sig")
    read = [one(tmp_path / name) for name in ("P.CSV", "P.JSON")]
    assert [(startup.name, startup.country) for startup in read] == [("An", "VN")] * 2


@pytest.mark.parametrize("unknown", [None, "", "  ", []])
def test_null_and_empty_values_are_unknown(tmp_path: Path, unknown: object) -> None:
    told = {name: unknown for name in FULL if name not in {"startup_id", "name"}}
    path = in_json(tmp_path, {"startup_id": "a", "name": "An", **told})
    assert one(path) == Startup(startup_id="a", name="An")


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        ("raising_usd", 1e6, 1_000_000.0),
        ("raising_usd", "250000", 250_000.0),
        ("raising_usd", 0.5, 0.5),
        ("founded_on", 2020, date(2020, 12, 31)),
        ("opted_out", True, True),
        ("opted_out", "có", True),
        ("opted_out", 0, False),
        ("sectors", ["fintech", None, ""], frozenset({Sector.FINTECH})),
        ("name", 9, "9"),
        ("name", True, "true"),
    ],
)
def test_numbers_and_booleans_are_read_as_they_are_meant(
    tmp_path: Path, column: str, value: object, read: object
) -> None:
    assert getattr(one(in_json(tmp_path, {column: value})), column) == read


def test_profiles_without_id_or_name_get_one_by_their_place(tmp_path: Path) -> None:
    startups, report = read_profiles(in_json(tmp_path, [{"country": "VN"}, {"name": "Bình"}]))
    assert [(s.startup_id, s.name) for s in startups] == [("profile 1", "profile-1"), ("profile 2", "Bình")]
    assert report.rows == 2


def test_profiles_need_not_have_the_same_columns(tmp_path: Path) -> None:
    startups, _ = read_profiles(in_json(tmp_path, [{"country": "VN"}, {"stage": "seed"}]))
    told = [(s.country, s.stage, s.stage_told) for s in startups]
    assert told == [("VN", None, ""), (None, Stage.SEED, "seed")]


def test_a_csv_with_a_header_alone_holds_no_profile(tmp_path: Path) -> None:
    startups, report = read_profiles(in_csv(tmp_path, "name,sectors\n"))
    assert (startups, report.rows) == ([], 0)


def test_unknown_columns_and_words_are_reported(tmp_path: Path) -> None:
    told = [{"name": "A", "sector": "x", "sectors": "fintech; zzz"}, {"sectors": ["zzz"], "stage": "wobbly"}]
    startups, report = read_profiles(in_json(tmp_path, told))
    assert report.unknown_columns == ["sector"]
    assert report.not_understood == {("sectors", "zzz"): 2, ("stage", "wobbly"): 1}
    assert startups[0].sectors == {Sector.FINTECH}
    assert [startup.not_understood for startup in startups] == [{"sectors"}, {"sectors", "stage"}]


# --- what is refused ---


@pytest.mark.parametrize("nested", [{"en": "A"}, [["a"]], [{"a": 1}], ["a", {}]])
@pytest.mark.parametrize("column", ["name", "sectors", "raising_usd", "something"])
def test_a_nested_value_is_refused_by_its_column(tmp_path: Path, column: str, nested: object) -> None:
    told = refusal(in_json(tmp_path, [{"name": "A"}, {"country": "VN", column: nested}]))
    assert told == f"p.json:2, column {column}: must {NOT_NESTED}"


@pytest.mark.parametrize("depth", [900, 100_000])
@pytest.mark.parametrize("form", ["{}", '{{"name": {}}}'])
def test_very_deep_json_is_refused_in_one_line(tmp_path: Path, depth: int, form: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(form.format("[" * depth + "]" * depth), encoding="utf-8")
    told = refusal(path)
    assert told.startswith("p.json") and "\n" not in told and len(told) < 300


@pytest.mark.parametrize("told", [[], "text", 5, None, True, ["text"], [{"name": "A"}, 5]])
def test_json_of_another_shape_is_refused_with_what_it_holds(tmp_path: Path, told: object) -> None:
    written = json.dumps(told)
    expected = f"p.json: must hold one object or a list of objects, got {written!r}"
    assert refusal(in_json(tmp_path, told)) == expected


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{'name': 1}", b'{"name": "\xe9"}', b"name\nA\n", b'{"a": ' + b"9" * 5000 + b"}"],
)
def test_what_is_not_json_is_refused_and_csv_is_hinted_at(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    assert refusal(path).startswith("p.json: must be csv (then name it .csv) or proper json (")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "p.csv:1: must begin with a header line of column names"),
        (
            b"name\nA\n\xe9\n",
            "p.csv:3: must be UTF-8 text (bytes in hexadecimal); if it is Windows-1258 or Windows-1252, "
            "save it again as 'CSV UTF-8', got 'e9 0a'",
        ),
        (b"name,city\nA\n", "p.csv:2: must have 2 cells, as the header has, not 1, got 'A'"),
        (b'name\n"A\n', "p.csv:2: must close every quote: the one opened in this row never ends"),
        (b"name,name\nA,B\n", "p.csv:1, column name: must name a column once only, got 'name,name'"),
        (b"name,city\nA,b\x00c\n", r"p.csv:2, column city: must hold no control characters, got 'b\x00c'"),
    ],
)
def test_a_broken_csv_is_refused_by_its_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(content)
    assert refusal(path) == told


@pytest.mark.parametrize("told", [{}, {"sector": "fintech"}, [{"Name": "A"}, {"NAME": "B"}]])
def test_a_file_without_any_known_column_is_refused_with_those_there_are(tmp_path: Path, told: Any) -> None:
    message = refusal(in_json(tmp_path, told))
    assert message.startswith(
        "p.json:1: must have at least one column of startups.csv (startup_id, program_id, "
    )


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("raising_usd", -1, "be US dollars from 0"),
        ("raising_usd", "1,000", "be US dollars from 0"),
        ("raising_usd", True, "be US dollars from 0"),
        ("raising_usd", float("inf"), "be US dollars from 0"),
        ("raising_usd", float("nan"), "be US dollars from 0"),
        ("founded_on", "31/02/2021", "be an ISO date"),
        ("opted_out", "maybe", "be true or false"),
        ("startup_id", "a b", "be an id of 1 to 200 "),
        ("exclusions", ["f", "g h"], "be ids separated by semicolons"),
        ("description", "a\0b", "hold no control characters"),
        ("description", "x" * 20_001, "have at most 20,000 characters, not 20,001"),
        ("name", "x" * 301, "have at most 300 characters, not 301"),
        ("website", "two words", "be a web address"),
    ],
)
def test_a_value_that_breaks_a_rule_is_refused_by_line_and_column(
    tmp_path: Path, column: str, value: object, rule: str
) -> None:
    told = refusal(in_json(tmp_path, [{"country": "VN"}, {column: value}]))
    assert told.startswith(f"p.json:2, column {column}: must {rule}") and ", got '" in told
    assert "\n" not in told and len(told) < 400


def test_every_fault_is_named(tmp_path: Path) -> None:
    told = refusal(in_csv(tmp_path, "name,raising_usd,opted_out\nA,much,maybe\nB,5,\nC,more,\n"))
    assert [line.partition(": must")[0] for line in told.splitlines()] == [
        "p.csv:2, column raising_usd",
        "p.csv:2, column opted_out",
        "p.csv:4, column raising_usd",
    ]


@pytest.mark.parametrize("ids", [("a", "a"), ("a", "b", "a")])
def test_an_id_stands_once(tmp_path: Path, ids: tuple[str, ...]) -> None:
    told = [{"startup_id": startup_id, "country": "VN"} for startup_id in ids]
    last = ids[-1]
    expected = f"p.json:{len(ids)}, column startup_id: must not repeat the startup_id of line 1, got {last!r}"
    assert refusal(in_json(tmp_path, told)) == expected


def test_a_profile_without_an_id_shares_none_with_a_stored_startup(tmp_path: Path) -> None:
    told = [{"startup_id": "profile-2", "name": "An"}, {"name": "Bình"}]
    startups, _ = read_profiles(in_json(tmp_path, told))
    assert [startup.startup_id for startup in startups] == ["profile-2", "profile 2"]
