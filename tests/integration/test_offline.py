"""Offline that lasts: programs that are killed, servers that are away, histories that are gone."""

import asyncio
import random
from pathlib import Path

import pytest

from collab.errors import CallerError
from ot.build import set_field
from tests.collab.serving import HUNG_S
from tests.integration.mortal import Mortal
from tests.integration.offline import Device, names_in, prove
from tests.integration.sdk import songs, titles, url
from tests.integration.world import Person, World, new_id
from tutti_client import (
    ConnectionRefused,
    EditsRefused,
    PlaylistClosed,
    StoreInUse,
    Unreachable,
    UnsavedEdits,
    connect,
    guest,
)


@pytest.fixture
async def ann(node: World) -> Person:
    return await node.person("Ann")


async def test_the_history_was_compacted_meanwhile(tmp_path: Path) -> None:
    outcome = await prove(tmp_path, edits=300, foreign=60)
    assert (outcome.names, outcome.refused) == (360, 0)


@pytest.mark.parametrize("online", [False, True])
async def test_a_kill_in_the_middle_of_editing_loses_nothing_that_was_stored(
    node: World, ann: Person, tmp_path: Path, *, online: bool
) -> None:
    draw = random.Random(online)
    for life in range(3):
        document, file = await node.playlist(ann), tmp_path / f"queue{life}"
        more = ("--online",) if online else ()
        device = Device(url(node), ann.token, document, file, 100_000, *more)
        await device.stored(draw.randint(20, 200))
        last = await device.kill()
        async with connect(url(node), token=ann.token, offline=file) as tutti:
            playlist = await tutti.open_playlist(document)
            await tutti.saved()
            standing = {str(entry["title"]) for entry in playlist.entries}
            assert len(standing) == len(playlist.entries) > last
            assert standing == {f"d{number}" for number in range(len(standing))}, "what was lost was last"


async def test_what_was_kept_can_be_opened_and_edited_without_a_server(tmp_path: Path) -> None:
    file = tmp_path / "queue"
    async with Mortal(tmp_path / "data") as server, asyncio.timeout(2 * HUNG_S):
        person = await guest(server.url, "Ann")
        document = await server.make_playlist(await person())
        async with connect(server.url, token=person, offline=file) as tutti:
            playlist = await tutti.open_playlist(document)
            playlist.append(songs("abc"))
            await playlist.saved()
            client, user = tutti.client_id, tutti.user_id
        await server.kill()
        for title in "de":
            async with connect(server.url, token=person, offline=file) as tutti:
                assert not tutti.is_connected
                assert (tutti.client_id, tutti.user_id) == (client, user)
                playlist = await tutti.open_playlist(document)
                assert (playlist.name, playlist.role, playlist.is_open) == ("Friday", "owner", False)
                [uid] = playlist.append(songs(title))
                assert uid.startswith(client)
                with pytest.raises(UnsavedEdits):
                    await tutti.saved(0.01)
                with pytest.raises(Unreachable):
                    await tutti.open_playlist(new_id(), timeout_s=0.01)
        async with connect(server.url, token=person, offline=file) as tutti:
            playlist = await tutti.open_playlist(document)
            assert titles(playlist) == "abcde"
            assert playlist.status == "pending"
            await server.start()
            await playlist.saved()
            assert (titles(playlist), playlist.version) == ("abcde", 2)


async def test_what_was_not_opened_again_is_saved_all_the_same(
    node: World, ann: Person, tmp_path: Path
) -> None:
    document, other = await node.playlist(ann), await node.playlist(ann)
    async with connect(url(node), token=ann.token, offline=tmp_path / "queue") as tutti:
        playlist, beside = await tutti.open_playlist(document), await tutti.open_playlist(other)
        tutti.go_offline()
        playlist.append(songs("a"))
        beside.append(songs("x"))
    async with connect(url(node), token=ann.token, offline=tmp_path / "queue") as tutti:
        await tutti.saved()
    for name, entries in ((document, "a"), (other, "x")):
        view = await node.documents.read(name, ann.id)
        assert "".join(str(entry["title"]) for entry in view.entries) == entries


async def test_what_is_refused_is_handed_back_until_somebody_has_seen_it(
    node: World, ann: Person, tmp_path: Path
) -> None:
    document = await node.playlist(ann)
    file = tmp_path / "queue"
    async with connect(url(node), token=ann.token, offline=file) as tutti:
        playlist = await tutti.open_playlist(document)
        playlist.append(songs("a"))
        await playlist.saved()
        tutti.go_offline()
        playlist.edit(set_field(1, 0, "colour", "blue"))
        playlist.append(songs("b"))
    with pytest.raises(EditsRefused):
        async with connect(url(node), token=ann.token, offline=file) as tutti:
            await tutti.saved()
    async with connect(url(node), token=ann.token, offline=file) as tutti:
        [[refusal]] = tutti.refusals().values()
        playlist = await tutti.open_playlist(document)
        assert playlist.refusals == (refusal,)
        assert (refusal.code, refusal.edits) == ("entry_invalid", 2)
        assert titles(playlist) == "a"
        playlist.append(songs("c"))
        await playlist.saved()
        playlist.dismiss_refusals()
        assert playlist.refusals == ()
    async with connect(url(node), token=ann.token, offline=file) as tutti:
        assert tutti.refusals() == {}


async def test_who_was_put_out_gets_the_unsaved_edits_back(node: World, ann: Person, tmp_path: Path) -> None:
    ben = await node.person("Ben")
    document = await node.playlist(ann, editor=ben)
    file = tmp_path / "queue"
    async with connect(url(node), token=ben.token, offline=file) as tutti:
        playlist = await tutti.open_playlist(document)
        tutti.go_offline()
        playlist.append(songs("ab"))
    await node.store.set_member(document, ben.id, None)
    async with connect(url(node), token=ben.token, offline=file) as tutti:
        with pytest.raises(PlaylistClosed):
            # A room that stayed loaded may take a second to hear of it.
            async for _ in (await tutti.open_playlist(document)).changes():
                pass
    async with connect(url(node), token=ben.token, offline=file) as tutti:
        [refusal] = tutti.refusals()[document]
        assert refusal.code in ("not_found", "forbidden")
        assert refusal.edits == 1
        assert names_in(refusal) == {"a", "b"}
        tutti.dismiss(document)


async def test_after_a_restored_backup_edits_go_on_under_a_new_client_id(
    node: World, ann: Person, tmp_path: Path
) -> None:
    document = await node.playlist(ann)
    file = tmp_path / "queue"
    async with connect(url(node), token=ann.token, offline=file) as tutti:
        playlist = await tutti.open_playlist(document)
        playlist.append(songs("a"))
        await playlist.saved()
        tutti.go_offline()
        playlist.append(songs("b"))
        before = tutti.client_id
    await node.store.set_epoch(document, new_id())
    async with connect(url(node), token=ann.token, offline=file) as tutti:
        await tutti.saved()
        playlist = await tutti.open_playlist(document)
        assert titles(playlist) == "ab"
        assert tutti.client_id != before
        after = tutti.client_id
    async with connect(url(node), token=ann.token, offline=file) as tutti:
        assert tutti.client_id == after
        playlist = await tutti.open_playlist(document)
        playlist.append(songs("c"))
        await playlist.saved()


async def test_one_owner_and_one_person(node: World, ann: Person, tmp_path: Path) -> None:
    file = tmp_path / "queue"
    ben = await node.person("Ben")
    document = await node.playlist(ann)
    async with connect(url(node), token=ann.token, offline=file) as tutti:
        with pytest.raises(StoreInUse):
            async with connect(url(node), token=ann.token, offline=file):
                pass
        playlist = await tutti.open_playlist(document)
        playlist.append(songs("a"))
        await playlist.saved()
    with pytest.raises(ConnectionRefused):
        async with connect(url(node), token=ben.token, offline=file):
            pass


async def test_a_discarded_edit_stays_discarded(node: World, ann: Person, tmp_path: Path) -> None:
    document = await node.playlist(ann)
    file = tmp_path / "queue"
    async with connect(url(node), token=ann.token, offline=file) as tutti:
        playlist = await tutti.open_playlist(document)
        tutti.go_offline()
        playlist.append(songs("a"))
        await playlist.stored()
        with pytest.raises(UnsavedEdits):
            await playlist.close()
        await playlist.close(discard=True)
    async with connect(url(node), token=ann.token, offline=file) as tutti:
        playlist = await tutti.open_playlist(document)
        assert titles(playlist) == ""
        await playlist.close()


async def test_without_a_file_nothing_is_stored(node: World, ann: Person) -> None:
    document = await node.playlist(ann)
    async with connect(url(node), token=ann.token) as tutti:
        playlist = await tutti.open_playlist(document)
        with pytest.raises(CallerError):
            await playlist.stored()
        assert playlist.refusals == ()
