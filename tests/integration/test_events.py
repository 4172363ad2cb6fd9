"""Reading along in a playlist without a WebSocket, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from collab import http_events, reader
from collab.auth import SESSION_LIFE_S
from collab.listener import Reading
from collab.messages import Submit
from storage.administered import AuditEntry
from storage.store import User
from tests.integration.events import EventReader, Page, reading
from tests.integration.world import Person, World, world


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as node:
        yield node


@pytest.fixture
def left(node: World, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when the last reader has left the node."""
    left = asyncio.Event()
    gone = node.server.hub.reader_gone

    def note(reader: Reading) -> None:
        gone(reader)
        if not node.server.hub.readers:
            left.set()

    monkeypatch.setattr(node.server.hub, "reader_gone", note)
    return left


async def take(stream: EventReader, page: Page, version: int) -> None:
    """Until the page stands at a version."""
    while not page.snapshot_id.endswith(f".{version}"):
        event = await stream.next()
        assert event is not None
        assert event.id == event.data["snapshot_id"]
        page.take(event)


async def same(node: World, page: Page, document: str) -> bool:
    loaded = node.server.hub.playlist(document)
    assert loaded is not None
    return (page.entries, page.attributes) == (loaded[1].entries, loaded[1].attributes)


async def test_a_page_renders_and_follows(node: World) -> None:
    ann, bob = await node.person("Ann"), await node.person("Bob")
    document = await node.playlist(ann, viewer=bob)
    page = Page()
    async with node.client(ann) as editor, reading(node, bob, document) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["x-accel-buffering"] == "no"
        await editor.open(document)
        for seq in range(1, 4):
            await editor.send(editor.append(document, seq, seq - 1, seq - 1, title=f"Line\nbreak {seq}"))
        move = {"l": [["p", 1], ["k", 2], ["d", 0, 1]]}
        edit = {"l": [["k", 1, {"note": "loud"}], ["k", 2]], "a": {"name": "Sunday"}}
        await editor.send(Submit(document, 4, 3, move), Submit(document, 5, 4, edit))
        await editor.send(Submit(document, 6, 5, {"l": [["r", 1], ["k", 2]]}))
        first = await stream.next()
        assert first is not None
        assert (first.name, first.data["role"]) == ("state", "viewer")
        assert first.data["version"] == int(first.id.partition(".")[2])
        page.take(first)
        assert stream.retry_ms == reader.RETRY_MS
        await take(stream, page, 6)
        assert await same(node, page, document)
        assert page.attributes["name"] == "Sunday"


async def test_an_event_says_who_did_what(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as editor, reading(node, ann, document) as stream:
        await stream.next()
        await editor.open(document)
        await editor.send(editor.append(document, 1, 0, 0))
        event = await stream.next()
        assert event is not None
        assert event.name == "op"
        assert event.data["author"]["id"] == ann.id
        assert event.data["counts"] == {"added": 1, "removed": 0, "moved": 0, "edited": 0}
        [change] = event.data["changes"]
        assert (change["change"], change["from"], change["to"]) == ("added", None, 0)


@pytest.mark.parametrize("way", ["since", "header"])
async def test_coming_back_leaves_no_gap_and_tells_nothing_twice(node: World, way: str) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    page = Page()
    async with node.client(ann) as editor:
        await editor.open(document)
        async with reading(node, ann, document) as stream:
            await editor.send(editor.append(document, 1, 0, 0))
            await take(stream, page, 1)
        for seq in range(2, 62):
            await editor.send(editor.append(document, seq, seq - 1, seq - 1))
        await editor.rows(61)
        page.told.clear()
        async with reading(node, ann, document, **{way: page.snapshot_id}) as stream:
            await editor.send(editor.append(document, 62, 61, 61))
            await take(stream, page, 62)
        assert page.told == ["op"] * 61
        assert await same(node, page, document)


async def test_where_the_past_does_not_lead_on_the_state_comes(
    node: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    monkeypatch.setattr(http_events, "RESUME_VERSIONS_MAX", 3)
    async with node.client(ann) as editor:
        epoch = (await editor.open(document)).epoch
        for seq in range(1, 6):
            await editor.send(editor.append(document, seq, seq - 1, seq - 1))
        await editor.rows(5)
        for since in (f"{epoch}.1", f"{epoch}.999", "another.5"):
            async with reading(node, ann, document, since=since) as stream:
                event = await stream.next()
                assert event is not None
                assert (event.name, event.data["version"]) == ("state", 5)
        await node.store.forget_ops(document, 5)
        async with reading(node, ann, document, since=f"{epoch}.4") as stream:
            event = await stream.next()
            assert event is not None
            assert event.data["version"] == 5


async def test_an_op_that_did_too_much_is_told_by_the_state(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    page = Page()
    async with node.client(ann) as editor, reading(node, ann, document) as stream:
        await editor.open(document)
        await take(stream, page, 0)
        many = [editor.entry(title=f"Song {n}") for n in range(1000)]
        await editor.send(Submit(document, 1, 0, {"l": [["i", many]]}))
        await take(stream, page, 1)
        await editor.send(Submit(document, 2, 1, {"l": [["r", 999], ["k", 1]]}))
        await take(stream, page, 2)
        assert page.told == ["state", "state", "state"]
        assert await same(node, page, document)


async def test_a_public_playlist_is_read_by_anybody_with_a_token(node: World) -> None:
    ann, eve = await node.person("Ann"), await node.person("Eve")
    document = await node.playlist(ann)
    async with node.client(ann) as editor:
        await editor.open(document)
        await editor.send(Submit(document, 1, 0, {"a": {"public": True}}))
        await editor.rows(1)
        async with reading(node, eve, document) as stream:
            event = await stream.next()
            assert event is not None
            assert event.data["role"] is None
            await editor.send(Submit(document, 2, 1, {"a": {"public": False}}))
            assert (await stream.ends()).data["code"] == "not_found"


async def test_who_may_not_read_hears_nothing(node: World) -> None:
    ann, eve = await node.person("Ann"), await node.person("Eve")
    document = await node.playlist(ann)
    jam = await node.playlist(ann)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}") as client:
        path = f"/v1/playlists/{document}/events"
        bearer = {"Authorization": f"Bearer {eve.token}"}
        assert (await client.get(path)).status_code == 401
        assert (await client.get(f"{path}?token={ann.token}")).status_code == 401
        assert (await client.get(path, headers=bearer)).status_code == 404
        assert (await client.get(f"/v1/playlists/{eve.id}/events", headers=bearer)).status_code == 404
        bearer = {"Authorization": f"Bearer {ann.token}"}
        head = await client.head(f"/v1/playlists/{jam}/events", headers=bearer)
        assert head.status_code == 200
        for since in ("7", ".7", "x.-1", "x.y", "x" * 80 + ".1"):
            response = await client.get(path, headers=bearer, params={"since": since})
            assert response.status_code == 400, since
    assert not node.server.hub.readers


async def test_the_removed_hear_no_more(node: World, left: asyncio.Event) -> None:
    ann, bob = await node.person("Ann"), await node.person("Bob")
    document = await node.playlist(ann, viewer=bob)
    async with reading(node, bob, document) as stream:
        await stream.next()
        await node.server.hub.compare_heads()
        async with asyncio.timeout(2):
            await node.store.set_member(document, bob.id, None)
            assert (await stream.ends()).data["code"] == "not_found"
            await left.wait()


async def test_the_banned_and_the_expired_hear_no_more(node: World) -> None:
    ann = await node.person("Ann")
    issued_ms = node.clock.now_ms() - SESSION_LIFE_S * 1000 + 700
    short = Person(ann.id, node.tokens.issue_session(User(ann.id, "Ann", "guest", 0), issued_ms).token)
    document = await node.playlist(ann)
    async with reading(node, short, document) as stream:
        assert (await stream.ends()).data["code"] == "token_expired"
    async with reading(node, ann, document) as stream:
        await stream.next()
        async with asyncio.timeout(2):
            await node.store.ban(AuditEntry(node.clock.now_ms(), "root", "ban", ann.id))
            assert (await stream.ends()).data["code"] in ("token_invalid", "not_found")


async def test_deleting_the_playlist_ends_the_stream(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with reading(node, ann, document) as stream:
        await stream.next()
        await node.documents.delete(document, ann.id)
        assert (await stream.ends()).data["code"] == "not_found"


async def test_a_node_that_stops_says_when_to_come_back(node: World, left: asyncio.Event) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with reading(node, ann, document) as stream:
        await stream.next()
        await node.server.drain()
        last = await stream.ends()
        assert (last.name, last.data["code"]) == ("goodbye", "drain")
        assert stream.retry_ms == last.data["retry_after_ms"] >= reader.RETRY_MS
        await left.wait()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}") as client:
        bearer = {"Authorization": f"Bearer {ann.token}"}
        response = await client.get(f"/v1/playlists/{document}/events", headers=bearer)
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0


async def test_silence_is_broken_by_comments(node: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_events, "HEARTBEAT_S", 0.01)
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as editor, reading(node, ann, document) as stream:
        await stream.next()
        await editor.open(document)
        beat = asyncio.create_task(stream.next())
        await stream.commented.wait()
        await editor.send(editor.append(document, 1, 0, 0))
        event = await beat
        assert event is not None
        assert event.name == "op"


async def stalled(node: World, person: Person, document: str) -> asyncio.StreamWriter:
    """A reader that takes nothing beyond what its system takes for it."""
    lines, writer = await asyncio.open_connection("127.0.0.1", node.port, limit=1024)
    writer.write(
        f"GET /v1/playlists/{document}/events HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {person.token}\r\n\r\n".encode()
    )
    assert b" 200 " in await lines.readline()
    return writer


async def test_a_slow_reader_costs_little_and_is_sent_away(
    node: World, monkeypatch: pytest.MonkeyPatch, left: asyncio.Event
) -> None:
    monkeypatch.setattr(http_events, "STUCK_AFTER_S", 0.5)
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as editor:
        await editor.open(document)
        writer = await stalled(node, ann, document)
        [slow] = node.server.hub.readers.values()
        assert isinstance(slow, reader.Reader)
        seq, most = 0, 0
        while not left.is_set():
            seq += 1
            page = [editor.entry(title="t" * 1500) for _ in range(15)]
            before = [["r", 15]] if seq > 1 else []
            await editor.send(Submit(document, seq, seq - 1, {"l": [*before, ["i", page]]}))
            await editor.rows(1)
            most = max(most, slow.pending_bytes)
        assert 0 < most <= reader.PENDING_BYTES_MAX
        async with reading(node, ann, document) as stream:
            event = await stream.next()
            assert event is not None
            assert event.data["version"] == seq, "the others heard everything meanwhile"
    writer.transport.abort()


async def test_streams_are_counted_as_sockets(node: World, left: asyncio.Event) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann):
        async with reading(node, ann, document):
            assert node.server.hub.socket_count == node.server.hub.sockets_from("127.0.0.1") == 2
            assert node.server.metrics.registry.get_sample_value("tutti_connections") == 2
        await left.wait()
        assert node.server.hub.socket_count == node.server.hub.sockets_from("127.0.0.1") == 1
