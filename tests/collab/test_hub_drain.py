"""How a node asks its clients to move."""

import asyncio
from collections import Counter
from typing import Any, cast

from collab.bus_memory import MemoryBus
from collab.clock import Clock
from collab.closing import CloseCode
from collab.hub import DRAIN_GRACE_S, DRAIN_WINDOW_S, Hub
from collab.kinds import all_kinds
from collab.messages import Drain
from collab.metrics import Metrics
from collab.serve import DRAIN_S
from storage.memory import MemoryStore

PEOPLE = 1_000


class Client:
    """Writes down what it is told, and goes when it is closed, or when a test says."""

    def __init__(self, hub: Hub, number: int) -> None:
        self.id = str(number)
        self.address = ""
        self.after_ms: int | None = None
        self.closed: CloseCode | None = None
        self.session = type("Session", (), {"rooms": set()})()
        self._hub = hub

    def tell(self, message: Drain) -> None:
        self.after_ms = message.after_ms

    def close(self, close_code: CloseCode, code: str, message: str) -> None:
        self.closed = close_code
        self.leave()

    def leave(self) -> None:
        self._hub.gone(cast(Any, self))


def crowd(count: int) -> tuple[Hub, list[Client]]:
    hub = Hub(all_kinds(), MemoryStore(), MemoryBus(), Clock(), Metrics())
    clients = [Client(hub, number) for number in range(count)]
    for client in clients:
        hub.came(cast(Any, client))
    return hub, clients


def test_the_plan_fits_into_what_a_node_has() -> None:
    assert DRAIN_WINDOW_S + DRAIN_GRACE_S < DRAIN_S


async def test_moves_are_spread_and_nobody_is_closed_who_moves() -> None:
    hub, clients = crowd(PEOPLE)
    draining = asyncio.create_task(hub.drain())
    await asyncio.sleep(0)  # its first step
    seconds = Counter((client.after_ms or 0) // 1000 for client in clients)
    assert max(seconds.values()) <= 0.2 * PEOPLE, "no second above 20 %"
    assert max(seconds) < DRAIN_WINDOW_S
    for client in clients:
        client.leave()
    await draining
    assert all(client.closed is None for client in clients)


async def test_who_does_not_move_is_let_go() -> None:
    hub, clients = crowd(120)
    await hub.drain(window_s=0.01, grace_s=0)
    assert {client.closed for client in clients} == {CloseCode.DRAIN}
    assert hub.is_draining


async def test_a_node_without_clients_does_not_wait() -> None:
    hub, _ = crowd(0)
    await hub.drain()
    assert hub.is_draining
