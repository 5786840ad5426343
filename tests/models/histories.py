"""Random small histories with partial and unknown dates, for the tests of what is learned from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from matching.dates import end_of_period
from matching.knowledge import Knowledge
from matching.records import Deal, Fund, Introduction, IntroductionEvent, Startup
from matching.vocabulary import IntroductionStatus, PassReason
from tests.matching import worlds

# On both sides of each border, some known to the year or month only, some not at all.
TRAINED = date(2021, 7, 1)
SNAPSHOTS = (date(2020, 1, 1), date(2020, 7, 1), date(2021, 1, 1))
TEXTS = (
    "", "2016", "2017-01-01", "2018-06", "2018-07-01", "2019", "2019-12-31", "2020-01-01", "2020-06",
    "2020-07-01", "2020-08-15", "2020", "2021-01-01", "2021-03", "2021-06-30", "2021-07-01", "2022",
)  # fmt: skip
DATES = st.sampled_from([None, *map(end_of_period, TEXTS[1:])])
KNOWN_FROM = st.one_of(st.none(), st.just(date(2015, 12, 31)), DATES)


def deals(
    startup_ids: Sequence[str], fund_ids: Sequence[str], texts: st.SearchStrategy[str]
) -> st.SearchStrategy[Deal]:
    """Draw a deal dated by one of `texts`."""
    return st.builds(
        lambda startup_id, fund_id, text, stage: Deal(
            startup_id=startup_id,
            fund_id=fund_id,
            announced=text,
            announced_on=end_of_period(text) if text else None,
            stage=stage,
        ),
        st.sampled_from(startup_ids),
        st.sampled_from(fund_ids),
        texts,
        st.sampled_from((None, *worlds.STAGES)),
    )


@st.composite
def introductions(
    draw: st.DrawFn,
    prefix: str,
    startup_ids: Sequence[str],
    fund_ids: Sequence[str],
    opened: st.SearchStrategy[date | None] = DATES,
) -> tuple[Introduction, ...]:
    """Draw introductions with up to three events, in the order of time."""
    found = []
    for n in range(draw(st.integers(0, 6))):
        day = draw(opened)
        start = day or draw(opened) or date(2020, 3, 1)
        events = [
            IntroductionEvent(
                status=draw(st.sampled_from(IntroductionStatus)),
                at=start + timedelta(days=after),
                reason=draw(st.sampled_from((None, *PassReason))),
            )
            for after in sorted(draw(st.lists(st.sampled_from((0, 1, 20, 40, 200, 500)), max_size=3)))
        ]
        found.append(
            Introduction(
                introduction_id=f"{prefix}{n}",
                startup_id=draw(st.sampled_from(startup_ids)),
                fund_id=draw(st.sampled_from(fund_ids)),
                opened_on=day,
                events=tuple(events),
            )
        )
    return tuple(found)


def startup_of(draw: st.DrawFn, id_: str, known_from: st.SearchStrategy[date | None]) -> Startup:
    return replace(draw(worlds.startups(id_)), first_seen_on=draw(known_from))


def fund_of(draw: st.DrawFn, id_: str, known_from: st.SearchStrategy[date | None]) -> Fund:
    return replace(draw(worlds.funds(id_)), verified_on=draw(known_from))


@st.composite
def facts(draw: st.DrawFn, size: int = 5) -> Knowledge:
    """Draw raw facts, not cut at any day: startups s0, ..., funds f0, ..., deals, introductions."""
    n_startups, n_funds = draw(st.integers(1, size)), draw(st.integers(1, size))
    told_startups = [startup_of(draw, f"s{i}", KNOWN_FROM) for i in range(n_startups)]
    told_funds = [fund_of(draw, f"f{i}", KNOWN_FROM) for i in range(n_funds)]
    ids = [s.startup_id for s in told_startups], [f.fund_id for f in told_funds]
    return Knowledge(
        startups=tuple(told_startups),
        funds=tuple(told_funds),
        deals=tuple(draw(st.lists(deals(*ids, st.sampled_from(TEXTS)), min_size=1, max_size=4 * size))),
        introductions=draw(introductions("i", *ids)),
    )


@st.composite
def with_later_facts(draw: st.DrawFn) -> tuple[Knowledge, Knowledge, date]:
    """Facts, the same with more that are dated on or after a day, and that day."""
    world = draw(facts())
    day = draw(st.sampled_from((*SNAPSHOTS, date(2020, 8, 16), date(2021, 3, 31), TRAINED)))
    dates = st.sampled_from((day, day + timedelta(days=1), day + timedelta(days=150)))
    startup, fund = startup_of(draw, "later s", dates), fund_of(draw, "later f", dates)
    ids = [s.startup_id for s in (*world.startups, startup)], [f.fund_id for f in (fund, *world.funds)]
    more = Knowledge(
        startups=(startup, *world.startups),
        funds=(fund, *world.funds),
        deals=(*draw(st.lists(deals(*ids, dates.map(str)), max_size=6)), *world.deals),
        introductions=(
            *draw(introductions("later", *ids, dates)),
            *(grown(draw, i, day) for i in world.introductions),
        ),
    )
    return world, more, day


def grown(draw: st.DrawFn, introduction: Introduction, day: date) -> Introduction:
    """Let an introduction that was opened before a day have one more event on it, after its others."""
    begun = introduction.known_from
    if begun is None or begun >= day:
        return introduction
    at = max([day, *(event.at for event in introduction.events)])
    event = IntroductionEvent(status=draw(st.sampled_from(IntroductionStatus)), at=at)
    return replace(introduction, events=(*introduction.events, event))
