"""`tutti branches`: recorded playlists as concurrent branches that meet, without a server."""

import secrets
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from collab.errors import CannotStart
from collab.replay.branches import Branches
from collab.replay.recordings import Recording, Track, read_recordings, read_tracks
from collab.replay.witness import Unequal

_SEED_MAX = 2**31


def branches(
    histories: Annotated[
        Path, typer.Argument(metavar="HISTORIES", help="Playlists by version: .jsonl[.gz].")
    ],
    tracks: Annotated[Path, typer.Argument(metavar="TRACKS", help="What the tracks are: .jsonl[.gz].")],
    seed: Annotated[
        int | None, typer.Option(envvar="TUTTI_SEED", help="Default: one at random, which is printed.")
    ] = None,
    start: Annotated[
        int,
        typer.Option(envvar="TUTTI_START", min=0, help="The first playlist, from 0: each replays alone."),
    ] = 0,
    playlists: Annotated[
        int | None,
        typer.Option(envvar="TUTTI_PLAYLISTS", min=1, help="So many from there on; default: all."),
    ] = None,
) -> None:
    """Deal the edits of recorded playlists to branches of 1 to 200 edits, and merge them.

    Two to four branches at a time are written on the same list through the client's engine, and merged by
    what a server transforms with. Exit code 1 if not everybody ends on the same list, byte for byte, or if
    merging the branches in another way gives another one. `tutti replay` does the like on a running server.
    """
    recordings = read_recordings(histories, start + playlists if playlists else None)[start:]
    if not recordings:
        raise CannotStart(f"{histories} holds no playlist {start}, counted from 0.")
    seed = secrets.randbelow(_SEED_MAX) if seed is None else seed
    print(f"seed {seed}, from playlist {start} on", flush=True)
    unequal, lines = _run(recordings, read_tracks(tracks), seed, start)
    print("\n".join(lines))
    if unequal is None:
        print("all devices, the authority, at once, step by step and the judge: equal")
        return
    number, what = unequal
    print(f"playlist {number}, {recordings[number - start].name!r}, seed {seed}: {what}")
    alone = f"--seed {seed} --start {number} --playlists 1"
    print(f"that playlist alone: tutti branches {histories} {tracks} {alone}")
    raise typer.Exit(1)


def _run(
    recordings: list[Recording], tracks: list[Track], seed: int, start: int
) -> tuple[tuple[int, Unequal] | None, list[str]]:
    """The first playlist that does not end equal, if there is one, and the report."""
    columns = (
        TextColumn("merging"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("playlists, {task.fields[edits]:,} edits"),
        TimeElapsedColumn(),
    )
    # Beside the report: standard output is for that alone.
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("merging", total=len(recordings), edits=0)

        def watch() -> None:
            progress.update(task, completed=run.tally.playlists, edits=run.tally.edits)

        run = Branches(tracks, seed, time.monotonic, watch)
        for number, recording in enumerate(recordings, start):
            try:
                run.play(number, recording)
            except Unequal as unequal:
                return (number, unequal), run.tally.lines()
        return None, run.tally.lines()
