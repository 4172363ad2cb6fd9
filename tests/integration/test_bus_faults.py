"""What befalls the bus on Redis, and that it costs time at most."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from redis import Redis

from collab.bus_messages import MESSAGE_BYTES_MAX, BusMessages
from collab.bus_outgoing import HINTS_MAX
from collab.bus_pulse import BusTimes
from collab.bus_redis import RedisBus
from collab.clock import Clock
from collab.effects import Publish
from collab.metrics import Metrics
from tests.collab.serving import HUNG_S
from tests.contracts.buses import SECRET
from tests.contracts.test_bus import Ear, commit, new_document
from tests.servers import free_port, valkey
from tests.valve import Valve

# The promised times, a fifteenth as long; nothing here depends on how long anything takes.
QUICK = BusTimes(heartbeat_every_s=0.07, lost_after_s=0.2, connect_s=0.5, look_every_s=60)


class End:
    """One node's end of the bus, and what it counted."""

    def __init__(self, url: str, secret: bytes = SECRET, times: BusTimes = QUICK) -> None:
        self._metrics = Metrics()
        self._missed = asyncio.Event()
        self.bus = RedisBus(url, secret, self._metrics, Clock(), secrets.token_bytes, times)
        self.bus.watch(self._missed.set)

    async def connected(self) -> None:
        """Returns once it has connected since the last time; that is when rooms are compared."""
        await self._missed.wait()
        self._missed.clear()
        assert self.count("connected") == 1

    def count(self, name: str, **labels: str) -> float:
        suffix = "" if name == "connected" else "_total"
        return self._metrics.registry.get_sample_value(f"tutti_bus_{name}{suffix}", labels) or 0.0


@asynccontextmanager
async def opened(url: str, secret: bytes = SECRET, times: BusTimes = QUICK) -> AsyncIterator[End]:
    end = End(url, secret, times)
    async with asyncio.timeout(HUNG_S), end.bus.running():
        await end.connected()
        yield end


@pytest.fixture
def stranger(valkey_server: str) -> Iterator[Redis]:
    """Somebody else who can reach Redis."""
    with Redis.from_url(valkey_server) as redis:
        yield redis


class Room:
    """Counts how often it was told to look, and keeps what it heard."""

    def __init__(self) -> None:
        self.ear = Ear()
        self.looks = 0
        self.looked = asyncio.Event()

    def __call__(self, hint: Publish | None) -> None:
        if hint is None:
            self.looks += 1
            self.looked.set()
        else:
            self.ear(hint)


async def hears(here: End, there: End) -> None:
    """What is said on one end arrives on the other."""
    document, ear = new_document(), Ear()
    await there.bus.subscribe(document, ear)
    here.bus.publish(commit(document, 1))
    assert (await ear.next()).changes == 1


# -- strangers -------------------------------------------------------------------------------------------


def forgeries(document: str) -> list[bytes]:
    """What somebody without the secret may say."""
    other = BusMessages(b"not the secret of this cluster at all", b"stranger")
    real = BusMessages(SECRET, b"a node  ").write_hint(commit(document, 1))
    return [
        b"",
        b"\x01",
        b"hello",
        bytes(MESSAGE_BYTES_MAX + 1),
        secrets.token_bytes(200),
        other.write_hint(commit(document, 1)),
        real[:-1],
        real[:-1] + b"\xff",
        b"\x02" + real[1:],
        BusMessages(SECRET, b"a node  ").write_hint(commit(new_document(), 1)),
    ]


async def test_a_forgery_makes_a_room_look_once(valkey_server: str, stranger: Redis) -> None:
    document, room = new_document(), Room()
    async with opened(valkey_server) as here, opened(valkey_server) as there:
        await there.bus.subscribe(document, room)
        for forgery in forgeries(document) * 3:
            stranger.publish(f"tutti:document:{document}", forgery)
        here.bus.publish(commit(document, 7))
        assert await room.ear.next() == commit(document, 7)
        assert room.looks == 1
        refused = [there.count("refused", reason=each) for each in ("size", "version", "mac", "content")]
        assert sum(refused) == 3 * len(forgeries(document))
        assert there.count("received") == 1


async def test_nodes_with_other_secrets_only_make_each_other_look(valkey_server: str) -> None:
    document, room = new_document(), Room()
    async with opened(valkey_server) as here, opened(valkey_server, b"another cluster's") as there:
        await there.bus.subscribe(document, room)
        here.bus.publish(commit(document, 1))
        await room.looked.wait()
        assert (there.count("refused", reason="mac"), room.ear.is_empty) == (1, True)


async def test_what_is_said_again_is_heard_again(valkey_server: str, stranger: Redis) -> None:
    """To a room it is old: `tests/collab/test_hints.py`."""
    document, room = new_document(), Room()
    said = BusMessages(SECRET, b"a node  ").write_hint(commit(document, 1))
    async with opened(valkey_server) as there:
        await there.bus.subscribe(document, room)
        for _ in range(3):
            stranger.publish(f"tutti:document:{document}", said)
            assert await room.ear.next() == commit(document, 1)
        assert room.looks == 0


# -- connections -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["pubsub", "normal"])
async def test_a_killed_connection_is_replaced(valkey_server: str, stranger: Redis, whose: str) -> None:
    document, ear = new_document(), Ear()
    async with opened(valkey_server) as here, opened(valkey_server) as there:
        await there.bus.subscribe(document, ear)
        stranger.execute_command("CLIENT KILL", "TYPE", whose, "SKIPME", "yes")
        await here.connected()
        await there.connected()
        here.bus.publish(commit(document, 1))
        assert (await ear.next()).changes == 1


async def test_a_subscription_that_was_taken_away_is_noticed(valkey_server: str) -> None:
    document, ear = new_document(), Ear()
    async with opened(valkey_server) as here, opened(valkey_server) as there:
        await there.bus.subscribe(document, ear)
        [link] = there.bus._links
        await link._server.unsubscribe([f"tutti:document:{document}"])
        await there.connected()
        here.bus.publish(commit(document, 1))
        assert (await ear.next()).changes == 1


async def test_a_half_open_connection_is_noticed_by_its_silence(valkey_server: str) -> None:
    async with Valve(valkey_server) as valve, opened(valkey_server) as here, opened(valve.url) as there:
        valve.visited.clear()
        valve.stall()
        await valve.visited.wait()
        assert there.count("connected") == 0
        there.bus.publish(commit(new_document(), 1))
        assert there.count("dropped", reason="away") == 1
        # Rooms are opened as if nothing were.
        document, ear = new_document(), Ear()
        await there.bus.subscribe(document, ear)
        valve.mend()
        await there.connected()
        here.bus.publish(commit(document, 1))
        assert (await ear.next()).changes == 1


async def test_a_bus_that_answers_late_holds_no_room_up(valkey_server: str) -> None:
    patient = BusTimes(heartbeat_every_s=0.07, lost_after_s=HUNG_S, connect_s=HUNG_S)
    async with (
        Valve(valkey_server) as valve,
        opened(valkey_server) as here,
        opened(valve.url, times=patient) as there,
    ):
        valve.stall()
        document, ear = new_document(), Ear()
        await there.bus.subscribe(document, ear)
        assert there.count("connected") == 1
        valve.mend()
        # Rooms are compared once the subscription stands: until then it heard nothing.
        await there.connected()
        here.bus.publish(commit(document, 1))
        assert (await ear.next()).changes == 1


async def test_what_cannot_leave_is_bounded(valkey_server: str) -> None:
    patient = BusTimes(lost_after_s=HUNG_S, connect_s=HUNG_S)
    async with Valve(valkey_server) as valve, opened(valve.url, times=patient) as there:
        valve.stall()
        for _ in range(2 * HINTS_MAX):
            there.bus.publish(commit(new_document(), 1))
        [link] = there.bus._links
        assert len(link.outgoing) == HINTS_MAX
        assert there.count("dropped", reason="full") == HINTS_MAX


async def test_redis_dies_and_another_one_comes() -> None:
    with valkey() as first:
        async with Valve(first) as valve, opened(valve.url) as here, opened(valve.url) as there:
            document, ear = new_document(), Ear()
            await there.bus.subscribe(document, ear)
            valve.cut()
            valve.visited.clear()
            await valve.visited.wait()
            with valkey() as second:
                valve.mend(second)
                await here.connected()
                await there.connected()
                here.bus.publish(commit(document, 1))
                assert (await ear.next()).changes == 1


async def test_a_node_that_starts_without_redis_finds_it_later(valkey_server: str) -> None:
    async with Valve(valkey_server) as valve, opened(valkey_server) as here:
        valve.cut()
        there = End(valve.url)
        async with there.bus.running():
            document, ear = new_document(), Ear()
            await there.bus.subscribe(document, ear)
            there.bus.publish(commit(document, 1))
            await valve.visited.wait()
            assert (there.count("connected"), there.count("dropped", reason="away")) == (0, 1)
            valve.mend()
            await there.connected()
            here.bus.publish(commit(document, 2))
            assert (await ear.next()).changes == 2


async def test_an_address_where_nobody_is_costs_nothing() -> None:
    end = End(f"redis://127.0.0.1:{free_port()}")
    async with end.bus.running():
        await end.bus.subscribe(new_document(), Ear())
        await end.bus.unsubscribe(new_document())
    assert end.count("connected") == 0
