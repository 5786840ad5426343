import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.formats.files import open_sheet
from data.formats.jsonl_file import write_jsonl
from data.formats.sheet import Unreadable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "funds.jsonl"


def read(path: Path, content: str | bytes) -> tuple[list[str], list[tuple[int, list[str]]], list[str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with open_sheet(path) as sheet:
        rows = [(line, list(cells)) for line, cells in sheet.rows]
        return sheet.columns, rows, list(map(str, sheet.faults))


def test_the_columns_are_the_keys_of_all_objects(path: Path) -> None:
    content = '{"id": "a", "name": " A "}\n\n{"id": "b", "mood": null}\n'
    expected = [(1, ["a", "A", ""]), (3, ["b", "", ""])]
    assert read(path, content) == (["id", "name", "mood"], expected, [])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.10", "0.10"),
        ("2500000.0", "2500000.0"),
        ("1e400", "1e400"),
        ("12345678901234567890", "12345678901234567890"),
        ("true", "true"),
        ("false", "false"),
        ("null", ""),
        ('["a", 1, true]', "a;1;true"),
        ("[]", ""),
        ('"Qu\\u1ef9"', "Quỹ"),
    ],
)
def test_values_become_the_text_a_csv_file_would_have(path: Path, value: str, text: str) -> None:
    assert read(path, f'{{"id": "a", "x": {value}}}\n')[1] == [(1, ["a", text])]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"id": ', "funds.jsonl:2: must be one object of json on a line of its own (Expecting value"),
        ("[1]", "funds.jsonl:2: must be one object of json on a line of its own, got"),
        (
            '{"id": NaN}',
            "funds.jsonl:2: must be one object of json on a line of its own (NaN is no number",
        ),
        ('{"id": "a", "id": "b"}', "funds.jsonl:2, column id: must name a key of an object once only"),
        ('{"id": {"x": 1}}', "funds.jsonl:2, column id: must be a text, a number, true or false, or a list"),
        ('{"id": [["x"]]}', "funds.jsonl:2, column id: must be a text, a number, true or false, or a list"),
        ("[" * 100_000, "funds.jsonl:2: must be one object of json on a line of its own ("),
    ],
)
def test_a_bad_line_is_a_fault_with_its_number(path: Path, line: str, told: str) -> None:
    _, rows, (fault,) = read(path, f'{{"id": "a"}}\n{line}\n{{"id": "b"}}\n')
    assert [number for number, _ in rows] == [1, 3]
    assert fault.startswith(told)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("startup_id,name\n", "funds.jsonl:1: must be one object of json on a line of its own"),
        ("{}\n", "funds.jsonl:1: must hold objects with the columns as keys"),
        ('{" ": "a"}\n', "funds.jsonl:1: must begin with a header line"),
        ('{"id": "a", "id ": "b"}\n', "funds.jsonl:1, column id: must name a column once only"),
        (b'{"id": "\xe9"}\n', "funds.jsonl:1: must be UTF-8 text"),
        ('{"id": "a"}\n'.encode("utf-16"), "funds.jsonl:1: must be UTF-8 text, not UTF-16"),
    ],
)
def test_a_file_of_something_else_is_refused(path: Path, content: str | bytes, told: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(path, content)
    assert str(refused.value).startswith(told)


def test_a_file_without_a_line_holds_no_rows(path: Path) -> None:
    assert read(path, "") == ([], [], [])


@given(st.lists(st.tuples(st.text().map(str.strip), st.text().map(str.strip))))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("jsonl") / "file.jsonl"
    told = [(f"id{number}", *row) for number, row in enumerate(rows)]
    write_jsonl(path, ("id", "a", "b"), told)
    with open_sheet(path) as sheet:
        found = [dict(zip(sheet.columns, cells, strict=True)) for _, cells in sheet.rows]
    assert [(row["id"], row.get("a", ""), row.get("b", "")) for row in found] == told


def test_a_written_line_is_one_object_of_texts(path: Path) -> None:
    write_jsonl(path, ("id", "name"), [("a", "Quỹ\nA"), ("b", "")])
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {"id": "a", "name": "Quỹ\nA"},
        {"id": "b"},
    ]


def test_nesting_of_any_depth_is_a_fault(path: Path) -> None:
    lines = "".join(f'{{"id": {"[" * depth}{"]" * depth}}}\n' for depth in range(850, 1_100))
    _, rows, faults = read(path, '{"id": "a"}\n' + lines)
    assert len(rows) == 1 and len(faults) == 250
    told = ("must be a text, a number", "must be one object of json on a line of its own")
    assert all(any(rule in fault for rule in told) for fault in faults)


def test_too_many_different_keys_are_refused(path: Path) -> None:
    lines = "".join(f'{{"k{n}": 1}}\n' for n in range(1_001))
    with pytest.raises(Unreadable, match=r"^funds.jsonl:1001: must have at most 1,000 different keys"):
        read(path, lines)


def test_a_line_that_is_too_long_is_refused(path: Path) -> None:
    with pytest.raises(Unreadable, match=r"^funds.jsonl:1: must have at most 4,000,000 characters in a line"):
        read(path, '{"id": "' + "x" * 4_000_000 + '"}\n')


def test_of_very_many_keys_the_one_that_stands_twice_is_found(path: Path) -> None:
    keys = ", ".join(f'"k{n}": 1' for n in range(100_000))
    with pytest.raises(Unreadable, match=r"column k99999: must name a key of an object once only"):
        read(path, f'{{{keys}, "k99999": 2}}\n')
