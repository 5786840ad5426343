from collections.abc import Collection
from datetime import datetime

import pytest
from sqlalchemy import Engine

from data.importer import import_folder
from data.listing import page
from data.records import put
from tests.data.conftest import WriteFolder


@pytest.fixture(autouse=True)
def records(engine: Engine, now: datetime, write_folder: WriteFolder) -> None:
    rows = "b,spring,Công nghệ Xanh\na,spring,Green Tech\nc,autumn,CONG NGHE\nd,,Đá\n"
    startups = f"startup_id,program_id,name\n{rows}"
    folder = write_folder(programs="program_id,name\nspring,S\nautumn,A\n", startups=startups)
    assert import_folder(engine, folder, now).ok
    put(engine, "startup", {"startup_id": "d", "name": "Đá quý"}, expected=None, actor="a", now=now)


@pytest.mark.parametrize(
    ("search", "after", "limit", "programs", "found"),
    [
        ("", "", 10, None, "abcd"),
        ("", "", 2, None, "ab"),
        ("", "b", 2, None, "cd"),
        ("cong nghe", "", 10, None, "bc"),
        ("CÔNG NGHỆ", "", 1, None, "b"),
        ("da quy", "", 10, None, "d"),
        ("%", "", 10, None, "abcd"),
        ("cong nghe", "b", 10, None, "c"),
        ("", "", 10, ["spring"], "ab"),
        ("", "", 10, [], ""),
        ("' or 1=1 --", "", 10, None, ""),
    ],
)
def test_a_page_holds_what_was_asked_for(
    engine: Engine, search: str, after: str, limit: int, programs: Collection[str] | None, found: str
) -> None:
    rows = page(engine, "startup", search=search, after=after, limit=limit, programs=programs)
    assert [row["startup_id"] for row in rows] == list(found)


def test_a_page_shows_the_newest_version_once(engine: Engine) -> None:
    assert [row["name"] for row in page(engine, "startup", limit=10, after="c")] == ["Đá quý"]
