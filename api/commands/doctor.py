"""`ketnoi doctor`."""

import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec

import typer

from api.commands.output import console, opened, print_json
from api.compose import App
from data.database import HEAD, schema_of
from data.dialects import shown
from data.store import Store
from matching.errors import KetnoiError
from models import bundled
from models.encoder import BUNDLED, NONE


@dataclass(frozen=True)
class Check:
    """One thing looked at; `mend` says what to do where it is not well."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def run(as_json: bool) -> None:
    """Print what was found; exit 1 where something is broken, not where something is only absent."""
    with opened() as app:
        checks = [_python(), _database(app), _model(app)]
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        screen = console()
        for check in checks:
            mend = f" — {check.mend}" if check.mend else ""
            line = f"{'ok ' if check.ok else 'BAD'} {check.name}: {check.found}{mend}"
            screen.print(line, markup=False, soft_wrap=True)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def _python() -> Check:
    version = metadata.version("ketnoi")
    return Check("ketnoi", True, f"{version} on Python {sys.version.split()[0]}")


def _database(app: App) -> Check:
    address = shown(app.database)
    try:
        schema = schema_of(app.database)
    except KetnoiError as error:
        return Check("database", False, str(error), "check KETNOI_DATABASE_URL")
    if schema is None:
        return Check("database", True, f"none yet at {address}", "`ketnoi init` makes it")
    if schema != HEAD:
        return Check(
            "database", False, f"{address} has schema {schema}, this version needs {HEAD}", "`ketnoi init`"
        )
    counts = ", ".join(f"{n:,} {table}s" for table, n in Store(app.database).counts().items())
    return Check("database", True, f"{address}, schema {schema}: {counts}")


def _model(app: App) -> Check:
    model, name = app.settings.embedding_model, "embedding model"
    if model == NONE:
        return Check(name, True, "none: matches on sectors, stage, place and past deals alone")
    if model != BUNDLED:
        there = find_spec("sentence_transformers") is not None
        return Check(name, there, model, "" if there else bundled.INSTALL)
    if not bundled.installed():
        return Check(
            name, True, "not installed: stored vectors work, new texts cannot be embedded", bundled.INSTALL
        )
    folder = bundled.ensure(app.settings.cache_dir)
    faults = bundled.verify(folder)
    if faults:
        return Check(name, False, "; ".join(faults), f"delete {folder} and run `ketnoi init`")
    return Check(name, True, f"{bundled.NAME}, {bundled.WIDTH} dimensions, in {folder}")
