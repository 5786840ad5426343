"""Write an evaluation as one HTML file that needs nothing else: no script, no network, no font."""

import logging
import os
from importlib.util import find_spec
from pathlib import Path

from api.words import Words
from matching.errors import BadValue, NotReady
from models.summary import ENOUGH_QUERIES, Summary

ENDINGS = frozenset({".html", ".htm"})


def require_page(out: Path) -> None:
    """Check that a page can be written, before anything is measured for it.

    Raises
    ------
    BadValue
        If it does not end in .html, or stands in no folder.
    NotReady
        If matplotlib or Jinja2 is not installed.
    """
    if out.suffix.lower() not in ENDINGS:
        raise BadValue("a file that ends in .html", out, "--report")
    if not out.parent.is_dir():
        raise BadValue("in a folder that exists", out, "--report")
    if any(find_spec(name) is None for name in ("matplotlib", "jinja2")):
        raise NotReady("a report needs matplotlib and Jinja2: run `pip install 'ketnoi[report]'`")


def write_report(summary: Summary, out: Path, words: Words) -> None:
    """Write the page, which appears only when it is whole; the same figures make the same bytes.

    Seconds are not on it: they differ from run to run.

    Raises
    ------
    BadValue, NotReady
        As `require_page`.
    """
    require_page(out)
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        unfinished.write_text(page(summary, words), encoding="utf-8", newline="\n")
        os.replace(unfinished, out)
    finally:
        unfinished.unlink(missing_ok=True)


def page(summary: Summary, words: Words) -> str:
    """Return the page."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # a home it cannot write to is no news
    from api.report.parts import parts
    from api.report.template import render

    say = {key: words.say("report", key) for key in ("title", "skip", "contents", "synthetic")}
    banners = [say["synthetic"]] if summary.synthetic else []
    if summary.few:
        banners.append(words.say("report", "few", enough=ENOUGH_QUERIES))
    return render(
        "report.html", language=words.language, say=say, banners=banners, parts=parts(summary, words)
    )
