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
from matching.candidates import retrieve
from matching.features import count, features
from matching.kernel import Kernel
from matching.knowledge import Knowledge
from matching.market import Floats, Ints, Market, build_market, profile_vectors
from matching.rank import PriorRanker
from matching.records import Startup
from matching.vocabulary import Language

VIETNAM = Path(__file__).parent.parent / "data" / "vietnam"
RESAMPLES = 2_000


def questions(app: App, language: Language | None, kernel: Kernel) -> Iterator[tuple[Floats, Ints]]:
    """Yield, for each startup with a deal, the feature matrix of all funds and the rows of its investors."""
    knowledge = app.store.knowledge(None)
    knowledge = replace(knowledge, startups=tuple(told_in(s, language) for s in knowledge.startups))
    for startup in knowledge.startups:
        mine = {deal.fund_id for deal in knowledge.deals if deal.startup_id == startup.startup_id}
        if not mine:
            continue
        market = hide(app, knowledge, startup, kernel)
        text = profile_vectors([startup], app.vectors)[0]
        everyone = np.arange(len(market.funds))
        matrix = features(startup, market, retrieve(startup, text, market), count(startup, market), everyone)
        yield matrix, np.array([market.funds.row_of[fund] for fund in sorted(mine)])


def told_in(startup: Startup, language: Language | None) -> Startup:
    """Keep a profile's text in one language only; both where it is None."""
    if language is Language.EN:
        return replace(startup, description_vi="")
    if language is Language.VI:
        return replace(startup, description="")
    return startup


def hide(app: App, knowledge: Knowledge, startup: Startup, kernel: Kernel) -> Market:
    """Build the market that never saw a deal of `startup`."""
    others = tuple(deal for deal in knowledge.deals if deal.startup_id != startup.startup_id)
    return build_market(replace(knowledge, deals=others), app.now.date(), app.vectors, kernel)


def measure(scores: Floats, truth: Ints, seed: int) -> tuple[float, float, float]:
    """Return recall@10, recall@50 and the reciprocal rank of the first hit; ties fall by lot."""
    lots = np.random.default_rng(seed).random(len(scores))
    order = np.lexsort((lots, -scores))
    place = np.flatnonzero(np.isin(order, truth))
    return float((place < 10).mean()), float((place < 50).mean()), float(1 / (place[0] + 1))


def main() -> None:
    """Print the table."""
    app = App(read_settings())
    migrate(app.database)
    import_folder(app.database, VIETNAM, app.now)
    print(f"{'profile told in':<16}{'R@10':>24}{'R@50':>8}{'MRR':>8}")
    ranker = PriorRanker()
    for language in (None, Language.EN, Language.VI):
        rows = np.array(
            [
                measure(ranker.predict(matrix), truth, seed)
                for seed, (matrix, truth) in enumerate(questions(app, language, Kernel()))
            ]
        )
        draws = np.random.default_rng(0).integers(len(rows), size=(RESAMPLES, len(rows)))
        low, high = np.percentile(rows[draws, 0].mean(axis=1), [2.5, 97.5])
        r10, r50, mrr = rows.mean(axis=0)
        name, recall = language or "both", f"{r10:.3f} [{low:.3f}, {high:.3f}]"
        print(f"{name:<16}{recall:>24}{r50:>8.3f}{mrr:>8.3f}   ({len(rows)} startups)")


if __name__ == "__main__":
    main()
