"""The time and random bytes, as things that are handed in.

What deals with people needs the server's clock and secrets; taking both from one value lets a test say what
time it is and what was drawn, and never sleep. Knows where the real ones come from. Nothing else in the HTTP
part reads a clock, waits for a time or draws bytes.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from collab.clock import Clock
from collab.ids import ID_BYTES, encode_id


@dataclass(frozen=True, slots=True)
class Ambient:
    """`now_ms` is server time in ms since 1970; `entropy(n)` draws n bytes fit for secrets; `pause(ms)` waits
    that long, not at all below 0."""

    now_ms: Callable[[], int]
    entropy: Callable[[int], bytes]
    pause: Callable[[int], Awaitable[None]]

    def new_id(self) -> str:
        """A fresh id, or a fresh secret of 128 bits: both are 22 base62 characters."""
        return encode_id(self.entropy(ID_BYTES))


def real_ambient(clock: Clock) -> Ambient:
    return Ambient(now_ms=clock.now_ms, entropy=secrets.token_bytes, pause=_pause)


async def _pause(ms: int) -> None:
    if ms > 0:
        await asyncio.sleep(ms / 1000)
