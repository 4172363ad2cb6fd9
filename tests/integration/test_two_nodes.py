"""Two nodes on one PostgreSQL and one Valkey, each in a process of its own.

What happens on one is seen on the other: by hints, or without Redis by comparing heads.
"""

import asyncio
import json
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.collab.command import Serving, serving
from tests.collab.serving import HUNG_S
from tests.servers import valkey
from tests.valve import Valve
from tutti_client import Jam, Playlist, connect, guest

SECRET = "a secret that both nodes of this test know"
HEARD = "tutti_bus_received_total"


@dataclass
class Pair:
    """Two nodes whose way to Redis goes through a valve."""

    here: Serving
    there: Serving
    valve: Valve


@pytest.fixture
async def pair(tmp_path: Path, postgres_url: str, valkey_server: str) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        valve = await stack.enter_async_context(Valve(valkey_server))
        options = ("--database-url", postgres_url, "--redis-url", valve.url)

        async def start(name: str) -> Serving:
            started = serving(tmp_path / name, *options, TUTTI_SECRET=SECRET)
            node = await asyncio.to_thread(started.__enter__)
            stack.push_async_callback(asyncio.to_thread, started.__exit__, None, None, None)
            return node

        here, there = await asyncio.gather(start("here"), start("there"))
        yield Pair(here, there, valve)


def metric(node: Serving, name: str) -> float:
    with urllib.request.urlopen(f"{node.url}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def is_ready(node: Serving) -> bool:
    with urllib.request.urlopen(f"{node.url}/readyz") as answer:
        return bool(answer.status == 200)


def make_playlist(node: Serving, token: str) -> str:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{node.url}/v1/me/playlists", b'{"name": "Friday"}', headers)
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["id"])


async def until(what: Playlist | Jam, is_so: Callable[[], bool]) -> None:
    changes = what.changes()
    while not is_so():
        await anext(changes)


class Lists:
    """One playlist, open on both nodes."""

    def __init__(self, mine: Playlist, yours: Playlist) -> None:
        self.mine, self.yours = mine, yours
        self._added = 0

    async def edit_both(self) -> None:
        """An edit on each node is seen on the other."""
        for one, other in ((self.mine, self.yours), (self.yours, self.mine)):
            self._added += 1
            one.append([{"track": f"tutti:track:{self._added}"}])
            await one.saved()
            await until(other, partial(self._has_all, other))
        assert self.mine.entries == self.yours.entries

    def _has_all(self, playlist: Playlist) -> bool:
        return len(playlist.entries) == self._added


async def test_an_edit_on_one_node_is_seen_on_the_other_with_redis_or_without(pair: Pair) -> None:
    token = await (await guest(pair.here.url, "Ada"))()
    document = await asyncio.to_thread(make_playlist, pair.here, token)
    async with (
        asyncio.timeout(2 * HUNG_S),
        connect(pair.here.url, token=token) as one,
        connect(pair.there.url, token=token) as two,
    ):
        lists = Lists(await one.open_playlist(document), await two.open_playlist(document))

        async def edit_until_heard() -> None:
            """By hints: until both nodes are connected, heads are compared."""
            before = [await asyncio.to_thread(metric, node, HEARD) for node in (pair.here, pair.there)]
            heard = before
            while not all(now > was for now, was in zip(heard, before, strict=True)):
                await lists.edit_both()
                heard = [await asyncio.to_thread(metric, node, HEARD) for node in (pair.here, pair.there)]

        await edit_until_heard()

        pair.valve.visited.clear()
        pair.valve.cut()
        await pair.valve.visited.wait()
        await lists.edit_both()
        for node in (pair.here, pair.there):
            assert await asyncio.to_thread(metric, node, "tutti_bus_connected") == 0
            assert await asyncio.to_thread(is_ready, node)

        with valkey() as another:
            pair.valve.mend(another)
            await edit_until_heard()


async def test_a_vote_on_one_node_changes_the_order_on_the_other(pair: Pair) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(2 * HUNG_S))
        hers, his = [
            await stack.enter_async_context(connect(node.url, token=await (await guest(node.url, name))()))
            for node, name in ((pair.here, "Ada"), (pair.there, "Ben"))
        ]
        jam = await hers.start_jam("Friday", mode="votes")
        party = await his.join_jam((await jam.code()).code)
        await party.add(song("One"))
        two = await party.add(song("Two"))
        await until(jam, lambda: len(jam.queue) == 2)
        await jam.vote(two)
        await until(party, lambda: titles(party) == ["Two", "One"])
        assert titles(jam) == titles(party)


def song(title: str) -> dict[str, object]:
    return {"track": f"demo:{title}", "title": title, "duration_ms": 180_000}


def titles(jam: Jam) -> list[str]:
    return [song.title for song in jam.queue]


async def test_people_on_two_nodes_see_each_other_and_lose_sight_of_a_node_that_goes(pair: Pair) -> None:
    token = await (await guest(pair.here.url, "Ada"))()
    document = await asyncio.to_thread(make_playlist, pair.here, token)
    async with asyncio.timeout(3 * HUNG_S), AsyncExitStack() as stack:
        one, two = [
            await stack.enter_async_context(connect(node.url, token=token))
            for node in (pair.here, pair.there)
        ]
        mine, yours = await one.open_playlist(document), await two.open_playlist(document)
        mine.append([{"track": "tutti:track:1"}])

        async def until_shown(playlist: Playlist, *cursors: int | None) -> None:
            """`cursors` are those of everybody."""
            while Counter(member.cursor for member in playlist.members) != Counter(cursors):
                await playlist.members_changed()

        await mine.saved()
        await until_shown(mine, None, None)
        await until_shown(yours, None, None)
        mine.set_cursor(0)
        await until_shown(yours, 0, None)

        pair.valve.visited.clear()
        pair.valve.cut()
        await pair.valve.visited.wait()
        # Of this the other node hears once Redis is back, though nobody says it again.
        mine.set_cursor(1)
        await until_shown(mine, 1, None)
        pair.valve.mend()
        await until_shown(yours, 1, None)

        # It says that it stops: nobody waits for the end of its lease.
        await asyncio.to_thread(pair.there.stop)
        await until_shown(mine, 1)
