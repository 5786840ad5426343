"""The as-of rule over files, database and store together."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data.database import connect, migrate
from data.importer import import_folder
from data.store import Store
from data.tables import METADATA
from matching.dates import end_of_period
from matching.engine import Engine as Ranking
from matching.knowledge import Knowledge
from matching.market import build_market
from matching.rank import PriorRanker
from tests.matching.worlds import HashedVectors

FAR = date(2100, 1, 1)
# Facts on both sides of each border, some known to the year or month only, some not at all.
DATES = st.sampled_from(["", "2019", "2020-06", "2020-06-30", "2020-07-01", "2020", "2021-01-01", "2022-03"])
AS_OF = st.sampled_from([date(2020, 6, 30), date(2020, 7, 1), date(2020, 7, 2), date(2021, 1, 1), FAR])


@dataclass(frozen=True)
class Facts:
    """A folder as columns of dates: each startup's and fund's own, those of the deals between them, and of
    introductions the day they were opened and the day they were passed on.
    """

    startups: Mapping[str, tuple[str, str]]
    funds: Mapping[str, str]
    deals: Mapping[tuple[str, str], str]
    introductions: Mapping[tuple[str, str], tuple[str, str]]

    def write(self, folder: Path, suffix: str = "") -> Path:
        """Write the files; `suffix` changes every name."""
        folder.mkdir(exist_ok=True)
        told = self.startups.items()
        _write(
            folder / "startups.csv",
            "startup_id,name,first_seen_on,founded_on",
            [[id_, id_ + suffix, seen, founded] for id_, (seen, founded) in told],
        )
        _write(
            folder / "funds.csv",
            "fund_id,name,verified_on",
            [[id_, id_ + suffix, day] for id_, day in self.funds.items()],
        )
        _write(
            folder / "investments.csv",
            "startup_id,fund_id,announced_on",
            [[*pair, day] for pair, day in self.deals.items()],
        )
        asked = [(f"{a}-{f}", a, f, *days) for (a, f), days in self.introductions.items()]
        _write(
            folder / "introductions.csv",
            "introduction_id,startup_id,fund_id,opened_on",
            [[*told[:3], told[3]] for told in asked],
        )
        _write(
            folder / "introduction_events.csv",
            "introduction_id,status,at,reason",
            [[told[0], "passed", told[4], "fit"] for told in asked if told[4]],
        )
        return folder

    def before(self, as_of: date) -> "Facts":
        """Cut the folder at a day: only rows dated before it, and those that earlier deals need."""
        deals = {pair: day for pair, day in self.deals.items() if early(day, as_of)}
        asked = {
            pair: (opened if early(opened, as_of) else "", passed if early(passed, as_of) else "")
            for pair, (opened, passed) in self.introductions.items()
            if early(opened or passed, as_of)
        }
        needed = {*deals, *asked}
        startups = {
            id_: (seen, founded if early(founded, as_of) else "")
            for id_, (seen, founded) in self.startups.items()
            if early(seen, as_of) or any(pair[0] == id_ for pair in needed)
        }
        funds = {
            id_: day
            for id_, day in self.funds.items()
            if early(day, as_of) or any(pair[1] == id_ for pair in needed)
        }
        return Facts(startups, funds, deals, asked)

    def ids_known(self, as_of: date) -> tuple[list[str], list[str]]:
        """Which startups and funds are known, told by the words of the design: own date, else first deal."""
        dealt = [pair for pair, day in self.deals.items() if early(day, as_of)]
        startups = [id_ for id_, (seen, _) in self.startups.items() if early(seen, as_of)]
        startups += {a for a, _ in dealt if not self.startups[a][0]}
        funds = [id_ for id_, day in self.funds.items() if early(day, as_of)]
        asked = [pair for pair, days in self.introductions.items() if early(days[0] or days[1], as_of)]
        funds += {f for _, f in (*dealt, *asked) if not self.funds[f]}
        return sorted(startups), sorted(funds)


def early(text: str, as_of: date) -> bool:
    return text != "" and end_of_period(text) < as_of


def _write(path: Path, header: str, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])


FACTS = st.builds(
    Facts,
    st.dictionaries(st.sampled_from("abc"), st.tuples(DATES, DATES), min_size=3),
    st.dictionaries(st.sampled_from("fg"), DATES, min_size=2),
    st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("fg")), DATES),
    st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.sampled_from("fg")), st.tuples(DATES, DATES), max_size=2
    ),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'ketnoi.sqlite3'}")
    migrate(engine)
    yield engine
    engine.dispose()


@given(FACTS, AS_OF)
@settings(max_examples=50, deadline=None)
def test_facts_of_a_day_or_later_never_change_what_was_known_before_it(
    shared: Engine, tmp_path_factory: pytest.TempPathFactory, facts: Facts, as_of: date
) -> None:
    folder = tmp_path_factory.mktemp("facts")
    first, later = datetime(2015, 1, 1, tzinfo=UTC), datetime.combine(as_of, datetime.min.time(), UTC)
    known = [
        knowledge_after(shared, as_of, (facts.before(as_of).write(folder / "cut"), first)),
        knowledge_after(shared, as_of, (facts.write(folder / "whole"), first)),
        knowledge_after(
            shared, as_of, (folder / "whole", first), (facts.write(folder / "later", " Group"), later)
        ),
    ]
    assert known[0] == known[1] == known[2]
    lists = [[engine_of(told, as_of).shortlist(s, 5) for s in told.startups] for told in known]
    assert lists[0] == lists[1] == lists[2]
    ids = [s.startup_id for s in known[0].startups], [f.fund_id for f in known[0].funds]
    assert ids == facts.ids_known(as_of)


@given(FACTS, AS_OF)
@settings(max_examples=30, deadline=None)
def test_profiles_are_those_known_the_day_after(
    shared: Engine, tmp_path_factory: pytest.TempPathFactory, facts: Facts, as_of: date
) -> None:
    folder = tmp_path_factory.mktemp("facts")
    first, later = datetime(2015, 1, 1, tzinfo=UTC), datetime.combine(as_of, datetime.min.time(), UTC)
    knowledge_after(
        shared, as_of, (facts.write(folder / "1"), first), (facts.write(folder / "2", " Group"), later)
    )
    days = [as_of + timedelta(days=days) for days in (-200, -1, 0, 200)]
    known = {day: Store(shared).knowledge(day + timedelta(days=1)).startups for day in days}
    asked = [(id_, day) for id_ in (*facts.startups, "nobody") for day in days]
    assert Store(shared).profiles(asked) == {(s.startup_id, day): s for day in days for s in known[day]}


@given(FACTS, AS_OF)
@settings(max_examples=30, deadline=None)
def test_an_archive_tells_of_every_day_what_the_store_tells(
    shared: Engine, tmp_path_factory: pytest.TempPathFactory, facts: Facts, as_of: date
) -> None:
    folder = tmp_path_factory.mktemp("facts")
    first, later = datetime(2015, 1, 1, tzinfo=UTC), datetime.combine(as_of, datetime.min.time(), UTC)
    knowledge_after(
        shared, as_of, (facts.write(folder / "1"), first), (facts.write(folder / "2", " Group"), later)
    )
    store, archive = Store(shared), Store(shared).archive()
    for day in (None, *(as_of + timedelta(days=days) for days in (-200, 0, 1, 200))):
        assert archive.knowledge(day) == store.knowledge(day)
    asked = [(id_, as_of + timedelta(days=days)) for id_ in (*facts.startups, "nobody") for days in (-1, 0)]
    assert archive.profiles(asked) == store.profiles(asked)


def engine_of(known: Knowledge, as_of: date) -> Ranking:
    vectors = HashedVectors()
    return Ranking(build_market(known, as_of, vectors), PriorRanker(), vectors)


def knowledge_after(engine: Engine, as_of: date, *imports: tuple[Path, datetime]) -> Knowledge:
    """What is known on a day after these imports into an empty database."""
    with engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())
    for folder, now in imports:
        assert import_folder(engine, folder, now).ok
    return Store(engine).knowledge(as_of)
