"""Somebody deletes themselves on a node with a real database and real sockets."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from collab.closing import CloseCode
from collab.kinds import all_kinds
from collab.messages import Opened, RoleChanged
from collab.verify import Verification
from tests.integration.events import reading
from tests.integration.world import Person, World, world
from tutti_client import RequestRefused, connect

NAME = "Ada Lovelace"


class Caller:
    def __init__(self, node: World, person: Person) -> None:
        self._url = f"http://127.0.0.1:{node.port}/v1"
        self._headers = {"Authorization": f"Bearer {person.token}"}

    async def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        async with httpx.AsyncClient() as http:
            return await http.request(method, self._url + path, json=body, headers=self._headers)


async def test_who_deletes_themselves_is_gone_everywhere(tmp_path: Path) -> None:
    async with world(tmp_path) as node:
        ada, bob = await node.person(NAME), await node.person("Bob")
        shared = await node.playlist(ada, editor=bob)
        by_ada, by_bob = Caller(node, ada), Caller(node, bob)
        begun = (await by_ada.ask("POST", "/jams", {"name": "Friday"})).json()
        jam = begun["id"]
        joined = await by_bob.ask("POST", "/jams/join", {"code": begun["code"]["code"]})
        assert joined.status_code == 200

        async with (
            node.client(ada) as hers,
            node.client(bob) as his,
            reading(node, ada, shared) as events,
        ):
            await hers.open(shared)
            await hers.send(hers.append(shared, 1, 0, 0))
            await hers.rows(1)
            first = await his.open(jam)
            assert first.snapshot is not None
            assert NAME in str(first.snapshot.state)
            async with asyncio.timeout(1):
                gone = await by_ada.ask("DELETE", "/me", {"confirm": ada.id})
                assert gone.status_code == 204, gone.text
                assert await hers.ends() == CloseCode.UNAUTHENTICATED
                assert (await events.ends()).data["code"] in ("token_invalid", "not_found")
            assert (await by_ada.ask("GET", "/me")).status_code == 401

            assert (await his.receive(RoleChanged)).role == "host"
            # The Jam's log is written anew, and who is in it opens it anew.
            async with asyncio.timeout(10):
                anew = await his.receive(Opened)
            assert anew.reason == "epoch"
            assert anew.epoch != first.epoch
            assert anew.snapshot is not None
            assert NAME not in str(anew.snapshot.state)

        assert await node.store.members(shared) == {bob.id: "owner"}
        assert [row.author for row in await node.store.ops(shared, 0, 9)] == [ada.id]
        for path in (f"/jams/{jam}", f"/jams/{jam}/recap", f"/playlists/{shared}/history"):
            answer = await by_bob.ask("GET", path)
            assert answer.status_code == 200, answer.text
            assert NAME not in answer.text
        findings: list[str] = []
        await Verification(node.store, all_kinds(), findings.append).run()
        assert findings == []


async def test_the_sdk_takes_everything_along_and_goes(tmp_path: Path) -> None:
    async with world(tmp_path) as node:
        ada = await node.person(NAME)
        playlist = await node.playlist(ada)
        async with connect(f"http://127.0.0.1:{node.port}", token=ada.token) as tutti:
            known = json.loads(await tutti.export_me())
            assert (known["profile"]["name"], known["playlists"][0]["id"]) == (NAME, playlist)
            with pytest.raises(RequestRefused):
                await tutti.delete_me("somebody else")
            await tutti.delete_me(ada.id)
            with pytest.raises(RequestRefused):
                await tutti.export_me()
        assert await node.store.user(ada.id) is None
        assert await node.store.load(playlist) is None
