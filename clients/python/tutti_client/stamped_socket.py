"""A WebSocket that knows when each message came.

An answer to a clock probe is worth what its stamp is worth, so the clock is read when the event loop hands
over the bytes: before they are unmasked, decoded or queued, and before the task that waits for them gets its
turn. Knows the library's connection class. Does not know what a message means.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.frames import DATA_OPCODES, Frame


class StampedSocket(ClientConnection):
    """Made by `stamped_by`. After each `recv`, ask `came_ms` once."""

    monotonic_ms: Callable[[], float]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._read_ms = 0.0
        # One for each message that waits; how many may wait is bounded by the library.
        self._stamps: deque[float] = deque()

    def came_ms(self) -> float:
        """When the last bytes of the message that `recv` has just returned came."""
        return self._stamps.popleft()

    def data_received(self, data: bytes) -> None:
        self._read_ms = self.monotonic_ms()
        super().data_received(data)

    def process_event(self, event: Any) -> None:
        super().process_event(event)
        if isinstance(event, Frame) and event.opcode in DATA_OPCODES and event.fin:
            self._stamps.append(self._read_ms)


def stamped_by(monotonic_ms: Callable[[], float]) -> type[StampedSocket]:
    """The class of connections that are stamped by this clock, for `websockets.connect`."""

    class Stamped(StampedSocket):
        pass

    Stamped.monotonic_ms = staticmethod(monotonic_ms)
    return Stamped
