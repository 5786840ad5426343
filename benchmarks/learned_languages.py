"""Ask in Vietnamese and in English what was learned from data/vietnam, own deals hidden.

The ladder keeps the prior there, so the rungs above it are learned whether or not it would take them. What
they learned from includes the deals that are hidden from the market when their startup asks: the recalls are
too high for that, the difference between two languages is not.

    python -m benchmarks.learned_languages
"""

from collections.abc import Mapping

import numpy as np

from api.compose import App
from api.settings import read_settings
from benchmarks.hidden_deals import VIETNAM, hide, measure
from benchmarks.languages import LANGUAGES, Outcome, asked, show
from data.database import migrate
from data.importer import import_folder
from matching.engine import Engine
from matching.knowledge import Knowledge
from matching.rank import Trained
from matching.vocabulary import Rung
from models.training import KERNEL, Training, learn

CHOICES = ("text", "text+sectors", "all")


def learned(app: App) -> dict[str, Trained]:
    """Train as `ketnoi train` does, and the rungs that it would not take."""
    training = Training(app.store, app.vectors, app.now.date())
    lesson, blocks = training.run(), training.blocks()
    found: dict[str, Trained] = {f"{lesson.rung} (released)": lesson.trained, Rung.KERNEL: KERNEL}
    return found | {rung: learn(blocks, rung) for rung in (Rung.LOGISTIC, Rung.BOOSTED)}


def run(app: App, knowledge: Knowledge, rankers: Mapping[str, Trained]) -> dict[tuple[str, str], Outcome]:
    """Ask for every startup with a deal, in both languages, by choice of fields and ranker."""
    funded = {deal.startup_id for deal in knowledge.deals}
    ways = [(choice, name) for choice in CHOICES for name in rankers]
    measures: dict[tuple[str, str], list[list[tuple[float, float, float]]]] = {way: [] for way in ways}
    overlaps: dict[tuple[str, str], list[float]] = {way: [] for way in ways}
    for seed, startup in enumerate(one for one in knowledge.startups if one.startup_id in funded):
        market = hide(app, knowledge, startup)
        mine = {deal.fund_id for deal in knowledge.deals if deal.startup_id == startup.startup_id}
        truth = np.array([market.funds.row_of[fund] for fund in sorted(mine)])
        engines = {name: Engine(market, trained.on(market), app.vectors) for name, trained in rankers.items()}
        for choice, name in ways:
            told = [asked(startup, language, choice) for language in LANGUAGES]
            scored = [engines[name].scores(one) for one in told]
            vi, en = (set(np.argsort(-scores, kind="stable")[:10]) for scores in scored)
            overlaps[choice, name].append(len(vi & en) / 10)
            measures[choice, name].append([measure(scores, truth, seed) for scores in scored])
    return {
        way: Outcome(
            dict(zip(LANGUAGES, np.array(measures[way]).transpose(1, 0, 2), strict=True)),
            np.array(overlaps[way]),
        )
        for way in ways
    }


def main() -> None:
    """Print a line for each choice of fields and ranker."""
    app = App(read_settings())
    migrate(app.database)
    import_folder(app.database, VIETNAM, app.now)
    for (choice, name), outcome in run(app, app.store.knowledge(None), learned(app)).items():
        show(f"{choice}, {name}", outcome)
    app.close()


if __name__ == "__main__":
    main()
