"""Items written over HTTP, seen live on sockets, on a whole node with its database."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from collab.messages import Submit
from ot.build import insert_at
from ot.op import encode
from ot.value import Entry
from tests.integration.world import World, world

A, B, C = (f"spotify:track:{letter * 22}" for letter in "ABC")


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as node:
        yield node


async def test_an_edit_over_http_is_live_and_says_by_whom(node: World) -> None:
    ann, bob = await node.person("Ann"), await node.person("Bob")
    document = await node.playlist(ann, editor=bob)
    path = f"/v1/playlists/{document}/items"
    headers = {"Authorization": f"Bearer {ann.token}"}
    async with (
        node.client(bob) as socket,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}", headers=headers) as http,
    ):
        await socket.open(document)
        snapshot = (await http.post(path, json=[A, B])).json()["snapshot_id"]
        [row] = await socket.rows(1)
        assert (row.author, row.version) == (ann.id, 1)
        [[_, entries]] = row.op["l"]
        assert [entry["track"] for entry in entries] == [A, B]
        assert {entry["added_by"] for entry in entries} == {ann.id}

        # Somebody with a socket was faster; the snapshot still means the list as it was.
        entry: Entry = {
            "uid": f"{socket.id}.1",
            "track": C,
            "added_by": bob.id,
            "added_at": node.clock.now_ms(),
        }
        await socket.send(Submit(document, 1, 1, encode(insert_at(2, 0, [entry]))))
        [row] = await socket.rows(1)
        assert row.author == bob.id
        gone = {"tracks": [{"uri": A, "positions": [0]}], "snapshot_id": snapshot}
        response = await http.request("DELETE", path, json=gone)
        assert response.status_code == 200, response.text
        [row] = await socket.rows(1)
        assert (row.author, row.op["l"]) == (ann.id, [["k", 1], ["r", 1], ["k", 1]])
        read = (await http.get(f"/v1/playlists/{document}")).json()
        assert read["snapshot_id"] == response.json()["snapshot_id"]
        assert [item["track"]["uri"] for item in read["tracks"]["items"]] == [C, B]


async def test_a_key_holds_over_a_restart(tmp_path: Path) -> None:
    async with world(tmp_path) as node:
        ann = await node.person("Ann")
        document = await node.playlist(ann)
        path = f"/v1/playlists/{document}/items"
        headers = {"Authorization": f"Bearer {ann.token}", "Idempotency-Key": "one"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}", headers=headers) as http:
            first = await http.post(path, json=[A])
    async with world(tmp_path) as node:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}", headers=headers) as http:
            again = await http.post(path, json=[A])
            other = await http.post(path, json=[B])
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert first.status_code == 201
        assert other.status_code == 422
        assert (await node.store.heads([document]))[document].version == 1
