"""Tracks that would go well with a playlist, from what stands together on this server.

The index is in memory, on each node its own. It is filled from the store when somebody first asks, beside the
event loop and document by document, and afterwards whenever somebody asks again: then the heads of all
documents say which ones changed, and only these are read. Knows the store and the index. Does not know who
may ask about which playlist, nor how an answer looks.

What it may say: reasons name the asker's own playlists and count the others. A track that stands in one
document only is kept quiet about unless that is the asker's: nobody's private list shows through.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from collab.ambient import Ambient
from collab.baskets import READERS, Basket, Reader, described
from collab.messages import Body
from collab.turnstile import Turnstile
from jam.suggest import CoOccurrence, Reason, Suggestion
from storage.rows import Head, Loaded
from storage.store import Store, StoreError

log = structlog.get_logger("tutti.suggestions")

# Changes are looked for at most this often, and an answer waits for that no longer than a person would.
LOOK_EVERY_MS: Final = 5_000
WAIT_S: Final = 1.0
# Of a server with more, those that come first by id, which is random: suggestions need not know every list.
DOCUMENTS_MAX: Final = 50_000
# Of somebody with more, the newest.
OWN_MAX: Final = 1_000
# What nobody but one stranger has is that stranger's business.
DOCUMENTS_MIN: Final = 2
PAUSE_S: Final = 0.002


@dataclass(frozen=True, slots=True)
class Why:
    """A track of those asked with stands beside the suggestion in so many `documents`; `own` are those of
    them that the asker is a member of, id and name, by name."""

    track: str
    documents: int
    own: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    """`about` describes the track with the fields of an entry. `score` compares those of one answer."""

    track: str
    about: Body
    score: int
    reasons: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """`documents`: how many were considered; `is_complete`: whether all have been read by now."""

    suggestions: list[Suggested]
    documents: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class _Known:
    epoch: str
    version: int
    name: str


class Suggestions:
    """`keep_running` as a task of a node; without it, answers come from what `look` has found."""

    def __init__(self, store: Store, ambient: Ambient, readers: Mapping[str, Reader] = READERS) -> None:
        self._store = store
        self._ambient = ambient
        self._readers = readers
        self._index = CoOccurrence()
        self._known: dict[str, _Known] = {}
        self._about: dict[str, bytes] = {}
        self._looked_ms: int | None = None
        self._asked, self._looked = asyncio.Event(), asyncio.Event()
        self._is_kept = False
        # Whoever works on the index does it in a thread, one at a time.
        self._turnstile = Turnstile()

    async def suggest(self, user: str, tracks: Iterable[str], limit: int) -> Answer:
        """At most `limit` tracks that go with `tracks` and are none of them, the best first. Raises
        StoreError, and Refusal `busy` when too many ask at once."""
        await self._catch_up()
        own = await self._own(user)
        async with self._turnstile.turn():
            suggestions = await asyncio.to_thread(self._suggest, own, list(tracks), limit)
        return Answer(suggestions, len(self._known), self._looked_ms is not None)

    async def keep_running(self, pause: Callable[[], Awaitable[None]]) -> None:
        """Looks whenever somebody asks and it is time to, until it is cancelled. Makes a `pause` after each
        document that was read."""
        self._is_kept = True
        try:
            while True:
                await self._asked.wait()
                try:
                    await self.look(pause)
                except StoreError as error:
                    log.warning("not_looked", error=str(error))
                except Exception:
                    # A bug here is not the node's end: its tasks are one group.
                    log.exception("not_looked")
                self._asked.clear()
                self._looked.set()
        finally:
            self._is_kept = False
            self._looked.set()

    async def look(self, pause: Callable[[], Awaitable[None]]) -> None:
        """Reads what changed since the last look. Raises StoreError; what was read by then stays."""
        began_ms = self._ambient.now_ms()
        standing: set[str] = set()
        read = 0
        async for head in self._heads():
            standing.add(head.document)
            known = self._known.get(head.document)
            if known is None or (known.epoch, known.version) != (head.epoch, head.version):
                await self._read(head.document)
                read += 1
                await pause()
        for document in self._known.keys() - standing:
            await self._forget(document)
        if self._looked_ms is None:
            log.info("suggestions_ready", documents=len(self._known), read=read)
        self._looked_ms = began_ms

    # -- the index ------------------------------------------------------------------------------------------

    async def _catch_up(self) -> None:
        """Has somebody look, if that was long ago, and waits a little for it."""
        now_ms = self._ambient.now_ms()
        if not self._is_kept or (self._looked_ms is not None and now_ms - self._looked_ms < LOOK_EVERY_MS):
            return
        if not self._asked.is_set():
            self._looked.clear()
            self._asked.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                await self._looked.wait()

    async def _heads(self) -> AsyncIterator[Head]:
        """Of the documents that count, as many as may."""
        after, left = "", DOCUMENTS_MAX
        while heads := await self._store.all_documents(after):
            for head in heads:
                if head.kind in self._readers:
                    if left == 0:
                        return
                    left -= 1
                    yield head
            after = heads[-1].document

    async def _read(self, document: str) -> None:
        loaded = await self._store.load(document)
        if loaded is None:
            await self._forget(document)
            return
        basket = await self._basket(loaded)
        async with self._turnstile.lock:
            gone = await asyncio.to_thread(self._index.add_basket, document, basket.tracks)
            self._known[document] = _Known(loaded.head.epoch, loaded.head.version, basket.name)
            self._about |= basket.tracks
            self._drop(gone)

    async def _basket(self, loaded: Loaded) -> Basket:
        """A document that cannot be read hides no other: it counts as empty until it changes."""
        try:
            return await asyncio.to_thread(self._readers[loaded.head.kind], loaded)
        except Exception:
            log.exception("basket_not_read", document=loaded.head.document)
            return Basket("", {})

    async def _forget(self, document: str) -> None:
        async with self._turnstile.lock:
            self._known.pop(document, None)
            self._drop(await asyncio.to_thread(self._index.remove_basket, document))

    def _drop(self, gone: Iterable[str]) -> None:
        for track in gone:
            del self._about[track]

    # -- answers --------------------------------------------------------------------------------------------

    async def _own(self, user: str) -> dict[str, str]:
        """The documents that this user is a member of, with their names."""
        own: dict[str, str] = {}
        for kind in self._readers:
            infos, _ = await self._store.documents_of(user, kind, 0, OWN_MAX)
            for info in infos:
                known = self._known.get(info.head.document)
                if known is not None:
                    own[info.head.document] = known.name
        return own

    def _suggest(self, own: Mapping[str, str], tracks: list[str], limit: int) -> list[Suggested]:
        found = self._index.suggest(tracks, (), limit, trusted=own.keys(), baskets_min=DOCUMENTS_MIN)
        return [self._explained(suggestion, own) for suggestion in found]

    def _explained(self, suggestion: Suggestion, own: Mapping[str, str]) -> Suggested:
        track = suggestion.track
        reasons = tuple(self._why(track, reason, own) for reason in suggestion.reasons)
        return Suggested(track, described(self._about[track]), suggestion.score, reasons)

    def _why(self, track: str, reason: Reason, own: Mapping[str, str]) -> Why:
        together = self._index.baskets_with(track, reason.track) & own.keys()
        named = sorted(((document, own[document]) for document in together), key=lambda pair: pair[::-1])
        return Why(reason.track, reason.baskets, tuple(named))


async def breath() -> None:
    """The pause of a node: others have their turn."""
    await asyncio.sleep(PAUSE_S)
