import base64
import json
from typing import Any

import jwt
import pytest

from collab.auth import API_LIFE_S_MAX, LEEWAY_S, SESSION_LIFE_S, Tokens
from collab.errors import CallerError, Refusal
from storage.memory import MemoryStore
from storage.store import User
from tests.collab.http_world import SECRET, START_MS, Times

ADA = User(id="A" * 22, name="Ada", kind="guest", created_ms=START_MS)
CLAIMS: dict[str, Any] = {
    "iss": "tutti",
    "aud": "tutti",
    "sub": ADA.id,
    "name": "Ada",
    "use": "session",
    "iat": START_MS // 1000,
    "exp": START_MS // 1000 + 60,
    "jti": "J" * 22,
}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def tokens(store: MemoryStore) -> Tokens:
    return Tokens(SECRET, store, Times().ambient())


def signed(claims: dict[str, Any], key: bytes | str = SECRET, **header: Any) -> str:
    algorithm = header.pop("alg", "HS256")
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "1", **header})


async def code_of(tokens: Tokens, token: str, now_ms: int = START_MS) -> str:
    with pytest.raises(Refusal) as caught:
        await tokens.verify(token, now_ms)
    return caught.value.code


async def test_a_session_token_says_who_until_when(tokens: Tokens) -> None:
    issued = tokens.issue_session(ADA, START_MS)
    assert issued.expires_ms == START_MS + SESSION_LIFE_S * 1000
    identity = await tokens.verify(issued.token, START_MS)
    assert (identity.user_id, identity.name) == (ADA.id, "Ada")
    assert identity.expires_ms == issued.expires_ms
    assert identity.token_id is None


async def test_what_is_no_text_at_all_is_no_token(tokens: Tokens) -> None:
    assert await code_of(tokens, "\ud800") == "token_invalid"


@pytest.mark.parametrize("is_once", [False, True])
async def test_a_token_that_was_believed_ends_all_the_same(tokens: Tokens, is_once: bool) -> None:
    issued = tokens.issue_session(ADA, START_MS)
    await tokens.verify(issued.token, START_MS, is_once=is_once)
    assert await code_of(tokens, issued.token, issued.expires_ms + LEEWAY_S * 1000) == "token_expired"
    assert await code_of(tokens, issued.token[:-1]) == "token_invalid"


async def test_it_ends_a_minute_after_its_time(tokens: Tokens) -> None:
    issued = tokens.issue_session(ADA, START_MS)
    end_ms = issued.expires_ms + LEEWAY_S * 1000
    await tokens.verify(issued.token, end_ms - 1)
    assert await code_of(tokens, issued.token, end_ms) == "token_expired"


async def test_an_api_token_lives_long_and_can_be_revoked(tokens: Tokens, store: MemoryStore) -> None:
    issued = await tokens.issue_api(ADA, "backup", 30 * 24 * 3600, START_MS)
    identity = await tokens.verify(issued.token, START_MS + 29 * 24 * 3600 * 1000)
    [row] = await store.api_tokens()
    assert (row.id, row.label, row.expires_ms) == (identity.token_id, "backup", issued.expires_ms)
    await store.revoke_api_token(row.id)
    assert await code_of(tokens, issued.token) == "token_invalid"


async def test_an_api_token_that_the_store_does_not_list_is_worth_nothing(tokens: Tokens) -> None:
    assert await code_of(tokens, signed(CLAIMS | {"use": "api"})) == "token_invalid"


@pytest.mark.parametrize("life_s", [0, -1, API_LIFE_S_MAX + 1])
async def test_an_api_token_lives_at_most_90_days(tokens: Tokens, life_s: int) -> None:
    with pytest.raises(CallerError):
        await tokens.issue_api(ADA, "", life_s, START_MS)


async def test_a_token_like_ours_is_believed(tokens: Tokens) -> None:
    assert (await tokens.verify(signed(CLAIMS), START_MS)).user_id == ADA.id


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "other"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"sub": "not an id"},
        {"sub": 5},
        {"name": None},
        {"use": "root"},
        {"exp": "soon"},
        {"exp": 1e300},
        {"iat": START_MS // 1000 + LEEWAY_S + 1},  # from the future
        {"exp": START_MS // 1000 + SESSION_LIFE_S + 1},  # lives longer than its use allows
    ],
)
async def test_claims_that_are_not_as_ours(tokens: Tokens, changed: dict[str, Any]) -> None:
    assert await code_of(tokens, signed(CLAIMS | changed)) == "token_invalid"


@pytest.mark.parametrize("missing", sorted(CLAIMS))
async def test_every_claim_is_needed(tokens: Tokens, missing: str) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != missing}
    assert await code_of(tokens, signed(claims)) == "token_invalid"


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "a",
        "a.b.c",
        "é.é.é",
        "\ud800",
        "x" * 100_000,
        signed(CLAIMS, key=b"f" * 32),
        signed(CLAIMS, kid="2"),
        signed(CLAIMS, kid="../secret"),
        signed(CLAIMS, key=SECRET * 2, alg="HS512"),
        signed(CLAIMS, key="", alg="none"),
        f"{part({'alg': 'HS256', 'kid': '1'})}.{part(CLAIMS)}.",
        f"{part({'alg': 'HS256', 'kid': ['1']})}.{part(CLAIMS)}.x",
        f"{part({'alg': 'HS256'})}.{part(CLAIMS)}.x",
        signed(CLAIMS)[:-2],
    ],
)
async def test_what_our_key_did_not_sign(tokens: Tokens, forged: str) -> None:
    assert await code_of(tokens, forged) == "token_invalid"


def test_a_short_secret_is_refused(store: MemoryStore) -> None:
    with pytest.raises(CallerError):
        Tokens(b"short", store, Times().ambient())
