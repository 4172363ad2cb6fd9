"""The command line: which commands there are. Each lives in a file of its own and stays thin."""

from importlib.metadata import version
from typing import Annotated

import typer

from collab.cli_admin import admin
from collab.cli_backup import backup
from collab.cli_branches import branches
from collab.cli_compact import compact
from collab.cli_export import export
from collab.cli_fuzz import fuzz
from collab.cli_history import diff, history
from collab.cli_import import import_
from collab.cli_migrate import migrate
from collab.cli_replay import replay
from collab.cli_replay_jam import replay_jam
from collab.cli_restored import restored
from collab.cli_serve import serve
from collab.cli_token import token
from collab.cli_verify import verify

app = typer.Typer(
    name="tutti",
    help="Tutti: a server on which people edit playlists together.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback is for a bug report, plain and without the values of variables.
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command()(migrate)
app.command()(backup)
app.command()(restored)
app.command()(token)
app.command()(verify)
app.add_typer(admin, name="admin")
app.command("import")(import_)
app.command()(export)
app.command()(history)
app.command()(diff)
app.command()(compact)
app.command()(replay)
app.command("replay-jam")(replay_jam)
app.command()(branches)
app.command()(fuzz)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        print(f"tutti {version('tutti-collab')}")
        raise typer.Exit


@app.callback()
def tutti(
    version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Every option can also be given as an environment variable, which `tutti COMMAND --help` names."""
