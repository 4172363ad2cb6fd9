"""Tokens of an issuer of one's own, with keys that come over a real socket."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest

from collab.auth import Tokens
from collab.bans import Bans
from collab.errors import Refusal
from collab.issuer import NAMELESS, Issuer, user_of
from collab.issuer_keys import IssuerKeys, usable_keys
from collab.key_ring import RingTimes
from collab.metrics import Metrics
from storage.administered import AuditEntry
from storage.memory import MemoryStore
from storage.store import User
from tests.collab.http_world import SECRET, START_MS, Times
from tests.collab.serving import HUNG_S
from tests.issuers import AUDIENCE, NAME, Json, KeyServer, Signer, claims, key_server

ADA = Signer("ada's")
LEAST_MS = 10_000


class World:
    """A node's tokens, and the issuer whose keys it fetches."""

    def __init__(self, keys: KeyServer) -> None:
        self.times = Times()
        self.server = keys
        self.store = MemoryStore()
        self.metrics = Metrics()
        self.keys = IssuerKeys(
            keys.url, self.metrics, lambda: self.times.now_ms, RingTimes(least_ms=LEAST_MS)
        )
        self.bans = Bans()
        issuer = Issuer(NAME, AUDIENCE, self.keys, self.store, self.bans.check)
        self.tokens = Tokens(SECRET, self.store, self.times.ambient(), issuer=issuer)

    async def name_of(self, token: str) -> str:
        return (await self.tokens.verify(token, self.times.now_ms)).name

    async def refusal(self, token: str) -> Refusal:
        with pytest.raises(Refusal) as caught:
            await self.tokens.verify(token, self.times.now_ms)
        return caught.value

    def token(self, signer: Signer = ADA, sub: str = "ada", **more: Any) -> str:
        return signer.sign(claims(sub, self.times.now_ms, **more))

    @property
    def state(self) -> str:
        [state] = [
            state
            for state in ("closed", "open", "half_open")
            if self.metrics.registry.get_sample_value(
                "tutti_breaker_state", {"breaker": "issuer", "tutti_breaker_state": state}
            )
        ]
        return state


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with asyncio.timeout(HUNG_S), key_server(ADA) as keys:
        yield World(keys)


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
async def test_a_token_says_who_until_when(world: World, algorithm: str) -> None:
    signer = Signer("k", algorithm)
    world.server.show(signer)
    identity = await world.tokens.verify(world.token(signer, name=" Ada  L. "), START_MS)
    assert identity.user_id == user_of(NAME, "ada")
    assert (identity.name, identity.expires_ms) == ("Ada L.", START_MS + 900_000)
    assert identity.token_id is None


async def test_the_same_subject_is_the_same_user_and_of_another_issuer_another() -> None:
    assert user_of(NAME, "ada") == "6Mto986xJr0wQJMGd9kUSa"
    assert len({user_of("a", "bc"), user_of("ab", "c"), user_of("a", "b"), user_of(NAME, "ada")}) == 4


async def test_an_account_is_made_once_and_follows_its_name(world: World) -> None:
    user_id = user_of(NAME, "ada")
    for name, shown in [("Ada", "Ada"), ("Ada", "Ada"), ("Countess", "Countess"), (None, NAMELESS)]:
        assert await world.name_of(world.token(name=name)) == shown
        user = await world.store.user(user_id)
        assert user is not None
        assert (user.name, user.kind) == (shown, "account")


async def test_no_account_is_made_for_somebody_who_is_shut_out(world: World) -> None:
    user_id = user_of(NAME, "ada")
    await world.name_of(world.token(name="Ada"))
    await world.bans.follow(world.store)
    entry = AuditEntry(START_MS, "olga", "delete_user", user_id)
    assert await world.store.erase_user(entry, kind="playlist", keep="owner")
    await world.bans.follow(world.store)
    assert (await world.refusal(world.token(name="Ada"))).code == "token_invalid"
    assert await world.store.user(user_id) is None
    await world.store.unban(AuditEntry(START_MS, "olga", "unban", user_id))
    await world.bans.follow(world.store)
    assert await world.name_of(world.token(name="Ada")) == "Ada"
    assert await world.store.user(user_id) is not None


@pytest.mark.parametrize("name", [5, "", "\u202eada", "x" * 300, ["Ada"]])
async def test_a_name_that_nobody_can_have_is_none(world: World, name: object) -> None:
    assert await world.name_of(world.token(name=name)) == NAMELESS


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example.com/"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": None},
        {"exp": None},
        {"iat": None},
        {"exp": START_MS // 1000 + 901},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": "soon"},
        {"exp": START_MS // 1000 - 1},  # before it began
        {"iat": START_MS // 1000 + 61, "exp": START_MS // 1000 + 300},
        {"nbf": START_MS // 1000 + 61},
    ],
)
async def test_claims_that_are_not_as_they_must_be(world: World, changed: Json) -> None:
    token = ADA.sign(claims("ada", START_MS, **changed))
    assert (await world.refusal(token)).code == "token_invalid"


async def test_it_ends_a_minute_after_its_time(world: World) -> None:
    token = world.token()
    world.times.now_ms += 960_000 - 1
    await world.name_of(token)
    world.times.now_ms += 1
    assert (await world.refusal(token)).code == "token_expired"


def part(value: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_what_the_issuer_did_not_sign(world: World) -> None:
    mallory = Signer("ada's")
    body = claims("ada", START_MS)
    forged = [
        mallory.sign(body),
        ADA.sign(body)[:-4],
        ADA.sign(body | {"pad": "x" * 5000}),
        f"{part({'alg': 'ES256', 'kid': 5})}.{part(body)}.x",
        f"{part({'alg': 'ES256'})}.{part(body)}.x",
        f"{part({'alg': 'none', 'kid': ADA.kid})}.{part(body)}.",
        jwt.encode(body, ADA.jwk["x"], algorithm="HS256", headers={"kid": ADA.kid}),
        Signer("ada's", "EdDSA").sign(body),
    ]
    for token in forged:
        assert (await world.refusal(token)).code == "token_invalid", token


async def test_our_own_tokens_are_believed_as_before(world: World) -> None:
    world.server.fail()
    issued = world.tokens.issue_session(User("A" * 22, "Ann", "guest", START_MS), START_MS)
    assert await world.name_of(issued.token) == "Ann"
    assert world.server.asked == 0


async def test_keys_are_asked_for_once_by_many_and_then_kept(world: World) -> None:
    names = await asyncio.gather(*(world.name_of(world.token(sub=str(n), name="Ada")) for n in range(20)))
    assert names == ["Ada"] * 20
    world.times.now_ms += 60_000
    await world.name_of(world.token())
    assert world.server.asked == 1


async def test_a_new_key_is_found_when_a_token_names_it(world: World) -> None:
    await world.name_of(world.token())
    new = Signer("new")
    world.server.show(ADA, new)
    early = await world.refusal(world.token(new))
    assert (early.code, early.retry_after_ms) == ("unavailable", LEAST_MS)
    world.times.now_ms += LEAST_MS
    await world.name_of(world.token(new))
    assert world.server.asked == 2


async def test_strangers_cannot_make_us_hammer_the_issuer(world: World) -> None:
    await world.name_of(world.token())
    world.times.now_ms += LEAST_MS
    codes = [(await world.refusal(world.token(Signer(str(n), "EdDSA")))).code for n in range(20)]
    assert codes == ["token_invalid"] + ["unavailable"] * 19
    assert world.server.asked == 2


async def test_while_the_issuer_fails_keys_stay(world: World) -> None:
    await world.name_of(world.token())
    assert world.state == "closed"
    world.server.fail()
    world.times.now_ms += LEAST_MS
    unknown = await world.refusal(world.token(Signer("unknown")))
    assert (unknown.code, unknown.retryable) == ("unavailable", True)
    assert world.state == "open"
    await world.name_of(world.token())
    world.server.show(ADA)
    world.times.now_ms += LEAST_MS
    assert (await world.refusal(world.token(Signer("unknown")))).code == "token_invalid"
    assert world.state == "closed"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"nonsense", b'{"keys": 5}', b'{"keys": []}', b'{"keys": [{"kid": "a"}]}', b"[" * 99_999],
)
async def test_an_answer_without_keys_takes_none_away(world: World, body: bytes) -> None:
    await world.name_of(world.token())
    world.server.body = body
    world.times.now_ms += LEAST_MS
    assert (await world.refusal(world.token(Signer("unknown")))).code == "unavailable"
    await world.name_of(world.token())


async def test_an_answer_that_is_too_long_is_none(world: World) -> None:
    world.server.body += b" " * 256 * 1024
    assert (await world.refusal(world.token())).code == "unavailable"


async def test_an_issuer_that_is_silent_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collab.issuer_keys.ANSWER_S", 0.0)
    world.server.answers.clear()
    assert (await world.refusal(world.token())).code == "unavailable"


async def test_who_gives_up_takes_nobody_along(world: World) -> None:
    world.server.answers.clear()
    waiting = [asyncio.create_task(world.name_of(world.token(name="Ada"))) for _ in range(2)]
    await world.server.was_asked.wait()
    waiting[0].cancel()
    world.server.answers.set()
    assert await waiting[1] == "Ada"


def test_only_public_keys_of_our_algorithms_count() -> None:
    good = [Signer("ec"), Signer("rsa", "RS256"), Signer("ed", "EdDSA")]
    bad = [
        Signer("weak", "weak").jwk,
        Signer("enc").jwk | {"use": "enc"},
        Signer("nameless").jwk | {"kid": None},
        Signer("long").jwk | {"kid": "x" * 257},
        Signer("confused").jwk | {"alg": "RS256"},
        Signer("other").jwk | {"alg": "HS256"},
        {"kty": "oct", "kid": "secret", "k": "AAAA", "alg": "HS256"},
        {"kty": "EC", "kid": "half", "crv": "P-256", "x": "AAAA"},
    ]
    body = json.dumps({"keys": [*(signer.jwk for signer in good), *bad]}).encode()
    assert set(usable_keys(body)) == {"ec", "rsa", "ed"}
