"""What a run has shown.

A simulation finds only what its workload can show, so every interesting thing that happens is counted, and
the run as a whole must have seen each of them at least once.
"""

from collections import Counter
from collections.abc import Set

# Of playlists; a Jam's are in `jams.coverage`.
SOMETIMES = frozenset(
    {
        "a batch of several ops",
        "a catch-up composed several ops",
        "a client id was renewed",
        "a client moved before its node stopped",
        "a client moved with something in flight",
        "a commit lost its race",
        "a device was killed and started again",
        "a compaction took the base of a submission",
        "a duplicate came over another connection",
        "a gap was filled from the store",
        "a hint was as good as the store",
        "a member was shut out",
        "a node changed its version",
        "a node cut off from the bus committed",
        "a node cut off from the store had committed",
        "a node stopped in good order",
        "a node that stops let go of a client",
        "a pending queue survived a snapshot",
        "a read failed",
        "a refusal stood in the middle of a batch",
        "a resend was answered",
        "an entry of the future was refused",
        "an old seq was used again",
        "a role was revoked with an op in flight",
        "a room was reloaded",
        "a slow reader was caught up",
        "a submission was sent again",
        "a submission changed nothing",
        "an edit was handed back",
        "an edit was redone",
        "an edit was undone",
        "an entry came back",
        "an entry came back undecided",
        "an empty room was unloaded",
        "digests were compared",
        "neighbouring minors spoke to each other",
        "older ops were read back",
        "something broke for good",
        "something had to wait and come again",
        "the epoch changed",
        "the store was away for a commit",
        "unknown, and it was committed",
        "unknown, and it was not there",
    }
)


class Coverage:
    """Counts by name; may be added up over many schedules."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def hit(self, what: str, times: int = 1) -> None:
        self.counts[what] += times

    def missing(self, sometimes: Set[str]) -> set[str]:
        return {what for what in sometimes if not self.counts[what]}
