"""SVG from matplotlib: one look, text that stays text, the same bytes for the same figures."""

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from io import StringIO

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 6.4
"""Inches; on the page a plot fills its column."""

INK, QUIET, RULE = "#1b1b1b", "#595959", "#d4d4d4"
LOOK = {
    "svg.fonttype": "none",  # letters stay letters: they can be read aloud, searched and selected
    "text.parse_math": False,  # a name with $ is a name
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.linewidth": 0.8,
    "xtick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.color": QUIET,
    "ytick.labelcolor": INK,
    "ytick.major.size": 0.0,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


@dataclass(frozen=True)
class Mark:
    """How one method is drawn: told apart by form and filling as well as by colour."""

    colour: str
    marker: str
    filled: bool
    size: float = 7.0
    dashes: str = "-"

    @property
    def face(self) -> str:
        """The colour inside."""
        return self.colour if self.filled else "white"


SERVED = Mark("#0b4f8a", "o", filled=True)
BASELINE = Mark("#a34700", "D", filled=False, size=6.0, dashes="--")
OTHER = Mark("#595959", "s", filled=False, size=5.0, dashes=":")


def svg(name: str, label: str, height: float, draw: Callable[[Axes], None]) -> str:
    """Draw one plot and return it for use inside a page.

    Parameters
    ----------
    name : a word of its own for each plot of a page; its ids begin with it.
    label : what the plot shows, for those who do not see it.
    height : inches.
    """
    with _look(name):
        figure = Figure(figsize=(WIDTH, height))
        draw(figure.add_subplot())
        text = StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata=dict.fromkeys(_METADATA))
    return _embedded(text.getvalue(), name, label)


_METADATA = ("Creator", "Date", "Format", "Type")


@contextmanager
def _look(name: str) -> Iterator[None]:
    """Draw as this page does, whatever the reader's own settings of matplotlib are."""
    with matplotlib.style.context(["default", {**LOOK, "svg.hashsalt": name}]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+")  # the reader's fonts draw the letters
        yield


def _embedded(text: str, name: str, label: str) -> str:
    """Take a drawing out of its file: ids of its own, a label, no style that leaks, no size."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'href="#|url\(#', lambda found: f"{found[0]}{name}-", text)
    view = re.search(r'viewBox="[^"]*"', text)
    assert view is not None  # matplotlib always says it
    head = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {view[0]}'
    head += f' role="img" aria-label="{escape(label)}">'
    return head + text[text.index(">") + 1 :].strip()


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Move labels apart until each is `gap` from the next, as near as that allows.

    They keep their order; of equal ones the first is the highest.

    >>> spread([0.5, 0.0, 0.5], 0.2)
    [0.6, 0.0, 0.4]
    """
    order = sorted(range(len(wanted)), key=lambda at: (wanted[at], -at))
    groups: list[tuple[float, list[int]]] = []
    for at in order:
        middle, members = wanted[at], [at]
        while groups and middle - groups[-1][0] < gap * (len(members) + len(groups[-1][1])) / 2:
            members = groups.pop()[1] + members
            middle = sum(wanted[member] for member in members) / len(members)
        groups.append((middle, members))
    placed = [0.0] * len(wanted)
    for middle, members in groups:
        for number, at in enumerate(members):
            placed[at] = round(middle + gap * (number - (len(members) - 1) / 2), 9)
    return placed
