"""What a client keeps on its device, if it was given a file for it.

Collects what the replicas of a link want written, so that all that happened at one moment is written as one,
and holds the edits that were refused until somebody has seen them. Without a file it holds only these. Knows
the link and the file. Does not know when something happens: the client says `keep` whenever something may
have.
"""

from collections import defaultdict
from pathlib import Path

from collab.errors import CallerError
from tutti_client.clock import Clock
from tutti_client.connection import new_id
from tutti_client.errors import ClientError, StoreFailed
from tutti_client.events import Refusal
from tutti_client.link import Link
from tutti_client.store import Stored, Unreadable, pack_refusal, unpack_refusal
from tutti_client.store_file import REFUSALS_MAX, Batch, StoredSession, StoreFile
from tutti_client.wire import socket_url


class Keeper:
    """See the module. Made by `take_up`; `close` at the end."""

    def __init__(self, link: Link, file: StoreFile | None, clock: Clock) -> None:
        self.link = link
        self._file = file
        self._clock = clock
        self._uids_kept = (link.client, link.uids_taken)
        self._refusals: dict[str, list[Refusal]] = defaultdict(list)
        self._new_refusals: list[tuple[str, Refusal]] = []
        self._forgotten: set[str] = set()
        self._dismissed: set[str] = set()

    @classmethod
    async def take_up(cls, url: str, path: Path | None, clock: Clock) -> "Keeper":
        """A link that goes on where the file at `path` says, with the rooms in which something is unsaved.
        Raises CallerError for what is no URL, StoreInUse, StoreFailed."""
        server = socket_url(url)
        if path is None:
            return cls(Link(new_id()), None, clock)
        file = StoreFile(path, server)
        await file.open()
        try:
            session = await file.session()
            offset_ms = clock.wall_ms() - clock.now_ms() + (session.clock_ahead_ms if session else 0)
            if session is None:
                return cls(Link(new_id(), clock_offset_ms=offset_ms, is_kept=True), file, clock)
            link = Link(session.client, session.user, session.uids, clock_offset_ms=offset_ms, is_kept=True)
            keeper = cls(link, file, clock)
            for room, packed in await file.refusals(session.user):
                keeper._refusals[room].append(unpack_refusal(packed))
            for stored in await file.unsaved_rooms(session.user):
                keeper._enter(stored)
        except BaseException:
            await file.close()
            raise
        return keeper

    @property
    def failure(self) -> ClientError | None:
        return self._file.failure if self._file else None

    @property
    def has_file(self) -> bool:
        return self._file is not None

    # -- rooms -----------------------------------------------------------------------------------------------

    async def load(self, room: str) -> None:
        """Enters a room as it was when it was last here. Nothing if nothing is kept of it."""
        if self._file is None or not self.link.user or room in self.link.rooms:
            return
        stored = await self._file.room(self.link.user, room)
        # Meanwhile somebody else may have asked for it as well.
        if stored is not None and room not in self.link.rooms:
            self._enter(stored)

    def _enter(self, stored: Stored) -> None:
        try:
            self.link.enter(stored.room, stored, now_ms=self._clock.now_ms())
        except Unreadable as error:
            raise StoreFailed("store_failed", str(error)) from error

    def forget(self, room: str) -> None:
        """The list of this room is not kept any longer, nor what was unsaved there."""
        self._forgotten.add(room)
        self.keep()

    # -- what was refused ------------------------------------------------------------------------------------

    def refused(self, room: str, refusal: Refusal) -> None:
        self._new_refusals.append((room, refusal))
        self._refusals[room] = [*self._refusals[room], refusal][-REFUSALS_MAX:]

    def refusals(self, room: str) -> tuple[Refusal, ...]:
        """What was refused in a room and not dismissed, oldest first."""
        return tuple(self._refusals.get(room, ()))

    @property
    def refused_rooms(self) -> tuple[str, ...]:
        return tuple(room for room, refusals in self._refusals.items() if refusals)

    def dismiss(self, room: str) -> None:
        """Somebody has seen what was refused in this room."""
        self._refusals.pop(room, None)
        self._new_refusals = [(name, refusal) for name, refusal in self._new_refusals if name != room]
        self._dismissed.add(room)
        self.keep()

    # -- writing ---------------------------------------------------------------------------------------------

    def keep(self, *, final: bool = False) -> None:
        """Something may have happened: what has to be written is on its way to the disk. `final`: also what
        could wait."""
        file, link = self._file, self.link
        if file is None:
            self._new_refusals.clear()
        if file is None or not link.user or (file.is_busy and not final):
            return
        writes = tuple(link.take_writes(final=final))
        # A Jam writes nothing, but no name that it gave to an entry may ever be given again.
        uids = (link.client, link.uids_taken)
        has_news = writes or self._new_refusals or self._forgotten or self._dismissed
        if not has_news and uids == self._uids_kept:
            return
        self._uids_kept = uids
        clock_ahead_ms = link.server_ms(self._clock.now_ms()) - self._clock.wall_ms()
        session = StoredSession(link.user, link.client, link.uids_taken, clock_ahead_ms)
        refusals = tuple((room, pack_refusal(refusal)) for room, refusal in self._new_refusals)
        file.write(Batch(session, writes, refusals, tuple(self._forgotten), tuple(self._dismissed)))
        self._new_refusals.clear()
        self._forgotten.clear()
        self._dismissed.clear()

    async def stored(self) -> None:
        """Returns when all that happened so far is on disk. Raises StoreFailed, and CallerError without a
        file."""
        if self._file is None:
            raise CallerError("Nothing is stored here: `connect` was not given a file (`offline=`).")
        while self._file.is_busy:
            await self._file.stored()
        self.keep()
        await self._file.stored()

    async def secure(self) -> None:
        """As `stored`, before something is sent; nothing without a file."""
        if self._file is not None:
            await self.stored()

    async def close(self) -> None:
        if self._file is not None:
            self.keep(final=True)
            await self._file.close()
