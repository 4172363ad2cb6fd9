"""What waits in a room to be decided.

A queue in the order of arrival, with two things that happen to it as a whole: what a lost batch held comes
back to its front, and what names tracks of the catalogue is looked up before it is decided. A lookup is asked
for when the first in line needs it, for all who do; who comes behind meanwhile asks for the next, so a room
that is full of new tracks goes on.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from collab.effects import FetchSongs
from collab.songs import Songs
from collab.submission import Submission

WAITING_MAX: Final = 4096
ROUNDS_MAX: Final = 8
# Of one lookup, unless a single submission names more.
TRACKS_AT_ONCE: Final = 5_000


class Waiting(deque[Submission]):
    """The next to be decided first."""

    @property
    def is_full(self) -> bool:
        return len(self) >= WAITING_MAX

    def put_back(self, submissions: Sequence[Submission], raced: bool) -> Iterator[Submission]:
        """Those of a lost batch wait again, before all others; gives those that have lost their last race."""
        for submission in reversed(submissions):
            submission.was_tried = True
            submission.rounds += raced
            # One without a body is the room's own, for an `open` that waits for it.
            if submission.rounds < ROUNDS_MAX or not submission.body_hash:
                self.appendleft(submission)
            else:
                yield submission

    def withdraw(self, connection: str) -> bool:
        """Those of a connection that were in no batch yet go; whether there were any."""
        untried = [it for it in self if it.connection == connection and not it.was_tried]
        for submission in untried:
            self.remove(submission)
        return bool(untried)

    def lookup(self) -> FetchSongs | None:
        """What must be known of the catalogue before the first can be decided."""
        if not self or not self[0].tracks:
            return None
        tracks: set[str] = set()
        for submission in self:
            if tracks and len(tracks) + len(submission.tracks) > TRACKS_AT_ONCE:
                break
            tracks |= submission.tracks
        return FetchSongs(frozenset(tracks))

    def receive_songs(self, asked: FetchSongs, songs: Songs) -> None:
        """The catalogue's answer."""
        for submission in self:
            if submission.tracks and submission.tracks <= asked.tracks:
                submission.songs = {track: songs[track] for track in submission.tracks if track in songs}
                submission.tracks = frozenset()
