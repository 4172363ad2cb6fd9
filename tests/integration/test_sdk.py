"""The SDK on a real node: several people, lost connections, a server that is killed, tokens that end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from collab.auth import SESSION_LIFE_S
from collab.errors import CallerError
from collab.messages import Drain
from ot.build import set_field
from ot.digest import digest
from storage.sqlite import open_sqlite
from tests.collab.serving import HUNG_S
from tests.integration.mortal import Mortal
from tests.integration.world import Person, World, new_id, world
from tutti_client import (
    Acknowledged,
    Change,
    ConnectionRefused,
    EditsRefused,
    Guest,
    InvalidEdit,
    Playlist,
    PlaylistClosed,
    ReadOnly,
    Reloaded,
    RequestRefused,
    Unreachable,
    UnsavedEdits,
    connect,
    guest,
)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as node:
        yield node


def url(node: World) -> str:
    return f"http://127.0.0.1:{node.port}"


def titles(playlist: Playlist) -> str:
    return "".join(str(entry["title"]) for entry in playlist.entries)


def songs(names: str) -> list[dict[str, str]]:
    return [{"track": f"tutti:track:{name}", "title": name} for name in names]


async def until(playlist: Playlist, is_so: Callable[[], bool]) -> None:
    """Waits for changes until something is so."""
    async with asyncio.timeout(HUNG_S):
        changes = playlist.changes()
        while not is_so():
            await anext(changes)


async def test_two_people_edit_one_playlist(node: World) -> None:
    ann, ben = await node.person("Ann"), await node.person("Ben")
    document = await node.playlist(ann, editor=ben)
    async with connect(url(node), token=ann.token) as one, connect(url(node), token=ben.token) as two:
        mine, yours = await one.open_playlist(document), await two.open_playlist(document)
        assert (mine.name, mine.version, mine.role, yours.role) == ("Mix", 0, "owner", "editor")
        follow = yours.changes()

        uids = mine.append(songs("abcd"))
        assert titles(mine) == "abcd"
        assert mine.status == "pending"
        await mine.saved()
        assert mine.status == "durable"

        change = await anext(follow)
        assert isinstance(change, Change)
        assert (change.author, change.own, change.version) == (ann.id, False, 1)
        assert yours.index_of(uids[2]) == 2
        assert yours.entries[2]["added_by"] == ann.id

        mine.move(0, 2, 4)
        yours.insert(1, songs("x"))
        yours.remove(2)
        yours.set_field(0, "note", "the first")
        mine.set_attribute("name", "Ours")
        await mine.saved()
        await yours.saved()
        await until(mine, lambda: mine.version == yours.version)
        assert mine.entries == yours.entries
        assert mine.attributes == yours.attributes == {"name": "Ours"}
        assert titles(mine) == "xcda"
    view = await node.documents.read(document, ann.id)
    assert [entry["title"] for entry in view.entries] == list("xcda")


async def test_large_edits_travel_in_parts_both_ways(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with connect(url(node), token=ann.token) as one, connect(url(node), token=ann.token) as two:
        mine = await one.open_playlist(document)
        mine.append(
            [{"track": f"tutti:track:{n}", "title": "ü" * 100, "artists": ["x"]} for n in range(3000)]
        )
        await mine.saved()
        yours = await two.open_playlist(document)
        assert yours.entries == mine.entries


async def test_what_is_edited_offline_is_saved_later(node: World) -> None:
    ann, ben = await node.person("Ann"), await node.person("Ben")
    document = await node.playlist(ann, editor=ben)
    async with connect(url(node), token=ann.token) as one, connect(url(node), token=ben.token) as two:
        mine, yours = await one.open_playlist(document), await two.open_playlist(document)
        mine.append(songs("abc"))
        await mine.saved()
        one.go_offline()
        mine.remove(0)
        mine.append(songs("d"))
        yours.insert(0, songs("x"))
        await yours.saved()
        assert mine.status == "pending"
        one.go_online()
        await mine.saved()
        assert one.sessions == 2
        assert titles(mine) == "xbcd"


async def test_own_edits_are_undone_and_those_of_others_stay(node: World) -> None:
    ann, ben = await node.person("Ann"), await node.person("Ben")
    document = await node.playlist(ann, editor=ben)
    async with connect(url(node), token=ann.token) as one, connect(url(node), token=ben.token) as two:
        mine, yours = await one.open_playlist(document), await two.open_playlist(document)
        mine.append(songs("abc"))
        await mine.saved()
        await until(yours, lambda: titles(yours) == "abc")
        old = yours.entries[1]
        yours.remove(1)
        yours.end_step()
        yours.set_attribute("name", "Ben's")
        await yours.saved()
        await until(mine, lambda: titles(mine) == "ac")
        mine.insert(1, songs("x"))
        await mine.saved()
        await until(yours, lambda: titles(yours) == "axc")
        assert yours.can_undo
        assert not yours.can_redo
        assert yours.undo()
        assert (yours.name, titles(yours)) == ("Mix", "axc")
        assert yours.undo()
        assert not yours.undo()
        await yours.saved()
        assert titles(yours) == "abxc"
        assert yours.entries[1] == {**old, "uid": f"{two.client_id}.1", "was": old["uid"]}
        assert yours.redo()
        await yours.saved()
        await until(mine, lambda: mine.version == yours.version)
        assert titles(mine) == "axc"
    with pytest.raises(ConnectionRefused):
        yours.undo()
    assert not yours.can_undo


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


EDITS = 60


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


async def test_roles_hold_and_change_while_connected(node: World) -> None:
    ann, ben = await node.person("Ann"), await node.person("Ben")
    document = await node.playlist(ann, viewer=ben)
    async with connect(url(node), token=ben.token) as tutti:
        playlist = await tutti.open_playlist(document)
        with pytest.raises(ReadOnly):
            playlist.append(songs("a"))
        follow = playlist.changes()
        await node.store.set_member(document, ben.id, None)
        with pytest.raises(PlaylistClosed) as raised:
            async for _ in follow:
                pass
        assert raised.value.code == "not_found"
        with pytest.raises(PlaylistClosed):
            playlist.append(songs("a"))
        with pytest.raises(PlaylistClosed):
            await tutti.open_playlist(document)
        with pytest.raises(PlaylistClosed):
            await tutti.open_playlist(new_id())
        with pytest.raises(PlaylistClosed):
            await tutti.open_playlist("not even an id" * 10)


async def test_members_see_each_other_and_cursors_stay_at_their_entry(node: World) -> None:
    ann, ben = await node.person("Ann"), await node.person("Ben")
    document = await node.playlist(ann, editor=ben)
    async with connect(url(node), token=ann.token) as one:
        mine = await one.open_playlist(document)
        mine.append(songs("abc"))
        mine.set_cursor(1)
        await mine.saved()
        async with connect(url(node), token=ben.token) as two:
            yours = await two.open_playlist(document)
            await present(yours, lambda: cursor_of(yours, ann) == 1)
            yours.insert(0, songs("x"))
            assert cursor_of(yours, ann) == 2
            mine.set_cursor(3)
            await present(yours, lambda: cursor_of(yours, ann) == 4)
            mine.set_cursor(None)
            await present(yours, lambda: cursor_of(yours, ann) is None)
            await present(mine, lambda: len(mine.members) == 2)
            with pytest.raises(IndexError):
                mine.set_cursor(9)
            for state in ({"cursor": 0.5}, {"text": "x" * 2000}):
                with pytest.raises(CallerError):
                    mine.show(state)
        await present(mine, lambda: [member.id for member in mine.members] == [one.member_id])


async def present(playlist: Playlist, is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(HUNG_S):
        while not is_so():
            await playlist.members_changed()


def cursor_of(playlist: Playlist, person: Person) -> int | None:
    [member] = [member for member in playlist.members if member.user == person.id]
    return member.cursor


async def test_a_guest_keeps_the_token_fresh(tmp_path: Path) -> None:
    async with world(tmp_path) as node:
        rotated: list[str] = []
        ann = await guest(url(node), "Ann", on_rotate=rotated.append)
        assert (ann.name, rotated) == ("Ann", [ann.refresh_token])
        first = await ann()
        assert await ann() == first
        again = Guest(url(node), ann.refresh_token, on_rotate=rotated.append)
        one, two = await asyncio.gather(again(), again())
        assert one == two
        assert len(rotated) == 2
        assert again.user_id == ann.user_id
        await Guest(url(node), again.refresh_token)()
        with pytest.raises(RequestRefused) as raised:
            await Guest(url(node), ann.refresh_token)()
        assert (raised.value.status, raised.value.code) == (401, "token_invalid")
        with pytest.raises(RequestRefused) as refused:
            await guest(url(node), "\u202e")
        assert refused.value.status == 400


async def test_a_token_that_ends_is_replaced_in_band(node: World) -> None:
    """The server asks a minute ahead; here tokens live half that, so it asks at once, each time."""
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    asked = 0
    enough = asyncio.Event()

    async def token() -> str:
        nonlocal asked
        asked += 1
        if asked == 4:
            enough.set()
            await asyncio.Event().wait()
        user = await node.store.user(ann.id)
        assert user is not None
        made_ms = node.clock.now_ms() - SESSION_LIFE_S * 1000 + 30_000 + asked * 1000
        return node.tokens.issue_session(user, made_ms).token

    async with connect(url(node), token=token) as tutti:
        playlist = await tutti.open_playlist(document)
        await enough.wait()
        playlist.append(songs("a"))
        await playlist.saved()
        assert tutti.sessions == 1


async def test_a_refused_token_is_replaced_once(node: World) -> None:
    ann = await node.person("Ann")
    tokens = iter(["not a token", "nor this"])

    async def token() -> str:
        return next(tokens)

    with pytest.raises(ConnectionRefused) as raised:
        async with connect(url(node), token=token):
            pass
    assert raised.value.code == "token_invalid"
    assert next(tokens) == "nor this"
    with pytest.raises(ConnectionRefused):
        async with connect(url(node), token=ann.token + "x"):
            pass


async def test_nobody_there_is_said_so() -> None:
    with pytest.raises(Unreachable):
        async with connect("http://127.0.0.1:9", token="", timeout_s=0.01):
            pass
    with pytest.raises(CallerError):
        async with connect("127.0.0.1:9", token=""):
            pass
    with pytest.raises(Unreachable):
        await guest("http://127.0.0.1:9", "Ann")


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
