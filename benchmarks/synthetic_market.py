"""Generate synthetic markets, then import, embed and shortlist one: seconds and memory of each step.

python -m benchmarks.synthetic_market
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from api.compose import App
from api.jobs.ingest import embed_new
from api.settings import Settings
from data.database import migrate
from data.importer import import_folder
from data.synthetic.settings import MarketSettings, Missing
from data.synthetic.write import draw_market, write_market
from models import bundled

SIZES = (
    (1_000, 1_000, 3.1, 300),
    (10_000, 5_000, 3.1, 3_000),
    (100_000, 10_000, 12.5, 0),
    (1_000_000, 20_000, 3.1, 100_000),
)
"""Startups, funds, deals a funded startup, introductions; the third is the market of the import's goal."""

ASKED = 200
_GENERATE = """
import resource, sys, time
from pathlib import Path
from data.synthetic.settings import MarketSettings
from data.synthetic.write import draw_market, write_market
begun = time.perf_counter()
startups, funds, introductions = map(int, (sys.argv[1], sys.argv[2], sys.argv[4]))
deals = float(sys.argv[3])
settings = MarketSettings(startups, funds, seed=1, deals_per_startup=deals, n_introductions=introductions)
market = draw_market(settings)
drawn = time.perf_counter()
written = write_market(market, Path(sys.argv[5]))
done = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(written.investments, drawn - begun, done - drawn, peak)
"""


@dataclass
class Steps:
    """Seconds by step, in order."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Time a step."""
        begun = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begun


def generate() -> None:
    """Print a line for each size, each drawn in a process of its own."""
    print(
        f"{'startups':>10}{'funds':>10}{'deals':>12}{'intros':>10}"
        f"{'draw s':>10}{'write s':>10}{'peak MB':>10}"
    )
    for startups, funds, deals, introductions in SIZES:
        with tempfile.TemporaryDirectory() as home:
            sizes = map(str, (startups, funds, deals, introductions))
            arguments = (*sizes, str(Path(home) / "market"))
            told = subprocess.run(
                (sys.executable, "-c", _GENERATE, *arguments), check=True, capture_output=True, text=True
            )
        rows, draw, write, peak = map(float, told.stdout.split())
        sizes_told = f"{startups:>10,}{funds:>10,}{rows:>12,.0f}{introductions:>10,}"
        print(f"{sizes_told}{draw:>10.1f}{write:>10.1f}{peak:>10.0f}")


def walk(home: Path) -> Steps:
    """Take a market of 1,000 funds and 1,300 startups the whole way to its shortlists."""
    steps = Steps()
    settings = MarketSettings(1_300, 1_000, seed=1, share_never_funded=0.0, missing=Missing(thesis=0.86))
    with steps("generate"):
        write_market(draw_market(settings), home / "market")
    model = "bundled" if bundled.installed() else "none"
    app = App(Settings(home=home, database_url="", embedding_model=model, threads=1))
    migrate(app.database)
    with steps("import"):
        import_folder(app.database, home / "market", app.now)
    with steps(f"embed (model: {model})"):
        embed_new(app, lambda done, total: None)
    with steps("read and build the Market"):
        knowledge = app.store.knowledge(None)
        engine = app.engine(knowledge, None)
    asked = knowledge.startups[:ASKED]
    for name, ask in (("one shortlist, median", engine.shortlist), ("one ranking, median", engine.rank)):
        steps.seconds[name] = statistics.median(_seconds(partial(ask, startup, 10)) for startup in asked)
    app.close()
    return steps


def _seconds(step: Callable[[], object]) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


def main() -> None:
    """Print both tables."""
    generate()
    with tempfile.TemporaryDirectory() as home:
        steps = walk(Path(home))
    print("\n1,000 funds, 1,300 startups")
    for name, seconds in steps.seconds.items():
        print(f"{name:<40}{seconds:>12.4f} s")
    print(f"{'peak memory':<40}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>10.0f} MB")


if __name__ == "__main__":
    main()
