"""The command line. Each command loads what it needs when it runs, so that --help is instant."""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from api.cli_accounts import accounts, keys
from api.options import AsJson, AsOf, Candidates, Count, Ending, Language, Profiles, Reason, Truth

app = typer.Typer(
    name="ketnoi",
    help="Introduce startups to the venture funds most likely to say yes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # loading rich for boxes around the help costs .1 s of its .3
)


releases = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(
    releases, name="releases", help="Show the releases of the ranking, and choose the one that ranks."
)
app.add_typer(accounts, name="account", help="Open, list and close accounts of the service.")
app.add_typer(keys, name="key", help="Make, list and revoke keys of the service.")


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
def train(
    as_of: AsOf = None,
    promote: Annotated[
        bool, typer.Option("--promote", help="Let the release rank even where another does already.")
    ] = False,
    lang: Language = None,
    as_json: AsJson = False,
) -> None:
    """Learn to rank from past deals, and register the release.

    The plainest ranker stays unless a richer one is shown to be better on the latest year. The first release
    ranks at once, a later one with --promote.
    """
    from api.commands import train as command

    command.run(as_of=as_of, promote=promote, language=lang, as_json=as_json)


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


@releases.command("list")
def list_releases(lang: Language = None, as_json: AsJson = False) -> None:
    """List all releases, newest first."""
    from api.commands import releases as command

    command.show_all(language=lang, as_json=as_json)


@releases.command("show")
def show_release(
    release: Annotated[str, typer.Argument(metavar="ID", help="Id of a release.")],
    lang: Language = None,
    as_json: AsJson = False,
) -> None:
    """Show a release: its figures, its settings, and what was decided about it."""
    from api.commands import releases as command

    command.show(release, language=lang, as_json=as_json)


@releases.command("promote")
def promote_release(
    release: Annotated[str, typer.Argument(metavar="ID", help="Id of a release.")],
    reason: Reason = "",
    lang: Language = None,
    as_json: AsJson = False,
) -> None:
    """Let a release rank from now on, in place of the one that does."""
    from api.commands import releases as command

    command.promote(release, reason, language=lang, as_json=as_json)


@releases.command("rollback")
def roll_back_release(reason: Reason = "", lang: Language = None, as_json: AsJson = False) -> None:
    """Take the release back that ranks; the one before it ranks again, or the prior."""
    from api.commands import releases as command

    command.rollback(reason, language=lang, as_json=as_json)


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; another than the default is seen by others.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
) -> None:
    """Answer over HTTP until stopped (docs/api.md)."""
    from api.commands import serve as command

    command.run(host, port, workers)


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
