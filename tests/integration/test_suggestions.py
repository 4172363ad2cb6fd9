"""Suggestions through the SDK on a real node that runs."""

import pytest

from tests.integration.sdk import songs, titles, url
from tests.integration.world import World, new_id
from tutti_client import RequestRefused, connect


async def test_suggestions_come_from_ones_other_lists_and_say_so(node: World) -> None:
    ann, ben = await node.person("Ann"), await node.person("Ben")
    async with connect(url(node), token=ann.token) as one, connect(url(node), token=ben.token) as two:
        friday = await one.open_playlist(await node.playlist(ann))
        saturday = await one.open_playlist(await node.playlist(ann))
        secret = await two.open_playlist(await node.playlist(ben))
        friday.append(songs("ab"))
        saturday.append(songs("axy"))
        secret.append(songs("axz"))
        for playlist in (friday, saturday, secret):
            await playlist.saved()

        found = await friday.suggestions()
        assert (found.considered, found.is_complete) == (3, True)
        assert [suggestion.track["title"] for suggestion in found.items] == ["x", "y"], "z is only Ben's"
        assert str(found.items[0].reasons[0]) == "in 1 of your playlists with a"
        assert found.items[0].reasons[0].lists == 2
        assert [suggestion.track["title"] for suggestion in (await friday.suggestions(1)).items] == ["x"]

        friday.append(found.items[0].track)
        await friday.saved()
        assert titles(friday) == "abx"
        [left] = (await one.suggestions(friday.id)).items
        assert left.track["title"] == "y"

        for playlist_id in (secret.id, new_id()):
            with pytest.raises(RequestRefused) as refused:
                await one.suggestions(playlist_id)
            assert refused.value.code == "not_found"
