"""How long a look at a music folder of 100,000 files takes when nothing changed in it.

Files in folders as albums lie, and a catalogue that knows them all, on SQLite and on PostgreSQL: each look
starts the process that reads, walks the tree and compares every file with its row. Meanwhile the event loop
that would serve people is asked every few milliseconds how late it is. The reference is a bare `os.walk` with
a `stat` for each file, and compares nothing.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.databases import Database, postgresql, sqlite
from benchmarks.harness import BUILD, BenchmarkError
from benchmarks.report import ROUNDS, Gate, Report
from collab.logs import configure_logs
from collab.metrics import Metrics
from collab.music.library import id_of_path
from collab.music.scan import Scanner, Tally
from storage.catalogue import TrackRow
from storage.postgres import open_postgres
from storage.sql import SqlStore
from storage.sqlite import open_sqlite

FILES: Final = 100_000
FILES_AN_ALBUM: Final = 12
ALBUMS_AN_ARTIST: Final = 8
SCAN_S_MAX: Final = 10
BEAT_S: Final = 0.002

SECONDS, STALL_MS = "whole look, s", "longest stall of the loop, ms"
REFERENCE: Final = "os.walk and stat"


def run(rounds: int = ROUNDS) -> Report:
    """Looks as often as there are rounds, once on each database and once without one."""
    report = Report("scan")
    configure_logs("warning", "console")
    with ExitStack() as stack:
        root = stack.enter_context(_folder())
        databases = [stack.enter_context(database()) for database in (sqlite, postgresql)]
        asyncio.run(_measure(report, root, databases, rounds))
    for database in databases:
        seconds = report.median(database.name, SECONDS)
        report.gates.append(Gate(f"{database.name}: a look, s", seconds, at_most=SCAN_S_MAX))
    return report


async def _measure(report: Report, root: Path, databases: list[Database], rounds: int) -> None:
    stores = {database.name: await _filled(database, root) for database in databases}
    scanners = {name: Scanner(root, store.catalogue, Metrics(), lambda: 0) for name, store in stores.items()}
    for _ in range(rounds):
        began_s = time.perf_counter()
        count = len(_walked(root))
        report.add(REFERENCE, SECONDS, time.perf_counter() - began_s)
        for name, scanner in scanners.items():
            stall = asyncio.create_task(_longest_stall_ms())
            began_s = time.perf_counter()
            tally = await scanner.scan()
            report.add(name, SECONDS, time.perf_counter() - began_s)
            stall.cancel()
            report.add(name, STALL_MS, await stall)
            if tally != Tally(files=count):
                raise BenchmarkError(f"something changed in the folder: {tally}")
    for store in stores.values():
        await store.close()


async def _longest_stall_ms() -> float:
    """Until it is cancelled."""
    longest_s = 0.0
    try:
        while True:
            before_s = time.perf_counter()
            await asyncio.sleep(BEAT_S)
            longest_s = max(longest_s, time.perf_counter() - before_s - BEAT_S)
    except asyncio.CancelledError:
        return 1000 * longest_s


async def _filled(database: Database, root: Path) -> SqlStore:
    url = database.environment.get("TUTTI_DATABASE_URL")
    store = await (open_sqlite(Path(database.words[-1])) if url is None else open_postgres(url))
    await store.catalogue.put(_rows(root))
    return store


@contextmanager
def _folder() -> Iterator[Path]:
    """On the checkout's disk; each file has a byte, which nobody reads."""
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        root = Path(folder)
        for number in range(FILES):
            album = number // FILES_AN_ALBUM
            path = root / f"Artist {album // ALBUMS_AN_ARTIST}" / f"Album {album}"
            if number % FILES_AN_ALBUM == 0:
                path.mkdir(parents=True)
            (path / f"{number % FILES_AN_ALBUM + 1:02} Song {number}.mp3").write_bytes(b"x")
        yield root


def _walked(root: Path) -> list[tuple[str, os.stat_result]]:
    """The reference: every file's path and what the system says of it."""
    return [
        (path, os.stat(path))
        for folder, _, names in os.walk(root)
        for path in (os.path.join(folder, name) for name in names)
    ]


def _rows(root: Path) -> list[TrackRow]:
    return [_row(os.path.relpath(path, root), file.st_size, file.st_mtime_ns) for path, file in _walked(root)]


def _row(path: str, size_bytes: int, mtime_ns: int) -> TrackRow:
    return TrackRow(
        id=id_of_path(path), path=path, size_bytes=size_bytes, mtime_ns=mtime_ns, title=path[-12:-4],
        artists=(), album="", duration_ms=1, isrc="", recording_id="", tempo=None, key="", energy=None,
        media_type="audio/mpeg", artwork="", added_ms=0,
    )  # fmt: skip
