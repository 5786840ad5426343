from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.importer import import_folder
from data.store import Store
from matching.knowledge import Knowledge
from matching.records import Deal, Fund, Startup
from matching.vocabulary import BusinessModel, FundStatus, FundType, Instrument, Sector, Stage

WriteFolder = Callable[..., Path]
VIETNAM = Path(__file__).parents[2] / "data" / "vietnam"
FAR = date(2100, 1, 1)


@pytest.fixture
def store(engine: Engine) -> Store:
    return Store(engine)


def startup_ids(knowledge: Knowledge) -> list[str]:
    return [startup.startup_id for startup in knowledge.startups]


def fund_ids(knowledge: Knowledge) -> list[str]:
    return [fund.fund_id for fund in knowledge.funds]


def deal_dates(knowledge: Knowledge) -> list[date | None]:
    return [deal.announced_on for deal in knowledge.deals]


def test_a_database_without_records_knows_nothing(store: Store) -> None:
    assert store.knowledge(None) == store.knowledge(FAR) == Knowledge((), (), ())
    assert store.sources() == {}
    assert store.counts() == {"startup": 0, "fund": 0, "investment": 0, "embedding": 0}


def test_every_field_of_a_startup_comes_back(
    engine: Engine, store: Store, now: datetime, write_folder: WriteFolder
) -> None:
    cells = {
        "startup_id": "a",
        "name": "Alpha",
        "description": "Pays.",
        "description_vi": "Trả tiền.",
        "sectors": "ví điện tử;zzq",
        "business_model": "b2b",
        "country": "Vietnam",
        "city": "Huế",
        "stage": " Business  Angel",
        "founded_on": "2018",
        "first_seen_on": "2019-02",
        "raising_usd": "5",
        "instrument": "equity",
        "exclusions": "g;f",
        "opted_out": "yes",
    }
    text = f"{','.join(cells)}\n{','.join(cells.values())}\n"
    import_folder(engine, write_folder(startups=text), now)
    assert store.knowledge(None).startups == (
        Startup(
            startup_id="a",
            name="Alpha",
            description="Pays.",
            description_vi="Trả tiền.",
            sectors=frozenset({Sector.FINTECH}),
            subsectors=frozenset({"payments"}),
            tags=("ví điện tử", "zzq"),
            business_model=BusinessModel.B2B,
            country="VN",
            city="Huế",
            place="vn-hue",
            stage=Stage.SEED,
            stage_told="business angel",
            founded_on=date(2018, 12, 31),
            first_seen_on=date(2019, 2, 28),
            raising_usd=5,
            instrument=Instrument.EQUITY,
            exclusions=frozenset({"f", "g"}),
            opted_out=True,
            not_understood=frozenset({"sectors"}),
        ),
    )


def test_every_field_of_a_fund_comes_back(
    engine: Engine, store: Store, now: datetime, write_folder: WriteFolder
) -> None:
    cells = {
        "fund_id": "f",
        "name": "Fund F",
        "type": "vc",
        "thesis": "Backs shops.",
        "thesis_vi": "Đầu tư cửa hàng.",
        "stages": "seed;series A",
        "sectors": "insurtech",
        "excluded_sectors": "gaming;alcohol",
        "countries": "VN;SG;Atlantis",
        "ticket_min_usd": "1",
        "ticket_max_usd": "2.5",
        "status": "deploying",
        "monthly_capacity": "3",
        "hq_country": "SG",
        "verified_on": "2020-02-03",
    }
    text = f"{','.join(cells)}\n{','.join(cells.values())}\n"
    import_folder(engine, write_folder(funds=text), now)
    assert store.knowledge(None).funds == (
        Fund(
            fund_id="f",
            name="Fund F",
            type=FundType.VC,
            thesis="Backs shops.",
            thesis_vi="Đầu tư cửa hàng.",
            stages=frozenset({Stage.SEED, Stage.SERIES_A}),
            sectors=frozenset({Sector.FINTECH}),
            subsectors=frozenset({"insurtech"}),
            excluded_sectors=frozenset({Sector.GAMING}),
            excluded_subsectors=frozenset({"alcohol"}),
            partly_excluded=frozenset({Sector.FOODTECH}),
            countries=frozenset({"VN", "SG"}),
            ticket_min_usd=1,
            ticket_max_usd=2.5,
            status=FundStatus.DEPLOYING,
            monthly_capacity=3,
            hq_country="SG",
            verified_on=date(2020, 2, 3),
            not_understood=frozenset({"countries"}),
        ),
    )


def test_an_empty_record_comes_back_as_unknown(
    engine: Engine, store: Store, now: datetime, write_folder: WriteFolder
) -> None:
    folder = write_folder(
        startups="startup_id,name\na,Alpha\n",
        funds="fund_id,name\nf,F\n",
        investments="startup_id,fund_id\na,f\n",
    )
    import_folder(engine, folder, now)
    assert store.knowledge(None) == Knowledge(
        (Startup(startup_id="a", name="Alpha"),),
        (Fund(fund_id="f", name="F"),),
        (Deal(startup_id="a", fund_id="f"),),
    )


def test_records_come_in_the_order_of_their_ids(
    engine: Engine, store: Store, now: datetime, write_folder: WriteFolder
) -> None:
    folder = write_folder(
        startups="startup_id,name\nb,B\na,A\n",
        funds="fund_id,name\ng,G\nf,F\n",
        investments="startup_id,fund_id,announced_on\nb,f,2021\na,g,2021\na,f,2022\na,f,2020\n",
    )
    import_folder(engine, folder, now)
    knowledge = store.knowledge(None)
    assert (startup_ids(knowledge), fund_ids(knowledge)) == (["a", "b"], ["f", "g"])
    assert [(deal.startup_id, deal.fund_id, deal.announced_on) for deal in knowledge.deals] == [
        ("a", "f", date(2020, 12, 31)),
        ("a", "f", date(2022, 12, 31)),
        ("a", "g", date(2021, 12, 31)),
        ("b", "f", date(2021, 12, 31)),
    ]


def test_a_version_is_known_from_the_day_after_its_import(
    engine: Engine, store: Store, now: datetime, write_folder: WriteFolder
) -> None:
    for number, name in enumerate(["One", "Two", "Three"]):
        text = f"startup_id,name,first_seen_on\na,{name},2020\n"
        fund = f"fund_id,name,verified_on\nf,{name},2020\n"
        import_folder(engine, write_folder(startups=text, funds=fund), now + timedelta(days=10 * number))

    def names(as_of: date | None) -> tuple[str, str]:
        knowledge = store.knowledge(as_of)
        return knowledge.startups[0].name, knowledge.funds[0].name

    second = now.date() + timedelta(days=10)
    days = [date(2021, 1, 1), now.date(), second, second + timedelta(days=1), second + timedelta(days=10)]
    assert [names(day)[0] for day in days] == ["One", "One", "One", "Two", "Two"]
    assert names(second + timedelta(days=11)) == names(None) == ("Three", "Three")
    assert [names(day)[1] for day in days] == ["One", "One", "One", "Two", "Two"]


@pytest.mark.parametrize(
    ("announced_on", "first_known"),
    [("2021-03-31", date(2021, 4, 1)), ("2020-02", date(2020, 3, 1)), ("2021", date(2022, 1, 1))],
)
def test_a_deal_is_known_the_day_after_its_period_ends(
    engine: Engine,
    store: Store,
    now: datetime,
    write_folder: WriteFolder,
    announced_on: str,
    first_known: date,
) -> None:
    folder = write_folder(
        startups="startup_id,name,first_seen_on\na,A,2010\n",
        funds="fund_id,name,verified_on\nf,F,2010\n",
        investments=f"startup_id,fund_id,announced_on\na,f,{announced_on}\n",
    )
    import_folder(engine, folder, now)
    before = store.knowledge(first_known - timedelta(days=1))
    assert (startup_ids(before), deal_dates(before)) == (["a"], [])
    assert deal_dates(store.knowledge(first_known)) == [first_known - timedelta(days=1)]


def test_what_tells_no_date_is_known_from_its_first_deal_or_only_without_a_date(
    engine: Engine, store: Store, now: datetime, write_folder: WriteFolder
) -> None:
    folder = write_folder(
        startups="startup_id,name\ndealt,A\nundated,B\n",
        funds="fund_id,name\nf,F\ng,G\n",
        investments="startup_id,fund_id,announced_on\ndealt,f,2021-05\nundated,g,\n",
    )
    import_folder(engine, folder, now)
    everything, later = store.knowledge(None), store.knowledge(FAR)
    assert (startup_ids(everything), fund_ids(everything)) == (["dealt", "undated"], ["f", "g"])
    assert deal_dates(everything) == [date(2021, 5, 31), None]
    assert (startup_ids(later), fund_ids(later)) == (["dealt"], ["f"])
    assert deal_dates(later) == [date(2021, 5, 31)]
    assert store.knowledge(date(2021, 5, 31)) == Knowledge((), (), ())


def test_sources_are_told_by_startup_fund_and_date(
    engine: Engine, store: Store, now: datetime, write_folder: WriteFolder
) -> None:
    folder = write_folder(
        startups="startup_id,name\na,A\n",
        funds="fund_id,name\nf,F\ng,G\n",
        investments="startup_id,fund_id,announced_on,source,note\na,f,2021-05,https://x.vn,\na,g,,,seen\n",
    )
    import_folder(engine, folder, now)
    assert store.sources() == {("a", "f", date(2021, 5, 31)): "https://x.vn"}


def test_the_shipped_data_is_known_whole_and_each_deal_names_its_source(
    engine: Engine, store: Store, now: datetime
) -> None:
    import_folder(engine, VIETNAM, now)
    knowledge, counts = store.knowledge(None), store.counts()
    assert len(knowledge.startups) == counts["startup"] > 200
    assert len(knowledge.funds) == counts["fund"] > 300
    assert len(knowledge.deals) == counts["investment"] > 500
    sources = store.sources()
    assert all((deal.startup_id, deal.fund_id, deal.announced_on) in sources for deal in knowledge.deals)


def test_a_market_is_synthetic_by_its_own_column_not_by_a_word_in_another(
    engine: Engine, store: Store, now: datetime, write_folder: WriteFolder
) -> None:
    import_folder(engine, write_folder(startups="startup_id,name,material\na,A,synthetic\n"), now)
    assert not store.is_synthetic()
    import_folder(engine, write_folder(funds="fund_id,name,synthetic\nf,F,true\n"), now)
    assert store.is_synthetic()
