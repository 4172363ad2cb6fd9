"""Rounds for so long.

Knows the clock, the journal, and when to stop. Does not know what a round is, nor how progress is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collab.fuzz.journal import Progress, write_progress
from ot.fuzz.rounds import Failure, Rounds

# What a crash loses at most.
_JOURNAL_EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run ends: after so many rounds, or seconds; whichever is given."""

    rounds: int | None = None
    seconds: float | None = None


class FuzzRun:
    """One run, which may continue an earlier one. `now_s` is a clock that never steps back, in seconds."""

    def __init__(
        self, rounds: Rounds, progress: Progress, journal: Path | None, now_s: Callable[[], float]
    ) -> None:
        rounds.tally = progress.tally
        self._rounds = rounds
        self._progress = progress
        self._journal = journal
        self._now_s = now_s

    def run(self, limits: Limits, watch: Callable[[int, float], None]) -> Failure | None:
        """Plays until a limit is reached, a law fails, or the user interrupts; the journal is up to date
        afterwards. `watch` hears the rounds played and the seconds passed in this run."""
        started = journalled = self._now_s()
        before = self._progress.seconds
        played = 0
        failure: Failure | None = None
        try:
            while failure is None and (limits.rounds is None or played < limits.rounds):
                failure = self._rounds.play()
                played += 1
                now = self._now_s()
                self._progress.seconds = before + now - started
                watch(played, now - started)
                if now - journalled >= _JOURNAL_EVERY_S:
                    journalled = now
                    self._note()
                if limits.seconds is not None and now - started >= limits.seconds:
                    break
        finally:
            # Also when the user interrupts: the round that was under way counts as not played.
            self._note()
        return failure

    def _note(self) -> None:
        self._progress.next = self._rounds.next
        if self._journal is not None:
            write_progress(self._journal, self._progress)
