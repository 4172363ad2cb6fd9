"""A catalogue of 100,000 real titles, in a database of its own, and a server on it.

The recorded tracks, and the first of them again on other albums. The server's music folder is not there, as a
disk that is not mounted: the catalogue stays as it is filled. Knows how it is filled, and how a table without
an index is asked. Does not know what is measured. Needs the recorded tracks beside the checkout.
"""

import asyncio
import random
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import asyncpg
import httpx

from benchmarks.contenders import TUTTI
from benchmarks.databases import Database
from benchmarks.harness import FOLDER, BenchmarkError, Server, free_port, running
from collab.errors import CannotStart
from collab.ids import ID_BYTES, encode_id
from collab.replay.recordings import Track, read_tracks
from storage.catalogue import TrackRow
from storage.postgres import open_postgres
from storage.sqlite import open_sqlite
from storage.sqlite_file import DATABASE_NAME

DATA: Final = FOLDER.parents[1] / "shared" / "data"
TRACKS: Final = 100_000
# What a search box shows.
SHOWN: Final = 20

_SCAN: Final = (
    "SELECT id, title, artists, album, duration_ms, isrc, tempo, key, energy, artwork FROM tracks"
    " WHERE lower(title) LIKE {0} OR lower(artists) LIKE {0} OR lower(album) LIKE {0}"
    f" ORDER BY length(title), id LIMIT {SHOWN}"
)

# Answers what was typed.
Ask = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Crate:
    """`asking` opens a connection to the server, as a browser has one; `scan` asks its database, by itself,
    without an index."""

    name: str
    server: Server
    asking: Callable[[], AbstractContextManager[Ask]]
    scan: Ask


def recorded_rows() -> list[TrackRow]:
    """Raises BenchmarkError."""
    try:
        recorded = read_tracks(DATA / "tracks.jsonl.gz")[:TRACKS]
    except CannotStart as error:
        raise BenchmarkError(str(error)) from None
    draw = random.Random(0)
    again = [(track, draw.choice(recorded).album) for track in recorded[: TRACKS - len(recorded)]]
    albums = [*((track, track.album) for track in recorded), *again]
    return [_row(track, album, number, draw) for number, (track, album) in enumerate(albums)]


def _row(track: Track, album: str, number: int, draw: random.Random) -> TrackRow:
    return TrackRow(
        id=encode_id(draw.randbytes(ID_BYTES)),
        path=f"{number}.mp3",
        size_bytes=5_000_000,
        mtime_ns=number,
        title=track.title,
        artists=tuple(track.artists),
        album=album,
        duration_ms=track.duration_ms,
        isrc="",
        recording_id="",
        tempo=12_000,
        key="8A",
        energy=50,
        media_type="audio/mpeg",
        artwork=f"{number:032x}",
        added_ms=0,
    )


@contextmanager
def crate(database: Database, rows: Sequence[TrackRow]) -> Iterator[Crate]:
    """Filled, and served."""
    folder, url = Path(database.words[-1]), database.environment.get("TUTTI_DATABASE_URL")
    asyncio.run(_fill(folder, url, rows))
    port = free_port()
    command = [sys.executable, "-m", "collab.main", "serve", *database.words, "--port", str(port)]
    command += ["--music", str(folder / "not mounted")]
    environment = {**TUTTI.environment, **database.environment, "TUTTI_HTTP_REQUESTS": "1000000"}
    with running(f"search-{database.name}", command, port, **environment) as server:
        server = replace(server, database=database.process)
        with _scanning(folder, url) as scan:
            yield Crate(database.name, server, partial(_asking, server), scan)


async def _fill(folder: Path, url: str | None, rows: Sequence[TrackRow]) -> None:
    store = await (open_sqlite(folder) if url is None else open_postgres(url))
    await store.catalogue.put(rows)
    await store.close()
    if url is not None:
        # As the server does by itself a minute after so many rows.
        connection = await asyncpg.connect(url)
        await connection.execute("VACUUM ANALYZE")
        await connection.close()


@contextmanager
def _asking(server: Server) -> Iterator[Ask]:
    guest = httpx.post(f"{server.url}/v1/guest", json={"name": "Benchmark"})
    headers = {"Authorization": f"Bearer {guest.json()['token']}"}

    connection = HTTPConnection("127.0.0.1", server.port)

    def ask(typed: str) -> None:
        query = urlencode({"q": typed, "type": "track", "limit": SHOWN})
        connection.request("GET", f"/v1/search?{query}", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise BenchmarkError(f"{server.name} does not search: {body.decode(errors='replace')}")

    with closing(connection):
        yield ask


@contextmanager
def _scanning(folder: Path, url: str | None) -> Iterator[Ask]:
    if url is None:
        with closing(sqlite3.connect(folder / DATABASE_NAME)) as file:
            yield lambda typed: _discard(file.execute(_SCAN.format("?1"), (_anywhere(typed),)).fetchall())
        return
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(url))
    try:
        yield lambda typed: _discard(
            loop.run_until_complete(connection.fetch(_SCAN.format("$1::text"), _anywhere(typed)))
        )
    finally:
        loop.run_until_complete(connection.close())
        loop.close()


def _anywhere(typed: str) -> str:
    return f"%{typed.lower()}%"


def _discard(_rows: object) -> None:
    """Only how long it took is of interest."""
