import json

from data.faults import Fault, FileReport, ImportReport

BAD_DATE = Fault("startups.csv", 7, "founded_on", "31/02/2021", "be a date")


def test_a_fault_is_said_in_one_line() -> None:
    assert str(BAD_DATE) == "startups.csv:7, column founded_on: must be a date, got '31/02/2021'"


def test_a_fault_leaves_out_what_it_has_not() -> None:
    assert str(Fault("funds.csv", 0, "", "", "wait")) == "funds.csv: must wait"


def test_a_long_value_over_several_lines_is_shown_short_and_in_one_line() -> None:
    told = str(Fault("funds.csv", 2, "thesis", "a\n" * 500, "be short"))
    assert "\n" not in told
    assert len(told) < 250
    assert told.endswith("(1000 characters)")


def test_a_report_with_a_refused_file_is_not_ok() -> None:
    taken, refused = FileReport("startups.csv"), FileReport("funds.csv", faults=[BAD_DATE])
    assert ImportReport([taken]).ok
    assert not ImportReport([taken, refused]).ok


def test_a_report_becomes_json_with_the_commonest_words_first() -> None:
    report = FileReport("startups.csv", rows=3, faults=[BAD_DATE])
    report.not_understood.update({("sectors", "zzq"): 1, ("sectors", "xyzzy"): 2})
    told = json.loads(json.dumps(ImportReport([report]).as_dict()))
    assert told["ok"] is False
    (file,) = told["files"]
    assert file["faults"] == [
        {
            "file": "startups.csv",
            "line": 7,
            "column": "founded_on",
            "value": "31/02/2021",
            "rule": "be a date",
        }
    ]
    assert file["not_understood"] == [
        {"column": "sectors", "value": "xyzzy", "times": 2},
        {"column": "sectors", "value": "zzq", "times": 1},
    ]
    assert (file["rows"], file["ok"]) == (3, False)
