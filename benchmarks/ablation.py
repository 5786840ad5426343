"""Take one family of features away at a time, and see what the trees lose on the latest window of a training.

On the records of this installation (KETNOI_HOME), as `ketnoi train --as-of D` would learn from them. The
candidates stay as they are: what is taken away is what the trees may ask of them. Trees of other seeds tell
how much of a difference is luck.

    python -m benchmarks.ablation 2011-07-01
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from api.compose import App
from api.settings import read_settings
from matching.market import Market, build_market
from matching.protocols import VectorStore
from models.examples import Examples, stacked
from models.features import activity, asking, channels, habits, tracks
from models.features.columns import Column
from models.features.view import AGE_GAP, AT_HOME, COLUMNS, PLAIN
from models.judging import judge
from models.learned_ranker import Learned
from models.metrics import PerQuery, mean_interval, per_query
from models.served import Served
from models.training import SAMPLE, Training
from models.trees import TreeSettings, grow
from models.windows import Questions

FAMILIES: Mapping[str, Sequence[Column]] = {
    "the prior's": PLAIN,
    "channels": channels.COLUMNS,
    "tracks": tracks.COLUMNS,
    "activity": activity.COLUMNS,
    "habits": habits.COLUMNS,
    "home and age": (AT_HOME, AGE_GAP),
    "asking": asking.COLUMNS,
}
SEEDS = (1, 2)


@dataclass(frozen=True)
class Laboratory:
    """Grows trees on `examples`, and measures them on questions that are none of these."""

    examples: Examples
    questions: Questions
    market: Market
    vectors: VectorStore

    def measure(self, without: Sequence[Column] = (), seed: int = 0) -> PerQuery:
        """Measure trees that never saw some features."""
        matrix = self.examples.matrix.copy()
        matrix[:, [COLUMNS.index(column) for column in without]] = np.nan
        trees = grow(replace(self.examples, matrix=matrix), SAMPLE, TreeSettings(seed=seed))
        scorer = Served(Learned.boosted(trees)).fit(self.market, self.vectors)
        return per_query(judge(scorer, self.questions, self.market))


def main() -> None:
    """Print the table."""
    app = App(read_settings())
    try:
        laboratory = opened(app, date.fromisoformat(sys.argv[1]))
        whole = laboratory.measure()
        cut, end = laboratory.questions.window.cut, laboratory.questions.window.end
        print(f"{len(whole.row):,} questions of {cut} to {end}, {len(COLUMNS)} features: ", end="")
        print(f"recall@10 {whole.recall_10.mean():.4f}, nDCG@10 {whole.ndcg_10.mean():.4f}")
        for name, columns in FAMILIES.items():
            told(f"without {name} ({len(columns)})", laboratory.measure(columns), whole)
        for seed in SEEDS:
            told(f"all, seed {seed}", laboratory.measure(seed=seed), whole)
    finally:
        app.close()


def opened(app: App, as_of: date) -> Laboratory:
    """Build the examples that were known before the latest window of a training, and its questions."""
    history = app.store.archive()
    training = Training(history, app.vectors, as_of, lambda step: print(step, file=sys.stderr, flush=True))
    window = training.window
    examples = stacked([block.before(window.cut) for block in training.blocks()])
    market = build_market(history.knowledge(window.cut), window.cut, app.vectors)
    return Laboratory(examples, training.questions(), market, app.vectors)


def told(name: str, mine: PerQuery, whole: PerQuery) -> None:
    """Print differences to the whole, paired by startup."""
    recall = mean_interval(mine.recall_10 - whole.recall_10)
    ndcg = mean_interval(mine.ndcg_10 - whole.ndcg_10)
    print(
        f"{name:<28} recall@10 {recall.mean:+.4f} [{recall.low:+.4f}, {recall.high:+.4f}]"
        f"  nDCG@10 {ndcg.mean:+.4f} [{ndcg.low:+.4f}, {ndcg.high:+.4f}]",
        flush=True,
    )


if __name__ == "__main__":
    main()
