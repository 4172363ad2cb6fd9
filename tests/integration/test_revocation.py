"""What a node still says to those who may not hear it any more (P14, P15), and how a token ends a socket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from collab import connection as connection_module
from collab.auth import SESSION_LIFE_S
from collab.closing import CloseCode
from collab.messages import (
    Ack,
    Goodbye,
    Open,
    Ops,
    Presence,
    Probe,
    Refresh,
    RefreshSoon,
    Refused,
    RoleChanged,
    Submit,
    Time,
)
from storage.store import User
from tests.integration.test_slow_reader import overrun, slow_client
from tests.integration.world import Person, World, world

# What `receive` may be asked for: any of these.
ANY: Any = (Ops, RoleChanged)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as node:
        yield node


async def test_the_removed_are_out_on_every_socket(node: World) -> None:
    ann, bob = await node.person("Ann"), await node.person("Bob")
    document = await node.playlist(ann, editor=bob)
    async with node.client(ann) as owner, node.client(bob) as one, node.client(bob) as two:
        for client in (owner, one, two):
            epoch = (await client.open(document)).epoch
        await node.documents.set_member(document, bob.id, None)
        await owner.send(owner.append(document, 1, 0, 0))
        await owner.rows(1)
        for client in (one, two):
            assert (await client.receive(RoleChanged)).role == ""
            await client.send(
                client.append(document, 1, 0, 0),
                Open(document),
                Open(document, epoch=epoch, version=0, inflight=1),
                Probe(1),
            )
            assert (await client.receive(Refused)).code == "not_open"
            assert (await client.receive(Refused)).code == "not_found"
            await client.send(Probe(2))
            while (await client.receive(Time)).t0 != 2:
                pass
            assert not client.left(Ops)
            assert not client.left(Presence)
        [row] = await node.store.ops(document, 0, 9)
        assert row.author == ann.id


async def test_the_removed_are_not_caught_up(node: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited for them when they were taken out is theirs; what came later is not."""
    ann, bob = await node.person("Ann"), await node.person("Bob")
    document = await node.playlist(ann, viewer=bob)
    fell_behind = asyncio.Event()
    original = connection_module.Connection.fell_behind

    def note(connection: connection_module.Connection) -> None:
        original(connection)
        fell_behind.set()

    monkeypatch.setattr(connection_module.Connection, "fell_behind", note)
    async with node.client(ann) as owner, slow_client(node, bob) as slow:
        await owner.open(document)
        await slow.open(document)
        last = await overrun(owner, document, 1, fell_behind)
        await node.documents.set_member(document, bob.id, None)
        await owner.send(Submit(document, last + 1, last, {"a": {"description": "not for Bob"}}))
        await owner.rows(1)
        seen = 0
        while True:
            message: object = await slow.receive(ANY)
            if not isinstance(message, Ops):
                break
            seen = message.ops[-1].version
        await slow.send(Probe(1))
        await slow.receive(Time)
        assert seen <= last
        assert not slow.left(Ops)


async def token_for(node: World, person: Person, life_ms: int) -> str:
    """A good token that ends soon."""
    issued_ms = node.clock.now_ms() - SESSION_LIFE_S * 1000 + life_ms
    return node.tokens.issue_session(User(person.id, "Ann", "guest", 0), issued_ms).token


async def test_a_token_that_ends_ends_the_socket(node: World) -> None:
    ann = await node.person("Ann")
    ending = Person(ann.id, await token_for(node, ann, 2000))
    async with node.client(ending) as client:
        assert (await client.receive(RefreshSoon)).within_ms <= 2000
        assert await client.ends() == CloseCode.TOKEN_EXPIRED
        assert [goodbye.code for goodbye in client.left(Goodbye)] == ["token_expired"]


async def test_a_new_token_carries_the_socket_on(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    ending = Person(ann.id, await token_for(node, ann, 2000))
    async with node.client(ending) as client, node.client(ending) as beside:
        await client.receive(RefreshSoon)
        await client.send(Refresh(ann.token))
        await client.open(document)
        assert await beside.ends() == CloseCode.TOKEN_EXPIRED, "the old one has ended"
        await client.send(Submit(document, 1, 0, {"a": {"description": "still here"}}))
        await client.rows(1)


async def test_another_users_token_does_not(node: World) -> None:
    ann, eve = await node.person("Ann"), await node.person("Eve")
    document = await node.playlist(ann)
    for is_known in (False, True):
        async with node.client(ann) as client:
            await client.open(document)
            if is_known:
                await client.send(Submit(document, 1, 0, {}))
                await client.receive(Ack)
            await client.send(Refresh(eve.token))
            code = CloseCode.CLIENT_TAKEN if is_known else CloseCode.UNAUTHENTICATED
            assert await client.ends() == code
