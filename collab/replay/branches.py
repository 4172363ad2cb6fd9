"""Recorded playlists as branches that meet, and what must be equal whenever they have met.

Each playlist is played from its beginning to its last recorded version, meeting after meeting. After each one
the devices, the authority and the witnesses must hold the same list, byte for byte; at the end nothing that
was recorded last may be missing, and nothing else be there. Knows the meeting and the proof. Does not know
files, nor how progress is shown; the clock is an argument.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from collab.ids import ID_BYTES, encode_id
from collab.replay.authority import Authority
from collab.replay.deck import Deck
from collab.replay.device import Device
from collab.replay.meeting import Met, meet
from collab.replay.recordings import Recording, Track
from collab.replay.steps import Item, Story, story_of
from collab.replay.witness import Committed, Unequal, at_once, collisions, judged, step_by_step
from ot.digest import digest
from ot.document import Document

# As many as have branches at most; in most meetings some of them only watch.
DEVICES: Final = 4


@dataclass(slots=True)
class BranchTally:
    """How much was merged. `ops` are commits; `met` of the `pairs` of concurrent branches have a gap or an
    entry in common. Playing is everything but the checks: edits, commits, and hearing of them."""

    playlists: int = 0
    meetings: int = 0
    branches: int = 0
    longest: int = 0
    edits: int = 0
    ops: int = 0
    pairs: int = 0
    met: int = 0
    playing_s: float = 0.0
    checking_s: float = 0.0

    def lines(self) -> list[str]:
        """The report."""
        playing_s = max(self.playing_s, 0.001)
        return [
            f"{self.playlists:,} playlists: {self.branches:,} branches of 1 to {self.longest} edits in "
            f"{self.meetings:,} meetings",
            f"{self.edits:,} edits became {self.ops:,} ops in {self.playing_s:.1f} s: "
            f"{self.ops / playing_s:,.0f} ops/s, {self.edits / playing_s:,.0f} edits/s "
            f"(and {self.checking_s:.1f} s of checks)",
            f"{self.met:,} of {self.pairs:,} pairs of concurrent branches "
            f"({self.met / max(self.pairs, 1):.0%}) collide in a gap or an entry",
        ]


class Branches:
    """One run. `now_s` is a clock that never steps back, in seconds; `watch` hears of every meeting."""

    def __init__(
        self, tracks: Sequence[Track], seed: int, now_s: Callable[[], float], watch: Callable[[], None]
    ) -> None:
        self.tally = BranchTally()
        self._tracks = tracks
        self._seed = seed
        self._now_s = now_s
        self._watch = watch

    def play(self, number: int, recording: Recording) -> None:
        """One playlist; with its `number` it replays alone. Raises Unequal, also for what the algebra raises:
        whatever goes wrong here is its fault."""
        try:
            self._play(recording, Random(f"{self._seed} branches {number}"))
        except Unequal:
            raise
        except Exception as error:
            raise Unequal(f"{type(error).__name__}: {error}") from error
        self.tally.playlists += 1

    def _play(self, recording: Recording, random: Random) -> None:
        story = story_of(recording.versions)
        deck = Deck(story)
        authority = Authority(recording.name)
        items: dict[str, Item] = {}
        fields = self._fields(story)
        devices = [
            Device(encode_id(random.randbytes(ID_BYTES)), authority.document, items, fields)
            for _ in range(DEVICES)
        ]
        began_s = self._now_s()
        while (met := meet(deck, authority, devices, random)).branches:
            met_s = self._now_s()
            branches = [Committed.of(branch.edits, branch.commits) for branch in met.branches]
            check(met.base, branches, authority, devices)
            self._count(met, branches)
            self.tally.playing_s += met_s - began_s
            began_s = self._now_s()
            self.tally.checking_s += began_s - met_s
            self._watch()
        ended = sorted(items[str(entry["uid"])] for entry in authority.document.entries)
        if ended != sorted(story.steps[-1].target if story.steps else ()):
            raise Unequal("entries of the last recorded version are missing, or others are left")

    def _fields(self, story: Story) -> dict[Item, dict[str, Any]]:
        return {Item(item): self._tracks[track].fields() for item, track in enumerate(story.tracks)}

    def _count(self, met: Met, branches: Sequence[Committed]) -> None:
        tally = self.tally
        pairs, collided = collisions(branches)
        edits = [len(branch.edits) for branch in met.branches]
        tally.meetings += 1
        tally.branches += len(edits)
        tally.longest = max(tally.longest, *edits)
        tally.edits += sum(edits)
        tally.ops += sum(len(branch.commits) for branch in met.branches)
        tally.pairs += pairs
        tally.met += collided


def check(
    base: Document, branches: Sequence[Committed], authority: Authority, devices: Sequence[Device]
) -> None:
    """Whether all came to the same list, whichever way. Raises Unequal."""
    wanted = authority.digest()
    for number, device in enumerate(devices):
        if device.digest() != wanted:
            raise Unequal(f"device {number + 1} does not hold what the authority does")
        if not device.is_synced:
            raise Unequal(f"device {number + 1} has heard everything, and still waits")
    for way in (at_once, step_by_step, judged):
        if digest(way(base, branches)) != wanted:
            raise Unequal(f"the branches, merged by `{way.__name__}`, do not make what the authority holds")
