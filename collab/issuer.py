"""Tokens of an app developer's own issuer.

Whoever runs an app has accounts already: their server signs a token that lives minutes, and Tutti believes it
by the issuer's public keys. The same subject is the same user here for ever; its account is made when it
comes first, and renamed when the token says another name. Knows claims, users and names. Does not know where
keys come from (`issuer_keys`), HTTP or sockets.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import jwt
import msgspec

from collab.config import Settings
from collab.errors import Refusal
from collab.ids import ID_BYTES, UserId, encode_id
from collab.issuer_keys import ALGORITHMS, IssuerKeys
from collab.metrics import Metrics
from collab.names import clean_name
from storage.store import People, StoreError, User

# P14: what a token says is believed this long.
LIFE_S_MAX: Final = 15 * 60
LEEWAY_S: Final = 60
# With RSA and a profile in it a token has one to two thousand; a socket's `hello` would take more.
TOKEN_CHARS_MAX: Final = 4096
SUBJECT_CHARS_MAX: Final = 255
# Whose token says no name, or none that can be shown.
NAMELESS: Final = "Somebody"
# Users whose account is known to be as their token says; some 200 bytes each.
_KNOWN_MAX: Final = 20_000
_REQUIRED: Final = ["exp", "iat", "sub", "iss", "aud"]


class _Claims(msgspec.Struct, frozen=True):
    """What we read of a token. Times are seconds since 1970, which RFC 7519 lets have fractions."""

    sub: str
    iat: float
    exp: float
    nbf: float = 0.0
    name: Any = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token speaks for, and until when (wall ms)."""

    user_id: UserId
    name: str
    expires_ms: int


class Issuer:
    def __init__(
        self, issuer: str, audience: str, keys: IssuerKeys, people: People, check: Callable[[UserId], None]
    ) -> None:
        """`check` raises Refusal for a user who is shut out: no account is made or named for them."""
        self.keys = keys
        self._check = check
        self._issuer = issuer
        self._audience = audience
        self._people = people
        self._known: OrderedDict[str, str] = OrderedDict()

    async def verify(self, token: str, now_ms: int) -> Bearer:
        """Who sent this token. Raises Refusal `token_invalid`, `token_expired`, and `unavailable` if the
        issuer cannot be asked for a key that is not known yet; StoreError if an account cannot be made."""
        if len(token) > TOKEN_CHARS_MAX:
            raise Refusal("token_invalid")
        claims = await self._believe(token)
        _check_times(claims, now_ms)
        user_id = user_of(self._issuer, claims.sub)
        try:
            self._check(user_id)
        except Refusal:
            # Perhaps their account was deleted with it.
            self._known.pop(user_id, None)
            raise
        name = _name_of(claims)
        if self._known.get(user_id) != name:
            await self._settle(user_id, name, now_ms)
        return Bearer(user_id, name, int(claims.exp * 1000))

    async def _believe(self, token: str) -> _Claims:
        try:
            header = jwt.get_unverified_header(token)
            kid, algorithm = header.get("kid"), header.get("alg")
            if not isinstance(kid, str) or algorithm not in ALGORITHMS:
                raise Refusal("token_invalid")
            key = await self.keys.find(kid)
            if key.algorithm_name != algorithm:
                raise Refusal("token_invalid")
            payload: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                # PyJWT would read the clock; the times are checked against the caller's.
                options={
                    "require": _REQUIRED,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            claims = msgspec.convert(payload, _Claims)
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise Refusal("token_invalid") from error
        if not 0 < len(claims.sub) <= SUBJECT_CHARS_MAX:
            raise Refusal("token_invalid")
        return claims

    async def _settle(self, user_id: UserId, name: str, now_ms: int) -> None:
        """Sees to it that the account is there and has this name."""
        found = await self._people.user(user_id)
        if found is None:
            try:
                await self._people.add_user(User(user_id, name, "account", now_ms))
            except StoreError:
                # Another node may have been faster; if it was not that, the database is in trouble.
                if await self._people.user(user_id) is None:
                    raise
        elif found.name != name:
            await self._people.rename_user(user_id, name)
        self._known[user_id] = name
        if len(self._known) > _KNOWN_MAX:
            self._known.popitem(last=False)


def open_issuer(
    settings: Settings,
    people: People,
    metrics: Metrics,
    now_ms: Callable[[], int],
    check: Callable[[UserId], None],
) -> Issuer | None:
    """What the settings name. Keep its `keys` running."""
    own = settings.issuer
    if own is None:
        return None
    return Issuer(own.name, own.audience, IssuerKeys(own.jwks, metrics, now_ms), people, check)


def user_of(issuer: str, subject: str) -> UserId:
    """The user that an issuer's subject is here: the same on every node, and nobody else's."""
    return UserId(encode_id(sha256(f"{len(issuer)}:{issuer}{subject}".encode()).digest()[:ID_BYTES]))


def is_foreign(token: str) -> bool:
    """Whether a token may be an issuer's: ours are signed another way."""
    try:
        return jwt.get_unverified_header(token).get("alg") in ALGORITHMS
    except (jwt.PyJWTError, TypeError, ValueError):
        return False


def _check_times(claims: _Claims, now_ms: int) -> None:
    latest_s = now_ms / 1000 + LEEWAY_S
    if not (0 < claims.exp - claims.iat <= LIFE_S_MAX and claims.iat <= latest_s and claims.nbf <= latest_s):
        raise Refusal("token_invalid")
    if claims.exp + LEEWAY_S <= now_ms / 1000:
        raise Refusal("token_expired")


def _name_of(claims: _Claims) -> str:
    try:
        return clean_name(claims.name) if isinstance(claims.name, str) else NAMELESS
    except Refusal:
        return NAMELESS
