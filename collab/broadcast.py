"""From one room to everyone in it.

What happens in a room gathers and leaves as one frame that holds many messages, encoded once for each
encoding and written to every client as the same bytes. When the room was idle it leaves at once; under load
after the event loop has polled its sockets again, so what came in meanwhile goes along; never on a fixed
timer. A client that cannot take a frame is left out and caught up later with one merged update.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from collab.codec import Encoding
from collab.connection import Connection
from collab.listener import Observer
from collab.messages import Ops, Presence, Row, ServerMessage
from collab.outbox import build_frames

# With a state and a name each, and as ids alone, these many stay below a frame.
MEMBERS_PER_FRAME = 24
LEFT_PER_FRAME = 1024

# Reads what a client missed after a version; None: too long ago, it must resume.
Missed = Callable[[int, str], tuple[Row, ...] | None]


@dataclass(slots=True)
class _Audience:
    """One connection in this room. `behind_after`: it has this version and was left out since."""

    connection: Connection
    behind_after: int | None = None


class Broadcaster:
    """The audience of one room."""

    def __init__(self, document: str) -> None:
        self._document = document
        self._audiences: dict[Encoding, dict[str, _Audience]] = {encoding: {} for encoding in Encoding}
        self._observers: dict[str, Observer] = {}
        self._gathered: list[ServerMessage] = []
        self._is_warm = False

    def add(self, connection: Connection, version: int) -> None:
        """The connection was told everything up to `version`; `opened` may still be on its way in parts."""
        behind = None if connection.outbox.is_clear else version
        self._audiences[connection.outbox.encoding][connection.id] = _Audience(connection, behind)

    def observe(self, observer: Observer) -> None:
        self._observers[observer.id] = observer

    def remove(self, listener_id: str) -> None:
        self._observers.pop(listener_id, None)
        for audience in self._audiences.values():
            audience.pop(listener_id, None)

    def say(self, message: ServerMessage) -> None:
        """To everyone, with what else is said in this turn."""
        self._gathered.append(message)
        if not self._is_warm:
            self._is_warm = True
            self.flush()
            asyncio.get_running_loop().call_soon(self._after_poll)

    def _after_poll(self) -> None:
        # What call_soon runs next comes before the sockets polled in between; a turn later, after them.
        asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        if self._gathered:
            self.flush()
            asyncio.get_running_loop().call_soon(self._after_poll)
        else:
            self._is_warm = False

    def flush(self) -> None:
        """Sends what has gathered; to be called before anything is told to one listener alone."""
        if not self._gathered:
            return
        messages, self._gathered = self._gathered, []
        for observer in list(self._observers.values()):
            observer.overhear(messages)
        before = next((m.ops[0].version - m.ops[0].count for m in messages if isinstance(m, Ops)), None)
        for encoding, audience in self._audiences.items():
            if audience:
                self._write(build_frames(messages, encoding), audience, before)

    def _write(self, built: list[bytes], audience: dict[str, _Audience], before: int | None) -> None:
        frame = built[0] if len(built) == 1 else None
        # A copy: parts that leave at once let the connection catch up in its other rooms, which may end it.
        for member in list(audience.values()):
            if member.behind_after is not None:
                continue
            outbox = member.connection.outbox
            if frame is not None:
                if outbox.offer(frame):
                    continue
            elif outbox.is_clear:
                outbox.write(built)
                continue
            if before is not None:
                member.behind_after = before
                member.connection.fell_behind()

    def say_ephemeral(self, message: Presence) -> int:
        """To everyone who can take it now. Returns how many could not."""
        self.flush()
        dropped = 0
        for observer in self._observers.values():
            observer.overhear((message,))
        for encoding, audience in self._audiences.items():
            if not audience:
                continue
            for piece in _pieces(message):
                built = build_frames((piece,), encoding)
                assert len(built) == 1, (
                    "a piece fits a frame: states are bounded by the session, names by HTTP"
                )
                for member in audience.values():
                    dropped += not member.connection.outbox.offer_ephemeral(built[0])
        return dropped

    def catch_up(self, connection: Connection, missed: Missed) -> None:
        """The connection can take more: one merged update brings it to where the room is."""
        member = self._audiences[connection.outbox.encoding].get(connection.id)
        if member is None or member.behind_after is None:
            return
        self.flush()
        rows = missed(member.behind_after, connection.client)
        if rows is None:
            connection.close_slow()
            return
        if rows:
            # Before it is told: if all of it leaves at once, we are called again from inside.
            member.behind_after = rows[-1].version
            connection.tell(Ops(self._document, rows))
        if connection.outbox.is_clear:
            member.behind_after = None


def _pieces(message: Presence) -> Iterator[Presence]:
    """Messages that each fit a frame. Parts would not do: some of them could be dropped, and the rest would
    spoil the next message that comes in parts."""
    room, total = message.room, message.total
    for start in range(0, len(message.left), LEFT_PER_FRAME):
        yield Presence(room, left=message.left[start : start + LEFT_PER_FRAME], total=total)
    for start in range(0, len(message.members), MEMBERS_PER_FRAME):
        yield Presence(room, message.members[start : start + MEMBERS_PER_FRAME], total=total)
    if not (message.left or message.members):
        yield message
