"""What commands share: the open installation, JSON and progress on the terminal."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn
from sqlalchemy.exc import DBAPIError

from api.compose import App
from api.settings import read_settings
from api.words import Words
from data.dialects import reason
from data.faults import FileReport
from matching.errors import NotReady
from matching.protocols import Progress as Report
from matching.vocabulary import Language


@contextmanager
def opened() -> Iterator[App]:
    """Open the installation that the settings describe, and give its database back at the end."""
    app = App(read_settings())
    try:
        yield app
    except DBAPIError as error:
        told = f"the database cannot do this now ({reason(error)}); nothing was half-done"
        raise NotReady(told) from None
    finally:
        app.close()


def words(app: App, language: str | None) -> Words:
    """Choose the words of the language asked for, else of the settings."""
    return Words(Language(language) if language else app.settings.language)


def print_json(answer: Any) -> None:
    """Print plain values as JSON, Vietnamese as it is."""
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")


def console(*, stderr: bool = False) -> Console:
    """Make a console; colours only on a terminal, no words turned into pictures."""
    return Console(stderr=stderr, highlight=False, emoji=False)


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of one length in columns as wide as they need, a row a line however wide the terminal."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        console().print(line.rstrip(), markup=False, soft_wrap=True)


def say_what_was_not_used(report: FileReport, chosen: Words) -> None:
    """Say on standard error which columns and words of a file of profiles are of no known meaning."""
    screen = console(stderr=True)
    words_left = [f"{column} {value!r}" for column, value in report.not_understood]
    for key, items in (("not_used", report.unknown_columns), ("not_understood", words_left)):
        if items:
            screen.print(chosen.say("text", key, items=chosen.names(items)), markup=False, soft_wrap=True)


def say_unknown_exclusions(strangers: Sequence[str], chosen: Words) -> None:
    """Say on standard error which ids startups exclude that belong to nobody known: slips, perhaps."""
    if strangers:
        said = chosen.say("text", "unknown_exclusions", items=chosen.names(strangers))
        console(stderr=True).print(said, markup=False, soft_wrap=True)


@contextmanager
def progress(label: str) -> Iterator[Report]:
    """Show a bar on a terminal's standard error, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn())
    screen = console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
