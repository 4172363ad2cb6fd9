"""Roles and company in the SDK, on a real node."""

import pytest

from collab.errors import CallerError
from tests.integration.sdk import present, songs, url
from tests.integration.world import Person, World, new_id
from tutti_client import Playlist, PlaylistClosed, ReadOnly, connect


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


def cursor_of(playlist: Playlist, person: Person) -> int | None:
    [member] = [member for member in playlist.members if member.user == person.id]
    return member.cursor
