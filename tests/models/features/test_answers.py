from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from matching.knowledge import Knowledge
from matching.market import Floats, Market, build_market
from matching.pairs import Pairs
from matching.records import Fund, Introduction, IntroductionEvent, Startup
from matching.vocabulary import IntroductionStatus as Status
from matching.vocabulary import PassReason, Sector, Stage
from models.features.answers import COLUMNS, Answers
from models.history import Remembered
from tests.matching.worlds import HashedVectors

VECTORS = HashedVectors()
DAY = date(2024, 6, 1)
NAMES = [column.name for column in COLUMNS]


def introduced(
    startup_id: str, fund_id: str, days: int, status: Status | None, reason: PassReason | None = None
) -> Introduction:
    """An introduction opened so many days before DAY, answered the day after."""
    opened = DAY - timedelta(days=days)
    event = IntroductionEvent(status=status, at=opened + timedelta(days=1), reason=reason) if status else None
    return Introduction(
        introduction_id=f"{startup_id} {fund_id} {days}",
        startup_id=startup_id,
        fund_id=fund_id,
        opened_on=opened,
        events=(event,) if event else (),
    )


def startup(id_: str, sector: Sector, country: str = "VN") -> Startup:
    return Startup(
        startup_id=id_,
        sectors=frozenset({sector}),
        tags=(f"Tag {sector}",),
        country=country,
        stage=Stage.SEED,
        first_seen_on=date(2020, 1, 1),
    )


FACTS = Knowledge(
    startups=(
        startup("bank", Sector.FINTECH),
        startup("pay", Sector.FINTECH),
        startup("farm", Sector.AGRITECH),
        startup("new", Sector.FINTECH),
    ),
    funds=(
        Fund(fund_id="quiet", verified_on=date(2020, 1, 1)),
        Fund(fund_id="yes", verified_on=date(2020, 1, 1), monthly_capacity=2),
        Fund(fund_id="no", verified_on=date(2020, 1, 1), monthly_capacity=0),
        Fund(fund_id="picky", verified_on=date(2020, 1, 1)),
    ),
    deals=(),
    introductions=(
        introduced("bank", "yes", 300, Status.INVESTOR_OK),
        introduced("pay", "yes", 90, Status.INVESTOR_OK),
        introduced("farm", "yes", 91, Status.INVESTOR_OK),
        introduced("bank", "no", 300, Status.INVESTOR_DECLINED, PassReason.THESIS),
        introduced("pay", "no", 80, Status.PASSED),
        introduced("farm", "no", 2, None),  # censored
        introduced("bank", "picky", 200, Status.INVESTOR_OK),
        introduced("farm", "picky", 100, Status.INVESTOR_DECLINED),
        introduced("pay", "picky", 50, Status.INVESTOR_DECLINED, PassReason.BANDWIDTH),  # says nothing
        introduced("bank", "quiet", 250, Status.INVESTOR_DECLINED),
        introduced("pay", "quiet", 120, None),  # silent
        introduced("farm", "quiet", 70, Status.EXPIRED_NO_REPLY),
    ),
)


def market(facts: Knowledge = FACTS, day: date = DAY) -> Market:
    return build_market(Remembered(facts).knowledge(day), day, VECTORS)


def table(of: Market, asking: Startup = FACTS.startups[-1]) -> dict[str, dict[str, float]]:
    pairs = Pairs.of(asking, np.zeros(VECTORS.width, np.float32), of)
    found: Floats = Answers.of(of).matrix(pairs, np.arange(len(of.funds)))
    return {
        fund.fund_id: dict(zip(NAMES, row.tolist(), strict=True))
        for fund, row in zip(of.funds.records, found, strict=True)
    }


def test_answers_loads_and_silence_are_counted_by_hand() -> None:
    told = table(market())
    counts = {id_: row["answers"] for id_, row in told.items()}
    assert counts == pytest.approx({"yes": 3 / 11, "no": 2 / 10, "picky": 2 / 10, "quiet": 3 / 11})
    asked = {id_: np.expm1(row["asked"]).round(6) for id_, row in told.items()}
    assert asked == {"yes": 1, "no": 2, "picky": 1, "quiet": 1}  # 90 days ago counts, 91 does not
    assert told["yes"]["load"] == pytest.approx(1 / 6)
    assert np.isnan(told["no"]["load"])
    assert np.isnan(told["quiet"]["load"])
    runs = {id_: np.expm1(row["silent_run"]).round(6) for id_, row in told.items()}
    assert runs == {"yes": 0, "no": 0, "picky": 0, "quiet": 2}
    base = (2 + 20 * 0.3) / (10 + 20)
    assert told["quiet"]["silence"] == pytest.approx((2 + 8 * base) / (3 + 8) - base)
    assert told["yes"]["silence"] == pytest.approx(8 * base / (3 + 8) - base)


def test_effects_speak_for_who_said_yes() -> None:
    told = table(market())
    assert told["yes"]["fund"] > told["picky"]["fund"] > told["no"]["fund"]
    assert told["picky"]["fund_sectors"] > 0 > table(market(), FACTS.startups[2])["picky"]["fund_sectors"]
    assert told["yes"]["all_country"] == told["no"]["all_country"]
    assert np.isnan(told["yes"]["startup"])
    assert table(market(), FACTS.startups[0])["yes"]["startup"] > 0


def test_what_is_not_told_or_never_seen_is_unknown() -> None:
    blank = table(market(), Startup(startup_id="blank"))
    for name in ("all_country", "all_sectors", "all_stage", "all_tags", "fund_country", "fund_sectors"):
        assert np.isnan(blank["yes"][name]), name
    assert np.isnan(table(market(), startup("else", Sector.GAMING, "FR"))["yes"]["fund_sectors"])
    assert blank["yes"]["fund"] == table(market())["yes"]["fund"]


def test_a_market_without_introductions_knows_nothing() -> None:
    told = table(market(replace(FACTS, introductions=())))
    for row in told.values():
        assert np.isnan([row[name] for name in NAMES[:10]]).all()
        assert [row[name] for name in ("answers", "silence", "silent_run", "asked")] == [0, 0, 0, 0]


def test_nothing_of_the_day_or_later_is_known() -> None:
    later = (
        introduced("bank", "no", 0, Status.INVESTOR_OK),
        introduced("pay", "quiet", -30, Status.INVESTOR_OK),
        introduced("new", "picky", -1, Status.INVESTOR_OK),
    )
    more = replace(FACTS, introductions=(*FACTS.introductions, *later))
    assert str(table(market(more))) == str(table(market()))


def test_a_fund_has_the_same_numbers_whichever_others_are_asked_for() -> None:
    of = market()
    pairs, answers = Pairs.of(FACTS.startups[3], np.zeros(VECTORS.width, np.float32), of), Answers.of(of)
    every = answers.matrix(pairs, np.arange(4))
    for row in range(4):
        np.testing.assert_array_equal(answers.matrix(pairs, np.array([row]))[0], every[row])
    assert answers.matrix(pairs, np.zeros(0, np.int64)).shape == (0, len(COLUMNS))


def test_columns_say_what_they_are() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(column.unit and column.source for column in COLUMNS)
    assert {column.direction for column in COLUMNS} <= {-1, 0, 1}
