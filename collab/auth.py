"""Tokens: who somebody is, for a while.

Signs and checks the JWTs (RFC 7519) that the server itself gives out, with one algorithm and keys from a
fixed map. There are two uses: `session` tokens live minutes and are believed as they stand; `api` tokens live
up to 90 days and are looked up each time, so that revoking one works at once. Where the operator named an
issuer of their own (`issuer`), its tokens are believed, too. Knows claims and the store's rows of API tokens.
Does not know HTTP, sockets, or how a guest comes by a token (`guests`).
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

import jwt
import msgspec

from collab.ambient import Ambient
from collab.api_lookup import ApiLookup
from collab.errors import CallerError, Refusal
from collab.ids import ID_BYTES, UserId, encode_id, is_id
from collab.issuer import Issuer, is_foreign
from storage.store import ApiToken, People, User

ALGORITHM: Final = "HS256"
ISSUER: Final = "tutti"
AUDIENCE: Final = "tutti"
# HS256 wants a key at least as long as its hash (RFC 7518 section 3.2).
SECRET_BYTES_MIN = 32
# What revoking a membership may lag behind, were roles read from tokens; they are not, but P14 says so.
SESSION_LIFE_S = 15 * 60
API_LIFE_S_MAX = 90 * 24 * 3600
# Clocks of two nodes differ; more than a minute is a broken clock.
LEEWAY_S = 60
# Ours have some 300 bytes; nothing longer is worth a signature check.
TOKEN_CHARS_MAX = 2048
LABEL_CHARS_MAX = 100
# Tokens whose signature was checked before: people ask often under one. Half a KiB each.
BELIEVED_MAX = 2_048

_KID: Final = "1"
_REQUIRED: Final = ["exp", "iat", "sub", "jti", "iss", "aud"]

Use = Literal["session", "api"]


class _Claims(msgspec.Struct, frozen=True):
    """What our tokens say. Times are whole seconds since 1970."""

    sub: str
    name: str
    use: Use
    iat: int
    exp: int
    jti: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token speaks for, and until when (wall ms). `token_id` names an API token, None a session's."""

    user_id: UserId
    name: str
    expires_ms: int
    token_id: str | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A signed token and when it ends (wall ms)."""

    token: str
    expires_ms: int


class Tokens:
    """Gives tokens out and believes them back."""

    def __init__(
        self,
        secret: bytes,
        people: People,
        ambient: Ambient,
        lookup: ApiLookup | None = None,
        issuer: Issuer | None = None,
    ) -> None:
        """A server looks API tokens up through `lookup`, and believes `issuer`, too."""
        if len(secret) < SECRET_BYTES_MIN:
            raise CallerError(f"the secret that signs tokens has at least {SECRET_BYTES_MIN} bytes")
        self._keys: Mapping[str, bytes] = {_KID: secret}
        # What they say never changes; whether it is their time is looked at each time. By what they hash
        # to, which is smaller, and lets nobody in who reads this memory.
        self._believed: dict[bytes, _Claims] = {}
        self._people = people
        self._ambient = ambient
        self._lookup = lookup
        self._issuer = issuer

    def issue_session(self, user: User, now_ms: int) -> Issued:
        """A token for the next 15 minutes. Nothing is stored."""
        return self._sign(user, "session", self._ambient.new_id(), now_ms, SESSION_LIFE_S)

    async def issue_api(self, user: User, label: str, life_s: int, now_ms: int) -> Issued:
        """A token for a program, listed and revocable in the store. Raises CallerError if it would live
        longer than 90 days, StoreError if its row cannot be written."""
        if not 0 < life_s <= API_LIFE_S_MAX:
            raise CallerError("an API token lives between one second and 90 days")
        if len(label) > LABEL_CHARS_MAX:
            raise CallerError(f"a token's label has at most {LABEL_CHARS_MAX} characters")
        token_id = self._ambient.new_id()
        issued = self._sign(user, "api", token_id, now_ms, life_s)
        await self._people.add_api_token(
            ApiToken(
                id=token_id,
                user_id=user.id,
                label=label,
                created_ms=now_ms,
                expires_ms=issued.expires_ms,
                revoked=False,
            )
        )
        return issued

    async def verify(
        self, token: str, now_ms: int, *, reads_only: bool = False, is_once: bool = False
    ) -> Identity:
        """Who sent this token, and may only read with it if `reads_only`. `is_once`: it is not asked about
        again soon, so nothing is kept of it.

        Raises Refusal `token_invalid` or `token_expired`, and `unavailable` if the issuer's key is not known
        now; StoreError if the database does not answer and is needed."""
        if self._issuer is not None and is_foreign(token):
            bearer = await self._issuer.verify(token, now_ms)
            return Identity(bearer.user_id, bearer.name, bearer.expires_ms, None)
        if len(token) > TOKEN_CHARS_MAX:
            raise Refusal("token_invalid")
        hashed = sha256(token.encode(errors="surrogatepass")).digest()
        claims = self._believed.get(hashed)
        if claims is None:
            claims = self._believe(token)
            if not is_once:
                self._remember(hashed, claims)
        self._check_times(claims, now_ms)
        token_id = claims.jti if claims.use == "api" else None
        if token_id is not None:
            row = await self._api_token(token_id, reads_only)
            if row is None or row.revoked or row.user_id != claims.sub:
                raise Refusal("token_invalid")
        return Identity(UserId(claims.sub), claims.name, claims.exp * 1000, token_id)

    def _remember(self, hashed: bytes, claims: _Claims) -> None:
        self._believed[hashed] = claims
        if len(self._believed) > BELIEVED_MAX:
            del self._believed[next(iter(self._believed))]

    async def _api_token(self, token_id: str, reads_only: bool) -> ApiToken | None:
        if self._lookup is None:
            return await self._people.api_token(token_id)
        return await self._lookup(token_id, reads_only=reads_only)

    def seal(self, text: str) -> str:
        """22 base62 characters that only this server can put behind `text`: who sees both knows that it gave
        this text out. For other texts than tokens."""
        return encode_id(hmac.digest(self._keys[_KID], f"seal:{text}".encode(), "sha256")[:ID_BYTES])

    def _sign(self, user: User, use: Use, token_id: str, now_ms: int, life_s: int) -> Issued:
        issued_at = now_ms // 1000
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user.id,
            "name": user.name,
            "use": use,
            "iat": issued_at,
            "exp": issued_at + life_s,
            "jti": token_id,
        }
        token = jwt.encode(claims, self._keys[_KID], algorithm=ALGORITHM, headers={"kid": _KID})
        return Issued(token, (issued_at + life_s) * 1000)

    def _believe(self, token: str) -> _Claims:
        """The claims of a token that one of our keys signed; their times are not checked yet."""
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            payload: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # PyJWT would read the clock; the times are checked below, against the caller's.
                options={
                    "require": _REQUIRED,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            claims = msgspec.convert(payload, _Claims)
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise Refusal("token_invalid") from error
        if not is_id(claims.sub):
            raise Refusal("token_invalid")
        return claims

    def _check_times(self, claims: _Claims, now_ms: int) -> None:
        life_s_max = SESSION_LIFE_S if claims.use == "session" else API_LIFE_S_MAX
        if claims.exp - claims.iat > life_s_max or claims.iat * 1000 > now_ms + LEEWAY_S * 1000:
            raise Refusal("token_invalid")
        if claims.exp * 1000 + LEEWAY_S * 1000 <= now_ms:
            raise Refusal("token_expired")
