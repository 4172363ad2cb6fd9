"""How a guest becomes the same person on another device.

The device that knows them shows a code, the other one says it within ten minutes, and is them from then on. A
code works once and is kept as a refresh token is, hashed: it is one, of a device that has yet to come.
Whoever guesses waits as at a Jam's door. Knows guests. Does not know HTTP.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from collab import deeds
from collab.ambient import Ambient
from collab.errors import Refusal
from collab.failures import Failures, Lenience
from collab.guests import Guests, Session
from collab.household import household
from collab.secret_hash import secret_hash
from jam.codes import LENGTH, code_from, normalise
from storage.store import People, RefreshToken

# Long enough to fetch the other device, and no longer: who reads it over a shoulder is that person, too.
LIFE_MS: Final = 10 * 60 * 1000
# Within a minute. Loopback is no exception: behind a proxy it is everybody.
FAILURES_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class DeviceLink:
    """`code` as `jam.codes` reads it; good once, until `expires_ms` (wall ms)."""

    code: str
    expires_ms: int


class DeviceLinks:
    def __init__(self, people: People, guests: Guests, ambient: Ambient) -> None:
        self._people = people
        self._guests = guests
        self._ambient = ambient
        self._failures = Failures(Lenience(FAILURES_MAX))

    async def make(self, user_id: str) -> DeviceLink:
        """A code for another device of this guest. Raises Refusal `forbidden` for people of another issuer,
        who sign in there; `token_invalid` if the user is gone."""
        user = await self._people.user(user_id)
        if user is None:
            raise Refusal("token_invalid")
        if user.kind != "guest":
            raise Refusal("forbidden")
        now_ms = self._ambient.now_ms()
        made = DeviceLink(code_from(self._random_bytes()), now_ms + LIFE_MS)
        await self._people.add_refresh_token(
            RefreshToken(
                secret_hash=_hash(made.code),
                family=self._ambient.new_id(),
                user_id=user_id,
                created_ms=now_ms,
                expires_ms=made.expires_ms,
                used=False,
                revoked=False,
            )
        )
        deeds.note()
        return made

    async def follow(self, typed: str, address: str | None) -> Session:
        """A session of whoever made the code, however it was typed.

        Raises Refusal `key_invalid`, always the same, whether it was never made, is over or was used;
        `rate_limited` after too many of these.
        """
        now_ms, guesser = self._ambient.now_ms(), household(address)
        wait_ms = self._failures.wait_ms(guesser, now_ms)
        if wait_ms:
            raise Refusal("rate_limited", retry_after_ms=wait_ms)
        code = normalise(typed)
        held = None if code is None else await self._people.take_refresh_token(_hash(code))
        if held is None or held.used or held.revoked or held.expires_ms <= now_ms:
            self._failures.add(guesser, now_ms)
            raise Refusal("key_invalid")
        user = await self._people.user(held.user_id)
        if user is None:
            raise Refusal("key_invalid")
        return await self._guests.begin(user)

    def _random_bytes(self) -> Iterator[int]:
        while True:
            yield from self._ambient.entropy(LENGTH)


def _hash(code: str) -> bytes:
    """No refresh token has the hash of a code."""
    return secret_hash(f"device link {code}")
