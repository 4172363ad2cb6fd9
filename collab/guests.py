"""Guests: people who only said a name.

A guest gets a short token and, for the device, a refresh token that buys the next one, so that edits made
offline can return weeks later as the same person's. Each refresh token is good for one exchange; one that
comes a second time was copied, and the whole device is shut out (RFC 9700 section 4.14.2). Unless the reply
was lost: a node died, a phone left its network. A guest has no other way back, so for a while a used token
may come again, if nothing that it was answered with was used. It gets another answer and the one before is
dead, so of two who hold copies of a token at most one has a living answer, and the other shuts both out.

A refresh token is a secret, the device's family, and our seal on both. The secret follows from the token that
was exchanged for it, so that the answers to a token can be found again; the database knows hashes alone. The
seal is for the day after a backup was put back: the database has lost the tokens of every device that was
there since, and would shut them all out. Knows users and refresh tokens. Does not know HTTP, nor how often
somebody may ask.
"""

from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import Final

from collab.ambient import Ambient
from collab.auth import SESSION_LIFE_S, Tokens
from collab.errors import Refusal
from collab.ids import ID_LENGTH, is_id
from collab.names import clean_name
from collab.secret_hash import secret_hash
from storage.store import People, RefreshToken, User

# A secret, the family of its descendants, and a seal over both.
REFRESH_CHARS: Final = 3 * ID_LENGTH
REFRESH_LIFE_MS: Final = 90 * 24 * 3600 * 1000
# From the first answer on. Whoever heard it and lives comes with it before its session ends.
AGAIN_MS: Final = SESSION_LIFE_S * 1000
# More replies than this are not lost one after the other.
ANSWERS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Session:
    """What a device holds: a token until `expires_ms` (wall ms), and the secret that buys the next."""

    user: User
    token: str
    expires_ms: int
    refresh_token: str


class Guests:
    def __init__(self, people: People, tokens: Tokens, ambient: Ambient) -> None:
        self._people = people
        self._tokens = tokens
        self._ambient = ambient

    async def create(self, name: str) -> Session:
        """A new person. Raises Refusal `bad_request` if nobody can have this name."""
        user = User(
            id=self._ambient.new_id(),
            name=clean_name(name),
            kind="guest",
            created_ms=self._ambient.now_ms(),
        )
        await self._people.add_user(user)
        return await self.begin(user)

    async def begin(self, user: User) -> Session:
        """A session of one more device of somebody who is there already."""
        return await self._session(user, self._ambient.new_id() + self._ambient.new_id())

    async def refresh(self, refresh_token: str) -> Session:
        """The next token of the same person, and the next refresh token; the given one is used up.

        Raises Refusal `token_expired` after 90 days unused, `token_invalid` if it is unknown, revoked or
        was used before and not answered in vain; then every generation of the device is revoked.
        """
        if not _is_shaped(refresh_token):
            raise Refusal("token_invalid")
        hashed = secret_hash(refresh_token)
        known = await self._people.take_refresh_token(hashed)
        held = known or await self._recall(refresh_token)
        if held is None or held.revoked:
            raise Refusal("token_invalid")
        is_first = known is not None and not known.used
        answer = 0 if is_first else await self._next_answer(refresh_token, held)
        if answer is None:
            await self._people.revoke_family(held.family)
            raise Refusal("token_invalid")
        if held.expires_ms <= self._ambient.now_ms():
            raise Refusal("token_expired")
        user = await self._people.user(held.user_id)
        if user is None:
            raise Refusal("token_invalid")
        # Should somebody be given the same answer at this moment, only one of them can store it.
        session = await self._session(user, self._answer(refresh_token, answer))
        # Had the same token come a second time before our successor was stored, revoking the family would
        # have missed the successor; so look once more, now that it stands.
        again = await self._people.take_refresh_token(hashed)
        if again is None or again.revoked:
            await self._people.revoke_family(held.family)
            raise Refusal("token_invalid")
        return session

    async def revoke(self, refresh_token: str) -> None:
        """Signs the device out. An unknown token is no error: then there is nothing to sign out."""
        if not _is_shaped(refresh_token):
            return
        held = await self._people.take_refresh_token(secret_hash(refresh_token))
        if held is not None:
            await self._people.revoke_family(held.family)

    async def _recall(self, refresh_token: str) -> RefreshToken | None:
        """A token that we gave out and have lost since: it counts as the device's newest, once. None if we
        never gave it out, or the device is unknown."""
        sealed, seal = refresh_token[:-ID_LENGTH], refresh_token[-ID_LENGTH:]
        if not compare_digest(seal, self._tokens.seal(sealed)):
            return None
        # Used up are all that the database has: should somebody hold a copy of one, whoever comes second
        # shuts the device out, as always.
        newest = await self._people.take_family(sealed[ID_LENGTH:])
        if newest is None:
            return None
        hashed = secret_hash(refresh_token)
        await self._people.add_refresh_token(replace(newest, secret_hash=hashed, used=False))
        return await self._people.take_refresh_token(hashed)

    async def _next_answer(self, refresh_token: str, held: RefreshToken) -> int | None:
        """Which answer a token gets that may have had some, counted from 0; None if it was copied. The
        answers that it had are used up by looking."""
        given: list[RefreshToken] = []
        while len(given) < ANSWERS_MAX:
            answer = self._sealed(self._answer(refresh_token, len(given)))
            found = await self._people.take_refresh_token(secret_hash(answer))
            if found is None:
                break
            of_answer = self._sealed(self._answer(answer, 0))
            if await self._people.take_refresh_token(secret_hash(of_answer)) is not None:
                return None
            given.append(found)
        if not given and not held.used:
            return 0
        if not given:
            # Perhaps it never had one: the node died first. Then there is nothing newer.
            newest = await self._people.take_family(held.family)
            return 0 if newest is not None and newest.secret_hash == held.secret_hash else None
        is_over = given[0].created_ms + AGAIN_MS < self._ambient.now_ms() or len(given) == ANSWERS_MAX
        return None if is_over else len(given)

    def _answer(self, refresh_token: str, count: int) -> str:
        """What is sealed in the token that a token is exchanged for, the first time or a later one."""
        family = refresh_token[ID_LENGTH : 2 * ID_LENGTH]
        return self._tokens.seal(f"answer {count} to {refresh_token}") + family

    def _sealed(self, text: str) -> str:
        return text + self._tokens.seal(text)

    async def _session(self, user: User, unsealed: str) -> Session:
        """`unsealed`: the secret and the family of its refresh token."""
        now_ms = self._ambient.now_ms()
        secret = self._sealed(unsealed)
        await self._people.add_refresh_token(
            RefreshToken(
                secret_hash=secret_hash(secret),
                family=unsealed[ID_LENGTH:],
                user_id=user.id,
                created_ms=now_ms,
                expires_ms=now_ms + REFRESH_LIFE_MS,
                used=False,
                revoked=False,
            )
        )
        issued = self._tokens.issue_session(user, now_ms)
        return Session(user, issued.token, issued.expires_ms, secret)


def _is_shaped(refresh_token: str) -> bool:
    """Whether it looks as `_session` makes them: a secret, a family, a seal."""
    parts = [refresh_token[start : start + ID_LENGTH] for start in range(0, len(refresh_token), ID_LENGTH)]
    return len(parts) == 3 and all(map(is_id, parts))
