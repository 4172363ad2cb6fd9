"""A device that is killed with edits that it could not send, and comes back to another world.

The editing is done by a program of its own, which is killed with SIGKILL: also this file, run with `edit`.
The rest is the proof: people go on editing, the server compacts its history, and the device, started again,
must end equal with every edit applied once or named in a refusal. The large one is a program, too:

    python -m tests.integration.offline prove --edits 5000 --foreign 2000
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from collab.codec import pack_body, unpack_body
from collab.playlist import Playlist as Kind
from ot.apply import inserted
from storage.rows import Snapshot
from storage.sql import SqlStore
from storage.sqlite import open_sqlite
from tests.collab.serving import HUNG_S
from tests.integration.mortal import Mortal
from tutti_client import Guest, Playlist, Refusal, connect, guest

_KINDS = {"append": 40, "insert": 20, "move": 15, "remove": 5, "field": 20}

# -- the program that is killed ------------------------------------------------------------------------------


async def edit(url: str, token: str, document: str, file: Path, edits: int, *, online: bool) -> None:
    """Edits, and says how many edits are on disk, until it is killed."""
    draw = random.Random(edits)
    async with connect(url, token=token, offline=file) as tutti:
        playlist = await tutti.open_playlist(document)
        if not online:
            tutti.go_offline()
        for number in range(edits):
            one_edit(playlist, draw, f"d{number}")
            if number % 20 == 0 or number == edits - 1:
                await playlist.stored()
                sys.stdout.write(f"{number}\n")
                sys.stdout.flush()
        await asyncio.Event().wait()


def one_edit(playlist: Playlist, draw: random.Random, name: str) -> None:
    """Each begins by appending or inserting `name`, so that it can be told whether it arrived."""
    length = len(playlist.entries)
    track = {"track": f"t:{name}", "title": name}
    [kind] = draw.choices(list(_KINDS), list(_KINDS.values()))
    if kind == "append":
        playlist.append(track)
    else:
        playlist.insert(draw.randint(0, length), track)
    if kind == "move":
        playlist.move(draw.randrange(length + 1), 1, draw.randint(0, length + 1))
    elif kind == "field":
        playlist.set_field(draw.randrange(length + 1), "note", name)
    elif kind == "remove":
        mine = [i for i, entry in enumerate(playlist.entries) if str(entry["track"]).startswith("start")]
        if mine:
            playlist.remove(draw.choice(mine))


class Device:
    """That program, until it is killed."""

    def __init__(self, url: str, token: str, document: str, file: Path, edits: int, *more: str) -> None:
        arguments = ["edit", url, token, document, str(file), str(edits), *more]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.offline", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )

    async def stored(self, number: int) -> None:
        """Returns when it has said that at least this many edits are on disk."""
        while await self._line() < number:
            pass

    async def kill(self) -> int:
        """The last number that it said before it was killed."""
        self._process.kill()
        last = -1
        with suppress(ValueError):
            while True:
                last = await self._line()
        self._process.wait()
        assert self._process.stdout is not None, "it is a pipe"
        self._process.stdout.close()
        return last

    async def _line(self) -> int:
        assert self._process.stdout is not None, "it is a pipe"
        return int(await asyncio.to_thread(self._process.stdout.readline))


# -- the proof -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """How many names were edited in, and how many of them `refused`; how long the device took from its start
    to being saved."""

    names: int
    refused: int
    seconds: float


async def prove(folder: Path, edits: int, foreign: int) -> Outcome:
    """Raises AssertionError if an edit is missing, there twice, or the two ends differ."""
    async with Mortal(folder / "data") as server:
        ann, ben = await guest(server.url, "Ann"), await guest(server.url, "Ben")
        document = await server.make_playlist(await ann())
        await server.kill()
        async with stopped(folder / "data") as store:
            await store.set_member(document, ben.user_id, "editor")
        await server.start()
        async with connect(server.url, token=ann) as tutti:
            playlist = await tutti.open_playlist(document)
            playlist.append([{"track": f"start:{number}", "title": "start"} for number in range(50)])
            await playlist.saved()
        device = Device(server.url, await ann(), document, folder / "queue", edits)
        await device.stored(edits - 1)
        await device.kill()
        draw = random.Random(foreign)
        async with connect(server.url, token=ben) as tutti:
            playlist = await tutti.open_playlist(document)
            for number in range(foreign):
                one_edit(playlist, draw, f"f{number}")
                await playlist.saved()
        await server.kill()
        async with stopped(folder / "data") as store:
            await compact(store, document)
        await server.start()
        return await come_back(server, ann, ben, document, folder, edits, foreign)


async def come_back(
    server: Mortal, ann: Guest, ben: Guest, document: str, folder: Path, edits: int, foreign: int
) -> Outcome:
    async with connect(server.url, token=ben) as other:
        theirs = await other.open_playlist(document)
        began_s = time.monotonic()
        async with connect(server.url, token=ann, offline=folder / "queue") as tutti:
            mine = await tutti.open_playlist(document)
            await tutti.saved(10 * HUNG_S)
            seconds = time.monotonic() - began_s
            async with asyncio.timeout(HUNG_S):
                changes = theirs.changes()
                while theirs.version < mine.version:
                    await anext(changes)
            assert mine.entries == theirs.entries
            assert mine.attributes == theirs.attributes
            refused = names_in(*mine.refusals)
            standing = Counter(str(entry["title"]) for entry in mine.entries)
    wanted = [f"d{number}" for number in range(edits)] + [f"f{number}" for number in range(foreign)]
    for name in wanted:
        assert standing.pop(name, 0) == (0 if name in refused else 1), name
    assert set(standing) <= {"start"}, standing
    return Outcome(edits + foreign, len(refused), seconds)


@asynccontextmanager
async def stopped(data: Path) -> AsyncIterator[SqlStore]:
    """The database of a server that is not running."""
    store = await open_sqlite(data)
    try:
        yield store
    finally:
        await store.close()


async def compact(store: SqlStore, document: str) -> None:
    """The ops up to here are forgotten."""
    loaded = await store.load(document)
    assert loaded is not None, "it was made before"
    kind = Kind()
    state = kind.load(unpack_body(loaded.snapshot.body))
    draft = state.draft()
    for row in loaded.tail:
        draft.apply(kind.decode(unpack_body(row.body)))
    state.absorb(draft)
    version = loaded.head.version
    await store.add_snapshot(document, loaded.head.epoch, Snapshot(version, pack_body(state.dump())))
    assert await store.forget_ops(document, version) == version


def names_in(*refusals: Refusal) -> set[str]:
    return {str(entry["title"]) for refusal in refusals for entry in inserted(refusal.op)}


async def main() -> None:
    parser = argparse.ArgumentParser(description="A device that is killed with unsent edits.")
    commands = parser.add_subparsers(dest="command", required=True)
    editing = commands.add_parser("edit")
    for name in ("url", "token", "document"):
        editing.add_argument(name)
    editing.add_argument("file", type=Path)
    editing.add_argument("edits", type=int)
    editing.add_argument("--online", action="store_true")
    proving = commands.add_parser("prove")
    proving.add_argument("--edits", type=int, default=5000)
    proving.add_argument("--foreign", type=int, default=2000)
    chosen = parser.parse_args()
    if chosen.command == "edit":
        await edit(chosen.url, chosen.token, chosen.document, chosen.file, chosen.edits, online=chosen.online)
        return
    with tempfile.TemporaryDirectory(prefix="tutti-offline-") as name:
        sys.stdout.write(f"{await prove(Path(name), chosen.edits, chosen.foreign)}\n")


if __name__ == "__main__":
    asyncio.run(main())
