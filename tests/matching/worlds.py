"""Small worlds for the tests of the core: one told by hand, random ones, and vectors without a model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from hashlib import blake2b

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from matching.engine import Engine
from matching.kernel import Kernel
from matching.knowledge import Knowledge
from matching.market import DEFAULT_KERNEL, Market, build_market, lay_out
from matching.protocols import FloatMatrix, VectorStore
from matching.rank import PriorRanker
from matching.records import Deal, Fund, Override, Startup
from matching.vocabulary import FundStatus, Gate, Prompt, Sector, Stage

TODAY = date(2025, 7, 1)
WIDTH = 12
QUICK = settings(deadline=None, max_examples=30)


@dataclass(frozen=True)
class HashedVectors:
    """Unit vectors drawn from a hash of the text; like those of e5, any two are alike (cosine about .8)."""

    width: int = WIDTH

    def vectors(self, texts: Sequence[str], prompt: Prompt) -> FloatMatrix:
        """Embed texts, an empty one as zeros."""
        rows = np.zeros((len(texts), self.width), np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text:
                seed = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
                own = np.random.default_rng(seed).normal(size=self.width)
                own /= np.linalg.norm(own)
                own[0] += 2
                row[:] = own / np.linalg.norm(own)
        return rows


@dataclass(frozen=True)
class FixedVectors:
    """The vectors given, by text."""

    known: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    width: int = 2

    def vectors(self, texts: Sequence[str], prompt: Prompt) -> FloatMatrix:
        """Look texts up."""
        told = [self.known[text] if text else (0.0,) * self.width for text in texts]
        return np.array(told, np.float32).reshape(len(texts), self.width)


def market_of(
    startups: Iterable[Startup] = (),
    funds: Iterable[Fund] = (),
    deals: Iterable[Deal] = (),
    *,
    overrides: Iterable[Override] = (),
    vectors: VectorStore | None = None,
    kernel: Kernel = DEFAULT_KERNEL,
) -> Market:
    """Build a Market of TODAY whose rows are in the order of the records given."""
    knowledge = Knowledge(tuple(startups), tuple(funds), tuple(deals), overrides=tuple(overrides))
    return lay_out(knowledge, TODAY, vectors or HashedVectors(), kernel)


def engine_of(
    knowledge: Knowledge, vectors: VectorStore | None = None, kernel: Kernel | None = None
) -> Engine:
    """Put an engine with the prior over a Market of TODAY."""
    vectors = vectors or HashedVectors()
    return Engine(build_market(knowledge, TODAY, vectors), PriorRanker(), vectors)


# --- a world told by hand: three funds, four companies, six deals ---

PAY, LEND, FARM, CARE = "mobile payments", "lending to shops", "sensors for rice", "clinics online"
SAYS_PAY, SAYS_FARM = "We back payments.", "We back farms."
FIXED = FixedVectors(
    {
        PAY: (1.0, 0.0),
        LEND: (0.8, 0.6),
        FARM: (0.0, 1.0),
        CARE: (0.6, 0.8),
        SAYS_PAY: (0.96, 0.28),
        SAYS_FARM: (0.28, 0.96),
    }
)


def years_ago(years: float) -> date:
    """Go back from TODAY by years of 365.25 days: exactly, where `years` is a multiple of 4."""
    return TODAY - timedelta(days=years * 365.25)


PAYCO = Startup(
    startup_id="pay",
    description=PAY,
    sectors=frozenset({Sector.FINTECH}),
    country="VN",
    city="Ha Noi",
    place="vn-hanoi",
)
LENDCO = Startup(
    startup_id="lend",
    description=LEND,
    sectors=frozenset({Sector.FINTECH, Sector.RETAIL}),
    country="SG",
    stage=Stage.SEED,
)
FARMCO = Startup(startup_id="farm", description=FARM, sectors=frozenset({Sector.AGRITECH}), country="VN")
CARECO = Startup(startup_id="care", description=CARE)
MONEY = Fund(
    fund_id="money",
    name="Money",
    thesis=SAYS_PAY,
    sectors=frozenset({Sector.FINTECH}),
    countries=frozenset({"VN", "SG"}),
    stages=frozenset({Stage.SEED}),
    ticket_min_usd=100_000,
    ticket_max_usd=500_000,
    status=FundStatus.DEPLOYING,
)
FIELDS = Fund(fund_id="fields", name="Fields", thesis=SAYS_FARM, countries=frozenset({"VN"}))
QUIET = Fund(fund_id="quiet", name="Quiet")
HAND_MADE = Knowledge(
    startups=(PAYCO, LENDCO, FARMCO, CARECO),
    funds=(MONEY, FIELDS, QUIET),
    deals=(
        Deal(startup_id="pay", fund_id="money", announced_on=years_ago(4), stage=Stage.SEED),
        Deal(startup_id="pay", fund_id="money", announced_on=years_ago(0), stage=Stage.SERIES_A),
        Deal(startup_id="lend", fund_id="money", announced_on=years_ago(4), stage=Stage.SEED),
        Deal(startup_id="lend", fund_id="fields", announced_on=None),
        Deal(startup_id="farm", fund_id="fields", announced_on=years_ago(12), stage=Stage.SEED),
    ),
)
ASKING = Startup(
    startup_id="asking",
    name="Asking",
    description=PAY,
    sectors=frozenset({Sector.FINTECH}),
    country="VN",
    city="Hà Nội",
    place="vn-hanoi",
    stage=Stage.SEED,
    raising_usd=200_000,
)


def hand_made() -> Engine:
    """Put an engine over the world told by hand, its rows in the order told."""
    return Engine(lay_out(HAND_MADE, TODAY, FIXED), PriorRanker(), FIXED)


# --- random worlds ---

TEXTS = (
    "",
    "Mobile payments for street vendors",
    "Thanh toán di động cho tiểu thương",
    "Sensors and weather data for rice farmers in the delta",
)
SAYINGS = (
    "",
    TEXTS[1],
    TEXTS[3],
    "We lead the seed rounds of fintech companies all over Vietnam. " + TEXTS[3],
)
SECTORS = (Sector.FINTECH, Sector.AGRITECH, Sector.SAAS)
SUBSECTORS = ("payments", "insurtech")
STAGES = (Stage.SEED, Stage.SERIES_A, Stage.SERIES_B, Stage.SERIES_C, Stage.GROWTH)
COUNTRIES = ("VN", "SG")
MONEYS = (None, 50_000.0, 100_000.0, 250_000.0)
STATUSES = (None, FundStatus.DEPLOYING, FundStatus.RAISING, FundStatus.RESERVED, FundStatus.INACTIVE)
PARTLY_READ = ("countries", "stages", "status", "sectors", "excluded_sectors")
DAYS = (None, *(years_ago(age) for age in (0, 0.7, 1.9, 2.1, 4, 9)))


@st.composite
def startups(draw: st.DrawFn, startup_id: str, funds: int = 0) -> Startup:
    """Draw a startup; each field may be unknown."""
    return Startup(
        startup_id=startup_id,
        name=draw(st.sampled_from(("", "An", "Bình"))),
        description=draw(st.sampled_from(TEXTS)),
        description_vi=draw(st.sampled_from(TEXTS)),
        sectors=draw(st.frozensets(st.sampled_from(SECTORS), max_size=2)),
        subsectors=draw(st.frozensets(st.sampled_from(SUBSECTORS), max_size=1)),
        country=draw(st.sampled_from((None, *COUNTRIES))),
        place=draw(st.sampled_from(("", "vn-hanoi", "vn-hue"))),
        stage=draw(st.sampled_from((None, *STAGES))),
        first_seen_on=draw(st.sampled_from(DAYS)),
        founded_on=draw(st.sampled_from(DAYS)),
        raising_usd=draw(st.sampled_from(MONEYS)),
        exclusions=draw(
            st.frozensets(st.sampled_from(("s0", "s1", *(f"f{i}" for i in range(funds + 1)))), max_size=2)
        ),
        opted_out=draw(st.integers(0, 19)) == 19,
    )


@st.composite
def funds(draw: st.DrawFn, fund_id: str) -> Fund:
    """Draw a fund with a name of its own; each other field may be unknown."""
    excluded = draw(st.frozensets(st.sampled_from(SUBSECTORS), max_size=1))
    return Fund(
        fund_id=fund_id,
        name=f"Fund {fund_id}",
        thesis=draw(st.sampled_from(SAYINGS)),
        thesis_vi=draw(st.sampled_from(TEXTS)),
        stages=draw(st.frozensets(st.sampled_from(STAGES), max_size=2)),
        sectors=draw(st.frozensets(st.sampled_from(SECTORS), max_size=2)),
        excluded_sectors=draw(st.frozensets(st.sampled_from(SECTORS), max_size=1)),
        excluded_subsectors=excluded,
        partly_excluded=frozenset({Sector.FINTECH}) if excluded else frozenset(),
        countries=draw(st.frozensets(st.sampled_from(COUNTRIES), max_size=2)),
        ticket_min_usd=draw(st.sampled_from(MONEYS)),
        ticket_max_usd=draw(st.sampled_from(MONEYS)),
        status=draw(st.sampled_from(STATUSES)),
        verified_on=draw(st.sampled_from(DAYS)),
        not_understood=draw(st.frozensets(st.sampled_from(PARTLY_READ), max_size=1)),
    )


def deals(startup_ids: Sequence[str], fund_ids: Sequence[str]) -> st.SearchStrategy[Deal]:
    """Draw a deal between known ids."""
    return st.builds(
        Deal,
        startup_id=st.sampled_from(startup_ids),
        fund_id=st.sampled_from(fund_ids),
        announced_on=st.sampled_from(DAYS),
        stage=st.sampled_from((None, *STAGES)),
    )


@st.composite
def worlds(draw: st.DrawFn, size: int = 5) -> Knowledge:
    """Draw up to `size` startups (s0, ...) and funds (f0, ...) and up to thrice as many deals."""
    n_startups, n_funds = draw(st.integers(0, size)), draw(st.integers(0, size))
    told_startups = tuple(draw(startups(f"s{i}", n_funds)) for i in range(n_startups))
    told_funds = tuple(draw(funds(f"f{i}")) for i in range(n_funds))
    told_deals: list[Deal] = []
    if told_startups and told_funds:
        pairs = deals([s.startup_id for s in told_startups], [f.fund_id for f in told_funds])
        told_deals = draw(st.lists(pairs, max_size=3 * size))
    return Knowledge(told_startups, told_funds, tuple(told_deals))


@st.composite
def questions(draw: st.DrawFn, size: int = 5) -> tuple[Knowledge, Startup]:
    """Draw a world and who asks: one of its startups, the same with another profile, or a stranger."""
    world = draw(worlds(size))
    asking = draw(startups(f"s{draw(st.integers(0, size))}", size))
    if draw(st.booleans()) and world.startups:
        asking = draw(st.sampled_from(world.startups))
    return world, asking


# --- the gates once more, over the records, a pair at a time ---

CLOSED = {FundStatus.RESERVED, FundStatus.FULLY_DEPLOYED, FundStatus.INACTIVE}
LADDER = list(Stage)
GROWTH_MEANS = {Stage.SERIES_C, Stage.SERIES_D_PLUS, Stage.GROWTH}


def stage_fits(asked: Stage, declared: Iterable[Stage]) -> bool:
    """Tell whether a fund that declares these stages can be shown to a startup of stage `asked`."""
    return any(
        abs(LADDER.index(asked) - LADDER.index(stage)) <= 1
        or (stage is Stage.GROWTH and asked in GROWTH_MEANS)
        for stage in declared
    )


def failed_gates(startup: Startup, fund: Fund, deals: Iterable[Deal]) -> set[Gate]:
    """Hold the gates against one fund in plain Python."""
    pair = (startup.startup_id, fund.fund_id)
    sure = {"countries", "stages", "status"} - fund.not_understood
    held = {(deal.startup_id, deal.fund_id) for deal in deals}
    asked, low, high = startup.raising_usd, fund.ticket_min_usd, fund.ticket_max_usd
    rules = {
        Gate.STARTUP_OPTED_OUT: startup.opted_out,
        Gate.EXCLUDED_BY_STARTUP: fund.fund_id in startup.exclusions,
        Gate.FUND_NOT_DEPLOYING: "status" in sure and fund.status in CLOSED,
        Gate.COUNTRY: startup.country is not None
        and bool(fund.countries)
        and "countries" in sure
        and startup.country not in fund.countries,
        Gate.STAGE: startup.stage is not None
        and bool(fund.stages)
        and "stages" in sure
        and not stage_fits(startup.stage, fund.stages),
        Gate.EXCLUDED_SECTOR: bool(startup.sectors & fund.excluded_sectors)
        or (bool(startup.subsectors & fund.excluded_subsectors) and Sector.FINTECH in startup.sectors),
        Gate.TICKET: asked is not None
        and ((low is not None and asked < low) or (high is not None and asked > high)),
        Gate.ALREADY_INVESTED: pair in held,
        Gate.COMPETITOR: any((other, fund.fund_id) in held for other in startup.exclusions),
    }
    return {rule for rule, fails in rules.items() if fails}


# --- the same world told otherwise ---


def renamed(world: Knowledge, new: Mapping[str, str]) -> Knowledge:
    """Give startups and funds other ids; names and all else stay."""
    return Knowledge(
        startups=tuple(renamed_startup(startup, new) for startup in world.startups),
        funds=tuple(replace(fund, fund_id=new[fund.fund_id]) for fund in world.funds),
        deals=tuple(
            replace(deal, startup_id=new[deal.startup_id], fund_id=new[deal.fund_id]) for deal in world.deals
        ),
        introductions=tuple(
            replace(one, startup_id=new[one.startup_id], fund_id=new[one.fund_id])
            for one in world.introductions
        ),
        overrides=tuple(
            replace(one, startup_id=new[one.startup_id], fund_id=new[one.fund_id]) for one in world.overrides
        ),
    )


def renamed_startup(startup: Startup, new: Mapping[str, str]) -> Startup:
    """Give a startup, and the funds it excludes, other ids."""
    return replace(
        startup,
        startup_id=new[startup.startup_id],
        exclusions=frozenset(new.get(id_, id_) for id_ in startup.exclusions),
    )


@st.composite
def retold(draw: st.DrawFn, world: Knowledge) -> Knowledge:
    """Draw other ids and another order of the records of a world."""
    ids = [*(s.startup_id for s in world.startups), *(f.fund_id for f in world.funds)]
    new = draw(st.permutations([f"x{at}" for at in range(len(ids))]))
    other = renamed(world, dict(zip(ids, new, strict=True)))
    return Knowledge(
        *(tuple(draw(st.permutations(getattr(other, field.name)))) for field in fields(Knowledge))
    )
