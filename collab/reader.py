"""Somebody who reads along in a playlist without a socket.

Sits in the room unseen and writes down what happens until it is fetched. Whoever fetches slowly loses the
single events and gets the whole state instead; who cannot even take that in time is sent away and may come
back. Whether somebody may read is looked at with every change of roles and of the playlist's `public`, so
that who may not hears nothing more. Knows rooms and feeds. Does not know HTTP: `http_events` writes.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from collab.auth import Identity
from collab.closing import CloseCode, advice
from collab.errors import CODES, Refusal
from collab.feed import Feed
from collab.http_ports import RoomsToRead
from collab.messages import Drain, Open, Opened, Ops, Refused, RoleChanged, ServerMessage
from collab.playlist import KIND
from collab.roles import allowed
from collab.seating import Seat
from ot.document import Document
from ot.value import Value

# Beyond this a slow reader gets the state instead: with what the server's transport holds, and a piece on its
# way, still far below the promised 1 MiB.
PENDING_BYTES_MAX: Final = 256 * 1024
OPEN_TIMEOUT_S: Final = 10.0
# When to come back after a stream that ended for no reason of the reader's.
RETRY_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Fresh:
    """The playlist as it stands, for a reader who has nothing or has missed too much."""

    epoch: str
    version: int
    role: str
    document: Document


@dataclass(frozen=True, slots=True)
class End:
    """Nothing more will come. `code` is one of `CODES`, `drain` or `slow_consumer`. `retry_after_ms` 0:
    coming back unchanged is of no use."""

    code: str
    message: str
    retry_after_ms: int


@dataclass(frozen=True, slots=True)
class ReaderSession:
    """Whose token it is."""

    user: str


class Feeds:
    """The feeds of a node; one lives as long as somebody reads along."""

    def __init__(self) -> None:
        self._feeds: WeakValueDictionary[str, Feed] = WeakValueDictionary()

    def of(self, document: str) -> Feed:
        return self._feeds.setdefault(document, Feed())


class Reader:
    """A `collab.listener.Reading`. `open`, then `next` until it says `End`, then `leave`."""

    def __init__(
        self,
        reader_id: str,
        identity: Identity,
        address: str,
        document: str,
        rooms: RoomsToRead,
        feeds: Feeds,
    ) -> None:
        self.id = reader_id
        self.address = address
        self.document = document
        self.session = ReaderSession(identity.user_id)
        self._rooms = rooms
        self._feed = feeds.of(document)
        # The version from which on everything is written down.
        self.began_at = 0
        self._role = ""
        self._is_open = False
        self._pending: deque[bytes] = deque()
        # Of what is written down and was not fetched.
        self.pending_bytes = 0
        # A state is due, and says all that was not written down.
        self._is_behind = False
        # How often it fell behind since it had fetched everything.
        self._falls = 0
        self._end: End | None = None
        self._wake = asyncio.Event()

    @property
    def epoch(self) -> str:
        return self._feed.epoch

    # -- for whoever writes -----------------------------------------------------------------------------

    async def open(self) -> None:
        """Returns when what happens from here on is written down. Raises Refusal, `not_found` for those who
        may not read."""
        self._rooms.reader_came(self)
        # Vouched for: whether a stranger may read is said by the playlist, not by its table of members.
        seat = Seat(self.id, self.session.user, "", self.id, is_seen=False, is_vouched=True)
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                self._rooms.enter_as(self, seat, Open(self.document))
                while not self._is_open and self._end is None:
                    await self._woken()
        except TimeoutError:
            raise Refusal("busy", retry_after_ms=1000) from None
        if (end := self._end) is not None:
            code = end.code if end.code in CODES else "unavailable"
            raise Refusal(code, end.message, end.retry_after_ms)

    def leave(self) -> None:
        self._rooms.exit_as(self, self.document)
        self._rooms.reader_gone(self)

    def start_over(self) -> None:
        """The state is next, whatever was written down."""
        self._is_behind = True
        self._pending.clear()
        self.pending_bytes = 0
        self._wake.set()

    async def next(self, at_most_s: float) -> Fresh | bytes | End | None:
        """What there is to tell; None if nothing happened for so long."""
        if self._end is None and not self._is_behind and not self._pending:
            self._falls = 0
            try:
                async with asyncio.timeout(at_most_s):
                    await self._woken()
            except TimeoutError:
                return None
        if self._end is not None:
            return self._end
        if self._is_behind:
            self._is_behind = False
            return Fresh(self._feed.epoch, self._feed.version, self._role, self._feed.document)
        if not self._pending:
            return None
        event = self._pending.popleft()
        self.pending_bytes -= len(event)
        return event

    async def _woken(self) -> None:
        self._wake.clear()
        await self._wake.wait()

    # -- what the room says -----------------------------------------------------------------------------

    def tell(self, message: ServerMessage) -> None:
        match message:
            case Opened():
                self._opened(message)
            case RoleChanged():
                self._role = message.role
                self._look()
            case Refused():
                self._finish(message.code, message.message, message.retry_after_ms)
            case Drain():
                sentence = "This node stops; come back to another."
                self._finish("drain", sentence, max(RETRY_MS, message.after_ms))
            case _:
                pass

    def overhear(self, messages: Sequence[ServerMessage]) -> None:
        for message in messages:
            if isinstance(message, Ops):
                for row in message.ops:
                    self._note(self._feed.hear(row))
        self._look()

    def evicted(self, document: str) -> None:
        self._refuse("not_found")

    def failed(self, document: str) -> None:
        self._finish("internal", CODES["internal"].sentence, RETRY_MS)

    def close(self, close_code: CloseCode, code: str, message: str, retry_after_ms: int = 0) -> None:
        """As a socket is closed; HTTP has a code alone."""
        stays_away = advice(close_code) == "stop"
        self._finish(code, message, 0 if stays_away else retry_after_ms or RETRY_MS)

    def expire(self) -> None:
        """The token has ended."""
        self._refuse("token_expired")

    def too_slow(self) -> None:
        self._finish("slow_consumer", "You read too slowly; come back and resume.", RETRY_MS)

    def _opened(self, message: Opened) -> None:
        standing = self._rooms.playlist(self.document)
        if message.kind != KIND or standing is None:
            self._refuse("not_found")
            return
        self._role = message.role
        self._feed.begin(*standing)
        self.began_at = message.version
        if self._is_open:
            # Another history than the one that was told so far.
            self.start_over()
        self._is_open = True
        self._look()
        self._wake.set()

    def _note(self, event: bytes | None) -> None:
        if self._is_behind or self._end is not None:
            return
        if event is None:
            self.start_over()
            return
        self._pending.append(event)
        self.pending_bytes += len(event)
        if self.pending_bytes > PENDING_BYTES_MAX:
            self._falls += 1
            self.start_over()
            if self._falls > 1:
                self.too_slow()
        self._wake.set()

    def _look(self) -> None:
        """Whether they may go on reading."""
        if self._is_open and not may_read(self._role, self._feed.document.attributes):
            self._refuse("not_found")

    def _refuse(self, code: str) -> None:
        self._finish(code, CODES[code].sentence, RETRY_MS if CODES[code].retryable else 0)

    def _finish(self, code: str, message: str, retry_after_ms: int) -> None:
        if self._end is None:
            self._end = End(code, message, retry_after_ms)
            self._pending.clear()
            self.pending_bytes = 0
            self._wake.set()


def may_read(role: str, attributes: dict[str, Value]) -> bool:
    """Members, and anybody where the playlist is public."""
    return allowed("read", role) or attributes.get("public") is True
