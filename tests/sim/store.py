"""The database of the world.

`storage.memory.MemoryStore` keeps the promise; this adds what a database does to who waits for it: latency,
always; commits that lose a race; answers that are lost after the commit, before it, or while it still runs;
times when it is away. Knows when things take effect. Does not know who asks or why.
"""

from collections import deque
from collections.abc import Callable, Coroutine
from enum import Enum
from random import Random
from typing import Any

from storage.memory import CommitFault, MemoryStore
from storage.rows import Commit
from storage.store import OutcomeUnknown, StoreError, Unavailable
from tests.sim.coverage import Coverage
from tests.sim.events import Events
from tests.sim.oracle import Oracle, Violation

LATENCY_US = (500, 10_000)
# A commit whose client gave up on it may still take effect this much later.
LATE_US = (1_000, 80_000)

Question = Callable[[MemoryStore], Coroutine[Any, Any, Any]]
Answer = Callable[[Any], None]


class Mishap(Enum):
    """What the next commit meets."""

    UNAVAILABLE = "nothing is written, and the store says so"
    UNKNOWN_NOT_WRITTEN = "nothing is written, and nobody says so"
    UNKNOWN_WRITTEN = "it is written, and nobody says so"
    UNKNOWN_LATE = "nobody answers, and it may be written later"
    RACE = "somebody else writes just before"


class SimStore:
    """Every question is answered by calling `answer` with the result, or with the StoreError."""

    def __init__(
        self,
        memory: MemoryStore,
        events: Events,
        random: Random,
        oracle: Oracle[Any, Any],
        coverage: Coverage,
    ) -> None:
        self.memory = memory
        self.mishaps: deque[Mishap] = deque()
        self.away_until_us = 0
        self.slow_until_us = 0
        self.race: Callable[[], None] = lambda: None
        self._events = events
        self._random = random
        self._oracle = oracle
        self._coverage = coverage

    def heal(self) -> None:
        """No more mishaps."""
        self.mishaps.clear()
        self.away_until_us = self.slow_until_us = 0

    def ask(self, question: Question, answer: Answer) -> None:
        """Something that may be asked twice without harm."""
        there, back = self._latency_us()
        self._events.after(there, self._look, question, answer, back)

    def commit(self, commit: Commit, answer: Answer) -> None:
        """As `Store.commit` with a group of one; the answer is True or False."""
        there, back = self._latency_us()
        self._events.after(there, self._write, commit, answer, back)

    def _latency_us(self) -> tuple[int, int]:
        whole = self._random.randint(*LATENCY_US)
        if self._events.now_us < self.slow_until_us:
            whole *= 20
        there = self._random.randint(0, whole)
        return there, whole - there

    def _look(self, question: Question, answer: Answer, back_us: int) -> None:
        if self._events.now_us < self.away_until_us:
            self._coverage.hit("a read failed")
            self._events.after(back_us, answer, Unavailable("The simulated database is away."))
        else:
            self._events.after(back_us, answer, run(question(self.memory)))

    def _write(self, commit: Commit, answer: Answer, back_us: int) -> None:
        mishap = self.mishaps.popleft() if self.mishaps else None
        if self._events.now_us < self.away_until_us:
            mishap = Mishap.UNAVAILABLE
        if mishap is Mishap.UNKNOWN_LATE:
            self._events.after(self._random.randint(*LATE_US), self._take_effect, commit)
            answered: bool | StoreError = OutcomeUnknown("The simulated database takes too long.")
        else:
            if mishap is Mishap.RACE:
                self.race()
            answered = self._take_effect(commit, _FAULTS.get(mishap) if mishap else None)
        self._events.after(back_us, answer, answered)

    def _take_effect(self, commit: Commit, fault: CommitFault | None = None) -> bool | StoreError:
        if fault is not None:
            self.memory.fail_next_commit(fault)
        before = run(self.memory.heads([commit.document]))[commit.document]
        answer: bool | StoreError
        try:
            [answer] = run(self.memory.commit([commit]))
        except (Unavailable, OutcomeUnknown) as error:
            answer = error
        except StoreError as error:
            raise Violation(f"the store was asked for the impossible: {error}") from error
        after = run(self.memory.heads([commit.document]))[commit.document]
        if after != before:
            self._oracle.written(commit, after, run(self.memory.members(commit.document)))
        if fault is CommitFault.UNKNOWN_WRITTEN and after == before:
            self._coverage.hit("unknown outcome of a commit that had lost")
        return answer


_FAULTS = {
    Mishap.UNAVAILABLE: CommitFault.UNAVAILABLE,
    Mishap.UNKNOWN_NOT_WRITTEN: CommitFault.UNKNOWN_NOT_WRITTEN,
    Mishap.UNKNOWN_WRITTEN: CommitFault.UNKNOWN_WRITTEN,
}


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that never waits, as the methods of `MemoryStore` do not."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("MemoryStore never waits")
