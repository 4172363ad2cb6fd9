"""The bus of a single process: servers that share one `MemoryExchange` hear each other."""

import asyncio
from collections.abc import Callable
from itertools import count

from collab.bus import Listener, Neighbour
from collab.effects import Publish
from collab.presence_report import Report


class MemoryExchange:
    """Where the buses of one process meet."""

    def __init__(self) -> None:
        self.buses: list[MemoryBus] = []
        self.numbers = count(1)


class MemoryBus:
    """Keeps `collab.bus.Bus` within a process; listeners are called in the loop's next turn."""

    def __init__(self, exchange: MemoryExchange | None = None) -> None:
        self._exchange = exchange or MemoryExchange()
        self._exchange.buses.append(self)
        self._node = f"node {next(self._exchange.numbers)}"
        self._listeners: dict[str, Listener] = {}
        self._neighbours: dict[str, Neighbour] = {}

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

    # -- presence ----------------------------------------------------------------------------------------

    @property
    def is_heard(self) -> bool:
        return self in self._exchange.buses

    def attend(self, document: str, neighbour: Neighbour | None) -> None:
        if neighbour is None:
            self._neighbours.pop(document, None)
        else:
            self._neighbours[document] = neighbour

    def has_news(self, document: str) -> None:
        asyncio.get_running_loop().call_soon(self._ask, document)

    def bid_farewell(self, report: Report) -> None:
        self._tell(report)

    def _ask(self, document: str) -> None:
        neighbour = self._neighbours.get(document)
        while neighbour is not None and (report := neighbour.next_report()) is not None:
            self._tell(report)

    def _tell(self, report: Report) -> None:
        for bus in self._exchange.buses if self.is_heard else ():
            neighbour = bus._neighbours.get(report.document)
            if neighbour is not None and bus is not self:
                asyncio.get_running_loop().call_soon(neighbour.hear, self._node, report)

    async def close(self) -> None:
        self._listeners.clear()
        self._neighbours.clear()
        if self in self._exchange.buses:
            self._exchange.buses.remove(self)
