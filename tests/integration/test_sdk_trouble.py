"""A server that is killed, drained or restored, and edits that it refuses: the SDK loses nothing of them."""

import asyncio
from pathlib import Path

import pytest

from collab.messages import Drain
from ot.build import set_field
from ot.digest import digest
from storage.sqlite import open_sqlite
from tests.collab.serving import HUNG_S
from tests.integration.mortal import Mortal
from tests.integration.sdk import present, songs, titles, until, url
from tests.integration.world import World, new_id
from tutti_client import (
    Acknowledged,
    Change,
    EditsRefused,
    InvalidEdit,
    Playlist,
    PlaylistClosed,
    Reloaded,
    UnsavedEdits,
    connect,
    guest,
)

EDITS = 60


async def test_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    """`kill -9` in the middle of a burst, twice; the server starts again on the same file and port."""
    acks: list[Acknowledged] = []
    async with Mortal(tmp_path / "data") as server:
        ann = await guest(server.url, "Ann")
        document = await server.make_playlist(await ann())
        async with (
            connect(server.url, token=ann) as one,
            connect(server.url, token=ann) as two,
            asyncio.timeout(2 * HUNG_S),
        ):
            editors = [await tutti.open_playlist(document) for tutti in (one, two)]
            for playlist in editors:
                playlist.listen(lambda event: acks.append(event) if isinstance(event, Acknowledged) else None)
            await asyncio.gather(edit(editors[0], "a", server), edit(editors[1], "b", server))
            await meet(*editors)
            assert sorted(str(entry["title"]) for entry in editors[0].entries) == sorted(
                f"{name}{number}" for name in "ab" for number in range(EDITS)
            )
            assert one.sessions == 3
            assert two.sessions >= 2
            head = editors[0].version
        await server.kill()
        store = await open_sqlite(tmp_path / "data")
        stored = {(row.client_id, row.seq) for row in await store.ops(document, 0, head)}
        await store.close()
        assert {(ack.client, ack.seq) for ack in acks if ack.is_op} <= stored
        assert len(acks) >= 2


async def edit(playlist: Playlist, name: str, server: "Mortal") -> None:
    for number in range(EDITS):
        playlist.insert(number % 2 and len(playlist.entries), {"track": "t:t", "title": f"{name}{number}"})
        if number % 10 == 0:
            await playlist.saved()
        if name == "a" and number in (15, 45):
            await server.kill()
            await server.start()
        await asyncio.sleep(0)
    await playlist.saved()


async def meet(one: Playlist, two: Playlist) -> None:
    """Both hold the same, to the byte."""
    await until(one, lambda: one.version >= two.version)
    await until(two, lambda: two.version >= one.version)
    assert one.entries == two.entries
    assert one.attributes == two.attributes
    assert digest(one.replica.acked) == digest(two.replica.acked)


async def test_edits_refused_are_handed_back_and_the_rest_lives_on(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with connect(url(node), token=ann.token) as tutti:
        playlist = await tutti.open_playlist(document)
        playlist.append(songs("ab"))
        await playlist.saved()
        # What the table refuses is not even made.
        with pytest.raises(InvalidEdit) as raised:
            playlist.set_field(0, "colour", "blue")
        assert raised.value.code == "entry_invalid"
        for track in ({"title": "no uri"}, {"track": "t:t", "duration_ms": 1.5}, "no uri either"):
            with pytest.raises(InvalidEdit):
                playlist.append([track])
        with pytest.raises(InvalidEdit):
            playlist.set_attribute("name", "")
        assert playlist.status == "durable"
        # A caller that goes around the table is told by the server.
        refused = set_field(2, 0, "colour", "blue")
        playlist.edit(refused)
        await asyncio.sleep(0)
        playlist.append(songs("c"))
        with pytest.raises(EditsRefused) as handed_back:
            await playlist.saved()
        assert handed_back.value.code == "entry_invalid"
        await playlist.saved()
        assert "colour" not in playlist.entries[0]


async def test_a_drained_node_is_left_and_edits_come_along(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with connect(url(node), token=ann.token) as tutti:
        playlist = await tutti.open_playlist(document)
        playlist.append(songs("a"))
        await playlist.saved()
        for connection in node.server.hub.connections.values():
            connection.tell(Drain(0))
        await present(playlist, lambda: tutti.sessions == 2)
        playlist.append(songs("b"))
        await playlist.saved()


async def test_closing_with_unsaved_edits_is_refused(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with connect(url(node), token=ann.token) as tutti:
        playlist = await tutti.open_playlist(document)
        assert await tutti.open_playlist(document) is playlist
        playlist.append(songs("a"))
        with pytest.raises(UnsavedEdits):
            await playlist.close()
        follow = playlist.changes()
        await playlist.close(discard=True)
        assert [change async for change in follow] == []
        with pytest.raises(PlaylistClosed):
            playlist.append(songs("b"))
        again = await tutti.open_playlist(document)
        again.append(songs("c"))
        await again.saved()
        assert titles(again).endswith("c")


async def test_changes_that_nobody_takes_do_not_pile_up(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with connect(url(node), token=ann.token) as tutti:
        playlist = await tutti.open_playlist(document)
        follow = playlist.changes()
        for _ in range(3000):
            playlist.append("t:t")
        await playlist.saved()
        first = await anext(follow)
        assert isinstance(first, Reloaded)
        taken = 1
        playlist.append("t:last")
        async for change in follow:
            taken += 1
            if isinstance(change, Change) and playlist.entries[-1]["track"] == "t:last" and taken > 900:
                break
        assert taken < 2000


async def test_a_new_epoch_goes_on_under_a_new_client_id(node: World) -> None:
    ann = await node.person("Ann")
    document, other = await node.playlist(ann), await node.playlist(ann)
    async with connect(url(node), token=ann.token) as tutti:
        playlist, beside = await tutti.open_playlist(document), await tutti.open_playlist(other)
        playlist.append(songs("a"))
        await playlist.saved()
        before = tutti.client_id
        tutti.go_offline()
        [uid] = playlist.append(songs("b"))
        beside.append(songs("x"))
        await node.store.set_epoch(document, new_id())
        tutti.go_online()
        await playlist.saved()
        await beside.saved()
        assert tutti.client_id != before
        assert titles(playlist) == "ab"
        assert playlist.entries[1]["uid"] != uid
        assert str(playlist.entries[1]["uid"]).startswith(tutti.client_id)
