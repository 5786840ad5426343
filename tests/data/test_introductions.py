from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data.importer import import_folder
from data.store import Store
from data.tables import introduction_event, introduction_person, program
from matching.records import Introduction, IntroductionEvent
from matching.vocabulary import IntroductionStatus, PassReason

WriteFolder = Callable[..., Path]
PROGRAMS = "program_id,name,opened_on,mood\np,Program,2024,\nq,Other,,calm\n"
STARTUPS = "startup_id,name\na,Alpha\nb,Beta\n"
FUNDS = "fund_id,name\nf,Fund F\n"
INTRODUCTIONS = "introduction_id,startup_id,fund_id,opened_on,released_by\ni,a,f,2022-01,Lan\nj,b,f,,\n"
EVENTS = (
    "introduction_id,status,at,reason,by\n"
    "i,introduced,2022-02-01,,Minh\n"
    "j,declined,2022-03,không hợp khẩu vị,\n"
    "i,passed,2022-04-05,too early,\n"
)


@pytest.fixture
def folder(write_folder: WriteFolder) -> Path:
    return write_folder(
        programs=PROGRAMS,
        startups=STARTUPS,
        funds=FUNDS,
        introductions=INTRODUCTIONS,
        introduction_events=EVENTS,
    )


def rows(engine: Engine, *columns: Any) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def people(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(engine, *introduction_person.c)


def events(engine: Engine) -> list[tuple[Any, ...]]:
    table = introduction_event.c
    return rows(engine, table.introduction_id, table.number, table.status, table.at, table.pass_reason)


def test_introductions_come_back_with_their_events(engine: Engine, folder: Path, now: datetime) -> None:
    report = import_folder(engine, folder, now)
    assert [(file.file, file.added) for file in report.files if file.file.startswith("intro")] == [
        ("introductions.csv", 2),
        ("introduction_events.csv", 3),
    ]
    assert report.files[-1].not_understood == {("reason", "không hợp khẩu vị"): 1}
    declined = IntroductionEvent(status=IntroductionStatus.INVESTOR_DECLINED, at=date(2022, 3, 31))
    assert Store(engine).knowledge(None).introductions == (
        Introduction(
            introduction_id="i",
            startup_id="a",
            fund_id="f",
            opened_on=date(2022, 1, 31),
            events=(
                IntroductionEvent(status=IntroductionStatus.INTRODUCED, at=date(2022, 2, 1)),
                IntroductionEvent(
                    status=IntroductionStatus.PASSED, at=date(2022, 4, 5), reason=PassReason.STAGE
                ),
            ),
        ),
        Introduction(introduction_id="j", startup_id="b", fund_id="f", events=(declined,)),
    )


def test_the_same_import_again_changes_nothing(engine: Engine, folder: Path, now: datetime) -> None:
    import_folder(engine, folder, now)
    before = events(engine), people(engine)
    again = import_folder(engine, folder, now + timedelta(days=3))
    assert [(file.added, file.changed, file.unchanged) for file in again.files] == [
        (0, 0, file.rows) for file in again.files
    ]
    assert (events(engine), people(engine)) == before


def test_people_stand_apart_and_an_old_file_does_not_bring_one_back(
    engine: Engine, folder: Path, now: datetime
) -> None:
    import_folder(engine, folder, now)
    assert people(engine) == [("i", 0, "Lan"), ("i", 1, "Minh")]
    with engine.begin() as connection:
        connection.execute(introduction_person.delete().where(introduction_person.c.person == "Lan"))
    import_folder(engine, folder, now)
    assert people(engine) == [("i", 1, "Minh")]


def test_a_later_event_is_added_behind_those_recorded(
    engine: Engine, folder: Path, now: datetime, write_folder: WriteFolder
) -> None:
    import_folder(engine, folder, now)
    more = EVENTS + "j,on hold,2022-03-31,,\ni,withdrawn,2022-04-05,,Hoa\n"
    assert import_folder(engine, write_folder(introduction_events=more), now).files[0].added == 2
    assert events(engine) == [
        ("i", 1, "introduced", "2022-02-01", None),
        ("i", 2, "passed", "2022-04-05", "stage"),
        ("i", 3, "withdrawn", "2022-04-05", None),
        ("j", 1, "investor_declined", "2022-03", None),
        ("j", 2, "on_hold", "2022-03-31", None),
    ]
    assert people(engine)[-1] == ("i", 3, "Hoa")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "i,met,2022-03-05,",
            "column at: must not be before the last event that is recorded, of 2022-04-05: events are only "
            "added, got '2022-03-05'",
        ),
        (
            "i,passed,2022-04-05,team",
            "column reason: must be 'too early' with the same other columns, as recorded: events are added, "
            "never changed, got 'team'",
        ),
    ],
)
def test_what_is_recorded_is_never_changed(
    engine: Engine, folder: Path, now: datetime, write_folder: WriteFolder, row: str, told: str
) -> None:
    import_folder(engine, folder, now)
    before = events(engine)
    text = f"introduction_id,status,at,reason\n{row}\n"
    report = import_folder(engine, write_folder(introduction_events=text), now)
    assert list(map(str, report.files[0].faults)) == [f"introduction_events.csv:2, {told}"]
    assert events(engine) == before


@pytest.mark.parametrize(("first", "second"), [("2022", "2022-01-01"), ("2022-03-31", "2022-03")])
def test_dates_that_may_be_in_order_are(
    engine: Engine, folder: Path, now: datetime, write_folder: WriteFolder, first: str, second: str
) -> None:
    import_folder(engine, folder, now)
    with engine.begin() as connection:
        connection.execute(introduction_event.delete())
    text = f"introduction_id,status,at\ni,introduced,{first}\ni,met,{second}\n"
    assert import_folder(engine, write_folder(introduction_events=text), now).ok


def test_a_program_is_corrected_in_place(
    engine: Engine, folder: Path, now: datetime, write_folder: WriteFolder
) -> None:
    import_folder(engine, folder, now)
    report = import_folder(engine, write_folder(programs="program_id,name,mood\nq,New,sunny\n"), now)
    assert (report.files[0].changed, report.files[0].added) == (1, 0)
    table = program.c
    assert rows(engine, table.program_id, table.name, table.opened_on) == [
        ("p", "Program", "2024"),
        ("q", "New", None),
    ]
    again = import_folder(engine, write_folder(programs="program_id,name,mood\nq,New,sunny\n"), now)
    assert again.files[0].unchanged == 1


def test_program_ids_are_checked_only_where_programs_are_known(
    engine: Engine, now: datetime, write_folder: WriteFolder
) -> None:
    startups = "startup_id,name,program_id\na,A,batch 7\n"
    assert import_folder(engine, write_folder(startups=startups), now).ok
    report = import_folder(engine, write_folder(programs=PROGRAMS, startups=startups), now)
    assert [file.ok for file in report.files] == [True, False]
    assert report.files[1].faults[0].rule == "be an id of programs"


@pytest.mark.parametrize(
    ("as_of", "known"),
    [
        (date(2022, 1, 31), []),
        (date(2022, 2, 1), [("i", 0)]),
        (date(2022, 3, 31), [("i", 1)]),
        (date(2022, 4, 1), [("i", 1), ("j", 1)]),
        (date(2022, 4, 6), [("i", 2), ("j", 1)]),
    ],
)
def test_as_of_a_day_later_introductions_and_events_are_unknown(
    engine: Engine, folder: Path, now: datetime, write_folder: WriteFolder, as_of: date, known: list[object]
) -> None:
    write_folder(folder, startups="startup_id,name,first_seen_on\na,Alpha,2020\nb,Beta,2020\n")
    import_folder(engine, folder, now)
    found = Store(engine).knowledge(as_of)
    assert [(one.introduction_id, len(one.events)) for one in found.introductions] == known
    assert [fund.fund_id for fund in found.funds] == ["f"] * bool(known)
