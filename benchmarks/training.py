"""Train on markets of two sizes, then ask for shortlists of what was trained: seconds, rows a second, memory.

Synthetic, without embedding. Milliseconds of a whole shortlist of 10, as a multiple of the prior's too.

    python -m benchmarks.training
"""

import resource
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from api.compose import App
from api.settings import Settings
from data.database import migrate
from data.importer import import_folder
from data.synthetic.settings import MarketSettings, Missing
from data.synthetic.write import draw_market, write_market
from matching.engine import Engine
from matching.market import build_market
from matching.rank import PriorRanker, Trained
from matching.vocabulary import Rung
from models.training import KERNEL, Training, learn

FUNDS = (1_000, 10_000)
DAY = date(2026, 1, 1)
ASKED = 200


@dataclass(frozen=True)
class Grown:
    """A boosted ranker and what it took."""

    trained: Trained
    rows: int
    questions: int
    building: float
    growing: float


def main() -> None:
    """Print the tables."""
    print(f"{'funds':>8}{'questions':>11}{'rows':>10}{'build s':>9}{'rows/s':>9}{'grow s':>8}{'peak MB':>9}")
    for n in FUNDS:
        with tempfile.TemporaryDirectory() as home:
            app = opened(Path(home), n)
            grown = grow(app)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{n:>8,}{grown.questions:>11,}{grown.rows:>10,}{grown.building:>9.1f}"
                f"{grown.rows / grown.building:>9,.0f}{grown.growing:>8.1f}{peak:>9.0f}"
            )
            shortlists(app, {"prior": PriorRanker(), "kernel": KERNEL, "boosted": grown.trained})
            app.close()


def opened(home: Path, funds: int) -> App:
    """Import a market of `funds` funds, 1.3 startups and 3.7 deals each."""
    sizes = MarketSettings(
        round(1.3 * funds),
        funds,
        seed=1,
        share_never_funded=0.0,
        missing=Missing(thesis=0.86),
        n_introductions=0,
    )
    write_market(draw_market(sizes), home / "market")
    app = App(Settings(home=home, database_url="", embedding_model="none", threads=1))
    migrate(app.database)
    import_folder(app.database, home / "market", app.now)
    return app


def grow(app: App) -> Grown:
    """Train the boosted rung, whether or not the ladder would take it."""
    begun = time.perf_counter()
    blocks = Training(app.store, app.vectors, DAY).blocks()
    built = time.perf_counter()
    trained = learn(blocks, Rung.BOOSTED)
    rows, questions = sum(map(len, blocks)), sum(len(np.unique(block.query)) for block in blocks)
    return Grown(trained, rows, questions, built - begun, time.perf_counter() - built)


def shortlists(app: App, rankers: dict[str, Trained]) -> None:
    """Print the time of shortlists for stored startups."""
    market = build_market(app.store.knowledge(DAY), DAY, app.vectors)
    asked = market.companies[:ASKED]
    usual = 0.0
    for name, trained in rankers.items():
        begun = time.perf_counter()
        engine = Engine(market, trained.on(market), app.vectors.for_questions())
        ready = time.perf_counter() - begun
        taken = []
        for startup in asked:
            begun = time.perf_counter()
            engine.shortlist(startup, 10)
            taken.append(1_000 * (time.perf_counter() - begun))
        half = statistics.median(taken)
        usual = usual or half
        late = sorted(taken)[int(0.95 * len(taken))]
        told = f"shortlist {half:6.1f} ms (95 %: {late:.1f}), x {half / usual:.1f}"
        print(f"    {name:<10} ready {ready:5.2f} s, {told}")


if __name__ == "__main__":
    main()
