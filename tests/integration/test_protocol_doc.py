"""PROTOCOL.md is enough: a client that was written from it alone works against the real server."""

import asyncio
import secrets
import string
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.collab.command import Serving, serving
from tests.integration.stranger import Stranger

Json = dict[str, Any]

PATIENCE_S = 20


def new_id() -> str:
    """22 base62 characters for less than 128 bits: their first is not greater than 7."""
    alphabet = string.digits + string.ascii_uppercase + string.ascii_lowercase
    return "0" + "".join(secrets.choice(alphabet) for _ in range(21))


class House:
    """A server with one playlist of Ada's, to which Bob is invited."""

    def __init__(self, server: Serving) -> None:
        self.server = server
        self.ada = self._guest("Ada")
        self.bob = self._guest("Bob")
        self.room: str = self.ask(self.ada, "/v1/me/playlists", {"name": "Friday"})["id"]
        invite = self.ask(self.ada, f"/v1/playlists/{self.room}/invites", {"role": "editor"})
        self.ask(self.bob, "/v1/invites/accept", {"secret": invite["secret"]})

    def ask(self, session: Json, path: str, body: Json) -> Json:
        headers = {"Authorization": f"Bearer {session['token']}"}
        response = httpx.post(self.server.url + path, json=body, headers=headers)
        assert response.is_success, response.text
        answer: Json = response.json()
        return answer

    def stranger(self, session: Json, client: str = "") -> Stranger:
        return Stranger(self.server.url, session["token"], client or new_id(), self.room)

    def entry(self, session: Json, stranger: Stranger, n: int, **more: Any) -> Json:
        return {
            "uid": f"{stranger.client}.{n}",
            "track": f"spotify:track:{n}",
            "added_by": session["user"]["id"],
            "added_at": time.time_ns() // 1_000_000 - 60_000,
            **more,
        }

    def _guest(self, name: str) -> Json:
        session: Json = httpx.post(f"{self.server.url}/v1/guest", json={"name": name}).json()
        return session


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    with serving(tmp_path / "data") as server:
        async with asyncio.timeout(PATIENCE_S):
            yield await asyncio.to_thread(House, server)


@asynccontextmanager
async def joined(*strangers: Stranger) -> AsyncIterator[None]:
    for stranger in strangers:
        await stranger.join()
    yield
    for stranger in strangers:
        await stranger.leave()


async def reach(stranger: Stranger, version: int) -> None:
    while stranger.version < version:
        await stranger.receive()


async def test_two_strangers_edit_at_the_same_time_and_end_equal(house: House) -> None:
    ada, bob = house.stranger(house.ada), house.stranger(house.bob)

    async def edit(session: Json, stranger: Stranger) -> None:
        """Appends, moves, edits, removes; every time against what it holds."""
        for n in range(8):
            length = len(stranger.entries)
            keep = [["k", length]] if length else []
            entry = house.entry(session, stranger, n, title=f'"Für" {n}\n\u2028🎵')
            await stranger.submit({"l": [*keep, ["i", [entry]]]})
            await stranger.settled()
        length = len(stranger.entries)
        await stranger.submit({"l": [["d", 0, 2], ["k", length - 2], ["p", 2, {"note": "first"}]]})
        await stranger.settled()
        length = len(stranger.entries)
        await stranger.submit({"l": [["k", 3], ["r", 1], ["k", length - 4]], "a": {"description": "twice"}})
        await stranger.settled()

    async with joined(ada, bob):
        await asyncio.gather(edit(house.ada, ada), edit(house.bob, bob))
        await asyncio.gather(reach(ada, 20), reach(bob, 20))
        assert ada.version == bob.version == 20
        assert ada.entries == bob.entries
        assert ada.digest() == bob.digest()
        # The room falls idle and sends its digest, which `receive` compares.
        await asyncio.gather(ada.until("digest"), bob.until("digest"))
        assert ada.compared > 0
        assert bob.compared > 0


async def test_a_stranger_comes_back_and_sends_again(house: House) -> None:
    ada, bob = house.stranger(house.ada), house.stranger(house.bob)
    async with joined(bob):
        await ada.join()
        await ada.submit({"a": {"name": "Saturday"}})
        await reach(bob, 1)
        await ada.drop()  # the commit was made, its ack may be lost
        await bob.submit({"a": {"description": "while you were out"}})
        await bob.settled()

        async with joined(ada):
            assert ada.version == 2
            assert (
                ada.attributes == bob.attributes == {"name": "Saturday", "description": "while you were out"}
            )
            await ada.submit({"a": {"name": "Sunday"}})
            await ada.resend()
            await ada.settled()
            answer = await ada.until("ack")
            assert (answer["seq"], answer["version"]) == (ada.seq, 3)


async def test_a_large_op_and_a_large_playlist_go_in_parts(house: House) -> None:
    ada, bob = house.stranger(house.ada), house.stranger(house.bob)
    async with joined(ada):
        entries = [house.entry(house.ada, ada, n, note="♪" * 150) for n in range(300)]
        await ada.submit({"l": [["i", entries]]})
        await ada.settled()
        async with joined(bob):
            assert bob.joined_parts > 0
            assert bob.entries == entries
            assert bob.digest() == ada.digest()


async def test_refusals_say_what_the_page_says(house: House) -> None:
    ada = house.stranger(house.ada)
    async with joined(ada):
        await ada.submit({"l": [["r", 1]]})
        refused = await ada.settled()
        assert (refused["code"], refused["seq"]) == ("op_length", 1)
        await ada.send({"type": "submit", "room": ada.room, "seq": 3, "base": 0, "op": {}})
        assert (await ada.until("refused"))["code"] == "seq_gap"
        await ada.submit({})
        assert (await ada.settled())["type"] == "ack"
        assert ada.version == 0

        thief = house.stranger(house.bob, client=ada.client)
        with pytest.raises(ConnectionClosed) as closed:
            await thief.join()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4006
