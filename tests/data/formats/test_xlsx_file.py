from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from data.formats.files import open_sheet
from data.formats.sheet import Unreadable
from data.formats.xlsx_file import MAX_CELL, write_xlsx
from matching.errors import BadValue

Made = Callable[[Any], None]
# What the contract takes: no control characters but tab and line breaks.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\t\n\r"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "funds.xlsx"


def made(path: Path, *rows: tuple[Any, ...], then: Made = lambda sheet: None) -> Path:
    """Write a workbook as a person would."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    then(sheet)
    book.save(path)
    return path


def read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]], list[str]]:
    with open_sheet(path) as sheet:
        rows = [(line, list(cells)) for line, cells in sheet.rows]
        return sheet.columns, rows, list(map(str, sheet.faults))


def refusal(path: Path) -> str:
    with pytest.raises(Unreadable) as refused:
        read(path)
    return str(refused.value)


def test_values_become_the_text_a_csv_file_would_have(path: Path) -> None:
    told = (" a ", 2_500_000.0, 0.5, 7, True, date(2021, 3, 31), datetime(2021, 3, 31, 9, 30), None)
    made(path, tuple("abcdefgh"), told)
    expected = ["a", "2500000", "0.5", "7", "true", "2021-03-31", "2021-03-31", ""]
    assert read(path) == (list("abcdefgh"), [(2, expected)], [])


def test_blank_rows_and_empty_cells_at_the_end_are_passed_over(path: Path) -> None:
    made(path, ("id", "name", None), (), ("a",), (None, None), ("b", "B", None))
    assert read(path) == (["id", "name"], [(3, ["a", ""]), (5, ["b", "B"])], [])


def test_a_cell_beyond_the_header_is_a_fault_with_its_line(path: Path) -> None:
    made(path, ("id", "name"), ("a", "A", "more"))
    assert read(path)[2] == ["funds.xlsx:2: must have 2 cells, as the header has, not 3, got 'a,A,more'"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("=1+1", "must hold a value, not a formula (copy, then paste as values), got '=1+1'"),
        ("#N/A", "must hold a value, not an error, got '#N/A'"),
        (time(9, 30), "must hold a text, a number or a date, got '09:30:00'"),
    ],
)
def test_what_is_no_value_is_a_fault_with_its_cell(path: Path, value: Any, told: str) -> None:
    made(path, ("id", "name"), ("a", "A"), ("b", value))
    assert read(path)[2] == [f"funds.xlsx:3, column B3: {told}"]


def test_a_text_that_begins_like_a_formula_is_a_text(path: Path) -> None:
    def as_text(sheet: Any) -> None:
        sheet["A2"].value, sheet["A2"].data_type = "=1+1", "s"

    assert read(made(path, ("id",), ("x",), then=as_text))[1] == [(2, ["=1+1"])]


def test_a_character_that_excel_writes_as_a_code_is_read(path: Path) -> None:
    assert read(made(path, ("id",), ("one_x000D_\ntwo _x005F_x000D_",)))[1] == [(2, ["one\r\ntwo _x000D_"])]


def test_merged_cells_are_refused_with_their_range(path: Path) -> None:
    made(path, ("id", "name"), ("a", "A"), then=lambda sheet: sheet.merge_cells("A2:A3"))
    assert (
        refusal(path) == "funds.xlsx, column A2:A3: must have no merged cells: each row needs its own value"
    )


def test_of_several_sheets_the_one_that_holds_anything_is_read(path: Path) -> None:
    made(path, ("id",), ("a",), then=lambda sheet: sheet.parent.create_sheet("Notes", 0))
    assert read(path)[1] == [(2, ["a"])]


def test_two_sheets_that_hold_something_are_refused_by_name(path: Path) -> None:
    made(path, ("id",), then=lambda sheet: sheet.parent.create_sheet("More").append(["x"]))
    assert refusal(path) == "funds.xlsx: must have one sheet that holds anything, got 'Sheet, More'"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"id,name\na,A\n", "must be an Excel workbook (.xlsx), not only be named so, got 'id,n'"),
        (b"", "must be an Excel workbook (.xlsx)"),
        (b"\xd0\xcf\x11\xe0rest", "must be an Excel workbook (.xlsx) without a password"),
    ],
)
def test_what_is_no_workbook_is_refused(path: Path, content: bytes, told: str) -> None:
    path.write_bytes(content)
    assert told in refusal(path)


def test_a_workbook_cut_short_is_refused_wherever_it_was_cut(path: Path) -> None:
    whole = made(path, ("id", "name"), *((f"f{n}", f"Fund {n}") for n in range(50))).read_bytes()
    for end in range(50, len(whole), 400):
        path.write_bytes(whole[:end])
        assert refusal(path).startswith("funds.xlsx: must be an Excel workbook (.xlsx)")


def test_an_empty_workbook_has_no_header(path: Path) -> None:
    assert refusal(made(path)) == "funds.xlsx:1: must begin with a header line of column names"


def test_an_error_of_the_reader_of_rows_is_not_called_one_of_the_workbook(path: Path) -> None:
    made(path, ("id",), ("a",))
    with pytest.raises(KeyError), open_sheet(path):
        raise KeyError("of somebody else")


@given(st.lists(st.tuples(TEXT.map(str.strip), TEXT.map(str.strip)), max_size=4))
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("xlsx") / "file.xlsx"
    write_xlsx(path, ("a", "b"), rows)
    assert [cells for _, cells in read(path)[1]] == [list(row) for row in rows if any(row)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+84 28", "-", "@here", "_x000D_", "_x005F_x", "#N/A", "2021-03-31"]
)
def test_every_text_is_written_as_text(path: Path, text: str) -> None:
    write_xlsx(path, ("id",), [(text,)])
    assert read(path) == (["id"], [(2, [text])], [])


def test_a_text_longer_than_the_format_takes_is_refused(path: Path) -> None:
    with pytest.raises(BadValue, match=r"at most 32,767 characters a cell \(use csv or jsonl\)"):
        write_xlsx(path, ("id",), [("x" * (MAX_CELL + 1),)])
