"""People with accounts elsewhere: their issuer's tokens on a real node, also while it is away (P17)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from collab.closing import CloseCode
from collab.codec import Encoding
from collab.config import OwnIssuer
from collab.issuer import user_of
from collab.messages import Goodbye, Hello, Refresh
from storage.administered import AuditEntry
from tests.collab.serving import HUNG_S
from tests.integration.world import Person, WireClient, World, new_id, world
from tests.issuers import AUDIENCE, NAME, KeyServer, Signer, claims, key_server
from tutti_client import connect

# Questions come every two seconds: a machine that is busy for some of them makes nothing fail.
LIFE_S = 6.0


class Accounts:
    """The app developer's server: an async callable that gives Ada tokens, unless it is away."""

    def __init__(self, node: World, signer: Signer) -> None:
        self._node = node
        self.signer = signer
        self.life_s = 900.0
        self.is_away = False
        self.asked = 0
        self.was_asked = asyncio.Event()

    async def __call__(self) -> str:
        self.asked += 1
        self.was_asked.set()
        if self.is_away:
            raise OSError("away")
        return self.token("ada", name="Ada")

    def token(self, subject: str, **more: object) -> str:
        return self.signer.sign(claims(subject, self._node.clock.now_ms(), self.life_s, **more))

    def person(self, subject: str) -> Person:
        return Person(user_of(NAME, subject), self.token(subject, name=subject))


class Place:
    def __init__(self, node: World, keys: KeyServer, accounts: Accounts) -> None:
        self.node = node
        self.keys = keys
        self.accounts = accounts
        self.url = f"http://127.0.0.1:{node.port}"

    async def get(self, path: str, token: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.url) as client:
            return await client.get(path, headers={"authorization": f"Bearer {token}"})


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    signer = Signer("one")
    async with (
        asyncio.timeout(2 * HUNG_S),
        key_server(signer) as keys,
        world(tmp_path, issuer=OwnIssuer(NAME, AUDIENCE, keys.url)) as node,
    ):
        yield Place(node, keys, Accounts(node, signer))


async def test_a_token_opens_sockets_and_requests_as_the_same_user(place: Place) -> None:
    ada = place.accounts.person("ada")
    me = (await place.get("/v1/me", ada.token)).json()
    assert (me["id"], me["name"]) == (ada.id, "ada")
    document = await place.node.playlist(ada)
    async with place.node.client(ada) as client:
        await client.open(document)
        await client.send(client.append(document, 1, 0, 0))
        assert [row.author for row in await client.rows(1)] == [ada.id]
    assert place.keys.asked == 1


async def test_a_forged_token_is_refused_for_good(place: Place) -> None:
    forged = Signer("one").sign(claims("ada", place.node.clock.now_ms()))
    assert (await place.get("/v1/me", forged)).status_code == 401
    async with place.node.socket() as socket:
        client = WireClient(socket, Encoding.MSGPACK, new_id(), Person("", forged))
        await client.send(Hello(forged, client.id))
        assert await client.ends() == CloseCode.UNAUTHENTICATED


async def test_a_banned_persons_good_token_is_refused_everywhere(place: Place) -> None:
    """By requests, by a socket that is open, by a new one; each with a token that the issuer just signed."""
    ada = place.accounts.person("ada")
    async with place.node.client(ada) as client:
        assert (await place.get("/v1/me", ada.token)).status_code == 200
        entry = AuditEntry(1, "olga", "ban", ada.id)
        assert await place.node.store.ban(entry)
        assert await client.ends() == CloseCode.UNAUTHENTICATED
    fresh = place.accounts.person("ada")
    answer = await place.get("/v1/me", fresh.token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_invalid")
    async with place.node.socket() as socket:
        late = WireClient(socket, Encoding.MSGPACK, new_id(), fresh)
        await late.send(Hello(fresh.token, late.id))
        assert await late.ends() == CloseCode.UNAUTHENTICATED
    bob = place.accounts.person("bob")
    assert (await place.get("/v1/me", bob.token)).status_code == 200


async def test_keys_are_rotated_under_a_session(place: Place) -> None:
    ada = place.accounts.person("ada")
    document = await place.node.playlist(ada)
    async with place.node.client(ada) as client:
        await client.open(document)
        new = place.accounts.signer = Signer("two", "EdDSA")
        place.keys.show(new)
        # Asked for just now; nothing is believed and nobody is sent away before it may be asked for again.
        early = await place.get("/v1/me", place.accounts.token("ada"))
        assert (early.status_code, early.json()["error"]["code"]) == (503, "unavailable")
        await client.send(Refresh(place.accounts.token("ada")))
        await client.send(client.append(document, 1, 0, 0))
        assert [row.seq for row in await client.rows(1)] == [1]
        assert not client.left(Goodbye)


async def test_nobody_is_disconnected_while_the_issuer_is_away_for_a_third_of_a_life(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Seconds for minutes; the server's own reminder, a minute before the end, stays out of it.
    monkeypatch.setattr("collab.session.REFRESH_AHEAD_MS", 0)
    accounts = place.accounts
    accounts.life_s = LIFE_S
    ada = Person(user_of(NAME, "ada"), "")
    document = await place.node.playlist(ada)
    async with connect(place.url, token=accounts) as tutti:
        playlist = await tutti.open_playlist(document)
        accounts.is_away = True
        place.keys.fail()
        accounts.was_asked.clear()
        await accounts.was_asked.wait()
        # It was asked in vain once; before it is asked again it is back.
        assert accounts.asked == 2
        accounts.is_away = False
        for _ in range(2):
            accounts.was_asked.clear()
            await accounts.was_asked.wait()
            playlist.append([{"track": "demo:1", "title": "One"}])
            await playlist.saved()
        assert tutti.sessions == 1
    assert len(playlist.entries) == 2
