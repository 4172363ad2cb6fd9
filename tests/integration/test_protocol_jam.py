"""PROTOCOL.md is enough for a Jam, too: strangers start one, come in by code, follow it on a real server."""

import asyncio
import secrets
import string
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.collab.command import Serving, serving
from tests.integration.stranger import JamStranger

Json = dict[str, Any]

PATIENCE_S = 20


class Evening:
    """A server, and people who have a token and nothing else."""

    def __init__(self, server: Serving) -> None:
        self.server = server

    async def guest(self, name: str) -> Json:
        session: Json = await self.ask("POST", "/v1/guest", None, {"name": name})
        return session

    async def ask(self, method: str, path: str, session: Json | None, body: Json | None = None) -> Any:
        headers = {"Authorization": f"Bearer {session['token']}"} if session else {}
        async with httpx.AsyncClient(base_url=self.server.url, headers=headers) as client:
            return (await client.request(method, path, json=body)).json()

    async def enter(self, session: Json, jam: str) -> JamStranger:
        alphabet = string.digits + string.ascii_letters
        client = "0" + "".join(secrets.choice(alphabet) for _ in range(21))
        stranger = JamStranger(self.server.url, session["token"], client, jam)
        opened = await stranger.join()
        assert opened["kind"] == "jam"
        return stranger


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    with serving(tmp_path / "data") as server:
        async with asyncio.timeout(PATIENCE_S):
            yield Evening(server)


async def until(stranger: JamStranger, event: str) -> Json:
    """Reads until this has happened; returns it."""
    while not any(found := [it for it in stranger.happened if it["event"] == event]):
        await stranger.receive()
    return found[-1]


def song(number: int) -> Json:
    return {"track": f"demo:{number}", "title": f"Song {number}", "duration_ms": 180_000}


async def test_strangers_meet_in_a_jam(evening: Evening) -> None:
    ada, mia = await evening.guest("Ada"), await evening.guest("Mia")
    made = await evening.ask("POST", "/v1/jams", ada, {"name": "Friday"})
    host = await evening.enter(ada, made["id"])
    typed = made["code"]["code"].lower().replace("-", " ")
    admission = await evening.ask("POST", "/v1/jams/join", mia, {"code": typed})
    assert (admission["jam"], admission["role"]) == (made["id"], "guest")
    guest = await evening.enter(mia, made["id"])

    for number in range(3):
        await host.command("add", entry=f"{host.client}.{number}", track=song(number))
        await guest.command("add", entry=f"{guest.client}.{number}", track=song(9 - number))
    await guest.command("vote", entry=f"{host.client}.2", value=1)
    assert (await guest.command("vote", entry=f"{host.client}.2", value=1))["type"] == "ack"
    assert (await guest.command("pause"))["code"] == "forbidden"
    assert (await host.command("pause", reign=7))["code"] == "old_reign"
    await host.command("play", reign=host.jam["reign"])
    started = await until(guest, "advanced")
    assert started["anchor_ms"] - started["at"] >= 400
    assert (await guest.command("next", play=started["play"]))["code"] == "forbidden"
    await guest.command("say", text="What a song!\n\u2028🎵")
    await host.command("kick", user=mia["user"]["id"], reign=host.jam["reign"])
    assert (await guest.until("role"))["role"] == ""

    again = await evening.ask("POST", "/v1/jams/join", mia, {"code": typed})
    assert again["error"]["code"] == "key_invalid"
    # The room falls idle and sends its digest, which `receive` compares.
    while not host.compared:
        await host.receive()
    seen = await evening.ask("GET", f"/v1/jams/{made['id']}", ada)
    assert seen["state"] == host.jam
    await host.leave()
    await guest.leave()


async def test_the_host_is_asked_first(evening: Evening) -> None:
    ada, mia = await evening.guest("Ada"), await evening.guest("Mia")
    made = await evening.ask("POST", "/v1/jams", ada, {"settings": {"approval": True}})
    host = await evening.enter(ada, made["id"])
    key = {"code": made["code"]["code"]}
    assert (await evening.ask("POST", "/v1/jams/join", mia, key))["role"] is None
    await until(host, "knocked")
    assert (await evening.ask("GET", f"/v1/jams/{made['id']}", mia))["error"]["code"] == "not_found"
    await host.command("approve", user=mia["user"]["id"], reign=host.jam["reign"])
    assert (await evening.ask("POST", "/v1/jams/join", mia, key))["role"] == "guest"
    guest = await evening.enter(mia, made["id"])
    assert guest.jam["members"].keys() == {ada["user"]["id"], mia["user"]["id"]}
    await host.leave()
    await guest.leave()


async def test_a_stranger_comes_back_to_a_jam(evening: Evening) -> None:
    ada, mia = await evening.guest("Ada"), await evening.guest("Mia")
    made = await evening.ask("POST", "/v1/jams", ada, {})
    await evening.ask("POST", "/v1/jams/join", mia, {"code": made["code"]["code"]})
    host, guest = await evening.enter(ada, made["id"]), await evening.enter(mia, made["id"])
    await guest.submit({"do": "add", "entry": f"{guest.client}.1", "track": song(1)})
    await until(host, "added")
    await guest.drop()  # the commit was made, its ack may be lost
    await host.command("say", text="You missed this.")
    opened = await guest.join()
    assert opened["reason"] == "resumed"
    await guest.resend()
    while guest.version < host.version:
        await guest.receive()
    assert list(guest.jam["entries"]) == [f"{guest.client}.1"]
    assert guest.jam == host.jam
    await host.leave()
    await guest.leave()
