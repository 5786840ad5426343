"""The plots of the page: drawn from a summary, labelled in one language."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from api.report.canvas import BASELINE, INK, OTHER, QUIET, SERVED, Mark, spread, svg
from api.report.sayings import Sayings
from api.report.tables import compared
from models.figures import POOLS, MethodFigures
from models.metrics import Interval
from models.summary import SMALLEST_CLAIM

LINE = 0.36
"""Inches that a row of a plot takes."""

STEPS = (1, 2, 5, 10)
"""Of ticks, so that two decimals say each of them exactly."""

Dot = tuple[float, Interval, Mark]
"""How high, what, and how it is drawn."""


def mark(say: Sayings, method: MethodFigures) -> Mark:
    """Choose how a method is drawn."""
    if method.name == say.summary.baseline:
        return BASELINE
    return SERVED if method.name == say.summary.served else OTHER


def leaderboard(say: Sayings) -> str:
    """Draw recall@10 of every method with its interval."""
    methods = say.summary.methods
    rows = [say.label(method.name) for method in methods]
    dots = [(at, method.recall_10, mark(say, method)) for at, method in enumerate(methods)]
    draw = partial(_rows, say=say, labels=rows, dots=dots, title="Recall@10", valued=True, zero=True)
    return _svg(say, "leaderboard", 0.7 + LINE * len(rows), draw)


def gains(say: Sayings) -> str:
    """Draw the difference of every method from the best baseline."""
    told = say.summary.gains
    marks = [mark(say, method) for gain in told if (method := say.summary.method(gain.name))]
    dots = [(at, gain.recall_10, marks[at]) for at, gain in enumerate(told)]
    title = say.text("gain_of", measure="Recall@10")
    rows = partial(
        _rows, say=say, labels=[say.label(gain.name) for gain in told], dots=dots, title=title, valued=True
    )

    def draw(axes: Axes) -> None:
        rows(axes)
        axes.axvline(0, color=INK, linewidth=1)
        axes.axvline(SMALLEST_CLAIM, color=QUIET, linewidth=1, linestyle="--")
        axes.annotate(
            f" {say.text('least')}: {say.least}",
            (SMALLEST_CLAIM, 1),
            xycoords=("data", "axes fraction"),
            va="bottom",
        )

    return _svg(say, "gains", 0.9 + LINE * len(told), draw)


def slices(say: Sayings) -> str:
    """Draw recall@10 of the chosen methods group by group."""
    methods = compared(say)
    groups = [group for group in zip(*(m.slices for m in methods), strict=True) if group[0].recall_10]
    labels, heads, places, dots = list[str](), list[tuple[float, str]](), list[float](), list[Dot]()
    dimension, at = "", 0.0
    for group in groups:
        if group[0].dimension != dimension:
            dimension = group[0].dimension
            heads.append((at + 0.2, say.words.say("dimension", dimension)))
            at += 1
        labels.append(f"{say.slice(dimension, group[0].value)} (n = {say.words.number(group[0].n, 0)})")
        places.append(at)
        for number, (method, mine) in enumerate(zip(methods, group, strict=True)):
            if mine.recall_10:
                dots.append((at + 0.3 * (number - (len(methods) - 1) / 2), mine.recall_10, mark(say, method)))
        at += 1

    def draw(axes: Axes) -> None:
        _rows(axes, say=say, labels=labels, dots=dots, title="Recall@10", places=places, zero=True)
        for high, head in heads:
            axes.annotate(
                head, (0, high), xycoords=("axes fraction", "data"), weight="bold", va="center",
                xytext=(4, 0), textcoords="offset points",
            )  # fmt: skip
        _legend(axes, say, methods)

    return _svg(say, "slices", 1.1 + 0.27 * (len(labels) + len(heads)), draw)


def exposure(say: Sayings) -> str:
    """Draw what share of the candidates is seen against how evenly."""
    methods = say.summary.methods

    def draw(axes: Axes) -> None:
        for at, method in enumerate(methods):
            look = mark(say, method)
            for value, bar in ((method.coverage, 0.0), (method.gini, 0.38)):
                axes.barh(
                    at + bar, value, 0.34, color=look.colour if not bar else "white", edgecolor=look.colour,
                    hatch="////" if bar else "",
                )  # fmt: skip
                name = "Gini" if bar else say.text("coverage")
                if not np.isnan(value):
                    axes.annotate(
                        f"{name} {say.words.number(value)}", (value, at + bar), xytext=(4, 0), va="center",
                        textcoords="offset points", fontsize=8,
                    )  # fmt: skip
        _frame(axes, [say.label(m.name) for m in methods], [at + 0.19 for at in range(len(methods))])
        axes.set_xlim(0, 1.18)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        axes.xaxis.set_major_formatter(_numbers(say, 2))

    return _svg(say, "exposure", 0.5 + 0.55 * len(methods), draw)


def windows(say: Sayings) -> str:
    """Draw recall@10 of every method from window to window."""
    told = say.summary.windows
    lines = [[interval.mean for interval in m.by_window] for m in say.summary.methods]

    def draw(axes: Axes) -> None:
        _lines(axes, say, range(len(told)), lines)
        names = [f"{w.window.cut:%m/%Y}\nn = {say.words.number(w.reachable, 0)}" for w in told]
        axes.set_xticks(range(len(told)), names)
        axes.set_title("Recall@10", loc="left", fontsize=9)

    return _svg(say, "windows", 3.4, draw)


def pool(say: Sayings) -> str:
    """Draw what deeper lists hold."""
    lines = [[method.pool[k] for k in POOLS] for method in say.summary.methods]

    def draw(axes: Axes) -> None:
        axes.set_xscale("log")
        _lines(axes, say, POOLS, lines)
        axes.set_xticks(POOLS, [say.words.number(k, 0) for k in POOLS])
        axes.set_xticks([], minor=True)
        axes.set_xlabel(say.text("pool_k"))

    return _svg(say, "pool", 3.4, draw)


def reliability(say: Sayings, method: MethodFigures) -> str:
    """Draw how often funds invested against the chance that was said."""
    bins, look = method.reliability, mark(say, method)
    top = 1.15 * max(max(b.chance, b.frequency, b.high) for b in bins)

    def draw(axes: Axes) -> None:
        axes.plot([0, top], [0, top], color=QUIET, linewidth=1, linestyle="--")
        for at, b in enumerate(bins):
            name = say.text("perfect") if not at else None
            axes.plot([b.chance] * 2, [b.low, b.high], color="#9a9a9a", linewidth=7, label=name)
        axes.plot(
            [b.chance for b in bins], [b.frequency for b in bins], look.marker, color=look.colour,
            markerfacecolor=look.face, markersize=look.size, label=say.method(method.name),
        )  # fmt: skip
        axes.set_xlim(0, top)
        axes.set_ylim(0, top)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: say.words.share(value)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: say.words.share(value)))
        axes.set_xlabel(say.text("chance"))
        axes.set_title(say.text("frequency"), loc="left", fontsize=9)
        axes.grid(alpha=0.8)
        axes.legend(loc="upper left")

    return _svg(say, "chances", 3.6, draw)


def _svg(say: Sayings, key: str, height: float, draw: Callable[[Axes], None]) -> str:
    """Draw the plot of a part, labelled for those who do not see it."""
    return svg(key, say.text("plot", title=say.text(key)), height, draw)


def _rows(
    axes: Axes,
    say: Sayings,
    labels: Sequence[str],
    dots: Sequence[Dot],
    title: str,
    *,
    places: Sequence[float] | None = None,
    valued: bool = False,
    zero: bool = False,
) -> None:
    """Draw means as marks and intervals as lines, one row a label."""
    for high, told, look in dots:
        if not told.n:
            continue
        axes.plot([told.low, told.high], [high, high], color=look.colour, linewidth=1.8, zorder=2)
        axes.plot(
            told.mean, high, look.marker, color=look.colour, markerfacecolor=look.face,
            markersize=look.size, markeredgewidth=1.5, zorder=3, clip_on=False,
        )  # fmt: skip
        if valued:
            axes.annotate(
                say.words.number(told.mean), (1, high), xycoords=("axes fraction", "data"), va="center",
                xytext=(4, 0), textcoords="offset points", color=look.colour, weight="bold",
            )  # fmt: skip
    _frame(axes, labels, range(len(labels)) if places is None else places)
    if zero:
        axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=STEPS))
    axes.xaxis.set_major_formatter(_numbers(say, 2))
    axes.set_xlabel(title)


def _frame(axes: Axes, labels: Sequence[str], places: Sequence[float] | range) -> None:
    """Name the rows, from the top down."""
    axes.set_yticks(list(places), labels)
    if labels:
        axes.set_ylim(max(places) + 0.7, -0.7)
    axes.grid(axis="x")
    axes.set_axisbelow(True)


def _lines(
    axes: Axes, say: Sayings, across: Sequence[float] | range, lines: Sequence[Sequence[float]]
) -> None:
    """Draw a line a method, each named at its right end."""
    ends = list[tuple[float, float, str, Mark]]()
    for method, values in zip(say.summary.methods, lines, strict=True):
        look = mark(say, method)
        axes.plot(
            list(across), values, look.dashes, marker=look.marker, color=look.colour,
            markerfacecolor=look.face, markersize=look.size, linewidth=1.8, clip_on=False,
        )  # fmt: skip
        known = [(x, y) for x, y in zip(across, values, strict=True) if not np.isnan(y)]
        if known:
            ends.append((*known[-1], say.short(method.name), look))
    axes.set_ylim(bottom=0)
    top = axes.get_ylim()[1]
    for place, (x, y, name, look) in zip(spread([end[1] for end in ends], top * 0.08), ends, strict=True):
        axes.annotate(
            name, (x, y), xytext=(1.03, place), textcoords=("axes fraction", "data"),
            color=look.colour, va="center",
            arrowprops={"arrowstyle": "-", "color": look.colour, "shrinkB": 6, "relpos": (0, 0.5), "lw": 0.6},
        )  # fmt: skip
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=STEPS))
    axes.yaxis.set_major_formatter(_numbers(say, 2))
    axes.grid(axis="y")


def _legend(axes: Axes, say: Sayings, methods: Sequence[MethodFigures]) -> None:
    for method in methods:
        look = mark(say, method)
        axes.plot(
            [],
            [],
            marker=look.marker,
            color=look.colour,
            markerfacecolor=look.face,
            label=say.method(method.name),
        )
    if methods:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1)


def _numbers(say: Sayings, digits: int) -> Callable[..., str]:
    return FuncFormatter(lambda value, _: say.words.number(value, digits))
