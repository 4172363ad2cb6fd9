"""A playlist that is read over HTTP again and again is read from memory, and only while that is so."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from collab import warm_rooms
from collab.errors import Refusal
from collab.room_runner import RoomRunner
from tests.collab.serving import HUNG_S
from tests.integration.world import Person, World, world


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as node:
        yield node


async def until_warm(node: World, document: str, person: Person) -> None:
    """Reads until the room is in memory."""
    while True:
        await node.documents.read(document, person.id)
        runner = node.server.hub.runner(document)
        if runner is not None and runner.room is not None and runner.room.seats:
            return
        await asyncio.sleep(0)


def count_loads(node: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    loads: list[str] = []
    load = node.store.load

    async def counted(document: str) -> object:
        loads.append(document)
        return await load(document)

    monkeypatch.setattr(node.store, "load", counted)
    return loads


async def test_the_second_reader_warms_a_room(node: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    await node.documents.read(document, ann.id)
    assert node.server.hub.runner(document) is None, "one look is no habit"
    await until_warm(node, document, ann)
    loads = count_loads(node, monkeypatch)
    for _ in range(10):
        await node.documents.read(document, ann.id)
    assert loads == []


async def test_what_is_written_is_read_in_a_warm_room(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    await until_warm(node, document, ann)
    version = await node.documents.edit(document, ann.id, {"a": {"name": "Warm"}})
    view = await node.documents.read(document, ann.id)
    assert (view.head.version, view.attributes["name"]) == (version, "Warm")


async def test_nobody_is_seen_there_and_the_removed_see_nothing(node: World) -> None:
    ann, bob = await node.person("Ann"), await node.person("Bob")
    document = await node.playlist(ann, editor=bob)
    await until_warm(node, document, bob)
    async with node.client(ann) as client:
        opened = await client.open(document)
        assert {member.user for member in opened.members} <= {ann.id}
    await node.documents.set_member(document, bob.id, None)
    with pytest.raises(Refusal):
        await node.documents.read(document, bob.id)


async def test_a_warm_playlist_can_be_deleted(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    await until_warm(node, document, ann)
    await node.documents.delete(document, ann.id)
    with pytest.raises(Refusal) as refused:
        await node.documents.read(document, ann.id)
    assert refused.value.code == "not_found"


async def test_a_room_that_nobody_reads_any_more_is_left(
    node: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_rooms, "STAY_S", 0.02)
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    await until_warm(node, document, ann)
    runner = node.server.hub.runner(document)
    assert runner is not None
    assert runner.room is not None
    async with asyncio.timeout(HUNG_S):
        await left(runner)


async def left(runner: RoomRunner) -> None:
    for _ in count():
        if runner.room is None or not runner.room.seats:
            return
        await asyncio.sleep(0.01)


async def test_rooms_stay_only_while_there_is_space(node: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_rooms, "ROOMS_MAX", 1)
    ann = await node.person("Ann")
    one, two = await node.playlist(ann), await node.playlist(ann)
    await until_warm(node, one, ann)
    for _ in range(3):
        await node.documents.read(two, ann.id)
    assert node.server.hub.runner(two) is None
