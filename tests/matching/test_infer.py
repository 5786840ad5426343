from dataclasses import replace

import numpy as np

from matching.infer import with_sectors
from matching.market import Market
from matching.records import Deal, Fund, Startup
from matching.vocabulary import Sector
from tests.matching.worlds import FixedVectors, market_of

NEAR, NEAR_TOO, FAR = "near", "near too", "far"
VECTORS = FixedVectors({NEAR: (1.0, 0.0), NEAR_TOO: (0.999, 0.0447), FAR: (0.0, 1.0)})
ME = np.array([1.0, 0.0], np.float32)
ASKING = Startup(startup_id="me", description=NEAR)


def market(*companies: Startup) -> Market:
    deals = [Deal(startup_id=company.startup_id, fund_id="f") for company in companies]
    return market_of(companies, [Fund(fund_id="f")], deals, vectors=VECTORS)


def company(id_: str, text: str, *sectors: Sector) -> Startup:
    return Startup(startup_id=id_, description=text, sectors=frozenset(sectors))


def read(*companies: Startup) -> set[Sector]:
    return set(with_sectors(ASKING, ME, market(*companies)).sectors)


def test_sectors_are_those_of_the_companies_told_alike() -> None:
    near, far = company("a", NEAR, Sector.FINTECH, Sector.AI), company("b", FAR, Sector.GAMING)
    assert read(near, far) == {Sector.FINTECH, Sector.AI}


def test_a_sector_needs_four_tenths_of_the_neighbours_weight() -> None:
    # weights 1 and exp(-100 * .001) = .905: shares .525 and .475; a third alike makes them .356, .322, .322
    two = company("a", NEAR, Sector.FINTECH), company("b", NEAR_TOO, Sector.AI)
    assert read(*two) == {Sector.FINTECH, Sector.AI}
    assert read(*two, company("c", NEAR_TOO, Sector.SAAS)) == set()


def test_two_neighbours_of_five_are_just_enough() -> None:
    told = [company(f"a{n}", NEAR, Sector.FINTECH) for n in range(2)]
    others = [company(f"b{n}", NEAR) for n in range(3)]
    assert read(*told, *others) == {Sector.FINTECH}
    assert read(*told, *others, company("c", NEAR)) == set()


def test_the_asking_startup_s_own_record_is_no_neighbour() -> None:
    own = company("me", NEAR, Sector.GAMING)
    assert read(own, company("a", NEAR_TOO, Sector.FINTECH)) == {Sector.FINTECH}
    assert read(own) == set()


def test_named_sectors_stay_and_without_a_text_or_a_company_nothing_is_read() -> None:
    named = replace(ASKING, sectors=frozenset({Sector.EDTECH}))
    world = market(company("a", NEAR, Sector.FINTECH))
    assert with_sectors(named, ME, world) is named
    assert with_sectors(ASKING, np.zeros(2, np.float32), world) is ASKING
    assert with_sectors(ASKING, ME, market_of(vectors=VECTORS)) is ASKING
    assert with_sectors(ASKING, ME, market_of([], [Fund(fund_id="f")], vectors=VECTORS)) == ASKING


def test_companies_without_a_text_have_no_say() -> None:
    assert read(company("a", "", Sector.FINTECH)) == set()
