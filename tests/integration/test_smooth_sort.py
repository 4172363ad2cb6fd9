"""A playlist put in a smooth order through the SDK, while somebody else edits it."""

from tests.integration.sdk import songs, titles, until, url
from tests.integration.world import World
from tutti_client import connect


async def test_a_smooth_sort_is_one_edit_and_others_keep_theirs(node: World) -> None:
    ann, ben = await node.person("Ann"), await node.person("Ben")
    document = await node.playlist(ann, editor=ben)
    tempos = {"a": 12_000, "b": 13_600, "c": 12_300, "d": 12_900}
    async with connect(url(node), token=ann.token) as one, connect(url(node), token=ben.token) as two:
        mine, yours = await one.open_playlist(document), await two.open_playlist(document)
        mine.append([{**song, "tempo": tempos[song["title"]], "key": "8A"} for song in songs("abcd")])
        await mine.saved()
        await until(yours, lambda: yours.version == 1)

        yours.set_field(1, "note", "the fast one")
        mine.end_step()
        mine.smooth_sort()
        assert titles(mine) == "acdb", "here at once"
        await mine.saved()
        await yours.saved()
        await until(mine, lambda: mine.version == 3)
        await until(yours, lambda: yours.version == 3)
        assert mine.entries == yours.entries
        assert [(entry["title"], entry.get("note")) for entry in mine.entries][3] == ("b", "the fast one")

        mine.smooth_sort()
        await mine.saved()
        assert mine.version == 3, "it was sorted already"
        assert mine.undo()
        assert titles(mine) == "abcd"
