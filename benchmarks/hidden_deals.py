"""Measure how often the true investors come up when a startup's own deals are hidden.

For each startup of data/vietnam with a deal: take its deals out of the market (and with them its own
popularity), rank every fund for its profile, look for the investors. Dates are not used, so this says
nothing about the future; it is the check that the hand-set weights and the texts are of use at all.

    python -m benchmarks.hidden_deals
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from api.compose import App
from api.settings import read_settings
from data.database import migrate
from data.importer import import_folder
from matching.engine import Engine
from matching.knowledge import Knowledge
from matching.market import Floats, Ints, Market, build_market
from matching.rank import PriorRanker
from matching.records import Startup
from matching.vocabulary import Band, Language

VIETNAM = Path(__file__).parent.parent / "data" / "vietnam"
RESAMPLES = 2_000


def told(startup: Startup, language: Language | None, fields: str) -> Startup:
    """Keep of a profile its text in one language (both where it is None), its other fields, or all."""
    if fields == "text":
        startup = replace(startup, sectors=frozenset(), tags=(), country=None, city="", place="")
    if fields == "fields":
        startup = replace(startup, description="", description_vi="", tags=())
    if language is Language.EN:
        return replace(startup, description_vi="")
    if language is Language.VI:
        return replace(startup, description="")
    return startup


def hide(app: App, knowledge: Knowledge, startup: Startup) -> Market:
    """Build the market that never saw a deal of `startup`."""
    others = tuple(deal for deal in knowledge.deals if deal.startup_id != startup.startup_id)
    return build_market(replace(knowledge, deals=others), app.now.date(), app.vectors)


def measure(scores: Floats, truth: Ints, seed: int) -> tuple[float, float, float]:
    """Return recall@10, recall@50 and the reciprocal rank of the first hit; ties fall by lot."""
    lots = np.random.default_rng(seed).random(len(scores))
    order = np.lexsort((lots, -scores))
    place = np.flatnonzero(np.isin(order, truth))
    return float((place < 10).mean()), float((place < 50).mean()), float(1 / (place[0] + 1))


def answers(app: App) -> Iterator[tuple[Startup, Engine, Ints]]:
    """Yield each startup with a deal, the engine that never saw its deals, and the rows of its investors."""
    knowledge = app.store.knowledge(None)
    for startup in knowledge.startups:
        mine = {deal.fund_id for deal in knowledge.deals if deal.startup_id == startup.startup_id}
        if mine:
            engine = Engine(hide(app, knowledge, startup), PriorRanker(), app.vectors)
            yield startup, engine, np.array([engine.market.funds.row_of[fund] for fund in sorted(mine)])


def scores(engine: Engine, startup: Startup) -> Floats:
    """Score all funds, gated ones last, shape (n_funds,)."""
    found = np.full(len(engine.market.funds), -np.inf)
    for ranked in engine.rank(startup, len(found)):
        found[engine.market.funds.row_of[ranked.fund_id]] = ranked.score
    return found


def main() -> None:
    """Print the tables."""
    app = App(read_settings())
    migrate(app.database)
    import_folder(app.database, VIETNAM, app.now)
    ways = [(language, fields) for fields in ("all", "text") for language in (None, Language.EN, Language.VI)]
    ways.append((None, "fields"))
    found: dict[tuple[Language | None, str], list[tuple[float, float, float]]] = {way: [] for way in ways}
    bands: dict[Band, list[bool]] = {band: [] for band in Band}
    for seed, (startup, engine, truth) in enumerate(answers(app)):
        for language, fields in ways:
            asked = told(startup, language, fields)
            found[language, fields].append(measure(scores(engine, asked), truth, seed))
        investors = {engine.market.funds.records[row].fund_id for row in truth}
        for ranked in engine.rank(startup, 10):
            bands[ranked.band].append(ranked.fund_id in investors)
    app.close()
    print(f"{'profile':<10}{'told in':<10}{'R@10':>24}{'R@50':>8}{'MRR':>8}")
    for (language, fields), rows in found.items():
        low, high = bootstrap(np.array(rows)[:, 0])
        r10, r50, mrr = np.mean(rows, axis=0)
        recall = f"{r10:.3f} [{low:.3f}, {high:.3f}]"
        print(
            f"{fields:<10}{language or 'both':<10}{recall:>24}{r50:>8.3f}{mrr:>8.3f}   ({len(rows)} startups)"
        )
    print("\nof the first ten: band, times shown, share that are true investors")
    for band, hits in bands.items():
        print(f"{band:<10}{len(hits):>8}{np.mean(hits) if hits else 0:>10.3f}")


def bootstrap(values: Floats) -> tuple[float, float]:
    """Return the 95 % interval of the mean, resampling startups."""
    draws = np.random.default_rng(0).integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


if __name__ == "__main__":
    main()
