"""History is forgotten while somebody's edits are under way: nobody loses one, and none is made twice."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from collab import ledger
from collab.compaction import Compaction
from collab.config import Retention
from collab.playlist import Playlist as PlaylistKind
from collab.verify import Verification
from tests.collab.serving import HUNG_S
from tests.integration.sdk import songs, titles, until, url
from tests.integration.world import World, world
from tests.proxy import Fault, FaultProxy
from tutti_client import Event, Playlist, connect
from tutti_client.events import Resynced

FOREIGN = 40


async def edit_much(playlist: Playlist) -> None:
    """Somebody else's edits, each a version of its own."""
    for number in range(FOREIGN):
        playlist.insert(0, songs(str(number % 10)))
        await playlist.saved()


async def compact(node: World, document: str, beyond: int) -> None:
    """Forgets until the history before a version is gone; a snapshot may still be on its way."""
    compaction = Compaction(node.store, Retention(versions=4), node.clock.now_ms)
    async with asyncio.timeout(HUNG_S):
        while (await node.store.heads([document]))[document].horizon <= beyond:
            await compaction.run()


@pytest.mark.parametrize("fault", [Fault.REQUEST_CUT, Fault.ANSWER_CUT])
@pytest.mark.parametrize("restarts", [False, True])
async def test_an_edit_in_flight_outlives_compaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault, restarts: bool
) -> None:
    """The submission, or the news of its commit, is lost; more edits are made offline; meanwhile the history
    that they were written against goes. After a restart not even the room remembers it."""
    monkeypatch.setattr(ledger, "SNAPSHOT_EVERY", 8)
    events: list[Event] = []
    async with AsyncExitStack() as stack:
        life = await stack.enter_async_context(AsyncExitStack())
        node = await life.enter_async_context(world(tmp_path))
        ann, ben = await node.person("Ann"), await node.person("Ben")
        document = await node.playlist(ann, editor=ben)
        proxy = await stack.enter_async_context(FaultProxy(url(node)))
        one = await stack.enter_async_context(connect(proxy.url, token=ann.token))
        mine = await one.open_playlist(document)
        mine.listen(events.append)
        mine.append(songs("abc"))
        await mine.saved()

        async with connect(url(node), token=ben.token) as two:
            yours = await two.open_playlist(document)
            while len(mine.members) < 2:
                await mine.members_changed()
            # Nothing else is on its way: what breaks is the submission, or its answer.
            proxy.break_next(fault)
            mine.append(songs("x"))
            await proxy.met.wait()
            one.go_offline()
            assert mine.replica.has_inflight
            if fault is Fault.ANSWER_CUT:
                await until(yours, lambda: titles(yours) == "abcx")
            mine.remove(0)
            mine.append(songs("y"))
            await edit_much(yours)
        await compact(node, document, 3)
        if restarts:
            await life.aclose()
            node = await stack.enter_async_context(world(tmp_path))
            proxy.lead_to(url(node))

        one.go_online()
        await mine.saved()
        assert titles(mine) == "".join(str(number % 10) for number in reversed(range(FOREIGN))) + "bcxy"
        view = await node.documents.read(document, ann.id)
        assert list(view.entries) == list(mine.entries)
        resynced = [event.reason for event in events if isinstance(event, Resynced)]
        assert resynced == (["gone"] if restarts else [])
        lines: list[str] = []
        await Verification(node.store, {PlaylistKind.name: PlaylistKind()}, lines.append).run()
        assert lines == []
