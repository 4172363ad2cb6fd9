"""Who may come in while the node has much to do.

New sessions are refused before those that are here suffer (P16): at first people who would become guests, who
have nothing here yet; then every new socket. Whoever is in stays, edits, and gets new tokens. Knows the level
of the moment and counts refusals. Does not know how it was found (`overload`), nor HTTP and sockets.
"""

from typing import Final, Literal

import structlog

from collab.errors import Refusal
from collab.metrics import Metrics
from collab.overload import Level

log = structlog.get_logger("tutti.admission")

# A node is relieved some seconds after the last bad one; clients add a random time of their own.
RETRY_MS: Final = 5_000

Reason = Literal["draining", "overloaded", "sockets_max", "sockets_per_address", "guests"]


class Admission:
    def __init__(self, metrics: Metrics) -> None:
        self.level = Level.NORMAL
        self._metrics = metrics

    def set_level(self, level: Level, reason: str) -> None:
        """From now on; `reason` is for the log."""
        if level is self.level:
            return
        self.level = level
        self._metrics.load_state.state(level.name.lower())
        (log.info if level is Level.NORMAL else log.warning)("load", state=level.name.lower(), reason=reason)

    def check_guest(self) -> None:
        """Before somebody becomes a guest. Raises Refusal `overloaded`."""
        if self.level >= Level.STRAINED:
            self.count("guests")
            raise Refusal("overloaded", retry_after_ms=RETRY_MS)

    @property
    def admits_sessions(self) -> bool:
        return self.level < Level.OVERLOADED

    def count(self, reason: Reason) -> None:
        """A session was refused."""
        self._metrics.refused_sessions.labels(reason=reason).inc()
