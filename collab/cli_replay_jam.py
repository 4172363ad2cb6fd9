"""`tutti replay-jam`: a Jam's log as a test case, written and played again."""

import asyncio
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from collab.cli_options import Data, DatabaseUrl
from collab.config import Settings
from collab.database import visit_database
from collab.errors import CannotStart, Refusal
from collab.jam_log import logged
from collab.recap_text import counted, recap_lines
from jam.log import LogDiffers, Logged, Replayed, write_line
from jam.log import replay as replay_log
from storage.store import StoreError


def replay_jam(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="A Jam's log: .jsonl.")],
    from_jam: Annotated[
        str | None,
        typer.Option("--from", metavar="JAM", help="Write this Jam's log to FILE first, from the database."),
    ] = None,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """Play a Jam's log again: fold every event, and check each order, each digest and the final state.

    With `--from` the log is read from the database first, beside a running server or without one. It holds
    what people wrote in the chat and their names. Exit code 1 at the first difference, with its version.
    """
    if from_jam is not None:
        written = _write(Settings(data=data, database_url=database_url), from_jam, file)
        print(f"wrote {counted(written, 'event', 'events')} to {file}")
    try:
        with file.open("rb") as lines:
            replayed = replay_log(lines)
    except OSError as error:
        raise CannotStart(f"The file {file} cannot be read: {error.strerror}.") from None
    except LogDiffers as differs:
        print(f"version {differs.version}: {differs}")
        raise typer.Exit(1) from None
    _tell(replayed)


def _write(settings: Settings, jam: str, file: Path) -> int:
    """Returns how many events were written. What could not be written whole is not left behind."""
    try:
        with file.open("xb") as out:
            return asyncio.run(_copy(settings, jam, out))
    except FileExistsError:
        raise CannotStart(f"{file} exists already; logs are never overwritten.") from None
    except OSError as error:
        raise CannotStart(f"The file {file} cannot be written: {error.strerror}.") from None
    except Refusal as refusal:
        file.unlink()
        raise CannotStart(refusal.message) from None
    except StoreError:
        file.unlink()
        raise


async def _copy(settings: Settings, jam: str, out: BinaryIO) -> int:
    store = await visit_database(settings)
    written = 0
    try:
        async for line in logged(store, jam):
            out.write(write_line(line))
            written += isinstance(line, Logged)
    finally:
        await store.close()
    return written


def _tell(replayed: Replayed) -> None:
    print(f"Jam {replayed.begin.jam}, versions {replayed.begin.version} to {replayed.version}")
    for line in recap_lines(replayed.recapping.recap()):
        print(line)
    happened = ", ".join(f"{count:,} {name}" for name, count in replayed.happened.most_common())
    print(f"events: {happened or 'none'}")
    print("every order, every digest and the final state: as recorded")
