"""When a document is asked what it wants.

A document whose kind proposes is asked when the time has come that it named, at once when it has moved, and
soon when somebody came, went or showed something. What it wants is decided like any submission, so it may
come to nothing; what is wanted in vain, or again and again, is asked for `AGAIN_MS` later, not at once.
Knows times. Does not know what is wanted.
"""

from collections.abc import Sequence
from typing import Any, Final

from collab.kind import Scene, State, Submitted

# Nothing that people could hear or see waits for a proposal that was made in vain.
AGAIN_MS: Final = 250
# One thing leads to another (a track ends, the next begins, its successor is locked); a longer chain is a
# mistake of the kind, and goes on slowly.
IN_A_ROW_MAX: Final = 8


class Prompter:
    """`proposes`: whether the document's kind ever wants anything."""

    def __init__(self, proposes: bool) -> None:
        self._proposes = proposes
        # When to ask next, None: never by itself; and not before when, whatever happens.
        self._due_ms: int | None = 0 if proposes else None
        self._not_before_ms = 0
        self._asked_ms = -AGAIN_MS
        self._in_a_row = 0
        self.is_pressing = False

    @property
    def is_waiting(self) -> bool:
        """Whether a time will come at which the document is asked."""
        return self._due_ms is not None

    def get_timer(self) -> int | None:
        """When `tick` wants to be called, in ms; None: never."""
        return None if self._due_ms is None else max(self._due_ms, self._not_before_ms)

    def tick(self, now_ms: int) -> None:
        """Time has passed. If it has come, the room has something to do (`is_pressing`) until it asks."""
        timer_ms = self.get_timer()
        self.is_pressing = timer_ms is not None and timer_ms <= now_ms

    def moved(self) -> None:
        """The document has a new version, and may want something else."""
        if self._proposes:
            self._due_ms = 0
            if self._in_a_row < IN_A_ROW_MAX:
                self._not_before_ms = 0

    def attended(self) -> None:
        """Somebody came, went or showed something; a thousand people do that often."""
        if self._proposes:
            soon_ms = self._asked_ms + AGAIN_MS
            self._due_ms = soon_ms if self._due_ms is None else min(self._due_ms, soon_ms)

    def stop(self) -> None:
        """The document is gone, and wants nothing any more."""
        self._proposes = False
        self._due_ms = None
        self.is_pressing = False

    def ask(self, state: State[Any], scene: Scene, now_ms: int) -> Sequence[Submitted]:
        """What the document wants now; nothing if it is not to be asked yet."""
        self.is_pressing = False
        timer_ms = self.get_timer()
        if timer_ms is None or timer_ms > now_ms:
            return ()
        wanted, self._due_ms = state.proposals(scene, now_ms)
        again_ms = now_ms + AGAIN_MS
        if wanted:
            self._in_a_row += 1
            self._not_before_ms = again_ms
            self._due_ms = again_ms if self._due_ms is None else min(self._due_ms, again_ms)
        else:
            self._in_a_row = 0
            if self._due_ms is not None and self._due_ms <= now_ms:
                self._not_before_ms = again_ms
        self._asked_ms = now_ms
        return wanted
