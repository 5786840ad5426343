from dataclasses import replace

import pytest

from matching.candidates import retrieve
from matching.engine import Engine
from matching.explain import Case
from matching.features import count
from matching.gates import gate
from matching.grounds import grounds
from matching.knowledge import Knowledge
from matching.market import profile_vectors
from matching.records import Deal, Fund, Startup
from matching.vocabulary import Band, Sector
from tests.matching.worlds import ASKING, FIXED, LENDCO, PAYCO, SAYS_FARM, SAYS_PAY, engine_of

ALIKE = Fund(fund_id="alike", name="Alike")
DECLARES = Fund(fund_id="declares", name="Declares", sectors=frozenset({Sector.FINTECH}))
SAYS = Fund(fund_id="says", name="Says", thesis=SAYS_PAY)
BOTH = Fund(fund_id="both", name="Both", thesis=SAYS_PAY, sectors=frozenset({Sector.FINTECH}))
NOTHING = Fund(fund_id="nothing", name="Nothing")
FUNDS = (ALIKE, DECLARES, SAYS, BOTH, NOTHING)
WORLD = Knowledge((PAYCO, LENDCO), FUNDS, (Deal(startup_id=PAYCO.startup_id, fund_id="alike"),))


def allowed(engine: Engine, startup: Startup) -> dict[str, int]:
    market = engine.market
    text = profile_vectors([startup], engine.vectors)[0]
    retrieved, counts = retrieve(startup, text, market), count(startup, market)
    found = grounds(Case(startup, market, retrieved, counts, gate(startup, market)))
    return {fund.fund_id: int(most) for fund, most in zip(market.funds.records, found, strict=True)}


def test_a_company_alike_or_a_sector_with_a_thesis_allow_strong_one_of_them_medium_and_nothing_low() -> None:
    most = {"alike": 2, "declares": 1, "says": 1, "both": 2, "nothing": 0}
    assert allowed(engine_of(WORLD, FIXED), ASKING) == most


def test_a_thesis_about_something_else_and_another_sector_are_no_ground() -> None:
    funds = (replace(BOTH, thesis=SAYS_FARM, sectors=frozenset({Sector.AGRITECH})),)
    assert allowed(engine_of(replace(WORLD, funds=funds, deals=()), FIXED), ASKING) == {"both": 0}


@pytest.mark.parametrize("n", [1, 3, 25, 60])
def test_funds_of_which_nothing_is_known_are_low_in_a_market_of_any_size(n: int) -> None:
    funds = tuple(Fund(fund_id=f"f{i}", name=f"Fund {i}") for i in range(n))
    world = Knowledge((PAYCO,), (ALIKE, *funds), (Deal(startup_id=PAYCO.startup_id, fund_id="alike"),))
    ranked = engine_of(world, FIXED).rank(replace(ASKING, country="TH"), n + 1)
    assert {r.band for r in ranked if r.fund_id != "alike"} == {Band.LOW}


def test_grounds_are_counted_for_every_fund_of_an_empty_market() -> None:
    assert allowed(engine_of(Knowledge((), (), ())), ASKING) == {}
