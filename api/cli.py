"""The command line. Each command loads what it needs when it runs, so that --help is instant."""

import sys
from datetime import date
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="ketnoi",
    help="Introduce startups to the venture funds most likely to say yes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # loading rich for boxes around the help costs .1 s of its .3
)


class Ending(StrEnum):
    """Formats of the files that are written."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


class Lang(StrEnum):
    """Languages the command line speaks."""

    VI = "vi"
    EN = "en"


EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def _as_of(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"must be a day like 2021-03-31, got {text!r}") from None
    if not EARLIEST <= day <= LATEST:
        raise typer.BadParameter(f"must be from {EARLIEST} to {LATEST}, got {text!r}")
    return day


AsOf = Annotated[
    date | None,
    typer.Option(parser=_as_of, metavar="DAY", help="Use only what was known before this day (YYYY-MM-DD)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Count = Annotated[int, typer.Option("--k", min=1, max=100_000, help="How many funds.")]
Language = Annotated[
    Lang | None, typer.Option("--lang", help="Language of the answer; else KETNOI_LANGUAGE.")
]
Profiles = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, readable=True, help="A .csv or .json file, columns as in startups.csv."
    ),
]

Truth = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, readable=True, help="A csv of startup_id,fund_id: who invested."
    ),
]
Candidates = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, readable=True, help="A csv with fund_id: who could be found."),
]


@app.command()
def init(as_json: AsJson = False) -> None:
    """Create or upgrade the database.

    Also makes the embedding model ready, where it is installed.
    """
    from api.commands import init as command

    command.run(as_json)


@app.command("import")
def import_(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with startups, funds, ... as .csv, .xlsx or .jsonl.")
    ],
    mapping: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="A .toml file that names the columns of a foreign export."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    embed: Annotated[bool, typer.Option(help="Embed new texts after the import.")] = True,
    as_json: AsJson = False,
) -> None:
    """Import a folder of files.

    Each file is taken whole, or refused with the reason of every bad row.
    """
    from api.commands import importing

    importing.run(folder, mapping=mapping, dry_run=dry_run, embed=embed, as_json=as_json)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write into, made if need be.")],
    ending: Annotated[Ending, typer.Option("--format", help="Format of the files.")] = Ending.CSV,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write every record back into files.

    Importing them into an empty database gives the same records, each startup and fund in its newest version.
    """
    from api.commands import exporting

    exporting.run(folder, ending, force=force, as_json=as_json)


@app.command()
def shortlist(
    startup: Annotated[str | None, typer.Argument(metavar="STARTUP", help="Id of a stored startup.")] = None,
    profile: Profiles = None,
    text: Annotated[
        str | None, typer.Option(help="A startup told in a sentence or more, in any language.")
    ] = None,
    k: Count = 10,
    as_of: AsOf = None,
    lang: Language = None,
    as_json: AsJson = False,
) -> None:
    """Suggest funds for a startup, with reasons.

    The startup is a stored one, a profile in a file, or a text in any language.
    """
    from api.commands import shortlist as command

    command.run(startup, profile, text, k=k, as_of=as_of, language=lang, as_json=as_json)


@app.command()
def why(
    ids: Annotated[
        list[str], typer.Argument(metavar="[STARTUP] FUND", help="Ids; no STARTUP with --profile.")
    ],
    profile: Profiles = None,
    as_of: AsOf = None,
    lang: Language = None,
    as_json: AsJson = False,
) -> None:
    """Say why a fund is suggested, or why not.

    Give STARTUP FUND, or FUND alone with --profile.
    """
    from api.commands import why as command

    command.run(ids, profile, as_of=as_of, language=lang, as_json=as_json)


@app.command()
def batch(
    out: Annotated[Path, typer.Option(dir_okay=False, help="File to write: .csv or .parquet.")],
    everyone: Annotated[bool, typer.Option("--all", help="Rank for every stored startup.")] = False,
    profiles: Profiles = None,
    k: Count = 10,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Rank funds for many startups, into a file.

    The startups are all stored ones, or the profiles of a file, which need not be stored.
    """
    from api.commands import batch as command

    command.run(out, everyone=everyone, profiles=profiles, k=k, as_of=as_of, as_json=as_json)


@app.command()
def evaluate(
    windows: Annotated[int, typer.Option(min=1, max=50, help="How many windows of twelve months.")] = 3,
    as_of: AsOf = None,
    profiles: Profiles = None,
    truth: Truth = None,
    candidates: Candidates = None,
    method: Annotated[
        list[str] | None, typer.Option(help="A method to test, by name; may be repeated. All by default.")
    ] = None,
    controls: Annotated[
        bool, typer.Option("--controls", help="Also test on scrambled deals, masked names, unknown stages.")
    ] = False,
    runs: Annotated[
        Path | None, typer.Option(file_okay=False, help="A new folder for the ranked lists and the answers.")
    ] = None,
    depth: Annotated[int, typer.Option(min=1, help="Funds of each list that --runs writes.")] = 100,
    report: Annotated[Path | None, typer.Option(dir_okay=False, help="Write a page: a .html file.")] = None,
    lang: Language = None,
    as_json: AsJson = False,
) -> None:
    """Tell how good the ranking is, against baselines.

    Windows follow each other up to --as-of, else up to the newest deal. With --profiles and --truth the
    questions are one's own, put on the day --as-of.
    """
    from api.commands import evaluate as command

    command.run(
        command.Outputs(runs, depth, report, as_json, lang),
        windows=windows,
        as_of=as_of,
        own=command.own_questions(profiles, truth, candidates),
        methods=method or (),
        controls=controls,
    )


@app.command()
def synthetic(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    startups: Annotated[int, typer.Option(help="How many startups.")] = 1_000,
    funds: Annotated[int, typer.Option(help="How many funds.")] = 300,
    deals: Annotated[float, typer.Option(help="Deals a funded startup, on average.")] = 3.1,
    introductions: Annotated[
        int, typer.Option(help="Introductions, at most; few startups have fewer.")
    ] = 300,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write an invented market, to try and to measure with.

    Startups, funds, deals and introductions are drawn from a seed and labelled synthetic everywhere; import
    DIR to use them. The folder DIR/truth, which imports do not read, tells how they were drawn.
    """
    from api.commands import synthetic as command
    from data.synthetic.settings import MarketSettings

    settings = MarketSettings(
        startups, funds, seed=seed, deals_per_startup=deals, n_introductions=introductions
    )
    command.run(folder, settings, as_json=as_json)


@app.command()
def override(
    startup: Annotated[str, typer.Argument(help="Id of a stored startup.")],
    fund: Annotated[str, typer.Argument(help="Id of a fund.")],
    gate: Annotated[str, typer.Argument(help="Code of the gate, as `why --json` gives it.")],
    reason: Annotated[str, typer.Option(help="Why; kept and shown with the pair.")],
    undo: Annotated[bool, typer.Option("--undo", help="Let the gate hold again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Lift a gate for one pair, with a reason.

    Decisions are kept: one is taken back by another, with --undo.
    """
    from api.commands import override as command

    command.run(startup, fund, gate, reason, undo=undo, as_json=as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check the installation."""
    from api.commands import doctor as command

    command.run(as_json)


def main() -> None:
    """Run the command line; what the user can act on is one line, never a traceback."""
    from matching.errors import KetnoiError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # a file or a pipe may have been given a narrower one
    try:
        app(prog_name="ketnoi")
    except KetnoiError as error:
        typer.echo(f"ketnoi: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("ketnoi: stopped; what was finished is kept", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # a full disk, a folder that may not be written, a name that is too long
        typer.echo(f"ketnoi: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
