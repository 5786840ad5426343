"""The commands `ketnoi account` and `ketnoi key`."""

from typing import Annotated

import typer

from api.options import AsJson
from matching.roles import Role, Scope

accounts = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Id of an account, or its address.")]


@accounts.command("add")
def add_account(
    role: Annotated[Role, typer.Option(help="What it may do; docs/api.md has the table.")],
    email: Annotated[str, typer.Option(help="Its address, to log in with.")],
    name: Annotated[str, typer.Option(help="What it is called.")] = "",
    program: Annotated[
        list[str] | None, typer.Option(help="A program that a manager runs; may be repeated.")
    ] = None,
    startup: Annotated[
        str | None, typer.Option(help="The profile that an account of a startup owns.")
    ] = None,
    password: Annotated[
        bool, typer.Option("--password", help="Ask for a password; without one it has keys alone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Open an account."""
    from api.commands import account as command

    command.add(role, email, name, program or [], startup, password=password, as_json=as_json)


@accounts.command("list")
def list_accounts(as_json: AsJson = False) -> None:
    """List all accounts, oldest first."""
    from api.commands import account as command

    command.show_all(as_json=as_json)


@accounts.command("password")
def set_password(account: Account, as_json: AsJson = False) -> None:
    """Ask for a new password, and end the account's sessions.

    Where standard input is no terminal, its first line is the password.
    """
    from api.commands import account as command

    command.password(account, as_json=as_json)


@accounts.command("close")
def close_account(account: Account, as_json: AsJson = False) -> None:
    """Close an account: its sessions end, and its keys open nothing any more."""
    from api.commands import account as command

    command.close(account, as_json=as_json)


@keys.command("add")
def add_key(
    account: Account,
    scope: Annotated[list[Scope], typer.Option(help="What it may be used for; may be repeated.")],
    days: Annotated[int, typer.Option(help="How many days it lasts.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Make a key of an account. It is shown once, here."""
    from api.commands import key as command

    command.add(account, scope, days, as_json=as_json)


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List all keys, oldest first, without their secrets."""
    from api.commands import key as command

    command.show_all(as_json=as_json)


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Id of a key.")], as_json: AsJson = False
) -> None:
    """Take a key out of use, for good."""
    from api.commands import key as command

    command.revoke(key, as_json=as_json)
