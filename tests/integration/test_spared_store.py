"""A database that cannot load, under a node on which people edit."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collab.messages import Open, Opened, Refused
from collab.patience import Patience
from storage.store import Unavailable
from tests.collab.serving import HUNG_S
from tests.integration.faulty_store import FaultyStore
from tests.integration.world import WireClient, World, world


class Trouble:
    def __init__(self, node: World, store: FaultyStore) -> None:
        self.node = node
        self.store = store
        self.loads = 0

    def cannot_load(self, method: str) -> Exception | None:
        if method != "load":
            return None
        self.loads += 1
        return Unavailable("away")


@pytest.fixture
async def trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trouble]:
    async def at_once(self: Patience) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Patience, "pause", at_once)
    stores: list[FaultyStore] = []

    def wrap(store: object) -> FaultyStore:
        stores.append(FaultyStore(store))
        return stores[0]

    async with asyncio.timeout(2 * HUNG_S), world(tmp_path, wrap=wrap) as node:
        yield Trouble(node, stores[0])


async def refusal(client: WireClient, document: str) -> Refused:
    await client.send(Open(document))
    return await client.receive(Refused)


async def test_who_comes_is_told_when_to_come_back_and_who_is_there_edits(trouble: Trouble) -> None:
    node = trouble.node
    ann = await node.person("Ann")
    here, *elsewhere = [await node.playlist(ann) for _ in range(30)]
    async with node.client(ann) as client:
        await client.open(here)
        trouble.store.before = trouble.cannot_load
        for document in elsewhere:
            refused = await refusal(client, document)
            assert (refused.code, refused.retryable, refused.seq) == ("unavailable", True, 0)
            assert 1_000 <= refused.retry_after_ms <= 6_001
        # The breaker opened at its twentieth question, of which one was answered; none was asked after that.
        assert trouble.loads == 19
        await client.send(client.append(here, 1, 0, 0))
        assert [row.seq for row in await client.rows(1)] == [1]
        trouble.store.heal()
        assert (await refusal(client, elsewhere[0])).code == "unavailable"


async def test_a_moment_of_trouble_is_not_noticed(trouble: Trouble) -> None:
    node = trouble.node
    ann = await node.person("Ann")
    document = await node.playlist(ann)

    def once(method: str) -> Exception | None:
        if method == "load":
            trouble.store.heal()
            return Unavailable("away")
        return None

    trouble.store.before = once
    async with node.client(ann) as client:
        await client.send(Open(document))
        assert (await client.receive(Opened)).room == document
