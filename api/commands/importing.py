"""`ketnoi import`."""

from pathlib import Path

import typer

from api.commands.output import console, opened, print_json, progress, say_unknown_exclusions, words
from api.compose import App
from api.jobs.ingest import embed_new
from data.database import migrate
from data.faults import FileReport, ImportReport
from data.importer import import_folder
from data.mapping import NO_MAPPING, Mapping, read_mapping

SHOWN_FAULTS = 20
SHOWN_WORDS = 10


def run(folder: Path, *, mapping: Path | None, dry_run: bool, embed: bool, as_json: bool) -> None:
    """Import `folder`, report file by file, embed what is new; exit 1 where a file was refused."""
    chosen = read_mapping(mapping) if mapping else NO_MAPPING
    with opened() as app:
        report = _import(app, folder, chosen, dry_run)
        if as_json:
            print_json(report.as_dict())
        else:
            _print(report, dry_run)
        if not dry_run:
            say_unknown_exclusions(app.store.unknown_exclusions(), words(app, None))
        if embed and not dry_run and any(file.ok for file in report.files):
            with progress("Embedding texts") as bar:
                embed_new(app, bar)
    if not report.ok:
        raise typer.Exit(1)


def _import(app: App, folder: Path, mapping: Mapping, dry_run: bool) -> ImportReport:
    migrate(app.database)
    with progress("Importing") as bar:

        def announce(file: str, done: int, expected: int) -> None:
            bar(done, max(done, expected))

        return import_folder(
            app.database, folder, app.now, dry_run=dry_run, announce=announce, mapping=mapping
        )


def _print(report: ImportReport, dry_run: bool) -> None:
    screen = console()
    for file in report.files:
        for line in (_summary(file, dry_run), *_faults(file), *_remarks(file)):
            screen.print(line, markup=False, soft_wrap=True)
    if report.not_read:
        names = ", ".join(report.not_read)
        screen.print(f"not read, as no file of an import is called so: {names}", markup=False, soft_wrap=True)


def _summary(file: FileReport, dry_run: bool) -> str:
    if not file.ok:
        return f"{file.file}: refused, nothing of it was imported ({_number(len(file.faults), 'fault')})"
    verb = "would be taken" if dry_run else "imported"
    return (
        f"{file.file}: {_number(file.rows, 'row')} {verb}: "
        f"{file.added:,} new, {file.changed:,} changed, {file.unchanged:,} unchanged"
    )


def _faults(file: FileReport) -> list[str]:
    lines = [f"  {fault}" for fault in file.faults[:SHOWN_FAULTS]]
    more = len(file.faults) - len(lines)
    return [*lines, f"  … and {_number(more, 'fault')} more (--json lists them all)"] if more > 0 else lines


def _remarks(file: FileReport) -> list[str]:
    lines = []
    if file.unknown_columns:
        lines.append(f"  kept as they are, not used: columns {', '.join(file.unknown_columns)}")
    if file.not_understood and file.ok:
        common = [
            f"{value!r} in {column} ({times}x)"
            for (column, value), times in file.not_understood.most_common()
        ]
        more = f" … and {len(common) - SHOWN_WORDS} more" if len(common) > SHOWN_WORDS else ""
        lines.append(f"  not understood, kept as unknown: {', '.join(common[:SHOWN_WORDS])}{more}")
    return lines


def _number(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
