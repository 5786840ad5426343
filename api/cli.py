"""The command line. Each command loads what it needs when it runs, so that --help is instant."""

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="ketnoi",
    help="Introduce startups to the venture funds most likely to say yes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class Lang(StrEnum):
    """Languages the command line speaks."""

    VI = "vi"
    EN = "en"


def _as_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"must be a day like 2021-03-31, got {text!r}") from None


AsOf = Annotated[
    date | None,
    typer.Option(parser=_as_of, metavar="DAY", help="Use only what was known before this day (YYYY-MM-DD)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Count = Annotated[int, typer.Option("--k", min=1, max=100_000, help="How many funds.")]
Language = Annotated[
    Lang | None, typer.Option("--lang", help="Language of the answer; else KETNOI_LANGUAGE.")
]
Existing = typer.Option(exists=True, dir_okay=False, readable=True)


@app.command()
def init(as_json: AsJson = False) -> None:
    """Create the database, or bring it to this version; make the embedding model ready."""
    from api.commands import init as command

    command.run(as_json)


@app.command("import")
def import_(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with startups.csv, funds.csv, investments.csv.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    embed: Annotated[bool, typer.Option(help="Embed new texts after the import.")] = True,
    as_json: AsJson = False,
) -> None:
    """Import a folder of csv files: each is taken whole or refused with the reason of every bad row."""
    from api.commands import importing

    importing.run(folder, dry_run=dry_run, embed=embed, as_json=as_json)


@app.command()
def shortlist(
    startup: Annotated[
        str | None, typer.Argument(metavar="[STARTUP]", help="Id of a stored startup.")
    ] = None,
    profile: Annotated[Path | None, Existing] = None,
    text: Annotated[
        str | None, typer.Option(help="A startup told in a sentence or more, in any language.")
    ] = None,
    k: Count = 10,
    as_of: AsOf = None,
    lang: Language = None,
    as_json: AsJson = False,
) -> None:
    """Suggest funds for a stored startup, for a profile file (.csv or .json), or for a text."""
    from api.commands import shortlist as command

    command.run(startup, profile, text, k=k, as_of=as_of, language=lang, as_json=as_json)


@app.command()
def why(
    ids: Annotated[
        list[str], typer.Argument(metavar="[STARTUP] FUND", help="Ids; no STARTUP with --profile.")
    ],
    profile: Annotated[Path | None, Existing] = None,
    as_of: AsOf = None,
    lang: Language = None,
    as_json: AsJson = False,
) -> None:
    """Say why a fund is on a startup's list, at which rank, or why it is not."""
    from api.commands import why as command

    command.run(ids, profile, as_of=as_of, language=lang, as_json=as_json)


@app.command()
def batch(
    out: Annotated[Path, typer.Option(dir_okay=False, help="File to write: .csv.")],
    everyone: Annotated[bool, typer.Option("--all", help="Rank for every stored startup.")] = False,
    profiles: Annotated[Path | None, Existing] = None,
    k: Count = 10,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Rank funds for all stored startups, or for a file of profiles that need not be stored."""
    from api.commands import batch as command

    command.run(out, everyone=everyone, profiles=profiles, k=k, as_of=as_of, as_json=as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check the installation: settings, database, embedding model."""
    from api.commands import doctor as command

    command.run(as_json)


def main() -> None:
    """Run the command line; what the user can act on is one line, never a traceback."""
    from matching.errors import KetnoiError

    try:
        app()
    except KetnoiError as error:
        typer.echo(f"ketnoi: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("ketnoi: stopped; what was finished is kept", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


if __name__ == "__main__":
    main()
