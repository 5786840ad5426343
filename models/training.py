"""Train on deals: examples from snapshots, the ladder on the latest closed window, chances from its lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from matching.dates import months_before
from matching.market import Floats, build_market
from matching.protocols import VectorStore
from matching.rank import PriorRanker, Trained
from matching.vocabulary import Label, Outcome, Rung
from models.baselines.product_kernel import ProductKernel
from models.calibrated_prior import CalibratedPrior
from models.calibration import Sigmoid
from models.examples import Examples, build_examples, stacked
from models.features.view import DealView
from models.history import History
from models.judging import NOBODY, SHOWN, Judged, judge
from models.ladder import Step, climb
from models.learned_ranker import BEHIND, Learned
from models.linear import Linear, OneColumn
from models.methods import Method
from models.served import Served
from models.snapshots import LONGEST_MONTHS, snapshot_days
from models.trees import grow
from models.windows import Questions, Window, ask, first_rounds, undated

YEARS = 5
"""Snapshots are taken this far back, every six months."""

MONTHS = 12
"""Length of the latest window, which rungs are compared on, and of what a snapshot learns from."""

SAMPLE = 0.08
"""Share of the candidates without an answer that is learned from."""

STEPS = 12 * YEARS // LONGEST_MONTHS + len(Rung) + 1
"""How often a training that looks back as far as it may says what it does."""

SOME, MANY = 100, 1_000
"""Investors of first rounds from which a logistic regression is learned, and from which trees are."""

KERNEL = Learned(Rung.KERNEL, OneColumn("kernel_gap"))

Say = Callable[[str], None]


@dataclass(frozen=True)
class Lesson:
    """What came of training.

    Attributes
    ----------
    as_of : only facts dated before this day were used.
    window : what the rungs were compared on; None where there were no questions.
    judged : their lists for its questions, by rung.
    """

    trained: Trained
    rung: Rung
    as_of: date
    window: Window | None = None
    judged: Mapping[Rung, Judged] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def tells_chances(self) -> bool:
        """Whether what was learned has chances: enough funds that were shown invested, and enough did not."""
        return isinstance(self.trained, CalibratedPrior | Learned) and self.trained.sigmoid is not None


@dataclass(frozen=True)
class Training:
    """Trains on what a history knew on a day.

    Attributes
    ----------
    say : is told what is done next.
    """

    history: History
    vectors: VectorStore
    as_of: date
    say: Say = lambda step: None

    def run(self) -> Lesson:
        """Train all rungs that the data allow, and keep the one that is shown to be best."""
        window, questions = self.window, self.questions()
        if not questions.reachable:
            return Lesson(PriorRanker(), Rung.PRIOR, self.as_of)
        blocks = self.blocks()
        market = build_market(self.history.knowledge(window.cut), window.cut, self.vectors)

        def compare(method: Method) -> tuple[Judged, list[Floats]]:
            self.say(f"compare {method.name}")
            scores: list[Floats] = []
            scorer = method.fit(market, self.vectors)
            judged = judge(scorer, questions, market, lambda listed: scores.append(listed.scores[:SHOWN]))
            return judged, scores

        early = [block.before(window.cut) for block in blocks]
        richest = richest_rung(early)
        tried: dict[Rung, Method] = {Rung.PRIOR: Served(CalibratedPrior()), Rung.KERNEL: ProductKernel()}
        if richest:
            tried[richest] = Served(learn(early, richest))
        compared = {rung: compare(method) for rung, method in tried.items()}
        judged = {rung: lists for rung, (lists, _) in compared.items()}
        rung, steps = climb(judged)
        lesson = Lesson(PriorRanker(), rung, self.as_of, window, judged, steps)
        if rung is Rung.PRIOR:
            return replace(lesson, trained=CalibratedPrior(calibrate(*compared[rung])))
        if rung is Rung.KERNEL:
            return replace(lesson, trained=replace(KERNEL, sigmoid=calibrate(*compare(Served(KERNEL)))))
        self.say(f"learn {rung}")
        return replace(lesson, trained=replace(learn(blocks, rung), sigmoid=calibrate(*compared[rung])))

    @property
    def window(self) -> Window:
        """The latest closed window, which rungs are compared on."""
        return Window(months_before(self.as_of, MONTHS), self.as_of)

    def questions(self) -> Questions:
        """Ask for the first rounds of the window that are known on the day of training."""
        window = self.window
        now = self.history.knowledge(self.as_of)
        rounds = first_rounds(now.deals, undated(self.history.knowledge(None).deals))
        return ask(window, rounds, self.history, self.history.knowledge(window.cut))

    def blocks(self) -> list[Examples]:
        """Build the examples of every snapshot: the first rounds of the MONTHS after it."""
        dated = [d.announced_on for d in self.history.knowledge(self.as_of).deals if d.announced_on]
        since = max(months_before(min(dated), -MONTHS), months_before(self.as_of, 12 * YEARS))
        blocks: list[Examples] = []
        for day in snapshot_days(since, self.as_of):
            self.say(f"look back to {day}")
            end = min(months_before(day, -MONTHS), self.as_of)
            blocks += build_examples(
                self.history, self.vectors, (day,), end, see=DealView.of, sample=SAMPLE, dtype=np.float32
            )
        return blocks


def richest_rung(blocks: Sequence[Examples]) -> Rung | None:
    """Tell what may be learned of who invests: trees from MANY investors, a logistic regression from SOME."""
    investors = sum(np.count_nonzero(block.labelled(Outcome.INVESTS, Label.POSITIVE)) for block in blocks)
    if investors < SOME:
        return None
    return Rung.BOOSTED if investors >= MANY else Rung.LOGISTIC


def learn(blocks: Sequence[Examples], rung: Rung) -> Learned:
    """Learn who invests: trees, or a logistic regression."""
    examples = stacked(blocks)
    if rung is Rung.LOGISTIC:
        return Learned(Rung.LOGISTIC, Linear.fit(examples, SAMPLE))
    return Learned.boosted(grow(examples, SAMPLE))


def calibrate(judged: Judged, scores: Sequence[Floats]) -> Sigmoid | None:
    """Fit chances to what came of the funds that every list shows, reachable or not.

    Parameters
    ----------
    scores : of the first SHOWN funds of each list.
    """
    told = np.full(judged.shown.shape, BEHIND)
    for row, top in zip(told, scores, strict=True):
        row[: len(top)] = top
    near = (judged.shown != NOBODY) & (told > BEHIND / 2)
    order = np.lexsort((judged.hit[near], told[near]))  # sums in the order of ids would differ in a bit
    return Sigmoid.fit(told[near][order], judged.hit[near][order])
