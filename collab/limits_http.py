"""How often somebody may ask over HTTP.

Three windows: requests of a user, requests of an address that shows no valid token, and new guests of an
address. Loopback addresses are exempt where an address counts. Knows counts. Does not know requests: the
caller says who asks. The counts are this node's own and vanish with it; they protect the node, not the
cluster.
"""

import time
from math import floor
from typing import Final

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from collab.config import HTTP_WINDOW_S, Limits
from collab.errors import Refusal
from collab.origins import is_loopback

# Enough for a copy that was cut off, or looked at wrongly.
EXPORTS_PER_HOUR: Final = 6


class Windows(MemoryStorage):
    """The library's counters, without its search through all keys for old ones at every request: of each
    length there are two windows, the present one and the one before, and an older one goes as a whole."""

    def __init__(self) -> None:
        super().__init__()
        # By length in seconds: the number of the present window, its counts, and those of the one before.
        self._windows: dict[int, tuple[float, dict[str, int], dict[str, int]]] = {}

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        number, passed_s = divmod(time.time(), expiry)
        present, counts, before = self._windows.get(expiry, (number, {}, {}))
        if number != present:
            counts, before = {}, counts if number == present + 1 else {}
        self._windows[expiry] = number, counts, before
        count = counts.get(key, 0)
        weighted = before.get(key, 0) * (expiry - passed_s) / expiry + count
        if floor(weighted) + amount > limit:
            return False
        counts[key] = count + amount
        return True


class RateLimits:
    def __init__(self, limits: Limits) -> None:
        # Counters instead of a list of times: a key costs the same whether its limit is 20 or 600.
        self._limiter = SlidingWindowCounterRateLimiter(Windows())
        self._requests = RateLimitItemPerSecond(limits.http_requests, HTTP_WINDOW_S)
        self._exports = RateLimitItemPerHour(EXPORTS_PER_HOUR)
        self._guests = RateLimitItemPerMinute(limits.guests_per_minute)

    async def count_user(self, user: str) -> None:
        """One request of this user. Each of these raises Refusal `rate_limited` with the time to wait."""
        await self._hit(self._requests, "user", user)

    async def count_stranger(self, address: str | None) -> None:
        """One request from this address that carries no valid token."""
        if not is_loopback(address):
            await self._hit(self._requests, "address", address or "unknown")

    async def count_guest(self, address: str | None) -> None:
        """One new guest from this address."""
        if not is_loopback(address):
            await self._hit(self._guests, "guest", address or "unknown")

    async def count_export(self, user: str) -> None:
        """One export of all that is known of this user, which reads every document of theirs."""
        await self._hit(self._exports, "export", user)

    async def _hit(self, item: RateLimitItem, *key: str) -> None:
        if not await self._limiter.hit(item, *key):
            raise Refusal("rate_limited", retry_after_ms=item.get_expiry() * 1000)
