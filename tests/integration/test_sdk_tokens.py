"""Tokens that end or are refused, and a server that is not there, in the SDK on a real node."""

import asyncio
from pathlib import Path

import pytest

from collab.auth import SESSION_LIFE_S
from collab.errors import CallerError
from tests.integration.sdk import songs, url
from tests.integration.world import World, world
from tutti_client import ConnectionRefused, Guest, RequestRefused, Unreachable, connect, guest


async def test_a_guest_keeps_the_token_fresh(tmp_path: Path) -> None:
    async with world(tmp_path) as node:
        rotated: list[str] = []
        ann = await guest(url(node), "Ann", on_rotate=rotated.append)
        assert (ann.name, rotated) == ("Ann", [ann.refresh_token])
        first = await ann()
        assert await ann() == first
        again = Guest(url(node), ann.refresh_token, on_rotate=rotated.append)
        one, two = await asyncio.gather(again(), again())
        assert one == two
        assert len(rotated) == 2
        assert again.user_id == ann.user_id
        await Guest(url(node), again.refresh_token)()
        with pytest.raises(RequestRefused) as raised:
            await Guest(url(node), ann.refresh_token)()
        assert (raised.value.status, raised.value.code) == (401, "token_invalid")
        with pytest.raises(RequestRefused) as refused:
            await guest(url(node), "\u202e")
        assert refused.value.status == 400


async def test_a_token_that_ends_is_replaced_in_band(node: World) -> None:
    """The server asks a minute ahead; here tokens live half that, so it asks at once, each time."""
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    asked = 0
    enough = asyncio.Event()

    async def token() -> str:
        nonlocal asked
        asked += 1
        if asked == 4:
            enough.set()
            await asyncio.Event().wait()
        user = await node.store.user(ann.id)
        assert user is not None
        made_ms = node.clock.now_ms() - SESSION_LIFE_S * 1000 + 30_000 + asked * 1000
        return node.tokens.issue_session(user, made_ms).token

    async with connect(url(node), token=token) as tutti:
        playlist = await tutti.open_playlist(document)
        await enough.wait()
        playlist.append(songs("a"))
        await playlist.saved()
        assert tutti.sessions == 1


async def test_a_refused_token_is_replaced_once(node: World) -> None:
    ann = await node.person("Ann")
    tokens = iter(["not a token", "nor this"])

    async def token() -> str:
        return next(tokens)

    with pytest.raises(ConnectionRefused) as raised:
        async with connect(url(node), token=token):
            pass
    assert raised.value.code == "token_invalid"
    assert next(tokens) == "nor this"
    with pytest.raises(ConnectionRefused):
        async with connect(url(node), token=ann.token + "x"):
            pass


async def test_nobody_there_is_said_so() -> None:
    with pytest.raises(Unreachable):
        async with connect("http://127.0.0.1:9", token="", timeout_s=0.01):
            pass
    with pytest.raises(CallerError):
        async with connect("127.0.0.1:9", token=""):
            pass
    with pytest.raises(Unreachable):
        await guest("http://127.0.0.1:9", "Ann")
