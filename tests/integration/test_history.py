"""A playlist's past through the SDK on a real node: looking, restoring, taking back."""

import asyncio

import pytest

from collab.playlist import Playlist as PlaylistKind
from collab.verify import Verification
from ot.apply import apply
from ot.document import Document
from tests.integration.sdk import songs, titles, until, url
from tests.integration.world import World, new_id
from tutti_client import History, Playlist, RequestRefused, Unreachable, connect
from tutti_client.tokens import TokenSource


async def findings(node: World) -> list[str]:
    """What `tutti verify` says of the node's database."""
    lines: list[str] = []
    await Verification(node.store, {PlaylistKind.name: PlaylistKind()}, lines.append).run()
    return lines


async def edit(playlist: Playlist, *edits: tuple[str, object]) -> None:
    """Edits one by one, each a version of its own."""
    for name, arguments in edits:
        getattr(playlist, name)(*arguments)  # type: ignore[misc]
        await playlist.saved()


async def test_looking_restoring_and_taking_back(node: World) -> None:
    ann, ben = await node.person("Ann"), await node.person("Ben")
    document = await node.playlist(ann, editor=ben)
    async with connect(url(node), token=ann.token) as one, connect(url(node), token=ben.token) as two:
        mine, yours = await one.open_playlist(document), await two.open_playlist(document)
        await edit(mine, ("append", (songs("abcd"),)))
        await until(yours, lambda: yours.version == 1)
        await edit(yours, ("remove", (1,)), ("set_field", (0, "note", "!")))
        await until(mine, lambda: mine.version == 3)
        await edit(mine, ("move", (2, 1, 0)), ("set_attribute", ("name", "Ours")))
        await until(yours, lambda: yours.version == 5)
        assert titles(mine) == titles(yours) == "dac"
        history, first_uids = one.history(document), [entry["uid"] for entry in mine.entries]

        newest, moved, edited, removed, added = await history.versions()
        assert (newest.version, newest.attributes) == (5, {"name": "Ours"})
        assert (moved.author.name, moved.counts["moved"], edited.counts["edited"]) == ("Ann", 1, 1)
        assert (removed.author.id, removed.changes[0].entry["title"]) == (ben.id, "b")
        assert (added.version, added.counts["added"]) == (1, 4)
        assert [version.version for version in await history.versions(before=3, limit=1)] == [2]

        past = await history.state(1)
        assert [entry["title"] for entry in past.entries] == list("abcd")
        assert past.at_ms is not None
        assert (await history.state_at(past.at_ms)).version == 1
        difference = await history.difference(5, 1)
        assert apply(Document(list(mine.entries), dict(mine.attributes)), difference.op) == past.document
        life = await history.entry(str(past.entries[1]["uid"]))
        assert [(event.change, event.author.name) for event in life] == [("added", "Ann"), ("removed", "Ben")]

        assert await history.take_back(ben.id, 0) == 6
        await until(mine, lambda: mine.version == 6)
        assert titles(mine) == "dabc"
        assert "note" not in mine.entries[1]
        assert await history.restore(1) == 7
        await until(mine, lambda: mine.version == 7)
        await until(yours, lambda: yours.version == 7)
        assert mine.entries == yours.entries == past.entries, "b stands again under its old uid"
        assert mine.attributes == {"name": "Mix"}

        yours.append(songs("e"))
        await yours.saved()
        assert await two.history(document).restore(5) == 9
        await until(mine, lambda: mine.version == 9)
        assert [entry["uid"] for entry in mine.entries] == first_uids
    assert await findings(node) == []


async def test_two_restores_at_the_same_moment_bring_nothing_back_twice(node: World) -> None:
    ann, ben = await node.person("Ann"), await node.person("Ben")
    document = await node.playlist(ann, editor=ben)
    async with connect(url(node), token=ann.token) as one, connect(url(node), token=ben.token) as two:
        mine, yours = await one.open_playlist(document), await two.open_playlist(document)
        await edit(mine, ("append", (songs("abcd"),)), ("remove", (0, 4)))
        await until(yours, lambda: yours.version == 2)
        # Each waits in a thread of this process, and the node needs some, too.
        histories = [one.history(document), two.history(document)] * 2
        versions = await asyncio.gather(*(history.restore(1) for history in histories))
        await until(mine, lambda: mine.version == max(versions))
        assert titles(mine) == "abcd"
        yours.append(songs("e"))
        await yours.saved()
        assert titles(yours) == "abcde"
    assert await findings(node) == []


async def test_what_the_sdk_is_refused(node: World) -> None:
    ann, eve = await node.person("Ann"), await node.person("Eve")
    document = await node.playlist(ann, viewer=eve)
    async with connect(url(node), token=eve.token) as tutti:
        history = tutti.history(document)
        assert await history.versions() == []
        assert (await history.state(0)).author is None
        for code, asked in (
            ("forbidden", history.restore(0)),
            ("not_found", history.state(1)),
            ("not_found", tutti.history(new_id()).versions()),
        ):
            with pytest.raises(RequestRefused) as caught:
                await asked
            assert caught.value.code == code


async def test_a_token_that_ended_is_renewed(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    tokens = ["no longer good", ann.token]

    async def token() -> str:
        return tokens.pop(0)

    history = History(url(node), document, TokenSource(token))
    assert await history.versions() == []
    assert await history.versions() == [], "and kept"
    with pytest.raises(RequestRefused) as caught:
        await History(url(node), document, TokenSource("no longer good")).versions()
    assert caught.value.code == "token_invalid"


async def test_no_server() -> None:
    with pytest.raises(Unreachable):
        await History("http://127.0.0.1:9", new_id(), TokenSource("any")).versions()
