"""Hints that wait for their turn.

What several commits of one document said while an earlier pipeline was under way leaves as one hint. When too
much waits the oldest goes: it was only a hint. Knows documents and sizes. Does not know connections.
"""

from collections import OrderedDict

from collab.bus_messages import TOLD_BYTES_MAX, told_bytes
from collab.effects import Publish
from collab.hints import bare, joined

HINTS_MAX = 4096
BYTES_MAX = 4 * 1024 * 1024
# What leaves in one pipeline, so that a heartbeat behind it is not late.
PIPELINE_HINTS_MAX = 512
PIPELINE_BYTES_MAX = 512 * 1024


class Outgoing:
    """`add` and `take`; `len` is the number of documents that wait."""

    def __init__(self) -> None:
        self._hints: OrderedDict[str, Publish] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._hints)

    def add(self, hint: Publish) -> int:
        """Returns how many hints had to go for it."""
        waiting = self._hints.get(hint.document)
        if waiting is not None:
            self._bytes -= told_bytes(waiting)
            hint = joined(waiting, hint)
        if told_bytes(hint) > TOLD_BYTES_MAX:
            hint = bare(hint)
        self._hints[hint.document] = hint
        self._bytes += told_bytes(hint)
        dropped = 0
        while len(self._hints) > HINTS_MAX or self._bytes > BYTES_MAX:
            self._pop()
            dropped += 1
        return dropped

    def take(self) -> list[Publish]:
        """The oldest, as many as one pipeline takes."""
        taken: list[Publish] = []
        took_bytes = 0
        while self._hints and len(taken) < PIPELINE_HINTS_MAX and took_bytes < PIPELINE_BYTES_MAX:
            taken.append(self._pop())
            took_bytes += told_bytes(taken[-1])
        return taken

    def _pop(self) -> Publish:
        _, hint = self._hints.popitem(last=False)
        self._bytes -= told_bytes(hint)
        return hint
