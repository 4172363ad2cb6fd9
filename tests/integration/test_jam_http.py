"""Jams over HTTP beside sockets, on a node with a database: the room sees at once what happens."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from collab.kinds import all_kinds
from collab.messages import Ops, RoleChanged, Submit
from collab.verify import Verification
from jam.events import decode_event
from jam.lineup import Lineup
from jam.state import load
from jam.step import follow
from tests.integration.world import Person, World, world

Json = dict[str, Any]


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as node:
        yield node


class Desk:
    """One person's requests."""

    def __init__(self, node: World, person: Person) -> None:
        self._base = f"http://127.0.0.1:{node.port}/v1"
        self._headers = {"Authorization": f"Bearer {person.token}"}
        self.person = person

    async def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        async with httpx.AsyncClient(headers=self._headers) as client:
            response = await client.request(method, self._base + path, json=body)
        assert response.is_success, response.text
        answer: Json = response.json() if response.content else {}
        return answer

    async def do(self, jam: str, what: str, **more: Any) -> int:
        answer = await self.ask("POST", f"/jams/{jam}/commands", {"command": {"do": what, **more}})
        version: int = answer["version"]
        return version


def song(name: str) -> Json:
    return {"track": f"demo:{name}", "title": name, "duration_ms": 60_000}


async def test_an_evening_with_and_without_sockets(node: World) -> None:
    ada, mia = Desk(node, await node.person("Ada")), Desk(node, await node.person("Mia"))
    playlist = await ada.ask("POST", "/me/playlists", {"name": "Mix"})
    async with node.client(ada.person) as client:
        await client.open(playlist["id"])
        await client.send(client.append(playlist["id"], 1, 0, 0, **song("z")))
        await client.receive(Ops)

    jam = await ada.ask("POST", "/jams", {"name": "Friday", "playlist": playlist["id"]})
    assert (jam["songs"], jam["version"]) == (1, 0)
    room = jam["id"]
    async with node.client(ada.person) as host:
        opened = await host.open(room)
        assert (opened.kind, opened.role) == ("jam", "host")
        assert opened.snapshot is not None
        lineup = Lineup(load(opened.snapshot.state))

        await mia.ask("POST", "/jams/join", {"code": jam["code"]["code"]})
        await mia.do(room, "add", track=song("a"))
        await host.send(Submit(room, 1, 0, {"do": "play", "reign": 1}))
        await ada.do(room, "vote", entry=(await ada.ask("GET", f"/jams/{room}"))["order"][0], value=0)
        await mia.do(room, "say", text="hello")

        rows = [row async for row in told(host, "said")]
        for row in rows:
            lineup = follow(lineup, decode_event(row.op))
        seen = await mia.ask("GET", f"/jams/{room}")
        assert seen["version"] >= rows[-1].version
        assert list(lineup.order()) == seen["order"]
        assert seen["playing"] == song("a")

        recap = await mia.ask("GET", f"/jams/{room}/recap")
        assert [play["track"] for play in recap["played"]] == [song("a")]
        saved = await mia.ask("POST", f"/jams/{room}/playlist", {})
        [item] = (await mia.ask("GET", f"/playlists/{saved['playlist']}"))["tracks"]["items"]
        assert (item["track"]["uri"], item["added_by"]["id"], item["note"]) == ("demo:a", mia.person.id, "+1")

        verified = await Verification(node.store, all_kinds(), print).run()
        assert (verified.documents, verified.findings) == (3, 0)

        assert await mia.do(room, "leave") > seen["version"]
        assert (await mia.ask("GET", "/me/jams"))["total"] == 0
        await ada.ask("DELETE", f"/jams/{room}")
        assert [row.op["event"] async for row in told(host, "ended")][-1] == "ended"
        assert (await host.receive(RoleChanged)).role == ""
    assert (await ada.ask("GET", "/me/jams"))["total"] == 0


async def told(client: Any, last: str) -> AsyncIterator[Any]:
    """The rows that the room tells, up to an event of this name."""
    while True:
        for row in (await client.receive(Ops)).ops:
            yield row
            if row.op["event"] == last:
                return
