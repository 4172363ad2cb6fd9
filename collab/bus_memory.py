"""The bus of a single process: servers that share one `MemoryExchange` hear each other."""

import asyncio
from collections.abc import Callable

from collab.bus import Listener
from collab.effects import Publish


class MemoryExchange:
    """Where the buses of one process meet."""

    def __init__(self) -> None:
        self.buses: list[MemoryBus] = []


class MemoryBus:
    """Keeps `collab.bus.Bus` within a process; listeners are called in the loop's next turn."""

    def __init__(self, exchange: MemoryExchange | None = None) -> None:
        self._exchange = exchange or MemoryExchange()
        self._exchange.buses.append(self)
        self._listeners: dict[str, Listener] = {}

    def watch(self, missed: Callable[[], None]) -> None:
        """Nothing is ever lost here."""

    async def subscribe(self, document: str, listener: Listener) -> None:
        self._listeners[document] = listener

    async def unsubscribe(self, document: str) -> None:
        self._listeners.pop(document, None)

    def publish(self, hint: Publish) -> None:
        loop = asyncio.get_running_loop()
        for bus in self._exchange.buses:
            listener = bus._listeners.get(hint.document)
            if listener is not None:
                loop.call_soon(listener, hint)

    async def close(self) -> None:
        self._listeners.clear()
        if self in self._exchange.buses:
            self._exchange.buses.remove(self)
