"""The command line: which commands there are. Each lives in a file of its own and stays thin.

That file is loaded when its command is wanted: a server's libraries take a second, and who asks for the
version waits for none of them.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Annotated, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from collab.loading import load

# In the order in which they are told. A module and the function in it, or the commands below this one.
COMMANDS: Final[Mapping[str, str]] = {
    "serve": "collab.cli_serve:serve",
    "migrate": "collab.cli_migrate:migrate",
    "backup": "collab.cli_backup:backup",
    "restored": "collab.cli_restored:restored",
    "token": "collab.cli_token:token",
    "verify": "collab.cli_verify:verify",
    "admin": "collab.cli_admin:admin",
    "import": "collab.cli_import:import_",
    "export": "collab.cli_export:export",
    "history": "collab.cli_history:history",
    "diff": "collab.cli_history:diff",
    "compact": "collab.cli_compact:compact",
    "replay": "collab.cli_replay:replay",
    "replay-jam": "collab.cli_replay_jam:replay_jam",
    "branches": "collab.cli_branches:branches",
    "fuzz": "collab.cli_fuzz:fuzz",
}


class LazyCommands(TyperGroup):
    """`COMMANDS`, each loaded when it is run or described."""

    # What Typer calls a context here, it keeps to itself.
    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        return list(COMMANDS)

    def get_command(  # type: ignore[override]
        self, ctx: typer.Context, cmd_name: str
    ) -> TyperCommand | TyperGroup | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = load(module, name)
        alone = typer.Typer()
        if isinstance(found, typer.Typer):
            alone.add_typer(found, name=cmd_name)
        else:
            assert callable(found), found
            alone.command(cmd_name)(found)
        built = get_group(alone).commands[cmd_name]
        assert isinstance(built, TyperCommand | TyperGroup), built
        return built


app = typer.Typer(
    name="tutti",
    cls=LazyCommands,
    help="Tutti: a server on which people edit playlists together.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback is for a bug report, plain and without the values of variables.
    pretty_exceptions_enable=False,
)


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
