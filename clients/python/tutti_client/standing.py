"""Where a replica stands with the server, and when it may try again.

    AWAY ──connected──► DUE ──opening, moved──► OPENING ──opened──► OPEN ──open_anew──► DUE
     ▲                                             │                  │
     └──────────────── disconnected ───────────────┴──────────────────┘      any ──close──► CLOSED

Thousands are told "not now" in one moment, with the same time to wait. So that they do not come back in one
moment either, each waits longer by a part of its own pause, at random: drawn from its own name, since nothing
here has another source of chance. Knows phases and waits. Does not know what is said to the server, or by it.
"""

import zlib
from enum import Enum, auto
from typing import Final

# Between attempts for which the server named no time: doubling from the first up to the last.
RETRY_FIRST_MS: Final = 100
RETRY_LAST_MS: Final = 5_000


class Phase(Enum):
    AWAY = auto()
    DUE = auto()
    OPENING = auto()
    OPEN = auto()
    CLOSED = auto()


class Standing:
    """See the module. `due_ms`: nothing is said before; `wants_snapshot`: the next answer must hold one;
    `is_sent`: what is in flight was sent on the connection that stands now. `name`: nobody else's."""

    def __init__(self, name: str = "") -> None:
        self._name = name
        self.phase = Phase.AWAY
        self.wants_snapshot = True
        self.is_sent = False
        self.due_ms = 0
        self._attempts = 0

    def connected(self) -> None:
        if self.phase is not Phase.CLOSED:
            self.phase = Phase.DUE
            self.due_ms = 0

    def disconnected(self) -> None:
        if self.phase is not Phase.CLOSED:
            self.phase = Phase.AWAY
            self.is_sent = False

    def opening(self) -> None:
        self.phase = Phase.OPENING

    def moved(self) -> None:
        """The connection that stands now was asked before it did; its answer comes next."""
        self.phase = Phase.OPENING

    def opened(self) -> None:
        self.phase = Phase.OPEN
        self.is_sent = False

    def open_anew(self, now_ms: int, *, from_scratch: bool = False) -> None:
        """Asks for what is missing or, `from_scratch`, for a snapshot. At once the first time; a replica that
        cannot be repaired must not hammer the server."""
        self.wants_snapshot |= from_scratch
        if self.phase is Phase.OPENING and not from_scratch:
            return
        self.phase = Phase.DUE
        if self._attempts:
            self.wait(now_ms, 0)
        else:
            self._attempts = 1

    def put_off(self, now_ms: int, retry_after_ms: int, *, is_open: bool) -> None:
        """The server says "not now"."""
        self.is_sent = False
        if not is_open:
            self.phase = Phase.DUE
        self.wait(now_ms, retry_after_ms)

    def wait(self, now_ms: int, retry_after_ms: int) -> None:
        own_ms = min(RETRY_LAST_MS, RETRY_FIRST_MS << min(self._attempts, 10))
        self._attempts += 1
        drawn = zlib.crc32(f"{self._name} {now_ms} {self._attempts}".encode()) / 2**32
        self.due_ms = now_ms + retry_after_ms + int(drawn * own_ms)

    def made_progress(self) -> None:
        """What was tried has worked."""
        self._attempts = 0

    def settled(self) -> None:
        """What is in flight no more waits no more: a copy of it that was thought lost took effect. What was
        made meanwhile has nothing to wait for, and nobody would wake it."""
        if self.phase is Phase.OPEN:
            self.due_ms = 0

    def close(self) -> None:
        self.phase = Phase.CLOSED

    def check(self) -> None:
        """Asserts what must hold between any two calls."""
        assert self.phase is not Phase.AWAY or not self.is_sent, "nothing was sent on no connection"
