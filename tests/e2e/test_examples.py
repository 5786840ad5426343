"""Examples out of a database: versions of profiles, and the numbers of the data sets."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.database import connect, migrate
from data.importer import import_folder
from data.store import Store
from data.vectors import CachedVectors
from matching.dates import end_of_period
from matching.vocabulary import Dropped, Kind, Label, Outcome
from models.encoder import BlankEncoder
from models.examples import Examples, PlainView, build_examples, stacked
from models.history import History, Until
from models.leaks import first_leak
from models.snapshots import snapshot_days

ROOT = Path(__file__).parents[2]
VIETNAM = ROOT / "data" / "vietnam"
SHARKTANK = ROOT.parent / "shared" / "data" / "sharktank"
JANUARY, JULY = date(2020, 1, 1), date(2020, 7, 1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path / 'ketnoi.sqlite3'}")
    migrate(engine)
    yield engine
    engine.dispose()


def load(database: Engine, folder: Path, day: date = date(2025, 7, 1)) -> None:
    assert import_folder(database, folder, datetime(day.year, day.month, day.day, tzinfo=UTC)).ok


def examples(database: Engine, since: date, until: date) -> Examples:
    store, vectors = Store(database), CachedVectors(database, BlankEncoder())
    days = snapshot_days(since, until)
    return stacked(build_examples(store, vectors, days, until))


# --- versions ---


def told(folder: Path, country: str) -> Path:
    """A startup in some country, introduced on 10 March to a fund that backed an older one in Vietnam."""
    folder.mkdir()
    files = {
        "startups": "startup_id,name,country,first_seen_on\nold,Old,VN,2019\n"
        f"asking,Asking,{country},2020-03-10",
        "funds": "fund_id,name\nf,F",
        "investments": "startup_id,fund_id,announced_on\nold,f,2019-05",
        "introductions": "introduction_id,startup_id,fund_id,opened_on\ni,asking,f,2020-03-10",
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("edited_on", "country"),
    [
        (date(2020, 3, 9), "SG"),
        (date(2020, 3, 10), "SG"),
        (date(2020, 3, 11), "VN"),
        (date(2020, 8, 1), "VN"),
    ],
)
def test_an_example_has_the_profile_of_the_evening_of_its_introduction(
    database: Engine, tmp_path: Path, edited_on: date, country: str
) -> None:
    load(database, told(tmp_path / "first", "VN"), date(2020, 1, 2))
    before = examples(database, JANUARY, JULY)
    load(database, told(tmp_path / "second", "SG"), edited_on)
    after = examples(database, JANUARY, JULY)
    assert [(query.startup_id, query.country) for query in after.queries] == [("asking", country)]
    assert (before.matrix.tobytes() == after.matrix.tobytes()) is (country == "VN")
    assert len(before) == len(after) == 1


# --- data/vietnam ---

SINCE, UNTIL = date(2018, 1, 1), date(2025, 7, 1)


def first_rounds() -> dict[str, set[str]]:
    """The investors of the first dated day of each startup whose day lies in the windows, from the file."""
    with (VIETNAM / "investments.csv").open(encoding="utf-8", newline="") as file:
        deals = [row for row in csv.DictReader(file) if row["announced_on"]]
    dated = [(end_of_period(row["announced_on"]), row["startup_id"], row["fund_id"]) for row in deals]
    dated = [deal for deal in dated if deal[0] < UNTIL]
    first: dict[str, date] = {}
    for day, startup_id, _ in sorted(dated):
        first.setdefault(startup_id, day)
    found: dict[str, set[str]] = {}
    for day, startup_id, fund_id in dated:
        if SINCE <= day == first[startup_id]:
            found.setdefault(startup_id, set()).add(fund_id)
    return found


def test_the_examples_of_data_vietnam(database: Engine) -> None:
    load(database, VIETNAM)
    whole = examples(database, SINCE, UNTIL)
    invested = whole.labelled(Outcome.INVESTS, Label.POSITIVE)
    rounds = first_rounds()
    assert Counter(query.startup_id for query in whole.queries) == Counter(rounds.keys())
    assert (len(rounds), sum(map(len, rounds.values()))) == (81, 253)
    assert (len(whole), invested.sum()) == (6_208, 44)
    assert whole.dropped == {Dropped.FUND_UNKNOWN: 207, Dropped.OUTSIDE_POOL: 2}
    assert whole.of_kind(Kind.DEAL).all()
    assert (invested | whole.labelled(Outcome.INVESTS, Label.UNLABELLED)).all()
    positives = {
        (whole.queries[whole.query[at]].startup_id, whole.fund_ids[whole.fund[at]])
        for at in invested.nonzero()[0]
    }
    assert len(positives) == 44
    assert positives <= {(startup_id, fund_id) for startup_id, funds in rounds.items() for fund_id in funds}


def test_data_vietnam_leaks_nothing_and_its_profiles_read_alike_both_ways(database: Engine) -> None:
    load(database, VIETNAM)
    store, vectors = Store(database), CachedVectors(database, BlankEncoder())
    days = snapshot_days(date(2021, 1, 1), date(2022, 1, 1))

    def build(history: History) -> Iterator[Examples]:
        return build_examples(history, vectors, days, date(2022, 1, 1), see=lambda market: PlainView(best=10))

    assert first_leak(build, store, date(2021, 9, 1)) is None
    slow, fast = (
        stacked(build_examples(history, vectors, days, date(2022, 1, 1)))
        for history in (Until(store, date(2100, 1, 1)), store)
    )
    assert slow.queries == fast.queries
    assert slow.matrix.tobytes() == fast.matrix.tobytes()


# --- introductions of televised pitches ---


@pytest.mark.acceptance
@pytest.mark.skipif(
    not SHARKTANK.is_dir(), reason="needs the folder shared/data/sharktank beside the project"
)
def test_every_televised_pitch_is_a_row_or_counted(database: Engine) -> None:
    load(database, SHARKTANK)
    whole = examples(database, date(2009, 1, 1), date(2024, 1, 1))
    assert len(whole) + sum(whole.dropped.values()) == 5_912
    assert whole.dropped == {Dropped.FUND_UNKNOWN: 514}
    for outcome in Outcome:
        assert whole.labelled(outcome, Label.POSITIVE).sum() == 908
        assert whole.labelled(outcome, Label.NEGATIVE).sum() == 4_490
