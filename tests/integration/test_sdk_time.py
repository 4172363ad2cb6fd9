"""The room's time over real sockets: clients whose clocks are wrong agree on it, and on what they edit."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from tests.clients.clocks import skewed
from tests.collab.serving import HUNG_S
from tests.integration.world import world
from tutti_client import connect
from tutti_client.clock import DEVICE

HOUR_MS = 3_600_000


async def test_clients_with_wrong_clocks_agree_on_the_rooms_time(tmp_path: Path) -> None:
    clocks = [
        skewed(),
        skewed(ahead_ms=HOUR_MS, ppm=50),
        skewed(ahead_ms=-HOUR_MS, ppm=-50),
        skewed(ahead_ms=1234.5),
    ]
    async with asyncio.timeout(HUNG_S), world(tmp_path) as node, AsyncExitStack() as stack:
        ann = await node.person("Ann")
        document = await node.playlist(ann)
        url = f"http://127.0.0.1:{node.port}"
        people = [
            await stack.enter_async_context(connect(url, token=ann.token, clock=clock)) for clock in clocks
        ]
        for tutti in people:
            tutti.room_clock.want(True)
            tutti.wake()
        for tutti in people:
            await tutti.time_set()
            before_us, room_us, after_us = node.clock.now_us(), tutti.room_ms() * 1000, node.clock.now_us()
            assert tutti.room_clock.filter is not None
            # Half the round trip bounds the error, whatever this process was busy with; a bit for the drift.
            bound_us = (tutti.room_clock.filter.bound_ms + 0.5) * 1000
            assert before_us - bound_us <= room_us <= after_us + bound_us
        for tutti in people:
            playlist = await tutti.open_playlist(document)
            playlist.append("t:t")
            await playlist.saved()
        now_ms = DEVICE.wall_ms()
        for entry in playlist.entries:
            assert now_ms - 60_000 < int(str(entry["added_at"])) <= now_ms + 1_000
