"""The time and random bytes, as things that are handed in.

What deals with people needs the wall clock and secrets; taking both from one value lets a test say what time
it is and what was drawn, and never sleep. Knows where the real ones come from. Nothing else in the HTTP part
reads a clock or draws bytes.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from collab.ids import ID_BYTES, encode_id


@dataclass(frozen=True, slots=True)
class Ambient:
    """`now_ms` is wall time in ms since 1970; `entropy(n)` draws n bytes fit for secrets."""

    now_ms: Callable[[], int]
    entropy: Callable[[int], bytes]

    def new_id(self) -> str:
        """A fresh id, or a fresh secret of 128 bits: both are 22 base62 characters."""
        return encode_id(self.entropy(ID_BYTES))


def real_ambient() -> Ambient:
    return Ambient(now_ms=lambda: time.time_ns() // 1_000_000, entropy=secrets.token_bytes)
