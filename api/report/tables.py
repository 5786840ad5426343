"""The tables of the page: every figure of a summary, said in one language."""

from collections.abc import Iterator
from dataclasses import dataclass

from api.report.sayings import Sayings
from matching.vocabulary import Control
from models.checks import Check
from models.figures import POOLS, Counts, MethodFigures
from models.metrics import Calibration

Row = tuple[str, ...]

MARKS = {True: "✓", False: "✗", None: "?"}


@dataclass(frozen=True)
class Table:
    """A caption, the heads of the columns, and rows whose first cell is their head."""

    caption: str
    head: Row
    rows: tuple[Row, ...]
    text: tuple[int, ...] = ()
    """Columns of text, beside the first; the others hold numbers."""


def tests(say: Sayings) -> Table:
    """Count questions and answers."""
    summary, total = say.summary, say.summary.total
    rows = [_counts(say, counts, say.window(counts.window)) for counts in summary.windows]
    if total and len(rows) > 1:
        *cells, candidates = _counts(say, total, say.text("all_windows"))
        rows.append((*cells, say.text("candidates_mean", n=candidates)))
    asked = ("window", "queries", "unknown", "reachable")
    answered = ("edges", "edges_reachable", "edges_share", "candidates")
    return Table(say.text("tests_caption"), tuple(map(say.text, asked + answered)), tuple(rows))


def _counts(say: Sayings, counts: Counts, name: str) -> Row:
    numbers = (counts.queries, counts.unknown, counts.reachable, counts.edges, counts.edges_reachable)
    share = say.words.share(counts.edges_reachable / counts.edges) if counts.edges else say.text("no_figure")
    count = [say.words.number(n, 0) for n in (*numbers, counts.candidates)]
    return (name, *count[:5], share, count[5])


def leaderboard(say: Sayings) -> Table:
    """Compare all methods."""
    rows = [
        (
            say.method(m.name),
            *map(say.interval, (m.recall_10, m.recall_50, m.ndcg_10, m.mrr)),
            *map(say.words.number, (m.all_10, m.all_50)),
        )
        for m in say.summary.methods
    ]
    of_all = (say.text("of_all", measure=f"Recall@{k}") for k in (10, 50))
    head = (say.text("method"), "Recall@10", "Recall@50", "nDCG@10", "MRR", *of_all)
    return Table(say.text("leaderboard_caption"), head, tuple(rows))


def gains(say: Sayings) -> Table:
    """Compare every method with the best baseline."""
    rows = [
        (
            say.method(gain.name),
            say.gain(gain.recall_10),
            say.gain(gain.ndcg_10),
            say.text("yes" if gain.claim else "no"),
        )
        for gain in say.summary.gains
    ]
    measures = (say.text("gain_of", measure=measure) for measure in ("Recall@10", "nDCG@10"))
    head = (say.text("method"), *measures, say.text("claim"))
    return Table(say.text("gains_caption", baseline=say.summary.baseline), head, tuple(rows))


def windows(say: Sayings) -> Table:
    """Compare all methods window by window."""
    rows = [(say.method(m.name), *map(say.interval, m.by_window)) for m in say.summary.methods]
    told = (
        f"{say.window(w.window)}, n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{say.words.number(w.reachable, 0)}"
        for w in say.summary.windows
    )
    return Table(say.text("windows_caption"), (say.text("method"), *told), tuple(rows))


def pool(say: Sayings) -> Table:
    """Tell what deeper lists hold."""
    number = say.words.number
    rows = [(say.method(m.name), *(number(m.pool[k]) for k in POOLS)) for m in say.summary.methods]
    return Table(say.text("pool_caption"), (say.text("method"), *(number(k, 0) for k in POOLS)), tuple(rows))


def compared(say: Sayings) -> list[MethodFigures]:
    """Choose the methods whose slices are shown: the one served and the best baseline."""
    both = (say.summary.method(say.summary.served), say.summary.method(say.summary.baseline))
    return [method for method in both if method is not None]


def slices(say: Sayings) -> Table:
    """Compare the chosen methods group by group."""
    methods = compared(say)
    rows = [
        (
            say.slice(group[0].dimension, group[0].value),
            say.words.say("dimension", group[0].dimension),
            say.words.number(group[0].n, 0),
            *(say.interval(mine.recall_10) for mine in group),
        )
        for group in zip(*(method.slices for method in methods), strict=True)
        if group[0].n
    ]
    names = (say.method(method.name) for method in methods)
    head = (*map(say.text, ("group", "dimension", "n")), *names)
    return Table(say.text("slices_caption"), head, tuple(rows), text=(1,))


def calibration(say: Sayings) -> Table:
    """Tell how well every method's chances are calibrated."""
    told = [(m.name, m.calibration) for m in say.summary.methods if m.calibration]
    keys = ("skill", "chance", "base_rate", "abstained", "shown")
    head = (say.text("method"), "ECE", say.text("perfect"), *map(say.text, keys))
    rows = tuple(_calibration(say, name, mine) for name, mine in told)
    return Table(say.text("calibration_caption"), head, rows)


def _calibration(say: Sayings, name: str, told: Calibration) -> Row:
    number, share = say.words.number, say.words.share
    low, high = (number(limit, 4) for limit in told.ece_perfect)
    return (
        say.method(name),
        number(told.ece, 4),
        say.text("to", low=low, high=high),
        number(told.skill),
        *map(share, (told.mean_chance, told.base_rate, told.abstained)),
        number(told.n, 0),
    )


def bins(say: Sayings, method: MethodFigures) -> Table:
    """Tell the bins of one method."""
    share = say.words.share
    rows = [
        (
            share(b.chance),
            share(b.frequency),
            say.text("to", low=share(b.low), high=share(b.high)),
            say.words.number(b.n, 0),
        )
        for b in method.reliability
    ]
    head = tuple(map(say.text, ("chance", "frequency", "perfect", "shown")))
    return Table(say.text("bins_caption", method=say.method(method.name)), head, tuple(rows))


def exposure(say: Sayings) -> Table:
    """Tell how the first places are spread."""
    number = say.words.number
    rows = [(say.method(m.name), number(m.coverage), number(m.gini)) for m in say.summary.methods]
    head = (say.text("method"), say.text("coverage"), "Gini")
    return Table(say.text("exposure_caption"), head, tuple(rows))


def choices(say: Sayings) -> Table:
    """Tell the settings, and what they were chosen from; a method that had no choice in one row."""
    rows = [row for method in say.summary.methods for row in _choices(say, method)]
    head = tuple(map(say.text, ("method", "window", "setting", "tuned")))
    return Table(say.text("choices_caption"), head, tuple(rows), text=(1, 2, 3))


def _choices(say: Sayings, method: MethodFigures) -> Iterator[Row]:
    name = say.method(method.name)
    if all(len(choice.tuned) < 2 for choice in method.choices):
        setting = method.choices[0].setting or say.text("one_setting")
        yield name, say.text("all_windows"), setting, say.text("not_tuned")
        return
    for counts, choice in zip(say.summary.windows, method.choices, strict=True):
        tuned = "; ".join(map(say.words.number, sorted(choice.tuned, reverse=True)))
        yield name, say.window(counts.window), choice.setting, tuned or say.text("not_tuned")


def controls(say: Sayings) -> Table:
    """Tell of each method what it finds, or what changes, under each control."""
    checks = say.summary.controls
    rows = [
        (say.method(name), *(_checked(say, check) for check in checks if check.method == name))
        for name in dict.fromkeys(check.method for check in checks)
    ]
    heads = (say.words.say("control", control) for control in Control)
    return Table(say.words.say("control", "caption"), (say.text("method"), *heads), tuple(rows))


def _checked(say: Sayings, check: Check) -> str:
    by_lot = check.control is Control.SCRAMBLED
    found = say.interval(check.recall_10) if by_lot else say.gain(check.change)
    return found if check.control is Control.NO_STAGE else f"{MARKS[check.passed]} {found}"
