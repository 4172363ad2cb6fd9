"""The buses under test, behind one face: each backend opens nodes' ends that hear each other."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from typing import Protocol

from collab.bus import Bus
from collab.bus_memory import MemoryBus, MemoryExchange
from collab.bus_redis import RedisBus
from collab.clock import Clock
from collab.metrics import Metrics

SECRET = b"what all nodes of one cluster know"


class BusBackend(Protocol):
    async def open(self) -> Bus:
        """One more node's end, connected."""


class MemoryBusBackend:
    def __init__(self) -> None:
        self._exchange = MemoryExchange()

    async def open(self) -> Bus:
        return MemoryBus(self._exchange)


class RedisBusBackend:
    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack

    async def open(self) -> Bus:
        bus = RedisBus(self._url, SECRET, Metrics(), Clock(), secrets.token_bytes)
        connected = asyncio.Event()
        bus.watch(connected.set)
        await self._stack.enter_async_context(bus.running())
        await connected.wait()
        return bus
