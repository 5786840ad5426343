from datetime import date

from matching.knowledge import Knowledge
from matching.records import Deal, Fund, Startup
from models.controls import Masked, Scrambled, mask
from models.history import Remembered
from tests.models.planted import by_country

DAY = date(2020, 1, 1)


def test_names_are_masked_as_whole_words_longest_first() -> None:
    names = {"Path", "Path Finder Fund", "A&B", "Quỹ Sáng"}
    assert mask("Path Finder Fund's path, Pathways; A&B.", names) == "…'s path, Pathways; …."
    assert mask("Led by Path Finder Fund; then Path.", names) == "Led by …; then …."
    assert mask("Quỹ Sáng rót vốn", names) == "… rót vốn"
    assert mask("nobody here", ()) == "nobody here"
    assert mask("", names) == ""


def test_own_name_in_any_case_and_fund_names_leave_descriptions_and_theses() -> None:
    facts = Knowledge(
        startups=(
            Startup(
                startup_id="a",
                first_seen_on=DAY,
                name="Zappa",
                description="ZAPPA pays; backed by Mekong Fund.",
                description_vi="Zappa thanh toán",
            ),
        ),
        funds=(Fund(fund_id="f", name="Mekong Fund", thesis="Mekong Fund likes Zappa."),),
        deals=(),
    )
    masked = Masked(Remembered(facts))
    known = masked.knowledge(None)
    assert known.startups[0].description == "… pays; backed by …."
    assert known.startups[0].description_vi == "… thanh toán"
    assert known.startups[0].name == "Zappa"
    assert known.funds[0].thesis == "… likes …."
    assert masked.profiles([("a", DAY)])["a", DAY] == known.startups[0]


def test_scrambling_keeps_all_but_who_invested() -> None:
    facts = by_country(30)
    scrambled = Scrambled(Remembered(facts))
    known, cut = scrambled.knowledge(None), scrambled.knowledge(date(2016, 1, 1))
    assert known.startups == facts.startups
    assert sorted(fund.fund_id for fund in known.funds) == sorted(fund.fund_id for fund in facts.funds)
    assert [(d.startup_id, d.announced_on) for d in known.deals] == [
        (d.startup_id, d.announced_on) for d in facts.deals
    ]
    kept = sum(new.fund_id == old.fund_id for new, old in zip(known.deals, facts.deals, strict=True))
    assert kept / len(facts.deals) < 0.1, "one in 24 stays by chance"
    names = {fund.fund_id: fund.name for fund in facts.funds}
    assert sum(names[fund.fund_id] == fund.name for fund in known.funds) < 6
    assert known == scrambled.knowledge(None) != Scrambled(Remembered(facts), seed=1).knowledge(None)
    assert all(deal.announced_on and deal.announced_on < date(2016, 1, 1) for deal in cut.deals)


def test_scrambling_nothing() -> None:
    one = Deal(startup_id="a", fund_id="f", announced_on=DAY)
    facts = Knowledge((Startup(startup_id="a"),), (Fund(fund_id="f"),), (one,))
    assert Scrambled(Remembered(facts)).knowledge(None).deals == (one,)
    assert Scrambled(Remembered(Knowledge((), (), ()))).knowledge(None) == Knowledge((), (), ())
