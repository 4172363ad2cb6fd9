"""How much is not saved yet, and since when.

What may be unsaved on a device is bounded (promise P6), in flight or not, because all of it may have to go
out as one submission: past the bounds new edits are refused, loudly, and nothing that waits is lost. Bytes
are those of the edits as they were made. Knows sizes and times. Does not know the edits.
"""

from typing import Final

from msgspec import Struct

from collab.messages import SUBMISSION_BYTES_MAX
from tutti_client.errors import QueueFull

UNSAVED_EDITS_MAX: Final = 10_000
# The message around the op needs some, too.
UNSAVED_BYTES_MAX: Final = SUBMISSION_BYTES_MAX - 1024
# Who was away for longer decides anew what is still wanted; seqs and bases that old lead nowhere.
UNSAVED_AGE_MAX_MS: Final = 30 * 24 * 60 * 60 * 1000


class Unsaved(Struct):
    """Bytes in flight and waiting, and when the first edit of each was made (wall time, ms; 0: nobody
    knows). Wall time, because it must mean the same after a restart."""

    inflight_bytes: int = 0
    pending_bytes: int = 0
    inflight_since_ms: int = 0
    pending_since_ms: int = 0

    def check_room(self, edits: int, size: int, now_ms: int | None) -> None:
        """Raises QueueFull unless one more edit of `size` bytes may be made beside `edits` unsaved ones."""
        in_all = self.inflight_bytes + self.pending_bytes
        if edits >= UNSAVED_EDITS_MAX or in_all + size > UNSAVED_BYTES_MAX:
            raise QueueFull(
                f"{edits} edits ({in_all} bytes) wait to be saved; at most {UNSAVED_EDITS_MAX} edits or "
                f"{UNSAVED_BYTES_MAX} bytes may."
            )
        since_ms = self.inflight_since_ms or self.pending_since_ms
        if edits and since_ms and now_ms is not None and now_ms - since_ms > UNSAVED_AGE_MAX_MS:
            raise QueueFull("Some edits have waited for more than 30 days to be saved; save them first.")

    def made(self, size: int, now_ms: int | None) -> None:
        """An edit waits to be sent."""
        self.pending_bytes += size
        self.pending_since_ms = self.pending_since_ms or now_ms or 0

    def sent(self) -> None:
        """All that waited is in flight."""
        self.inflight_bytes, self.pending_bytes = self.pending_bytes, 0
        self.inflight_since_ms, self.pending_since_ms = self.pending_since_ms, 0

    def settled(self) -> None:
        """Nothing is in flight any more."""
        self.inflight_bytes = self.inflight_since_ms = 0

    def requeued(self) -> None:
        """What was in flight waits again."""
        self.pending_bytes += self.inflight_bytes
        self.pending_since_ms = self.inflight_since_ms or self.pending_since_ms
        self.settled()

    def check(self, edits: int, *, is_inflight: bool) -> None:
        """Asserts what must hold between any two edits."""
        assert edits <= UNSAVED_EDITS_MAX, "what is unsaved is bounded"
        assert self.inflight_bytes + self.pending_bytes <= UNSAVED_BYTES_MAX, "in bytes as well"
        assert is_inflight or not self.inflight_bytes, "nothing is counted twice"
