"""Users, their tokens and their requests with keys, in memory: what `storage.memory` has beside documents."""

from collections.abc import Sequence
from dataclasses import replace

from storage.store import ApiToken, Claim, Device, RefreshToken, StoreError, User


class MemoryPeople:
    """`People` in memory."""

    def __init__(self) -> None:
        self._users: dict[str, User] = {}
        self._refresh_tokens: dict[bytes, RefreshToken] = {}
        self._api_tokens: dict[str, ApiToken] = {}
        self._claims: dict[tuple[str, bytes], Claim] = {}
        # Banned users, with the number of the line that says so.
        self._bans: dict[str, int] = {}

    async def add_user(self, user: User) -> None:
        if user.id in self._users:
            raise StoreError(f"The user {user.id} exists already.")
        self._users[user.id] = user

    async def user(self, user_id: str) -> User | None:
        return self._users.get(user_id)

    async def users(self, user_ids: Sequence[str]) -> dict[str, User]:
        return {user_id: self._users[user_id] for user_id in user_ids if user_id in self._users}

    async def rename_user(self, user_id: str, name: str) -> bool:
        if user_id not in self._users:
            return False
        self._users[user_id] = replace(self._users[user_id], name=name)
        return True

    async def add_refresh_token(self, token: RefreshToken) -> None:
        if token.secret_hash in self._refresh_tokens:
            raise StoreError("This refresh token exists already.")
        self._refresh_tokens[token.secret_hash] = token

    async def take_refresh_token(self, secret_hash: bytes) -> RefreshToken | None:
        before = self._refresh_tokens.get(secret_hash)
        if before is None or before.user_id in self._bans:
            return None
        self._refresh_tokens[secret_hash] = replace(before, used=True)
        return before

    async def take_family(self, family: str) -> RefreshToken | None:
        its = [
            token
            for token in self._refresh_tokens.values()
            if token.family == family and token.user_id not in self._bans
        ]
        for token in its:
            self._refresh_tokens[token.secret_hash] = replace(token, used=True)
        newest = max(its, key=lambda token: token.created_ms, default=None)
        return None if newest is None else replace(newest, used=True)

    async def revoke_family(self, family: str) -> None:
        for secret_hash, token in self._refresh_tokens.items():
            if token.family == family:
                self._refresh_tokens[secret_hash] = replace(token, revoked=True)

    async def devices(self, user_id: str, after: str = "", limit: int = 100) -> list[Device]:
        families: dict[str, list[RefreshToken]] = {}
        for token in self._refresh_tokens.values():
            if token.user_id == user_id and token.family > after:
                families.setdefault(token.family, []).append(token)
        return [
            Device(
                family,
                min(token.created_ms for token in its),
                max(token.created_ms for token in its),
                max(token.expires_ms for token in its),
                any(token.revoked for token in its),
            )
            for family, its in sorted(families.items())[:limit]
        ]

    async def add_api_token(self, token: ApiToken) -> None:
        if token.id in self._api_tokens:
            raise StoreError(f"The token {token.id} exists already.")
        self._api_tokens[token.id] = token

    async def api_tokens(self, user_id: str | None = None) -> list[ApiToken]:
        found = (token for token in self._api_tokens.values() if user_id in (None, token.user_id))
        return sorted(found, key=lambda token: (token.created_ms, token.id))

    async def revoke_api_token(self, token_id: str) -> bool:
        if token_id not in self._api_tokens:
            return False
        self._api_tokens[token_id] = replace(self._api_tokens[token_id], revoked=True)
        return True

    async def api_token(self, token_id: str) -> ApiToken | None:
        return self._api_tokens.get(token_id)

    async def claim_request(self, claim: Claim, keys_max: int) -> Claim | None:
        name = (claim.user_id, claim.key_hash)
        if name not in self._claims:
            if sum(user_id == claim.user_id for user_id, _ in self._claims) >= keys_max:
                return None
            self._claims[name] = claim
        return self._claims[name]

    async def answer_request(self, user_id: str, key_hash: bytes, answer: bytes) -> None:
        claim = self._claims.get((user_id, key_hash))
        if claim is not None and claim.answer is None:
            self._claims[user_id, key_hash] = replace(claim, answer=answer)

    async def forget_requests(self, before_ms: int, limit: int) -> int:
        old = sorted(
            (c for c in self._claims.values() if c.claimed_ms < before_ms), key=lambda c: c.claimed_ms
        )
        for claim in old[:limit]:
            del self._claims[claim.user_id, claim.key_hash]
        return len(old[:limit])
