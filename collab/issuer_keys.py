"""The public keys of an app developer's token issuer (a JWKS, RFC 7517), fetched over HTTP.

Bounded in size, number and time; whatever cannot be used is passed over. One question is under way at a time,
and who comes meanwhile waits for it. Knows HTTP and keys. Does not know tokens; when to ask is `key_ring`'s.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Any, Final

import httpx
import jwt
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from collab.errors import Refusal
from collab.key_ring import KeyRing, RingTimes
from collab.metrics import Metrics

log = structlog.get_logger("tutti.issuer")

# Asymmetric all of them: whoever can read a key cannot sign with it.
ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")
ANSWER_S: Final = 2.0
# Issuers have a handful of keys of some hundred bytes.
ANSWER_BYTES_MAX: Final = 256 * 1024
KEYS_MAX: Final = 64
KID_CHARS_MAX: Final = 256
RSA_BITS_MIN: Final = 2048
# What is asked for now and then is asked for up to so much earlier, so that nodes do not ask together.
_SPREAD: Final = 0.2


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


class IssuerKeys:
    """`find` a key; keep `keep_running` as a task of the node."""

    def __init__(
        self, url: str, metrics: Metrics, now_ms: Callable[[], int], times: RingTimes | None = None
    ) -> None:
        self._url = url
        self._metrics = metrics
        self._now_ms = now_ms
        self._ring: KeyRing[jwt.PyJWK] = KeyRing(times or RingTimes())
        self._fetching: asyncio.Task[None] | None = None

    async def keep_running(self) -> None:
        """Asks at once and then now and then, until it is cancelled."""
        try:
            while True:
                await self._fetched()
                due_ms = self._ring.due_ms(self._now_ms())
                await asyncio.sleep(due_ms / 1000 * random.uniform(1 - _SPREAD, 1))
        finally:
            if self._fetching is not None:
                self._fetching.cancel()

    async def find(self, kid: str) -> jwt.PyJWK:
        """The key of this name. Raises Refusal `token_invalid` if the issuer, asked after this question came,
        has none, and `unavailable` if it was not or could not be asked now."""
        key = self._ring.get(kid)
        if key is not None:
            return key
        wait_ms = self._ring.wait_ms(self._now_ms())
        if not wait_ms or self._fetching is not None:
            await self._fetched()
            key = self._ring.get(kid)
            if key is not None:
                return key
            # What was asked before this question came may have been answered before the key was shown.
            if not wait_ms and not self._ring.is_failing:
                raise Refusal("token_invalid")
        raise _later(self._ring.wait_ms(self._now_ms()))

    async def _fetched(self) -> None:
        """Returns when the question that is under way, or a new one, was answered or given up."""
        if self._fetching is None:
            self._ring.asking(self._now_ms())
            self._fetching = asyncio.create_task(self._fetch(), name="fetch issuer's keys")
        # Who waits may give up; what was asked is brought to its end.
        await asyncio.shield(self._fetching)

    async def _fetch(self) -> None:
        was_failing = self._ring.is_failing
        try:
            keys = await self._ask()
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            self._ring.failed()
            if not was_failing:
                log.warning(
                    "issuer_failing", reason=str(error) or type(error).__name__, hint="Keys stay as they are."
                )
        except Exception:
            # A bug here must not end the node's task, nor whoever waits.
            self._ring.failed()
            log.exception("issuer_failing")
        else:
            self._ring.took(keys)
            log.info("issuer_keys", keys=len(keys))
        finally:
            self._fetching = None
        state, outcome = ("open", "failed") if self._ring.is_failing else ("closed", "answered")
        self._metrics.breaker_state.labels(breaker="issuer").state(state)
        self._metrics.issuer_fetches.labels(outcome=outcome).inc()

    async def _ask(self) -> dict[str, jwt.PyJWK]:
        """Raises HTTPError, TimeoutError, and ValueError for an answer that is no set of keys."""
        body = bytearray()
        async with (
            asyncio.timeout(ANSWER_S),
            httpx.AsyncClient() as client,
            client.stream("GET", self._url, headers={"accept": "application/json"}) as answer,
        ):
            answer.raise_for_status()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > ANSWER_BYTES_MAX:
                    raise ValueError(f"the answer has more than {ANSWER_BYTES_MAX} bytes")
        return usable_keys(bytes(body))


def usable_keys(body: bytes) -> dict[str, jwt.PyJWK]:
    """The keys of a JWKS that sign by one of our algorithms, by name. Raises ValueError if it has none, so
    that a page of errors that happens to be JSON does not take the good ones away."""
    try:
        listed = msgspec.json.decode(body, type=_KeySet).keys
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError("the answer is no set of keys") from error
    found: dict[str, jwt.PyJWK] = {}
    for entry in listed[:KEYS_MAX]:
        kid = entry.get("kid")
        if not isinstance(kid, str) or len(kid) > KID_CHARS_MAX or entry.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK(entry)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
            continue
        if key.algorithm_name in ALGORITHMS and _is_strong(key):
            found[kid] = key
    if not found:
        raise ValueError(f"the answer has no key for {', '.join(ALGORITHMS)}")
    return found


def _is_strong(key: jwt.PyJWK) -> bool:
    """Also not the private half, which has no place in a public answer."""
    if isinstance(key.key, RSAPublicKey):
        return key.key.key_size >= RSA_BITS_MIN
    return isinstance(key.key, EllipticCurvePublicKey | Ed25519PublicKey)


def _later(wait_ms: int) -> Refusal:
    return Refusal(
        "unavailable", "The token's issuer cannot be asked just now; try again.", max(wait_ms, 1_000)
    )
