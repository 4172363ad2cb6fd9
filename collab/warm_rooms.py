"""Rooms that stay for those who read over HTTP.

Whoever reads a playlist again soon finds it in memory, instead of having the whole of it loaded for one page:
somebody without a face sits in its room while it is read. So it is followed like any room with people in it,
and what other nodes commit is seen here as soon as there. Knows when what was read. Does not know what is in
a room, but how much.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from collab.errand import new_id
from collab.hub import Hub
from collab.ids import server_client
from collab.messages import Open, Opened, Refused, RoleChanged, ServerMessage
from collab.playlist import PlaylistState
from collab.seating import Seat

# Who pages through a list asks again within this; a crawler that asks once warms nothing.
AGAIN_S: Final = 5.0
# Between two looks whether it is still read.
STAY_S: Final = 20.0
# Of all warm rooms: about 100 MB.
ENTRIES_MAX: Final = 100_000
ROOMS_MAX: Final = 256
# Documents of which we know when they were read last.
NOTED_MAX: Final = 4_096


class WarmRooms:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._read_s: OrderedDict[str, float] = OrderedDict()
        self._sitters: dict[str, Sitter] = {}

    def note(self, document: str) -> None:
        """Somebody reads this playlist, which exists."""
        now_s = asyncio.get_running_loop().time()
        before_s = self._read_s.get(document)
        self._read_s[document] = now_s
        self._read_s.move_to_end(document)
        if len(self._read_s) > NOTED_MAX:
            self._read_s.popitem(last=False)
        is_again = before_s is not None and now_s - before_s <= AGAIN_S
        if is_again and document not in self._sitters and len(self._sitters) < ROOMS_MAX:
            self._sitters[document] = sitter = Sitter(self, document)
            self._hub.enter_as(sitter, sitter.seat, Open(document))

    def opened(self, sitter: "Sitter") -> None:
        """It stays if there is room for as many entries."""
        runner = self._hub.runner(sitter.document)
        state = None if runner is None or runner.room is None else runner.room.state
        if isinstance(state, PlaylistState):
            sitter.entries = len(state.document.entries)
            if sum(each.entries for each in self._sitters.values()) <= ENTRIES_MAX:
                asyncio.get_running_loop().call_later(STAY_S, self._look, sitter)
                return
        self.leave(sitter)

    def _look(self, sitter: "Sitter") -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._read_s.get(sitter.document, 0.0) > STAY_S:
            self.leave(sitter)
        else:
            self.opened(sitter)

    def leave(self, sitter: "Sitter") -> None:
        if self._sitters.get(sitter.document) is sitter:
            del self._sitters[sitter.document]
            self._hub.exit_as(sitter, sitter.document)


class Sitter:
    """A `collab.listener.Observer` that hears nothing."""

    def __init__(self, rooms: WarmRooms, document: str) -> None:
        self.id = new_id()
        self.document = document
        self.entries = 0
        self.seat = Seat(self.id, "", "", server_client(self.id), is_seen=False, is_vouched=True)
        self._rooms = rooms

    def tell(self, message: ServerMessage) -> None:
        # Not at once: the room is in the middle of telling.
        later = asyncio.get_running_loop().call_soon
        match message:
            case Opened() if message.reason == "fresh":
                later(self._rooms.opened, self)
            case Refused():
                later(self._rooms.leave, self)
            case RoleChanged() if not message.role:
                later(self._rooms.leave, self)
            case _:
                pass

    def overhear(self, messages: Sequence[ServerMessage]) -> None:
        pass

    def evicted(self, document: str) -> None:
        self._rooms.leave(self)

    def failed(self, document: str) -> None:
        self._rooms.leave(self)
