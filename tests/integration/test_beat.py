"""Everybody hears the same beat, and the proxy that makes it hard to. The gates are in `python -m
tests.integration.beat`: here the machine may be busy with anything."""

import asyncio
from pathlib import Path

from benchmarks.jam_model.network import WIFI
from tests.integration.beat import Apart, evening
from tests.integration.world import world
from tests.proxy import FaultProxy

PATIENCE_S = 120


async def test_they_are_kept_together(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE_S), world(tmp_path) as node:
        found = await evening(f"http://127.0.0.1:{node.port}", WIFI, clients=8, seconds=9, seed=1)
    assert found.locked_ms
    assert found.kept.pairs_ms
    # Left alone they are a start's error apart, 30 ms or more. Whatever the machine does adds to both.
    assert found.kept.percentile(50) < found.naive.percentile(50) / 3, "\n".join(found.lines())


def test_how_far_two_are_apart() -> None:
    apart = Apart()
    apart.look([("one", 10.0), ("one", 13.0), None, ("two", 500.0), ("one", 4.0)])
    assert sorted(apart.pairs_ms) == [3.0, 6.0, 9.0]
    assert apart.worst_ms == [9.0]
    assert apart.percentile(50) == 6.0


class Shortening:
    """A way on which each delay is shorter than the one before, so that what is sent later catches up."""

    def __init__(self) -> None:
        self.delays_ms = [20.0, 10.0, 5.0, 0.0]
        self._asked = 0

    def up(self, sent_ms: float) -> float:
        self._asked += 1
        return sent_ms + self.delays_ms[min(self._asked, len(self.delays_ms)) - 1]

    def down(self, sent_ms: float) -> float:
        return self.up(sent_ms)


async def test_the_proxy_takes_its_time_and_keeps_the_order() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1):
            writer.write(data)
            await writer.drain()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, FaultProxy(f"tcp://127.0.0.1:{port}", Shortening) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        sent = bytes(range(200))
        for byte in sent:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert await reader.readexactly(len(sent)) == sent
        writer.close()
