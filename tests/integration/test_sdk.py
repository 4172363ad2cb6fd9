"""The SDK on a real node: several people edit one playlist, also offline, and undo what they did."""

import pytest

from tests.integration.sdk import songs, titles, until, url
from tests.integration.world import World
from tutti_client import Change, ConnectionRefused, connect


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
