"""`tutti replay`: recorded histories, made again on a running server by many editors at once."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from collab.errors import CannotStart
from collab.replay.play import Plan, Replay
from collab.replay.recordings import read_recordings, read_tracks
from collab.replay.tally import Tally


def replay(
    histories: Annotated[
        Path, typer.Argument(metavar="HISTORIES", help="Playlists by version: .jsonl[.gz].")
    ],
    tracks: Annotated[Path, typer.Argument(metavar="TRACKS", help="What the tracks are: .jsonl[.gz].")],
    url: Annotated[str, typer.Option(envvar="TUTTI_URL", help="A running server.")] = "http://127.0.0.1:8300",
    editors: Annotated[int, typer.Option(envvar="TUTTI_EDITORS", min=1, max=64)] = 8,
    playlists: Annotated[
        int, typer.Option(envvar="TUTTI_PLAYLISTS", min=1, help="The first so many of the file.")
    ] = 40,
    pace: Annotated[
        float | None,
        typer.Option(
            envvar="TUTTI_PACE", min=0.001, metavar="OPS_S", help="Edits a second; default: at once."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(envvar="TUTTI_SEED", help="Who makes which edit, and who goes offline when.")
    ] = 1,
    journal: Annotated[
        Path | None,
        typer.Option(
            envvar="TUTTI_JOURNAL",
            file_okay=False,
            help="An empty folder to keep the editors' journals of acks in; default: a temporary one, kept "
            "if something is wrong.",
        ),
    ] = None,
    program: Annotated[
        str,
        typer.Option(
            envvar="TUTTI_PROGRAM",
            metavar="COMMAND",
            help="Where every other editor lives, with an SDK in another language: "
            "`node clients/js/build/test/replay/main.js`.",
        ),
    ] = "",
) -> None:
    """Replay recorded playlists on a running server, and check that it kept every promise.

    Each editor is a guest with an own connection. The server may be killed and started again meanwhile.
    Exit code 1 if replicas and fresh reads do not end equal, or an acknowledged edit is lost.
    """
    recordings, known_tracks = read_recordings(histories, playlists), read_tracks(tracks)
    folder = _empty_folder(journal)
    try:
        tally = _run(Plan(url, recordings, known_tracks, editors, pace, seed, folder, program))
    except CannotStart:
        if not any(path.stat().st_size for path in folder.iterdir()):
            _forget(folder, journal)
        raise
    print("\n".join(tally.lines()))
    if tally.failures():
        print(f"The editors' journals are in {folder}.")
        raise typer.Exit(1)
    _forget(folder, journal)


def _forget(folder: Path, wanted: Path | None) -> None:
    """Leaves nothing behind that nobody asked for."""
    if wanted is None:
        shutil.rmtree(folder)


def _empty_folder(wanted: Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="tutti-replay-"))
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if any(wanted.iterdir()):
            raise CannotStart(f"{wanted} is not empty; journals are never overwritten.")
    except OSError as error:
        raise CannotStart(f"The folder {wanted} cannot be used: {error.strerror}.") from None
    return wanted


def _run(plan: Plan) -> Tally:
    columns = (
        TextColumn("replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("steps, {task.fields[acks]} acks"),
        TimeElapsedColumn(),
    )
    # Beside the report: standard output is for that alone.
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("replaying", acks=0)

        def watch(tally: Tally) -> None:
            progress.update(task, total=tally.steps_in_all, completed=tally.steps, acks=tally.acks)

        return asyncio.run(Replay(plan, watch).run())
