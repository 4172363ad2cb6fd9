"""Large frames on their way, in parts.

A part costs memory until the last one of its frame has come, and a client can simply not send that one. So
what all connections of a node hold is bounded: when it is too much, whoever has been silent for longest
loses, and a silent one loses after a while in any case; who goes on sending keeps what it has. Knows parts
and who waits for more of them. Does not know sockets: the owner of a parcel is told that it was lost.
"""

import asyncio
from collections.abc import Callable

from collab.codec import Assembler
from collab.messages import SUBMISSION_BYTES_MAX, PartFromClient, PartFromServer

# What all connections of a node together may hold of unfinished frames.
NODE_PARTS_BYTES_MAX = 64 * 1024 * 1024
# A part has 48 KiB at most: whoever sends slower than this has no use for a large op.
PART_EVERY_S = 30.0


class Depot:
    """What the parcels of a node hold together."""

    def __init__(self, bytes_max: int = NODE_PARTS_BYTES_MAX, part_every_s: float = PART_EVERY_S) -> None:
        self.bytes_max = bytes_max
        self.part_every_s = part_every_s
        self.held_bytes = 0
        # The one that has been silent for longest comes first.
        self._parcels: dict[Parcel, None] = {}

    def grown(self, parcel: "Parcel", grown_bytes: int) -> None:
        """A part came. Parcels are lost until what is left fits."""
        self.held_bytes += grown_bytes
        self._parcels.pop(parcel, None)
        self._parcels[parcel] = None
        while self.held_bytes > self.bytes_max:
            next(iter(self._parcels)).lose("Too many large ops are under way; try again soon.")

    def ended(self, parcel: "Parcel", held_bytes: int) -> None:
        if parcel in self._parcels:
            del self._parcels[parcel]
            self.held_bytes -= held_bytes


class Parcel:
    """The frame that one connection sends in parts. `on_lost` hears why it will not be put together any more;
    `is_awaited` says whether the silence is the client's."""

    __slots__ = ("_assembler", "_depot", "_is_awaited", "_on_lost", "_timer")

    def __init__(self, depot: Depot, is_awaited: Callable[[], bool], on_lost: Callable[[str], None]) -> None:
        self._depot = depot
        self._is_awaited = is_awaited
        self._on_lost = on_lost
        self._assembler = Assembler(SUBMISSION_BYTES_MAX)
        self._timer: asyncio.TimerHandle | None = None

    def add(self, part: PartFromClient | PartFromServer) -> bytes | None:
        """The whole frame with its last part, until then None; it may be lost in the call. Raises
        BadMessage(too_large)."""
        held_bytes = self._assembler.held_bytes
        payload = self._assembler.add(part)
        if payload is None:
            self._wait()
            self._depot.grown(self, self._assembler.held_bytes - held_bytes)
        else:
            self._end(held_bytes)
        return payload

    def lose(self, why: str) -> None:
        """Gives up; `on_lost` is called."""
        self.end()
        self._on_lost(why)

    def end(self) -> None:
        """Holds nothing any more."""
        self._end(self._assembler.held_bytes)

    def _end(self, held_bytes: int) -> None:
        self._depot.ended(self, held_bytes)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._depot.part_every_s, self._silent)

    def _silent(self) -> None:
        if self._is_awaited():
            self.lose("The next part of a large op did not come; send it again.")
        else:
            self._wait()
