from datetime import date

from data.changes import digests
from data.contract import FUNDS, INVESTMENTS, STARTUPS
from data.faults import FileReport
from data.rows import NOTHING, RowReader, keys_of

STARTUP = ["startup_id", "name", "sectors", "founded_on", "mood"]


def test_rows_become_columns_and_empty_cells_what_empty_means() -> None:
    report = FileReport("investments.csv")
    reader = RowReader(INVESTMENTS, ["fund_id", "startup_id", "announced_on"], report)
    batch = reader.read([(2, ["f", "a", "2021"]), (5, ["g", "b", ""])])
    assert (len(batch), batch.lines, report.rows) == (2, (2, 5), 2)
    assert batch.values["announced_on"] == ["2021", ""]
    assert batch.values["announced_end"] == [date(2021, 12, 31), None]
    assert batch.values["round"] == ["", ""]
    assert batch.values["lead"] == [None, None]
    assert keys_of(INVESTMENTS.key, batch) == ["a\x1ff\x1f2021\x1f", "b\x1fg\x1f\x1f"]


def test_only_the_broken_cells_of_a_column_are_at_fault() -> None:
    report = FileReport("startups.csv")
    rows = [(2, ["a", "A", "", "2021", ""]), (3, ["b", "", "", "soon", ""]), (4, ["c", "C", "", "", ""])]
    batch = RowReader(STARTUPS, STARTUP, report).read(rows)
    assert batch.values["founded_on"] == ["2021", None, None]
    assert {(fault.line, fault.column, fault.value) for fault in report.faults} == {
        (3, "name", ""),
        (3, "founded_on", "soon"),
    }


def test_words_not_understood_are_counted_and_kept_beside_the_record() -> None:
    report = FileReport("startups.csv")
    rows = [(2, ["a", "A", "fintech;zzq", "", "good"]), (3, ["b", "B", "fintech", "", ""])]
    batch = RowReader(STARTUPS, STARTUP, report).read(rows)
    assert batch.values["sectors"] == ["fintech", "fintech"]
    assert batch.values["raw"] == [{"sectors": "fintech;zzq"}, {}]
    assert batch.values["extra"] == [{"mood": "good"}, {}]
    assert report.not_understood == {("sectors", "zzq"): 1}
    assert report.unknown_columns == ["mood"]
    assert NOTHING == {}


def test_a_key_of_an_earlier_batch_is_remembered() -> None:
    report = FileReport("funds.csv")
    reader = RowReader(FUNDS, ["fund_id", "name"], report)
    reader.read([(2, ["f", "F"])])
    reader.read([(3, ["g", "G"]), (4, ["f", "F"])])
    assert [(fault.line, fault.rule) for fault in report.faults] == [(4, "not repeat the fund_id of line 2")]
    assert reader.ids == {"f", "g"}


def test_a_digest_tells_apart_nothing_from_an_empty_text_and_one_column_from_the_next() -> None:
    rows = [("a", ""), ("a", None), ("", "a"), (None, "a"), ("aa", ""), ("a", "None")]
    assert len(set(digests(list(zip(*rows, strict=True))))) == len(rows)
    assert digests([["a"], [1.0]]) == digests([["a"], [1.0]])
