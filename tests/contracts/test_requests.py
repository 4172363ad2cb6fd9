"""What every store promises about requests that came with a key."""

import asyncio
from dataclasses import replace

from storage.store import Claim
from tests.contracts.backends import Backend, FullStore

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def claim(user: str = "ada", key: bytes = KEY, request: bytes = b"r", claimed_ms: int = 1_000) -> Claim:
    return Claim(user, key, request, claimed_ms)


async def test_the_first_claim_stands(store: FullStore) -> None:
    assert await store.claim_request(claim(), 10) == claim()
    assert await store.claim_request(claim(request=b"another", claimed_ms=2_000), 10) == claim()
    assert await store.claim_request(claim("bob", claimed_ms=2_000), 10) == claim("bob", claimed_ms=2_000)
    other = claim(key=OTHER_KEY, claimed_ms=3_000)
    assert await store.claim_request(other, 10) == other


async def test_of_two_at_once_both_get_the_same(backend: Backend) -> None:
    one, two = await backend.open(), await backend.open()
    claims = [claim(claimed_ms=n) for n in range(8)]
    got = await asyncio.gather(
        *(store.claim_request(c, 10) for store, c in zip((one, two) * 4, claims, strict=True))
    )
    assert len(set(got)) == 1
    assert got[0] in claims


async def test_the_first_answer_stays(store: FullStore) -> None:
    await store.claim_request(claim(), 10)
    await store.answer_request("ada", KEY, b"\x00 one")
    await store.answer_request("ada", KEY, b"two")
    await store.answer_request("ada", OTHER_KEY, b"to nobody")
    assert await store.claim_request(claim(claimed_ms=5), 10) == replace(claim(), answer=b"\x00 one")
    assert await store.claim_request(claim(key=OTHER_KEY), 10) == claim(key=OTHER_KEY)


async def test_a_user_has_so_many_keys(store: FullStore) -> None:
    for n in range(3):
        assert await store.claim_request(claim(key=b"%d" % n), 3) is not None
    assert await store.claim_request(claim(), 3) is None
    assert await store.claim_request(claim(key=b"1"), 3) is not None, "it stands already"
    assert await store.claim_request(claim("bob"), 3) is not None


async def test_old_claims_are_forgotten_oldest_first(store: FullStore) -> None:
    for n in range(5):
        await store.claim_request(claim(key=b"%d" % n, claimed_ms=n), 10)
    assert await store.forget_requests(3, 2) == 2
    assert await store.forget_requests(3, 2) == 1
    assert await store.forget_requests(3, 2) == 0
    again = claim(key=b"0", claimed_ms=9)
    assert await store.claim_request(again, 10) == again
    assert await store.claim_request(claim(key=b"3", claimed_ms=9), 10) == claim(key=b"3", claimed_ms=3)
