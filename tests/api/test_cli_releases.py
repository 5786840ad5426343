from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from api.compose import App
from data.tables import release as table
from models.artefact import Artefact
from tests.api.installation import Ketnoi

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ARTEFACT = Artefact("boosted", {"rate": 0.1}, texts={"trees": "tree"}).to_bytes()
LIST = """\
Release       Status     Created     Data before  Kind      Data       Figures
2026-11-25-1  candidate  25/11/2026  01/02/2026   logistic  synthetic  none
2026-11-24-2  champion   24/11/2026  01/01/2026   boosted   real       recall@10 0.312, ece none, queries 1204
2026-11-24-1  candidate  24/11/2026  01/01/2025   boosted   real       recall@10.mean 0.250
"""


@pytest.fixture
def filled(app: App, ketnoi: Ketnoi) -> Ketnoi:
    """The command line over a registry with three releases, the second of them champion."""
    rows: tuple[tuple[datetime, str, date, bool, dict[str, Any]], ...] = (
        (NOON, "boosted", date(2025, 1, 1), False, {"recall@10": {"mean": 0.25}}),
        (
            NOON,
            "boosted",
            date(2026, 1, 1),
            False,
            {"recall@10": 0.3125, "ece": None, "queries": 1204, "mrr": 0.1},
        ),
        (NOON.replace(day=25), "logistic", date(2026, 2, 1), True, {}),
    )
    for at, kind, until, synthetic, metrics in rows:
        app.releases.register(
            ARTEFACT,
            kind=kind,
            data_until=until,
            synthetic=synthetic,
            metrics=metrics,
            settings={"trees": 200, "rate": {"first": 0.0001}, "about": "ấm"},
            at=at,
        )
    app.releases.promote("2026-11-24-2", "the first", NOON)
    return ketnoi


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "No release yet: the prior ranks.\n"),
        ("vi", "Chưa có phiên bản nào: đang dùng bộ xếp hạng ban đầu.\n"),
    ],
)
def test_an_empty_registry_is_told_and_no_failure(app: App, ketnoi: Ketnoi, lang: str, told: str) -> None:
    said = ketnoi("releases", "list", "--lang", lang)
    assert (said.code, said.out, said.err) == (0, told, "")
    assert ketnoi("releases", "list", "--json").json == []


def test_the_list_has_a_line_a_release(filled: Ketnoi) -> None:
    said = filled("releases", "list")
    assert (said.code, said.err) == (0, "")
    assert said.out == LIST


def test_the_list_speaks_vietnamese(filled: Ketnoi) -> None:
    lines = filled("releases", "list", "--lang", "vi").out.splitlines()
    assert lines[0].split("  ")[0] == "Phiên bản"
    assert "đang dùng" in lines[2] and "recall@10 0,312" in lines[2]
    assert "giả lập" in lines[1] and "ứng viên" in lines[1]


def test_the_list_as_json_holds_what_is_told_and_no_artefact(filled: Ketnoi) -> None:
    told = filled("releases", "list", "--json").json
    assert [one["release_id"] for one in told] == ["2026-11-25-1", "2026-11-24-2", "2026-11-24-1"]
    assert told[1] == {
        "release_id": "2026-11-24-2",
        "created_at": "2026-11-24T12:00:00+00:00",
        "data_until": "2026-01-01",
        "kind": "boosted",
        "synthetic": False,
        "checksum": Artefact.from_bytes(ARTEFACT).checksum,
        "metrics": {"recall@10": 0.3125, "ece": None, "queries": 1204, "mrr": 0.1},
        "settings": {"trees": 200, "rate": {"first": 0.0001}, "about": "ấm"},
        "status": "champion",
        "promoted_at": "2026-11-24T12:00:00+00:00",
    }


def test_a_release_is_shown_with_its_figures_settings_and_history(filled: Ketnoi) -> None:
    said = filled("releases", "show", "2026-11-24-2")
    assert (said.code, said.err) == (0, "")
    blocks = [[line.split(maxsplit=1) for line in block.splitlines()] for block in said.out.split("\n\n")]
    assert ["Release", "2026-11-24-2"] in blocks[0] and ["Bytes", f"{len(ARTEFACT):,}"] in blocks[0]
    assert blocks[0][-1] == ["Champion", "since  24/11/2026"]
    assert blocks[1] == [
        ["Figures"],
        ["recall@10", "0.312"],
        ["ece", "none"],
        ["queries", "1204"],
        ["mrr", "0.100"],
    ]
    assert blocks[2] == [["Settings"], ["trees", "200"], ["rate.first", "0.0001"], ["about", '"ấm"']]
    assert blocks[3] == [["History"], ["24/11/2026", "promoted  the first"]]


def test_a_release_as_json_has_its_size_and_history(filled: Ketnoi) -> None:
    told = filled("releases", "show", "2026-11-24-2", "--json").json
    assert told["bytes"] == len(ARTEFACT)
    assert told["history"] == [
        {
            "release_id": "2026-11-24-2",
            "event": "promoted",
            "at": "2026-11-24T12:00:00+00:00",
            "reason": "the first",
        }
    ]


def test_a_candidate_without_figures_is_shown(filled: Ketnoi) -> None:
    said = filled("releases", "show", "2026-11-25-1").out
    assert "\nFigures\nnone\n" in said and "History" not in said and "synthetic" in said


def test_a_promotion_and_its_rollback(filled: Ketnoi, app: App) -> None:
    said = filled("releases", "promote", "2026-11-24-1", "--reason", "steadier")
    assert (said.code, said.out) == (0, "Release 2026-11-24-1 ranks from now on.\n")
    again = filled("releases", "promote", "2026-11-24-1")
    assert again.out == "Release 2026-11-24-1 is the champion already; nothing was changed.\n"
    back = filled("releases", "rollback", "--reason", "not so steady", "--lang", "vi")
    assert back.out == "Đã thu hồi phiên bản đang dùng; phiên bản 2026-11-24-2 xếp hạng trở lại.\n"
    assert [decision.reason for decision in app.releases.history("2026-11-24-1")] == [
        "steadier",
        "not so steady",
    ]
    last = filled("releases", "rollback")
    assert last.out == "The champion was taken back; there was none before it, so the prior ranks again.\n"
    none = filled("releases", "rollback")
    assert (none.code, none.out) == (1, "")
    assert none.err == "ketnoi: no release is champion: there is nothing to roll back\n"


def test_decisions_as_json(filled: Ketnoi) -> None:
    told = filled("releases", "promote", "2026-11-24-1", "--json").json
    assert (told["release_id"], told["status"]) == ("2026-11-24-1", "champion")
    assert filled("releases", "rollback", "--json").json["champion"]["release_id"] == "2026-11-24-2"
    assert filled("releases", "rollback", "--json").json == {"champion": None}


@pytest.mark.parametrize("command", ["show", "promote"])
def test_an_unknown_id_is_one_line_with_ids_that_look_alike(filled: Ketnoi, command: str) -> None:
    said = filled("releases", command, "2026-11-25")
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert said.err.startswith(
        "ketnoi: RELEASE must be the id of a release, got '2026-11-25'; did you mean 2026-11-25-1"
    )


def test_a_changed_artefact_is_one_line(filled: Ketnoi, app: App) -> None:
    with app.database.begin() as connection:
        connection.execute(update(table).values(artefact=ARTEFACT[:-1]))
    for args in (("show", "2026-11-24-1"), ("promote", "2026-11-24-1")):
        said = filled("releases", *args)
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
        assert said.err.startswith(
            "ketnoi: the artefact of release 2026-11-24-1 must be as it was registered"
        )
    assert filled("releases", "list").out == LIST


def test_what_this_version_cannot_read_is_not_promoted(app: App, ketnoi: Ketnoi) -> None:
    release = app.releases.register(
        b"of a later version",
        kind="k",
        data_until=date(2026, 1, 1),
        synthetic=False,
        metrics={},
        settings={},
        at=NOON,
    )
    said = ketnoi("releases", "promote", release.release_id)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("ketnoi: artefact must be a zip whose entries are whole and not compressed")
    assert app.releases.champion() is None


def test_a_narrow_terminal_wraps_no_line(filled: Ketnoi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert filled("releases", "list").out == LIST


def test_a_reason_with_brackets_is_printed_as_it_is(filled: Ketnoi) -> None:
    filled("releases", "promote", "2026-11-24-1", "--reason", "[bold]:tiger:")
    assert "promoted  [bold]:tiger:\n" in filled("releases", "show", "2026-11-24-1").out


@pytest.mark.parametrize("args", [("list",), ("show", "x"), ("promote", "x"), ("rollback",)])
def test_without_a_database_and_with_help(ketnoi: Ketnoi, args: tuple[str, ...]) -> None:
    said = ketnoi("releases", *args)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("ketnoi: no Ketnoi database at ") and not ketnoi.home.exists()
    told = ketnoi("releases", args[0], "--help")
    assert told.code == 0 and f"Usage: ketnoi releases {args[0]} " in told.out and "--json" in told.out
