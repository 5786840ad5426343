"""Fit every method of an evaluation to one Market and rank all candidates for a year's questions.

On a synthetic market of Crunchbase's size, without embedding; seconds, as a multiple of plain popularity too.

    python -m benchmarks.methods
"""

import resource
import tempfile
import time
from datetime import date
from pathlib import Path

from api.compose import App
from api.jobs.evaluation import choose
from api.settings import Settings
from data.database import migrate
from data.importer import import_folder
from data.synthetic.settings import MarketSettings
from data.synthetic.write import draw_market, write_market
from matching.market import Market, build_market
from models.judging import judge
from models.methods import Method
from models.windows import Questions, Window, ask, first_rounds

SETTINGS = MarketSettings(16_000, 12_200, seed=1, n_introductions=0)
WINDOW = Window(date(2025, 1, 1), date(2026, 1, 1))


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        write_market(draw_market(SETTINGS), folder / "market")
        app = App(Settings(home=folder, database_url="", embedding_model="none", threads=1))
        migrate(app.database)
        import_folder(app.database, folder / "market", app.now)
        begun = time.perf_counter()
        known = app.store.knowledge(WINDOW.cut)
        market = build_market(known, WINDOW.cut, app.vectors)
        rounds = first_rounds(app.store.knowledge(None).deals)
        questions = ask(WINDOW, rounds, app.store, known)
        print(f"knowledge, Market, questions: {time.perf_counter() - begun:.1f} s")
        report({family[0].name: seconds(family[0], questions, market, app) for family in choose([], "none")})
        app.close()
    print(f"{len(questions.queries):,} questions, {len(questions.candidates):,} candidates")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def seconds(method: Method, questions: Questions, market: Market, app: App) -> tuple[float, float]:
    """Time fitting and ranking."""
    begun = time.perf_counter()
    scorer = method.fit(market, app.vectors)
    fitted = time.perf_counter()
    judge(scorer, questions, market)
    return fitted - begun, time.perf_counter() - fitted


def report(taken: dict[str, tuple[float, float]]) -> None:
    """Print a line a method."""
    least = sum(taken["popularity"])
    print(f"{'method':<24}{'fit s':>10}{'rank s':>10}{'x popularity':>14}")
    for name, (fit, rank) in taken.items():
        print(f"{name:<24}{fit:>10.2f}{rank:>10.2f}{(fit + rank) / least:>14.1f}")


if __name__ == "__main__":
    main()
