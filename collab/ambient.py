"""The time and random bytes, as things that are handed in.

What deals with people needs the server's clock and secrets; taking both from one value lets a test say what
time it is and what was drawn, and never sleep. Knows where the real ones come from. Nothing else in the HTTP
part reads a clock or draws bytes.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from collab.clock import Clock
from collab.ids import ID_BYTES, encode_id


@dataclass(frozen=True, slots=True)
class Ambient:
    """`now_ms` is server time in ms since 1970; `entropy(n)` draws n bytes fit for secrets."""

    now_ms: Callable[[], int]
    entropy: Callable[[int], bytes]

    def new_id(self) -> str:
        """A fresh id, or a fresh secret of 128 bits: both are 22 base62 characters."""
        return encode_id(self.entropy(ID_BYTES))


def real_ambient(clock: Clock) -> Ambient:
    return Ambient(now_ms=clock.now_ms, entropy=secrets.token_bytes)
