from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.faults import Fault
from data.formats.csv_file import MAX_CELL, read_csv, write_csv
from data.formats.sheet import Unreadable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "startups.csv"


@dataclass
class Content:
    """A file read to its end, each row by column name."""

    columns: list[str]
    lines: list[int]
    rows: list[dict[str, str]]
    faults: list[str]


def sheet_of(path: Path, content: str | bytes, separator: str = ",") -> Content:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with read_csv(path, separator) as sheet:
        rows = list(sheet.rows)
    named = [dict(zip(sheet.columns, cells, strict=True)) for _, cells in rows]
    return Content(sheet.columns, [line for line, _ in rows], named, list(map(str, sheet.faults)))


def refusal_of(path: Path, content: str | bytes) -> Fault:
    with pytest.raises(Unreadable) as refused:
        sheet_of(path, content)
    return refused.value.fault


def test_cells_are_read_by_column_name_and_stripped(path: Path) -> None:
    sheet = sheet_of(path, "id , name\na,  Ánh \n")
    assert sheet.columns == ["id", "name"]
    assert sheet.rows == [{"id": "a", "name": "Ánh"}]
    assert sheet.faults == []


def test_a_byte_order_mark_is_no_part_of_the_first_name(path: Path) -> None:
    assert sheet_of(path, b"\xef\xbb\xbfid\na\n").columns == ["id"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read(path: Path, end: str) -> None:
    sheet = sheet_of(path, end.join(["id,name", "a,A", "b,B"]))
    assert [row["name"] for row in sheet.rows] == ["A", "B"]
    assert sheet.lines == [2, 3]


def test_a_row_after_quoted_line_breaks_knows_its_own_line(path: Path) -> None:
    sheet = sheet_of(path, 'id,text\na,"one\ntwo\nthree"\nb,short\n')
    assert [row["text"] for row in sheet.rows] == ["one\ntwo\nthree", "short"]
    assert sheet.lines == [2, 5]


def test_quoted_commas_and_doubled_quotes_belong_to_the_cell(path: Path) -> None:
    sheet = sheet_of(path, 'id,text\na,"x, ""y"""\n')
    assert sheet.rows[0]["text"] == 'x, "y"'


def test_blank_lines_are_passed_over_and_counted(path: Path) -> None:
    assert sheet_of(path, "id,name\n\na,A\n\n\nb,B\n\n").lines == [3, 6]


def test_each_ragged_row_is_a_fault_with_its_line(path: Path) -> None:
    sheet = sheet_of(path, "id,name\na\nb,B\nc,C,more\n")
    assert sheet.lines == [3]
    assert sheet.faults == [
        "startups.csv:2: must have 2 cells, as the header has, not 1, got 'a'",
        "startups.csv:4: must have 2 cells, as the header has, not 3, got 'c,C,more'",
    ]


def test_a_file_of_a_header_alone_has_no_rows(path: Path) -> None:
    assert sheet_of(path, "id,name\n") == Content(["id", "name"], [], [], [])


@pytest.mark.parametrize("content", ["", "\n", "\ufeff", " , \na,b\n"])
def test_a_file_without_a_header_is_refused(path: Path, content: str) -> None:
    fault = refusal_of(path, content)
    assert (fault.line, fault.rule) == (1, "begin with a header line of column names")


def test_a_column_named_twice_is_refused(path: Path) -> None:
    fault = refusal_of(path, "id,name, id\na,A,b\n")
    assert (fault.line, fault.column, fault.rule) == (1, "id", "name a column once only")


def test_a_column_without_a_name_is_refused(path: Path) -> None:
    fault = refusal_of(path, "id,,name\na,,A\n")
    assert (fault.line, fault.rule, fault.value) == (1, "name every column in its header", "id,,name")


def test_the_line_and_bytes_that_are_not_utf8_are_named(path: Path) -> None:
    fault = refusal_of(path, b"id,name\na,A\nb,\xe9t\xe9\n")
    assert (fault.line, fault.value) == (3, "e9 74 e9 0a")
    assert fault.rule.startswith("be UTF-8 text")


def test_a_spreadsheet_under_the_name_of_a_csv_is_refused(path: Path) -> None:
    assert refusal_of(path, b"PK\x03\x04\x14\x00\x08\x08\x9c\xff").rule.startswith("be UTF-8 text")


def test_a_quote_that_never_closes_is_named_by_the_line_of_its_row(path: Path) -> None:
    fault = refusal_of(path, 'id,name\na,"two\nlines"\nb,"open\nc,C\nd,D\n')
    assert (fault.line, fault.rule) == (4, "close every quote: the one opened in this row never ends")


def test_a_quote_that_never_closes_in_the_header_is_in_line_1(path: Path) -> None:
    assert refusal_of(path, '"id,name\na,A\n').line == 1


def test_text_after_a_closing_quote_is_refused_with_its_line(path: Path) -> None:
    fault = refusal_of(path, 'id,name\na,A\nb,"B" b\n')
    assert fault.line == 3
    assert fault.rule.startswith("be proper csv (")


def test_a_file_separated_by_semicolons_reads_as_one_column(path: Path) -> None:
    sheet = sheet_of(path, "id;name\na;A\n")
    assert sheet.columns == ["id;name"]


def test_a_cell_at_the_limit_is_read_and_one_above_refused(path: Path) -> None:
    assert len(sheet_of(path, f"id\n{'x' * MAX_CELL}\n").rows[0]["id"]) == MAX_CELL
    fault = refusal_of(path, f"id\na\n{'x' * (MAX_CELL + 1)}\n")
    assert (fault.line, fault.rule) == (3, "have at most 1000000 characters in a cell")


def test_a_nul_stays_in_its_cell_for_the_contract_to_refuse(path: Path) -> None:
    assert sheet_of(path, "id,name\na,x\0y\n").rows[0]["name"] == "x\0y"


def test_an_unreadable_file_says_its_fault(path: Path) -> None:
    with pytest.raises(Unreadable, match=r"^startups\.csv:1: must begin with a header line"):
        sheet_of(path, "")


def test_another_separator_is_read_where_it_is_told(path: Path) -> None:
    assert sheet_of(path, "id;name\na;A, B\n", ";").rows == [{"id": "a", "name": "A, B"}]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_recognised_with_and_without_its_mark(path: Path, encoding: str) -> None:
    fault = refusal_of(path, "id,name\na,Ánh\n".encode(encoding))
    assert (fault.line, fault.rule) == (1, "be UTF-8 text, not UTF-16: save it again as 'CSV UTF-8'")


def test_windows_1258_is_refused_with_its_line_also_far_into_a_file(path: Path) -> None:
    content = "id,name\n" + "a,Ha Noi\n" * 5_000 + "b,Đà Nẵng\n".replace("ẵ", "ă")
    fault = refusal_of(path, content.encode("cp1258"))
    assert fault.line == 5_002
    assert "if it is Windows-1258 or Windows-1252, save it again as 'CSV UTF-8'" in fault.rule


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")).map(str.strip), min_size=2, max_size=2)))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    write_csv(path, ("a", "b"), rows)
    with read_csv(path) as sheet:
        assert [cells for _, cells in sheet.rows] == [row for row in rows if any(row)]


@pytest.mark.parametrize("text", ["=1+1", "+84 28", "-", "@here", "=cmd|' /C calc'!A0"])
def test_a_text_that_looks_like_a_formula_is_written_as_it_is(path: Path, text: str) -> None:
    write_csv(path, ("id",), [[text]])
    with read_csv(path) as sheet:
        assert list(sheet.rows) == [(2, [text])]


def test_a_file_of_too_many_columns_is_refused(path: Path) -> None:
    refused = refusal_of(path, ",".join(f"c{n}" for n in range(1_001)) + "\n")
    assert str(refused) == "startups.csv:1: must have at most 1,000 columns, not 1,001"


def test_a_line_that_is_too_long_is_refused(path: Path) -> None:
    refused = refusal_of(path, "id\n" + "," * 4_000_000 + "\n")
    assert str(refused).startswith("startups.csv:2: must have at most 4,000,000 characters in a line")
