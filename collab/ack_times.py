"""How long authors wait for their acks.

Remembers when submissions came and measures when the ops that they became are told. Bounded: what changes
nothing never comes back as an op, and the oldest make room. Knows (client, seq) and µs. Does not know rooms.
"""

from collections.abc import Iterable

from prometheus_client import Histogram

from collab.messages import Row

# As many as may wait in a room.
REMEMBERED_MAX = 4096


class AckTimes:
    """Of one room; `histogram` is in seconds."""

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self._received_us: dict[tuple[str, int], int] = {}

    def received(self, client: str, seq: int, now_us: int) -> None:
        if len(self._received_us) >= REMEMBERED_MAX:
            del self._received_us[next(iter(self._received_us))]
        self._received_us[client, seq] = now_us

    def refused(self, client: str, seq: int) -> None:
        self._received_us.pop((client, seq), None)

    def told(self, rows: Iterable[Row], now_us: int) -> None:
        for row in rows:
            received_us = self._received_us.pop((row.client, row.seq), None)
            if received_us is not None:
                self._histogram.observe((now_us - received_us) / 1e6)
