"""Keeps the catalogue as the folder is.

Looks through the folder, compares it with what the catalogue knows, and reads the tags of what is new. Any
number of nodes may do that at once, because all of them write the same. A file that cannot be a track costs
one line in the log, once, and nothing else. Knows one scan. Does not know when the next one is due.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog

from collab.metrics import Metrics
from collab.music.plan import Comparison
from collab.music.reader import Reader, open_reader
from collab.music.tags import Tags, Unfit, Unreadable
from collab.music.walk import File
from storage.catalogue import BATCH_MAX, Catalogue, TrackRow

log = structlog.get_logger("tutti.music")

# Lines for what is refused, of one scan; the rest is a number.
LINES_MAX: Final = 1_000
# Files between two lines that say how far it is.
_STEP: Final = 2_000
_IS_EMPTY: Final = (
    "The music folder is empty or not there; what is known of it stays. Mount its disk, or name another one."
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one scan found and did, in files."""

    files: int = 0
    added: int = 0
    changed: int = 0
    moved: int = 0
    gone: int = 0
    refused: int = 0

    @property
    def is_news(self) -> bool:
        return bool(self.added or self.changed or self.moved or self.gone)


class Scanner:
    """`scan` as often as wanted, one at a time. `now_ms` is wall time."""

    def __init__(self, root: Path, catalogue: Catalogue, metrics: Metrics, now_ms: Callable[[], int]) -> None:
        self._root = root
        self._catalogue = catalogue
        self._metrics = metrics
        self._now_ms = now_ms
        # Files that are no tracks, as they looked then: they are neither read again nor spoken of.
        self._unfit: dict[str, File] = {}
        # What was said of the folder in the last scan.
        self._said: set[tuple[str, str]] = set()
        self._lines_left = LINES_MAX

    async def scan(self) -> Tally:
        """Raises StoreError and ReaderLost; what was done until then stays, and the next scan goes on."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        try:
            async with open_reader(self._root) as reader:
                tally = await self._scan(reader)
        finally:
            self._metrics.music_scan_state.state("idle")
            self._metrics.music_files_to_read.set(0)
        took_s = loop.time() - began_s
        self._metrics.music_scan_seconds.set(took_s)
        self._metrics.music_files.set(await self._catalogue.count())
        self._metrics.music_files_refused.set(tally.refused)
        (log.info if tally.is_news else log.debug)(
            "music_scanned",
            files=tally.files,
            added=tally.added,
            changed=tally.changed,
            moved=tally.moved,
            gone=tally.gone,
            refused=tally.refused,
            took_s=round(took_s, 1),
        )
        return tally

    async def _scan(self, reader: Reader) -> Tally:
        self._metrics.music_scan_state.state("walking")
        self._lines_left = LINES_MAX
        known = await self._catalogue.known()
        comparison = Comparison(known)
        faults: set[tuple[str, str]] = set()
        blind: set[str] = set()
        async for page in reader.walk():
            comparison.see(File(*file) for file in page.files)
            faults.update(page.faults, page.blind)
            blind.update(path for path, _ in page.blind)
        if comparison.would_empty:
            faults = {fault for fault in faults if fault[0]} | {("", _IS_EMPTY)}
        self._say_new(faults)
        # A hundred thousand new files are a second's work.
        plan = await asyncio.to_thread(comparison.plan, blind)
        await self._relocate(plan.moved)
        self._unfit = {file.path: file for file, _ in plan.to_read if self._unfit.get(file.path) == file}
        to_read = [(file, id) for file, id in plan.to_read if file.path not in self._unfit]
        known_ids = {file.id for file in known.values()}
        unfit, unreadable = await self._read_all(reader, to_read)
        faults.update(unreadable.values())
        self._say_new(faults)
        self._said = faults
        gone = [*plan.gone, *(id for id in unfit if id in known_ids)]
        await self._catalogue.remove(gone)
        read = [id for _, id in to_read if id not in unfit and id not in unreadable]
        added = sum(id not in known_ids for id in read)
        return Tally(
            files=comparison.files,
            added=added,
            changed=max(0, len(read) - len(plan.moved) - added),
            moved=len(plan.moved),
            gone=len(gone),
            refused=len(self._unfit) + len(faults),
        )

    async def _relocate(self, moved: Sequence[tuple[File, str]]) -> None:
        """At once, so that they can be heard; their tags are read in their turn, and until then they look as
        if they had changed, should that not come to pass."""
        rows = await self._catalogue.tracks([id for _, id in moved])
        await self._catalogue.put(
            [replace(rows[id], path=file.path, mtime_ns=0) for file, id in moved if id in rows]
        )

    async def _read_all(
        self, reader: Reader, to_read: Sequence[tuple[File, str]]
    ) -> tuple[set[str], dict[str, tuple[str, str]]]:
        """Returns the ids of those that turned out to be no tracks, and of those of which nobody knows, each
        of these with its path and why."""
        self._metrics.music_scan_state.state("reading")
        unfit: set[str] = set()
        unreadable: dict[str, tuple[str, str]] = {}
        rows: list[TrackRow] = []
        for number, (file, id) in enumerate(to_read):
            left = len(to_read) - number
            self._metrics.music_files_to_read.set(left)
            if number and number % _STEP == 0:
                log.info("music_progress", read=number, left=left)
            try:
                rows.append(_row(id, file, await reader.read(file.path), self._now_ms()))
            except Unreadable as error:
                # It is tried again; a row that it has stays meanwhile.
                unreadable[id] = (file.path, str(error))
            except Unfit as error:
                unfit.add(id)
                self._unfit[file.path] = file
                self._say(file.path, str(error))
            if len(rows) >= BATCH_MAX:
                await self._catalogue.put(rows)
                rows.clear()
        await self._catalogue.put(rows)
        return unfit, unreadable

    def _say_new(self, faults: set[tuple[str, str]]) -> None:
        """What was not said before."""
        for path, why in sorted(faults - self._said):
            self._say(path, why)
        self._said = self._said | faults

    def _say(self, path: str, why: str) -> None:
        self._lines_left -= 1
        if self._lines_left >= 0:
            log.warning("music_refused", path=path or str(self._root), why=why)
        elif self._lines_left == -1:
            log.warning(
                "music_refused", path="", why=f"There are more than {LINES_MAX:,}; see to these first."
            )


def _row(id: str, file: File, tags: Tags, now_ms: int) -> TrackRow:
    return TrackRow(
        id=id,
        path=file.path,
        size_bytes=file.size_bytes,
        mtime_ns=file.mtime_ns,
        title=tags.title,
        artists=tags.artists,
        album=tags.album,
        duration_ms=tags.duration_ms,
        isrc=tags.isrc,
        recording_id=tags.recording_id,
        tempo=tags.tempo,
        key=tags.key,
        energy=None,
        media_type=tags.media_type,
        artwork=tags.artwork,
        added_ms=now_ms,
    )
