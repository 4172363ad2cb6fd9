"""The line from one node to the database.

A node may be cut off from the store while all others reach it. Then what it asks never arrives or, where only
the way back is broken, is done and nobody says so; what was under way when the line broke is the second kind.
The node gives up after a while: a question failed, the outcome of a commit is unknown. An answer that comes
later finds nobody, because its connection was discarded.
"""

from typing import Final

from storage.rows import Commit
from storage.store import OutcomeUnknown, StoreError, Unavailable
from tests.sim.coverage import Coverage
from tests.sim.events import Events
from tests.sim.store import Answer, Question, SimStore

# After so long a node gives up on an answer.
TIMEOUT_US: Final = 300_000


class StoreLine:
    """As `SimStore`, for one node."""

    def __init__(self, events: Events, store: SimStore, coverage: Coverage) -> None:
        self.is_cut = False
        self._events = events
        self._store = store
        self._coverage = coverage
        self._is_one_way = False
        self._cuts = 0

    def cut(self, *, is_one_way: bool) -> None:
        """Until `mend`. `is_one_way`: the store still hears what it is asked."""
        self.is_cut, self._is_one_way = True, is_one_way
        self._cuts += 1

    def mend(self) -> None:
        self.is_cut = False

    def ask(self, question: Question, answer: Answer) -> None:
        gone = Unavailable("The simulated database cannot be reached.")
        if self.is_cut and not self._is_one_way:
            self._events.after(TIMEOUT_US, answer, gone)
        else:
            self._store.ask(question, self._way_back(answer, gone))

    def commit(self, commit: Commit, answer: Answer) -> None:
        gone = OutcomeUnknown("The simulated database does not answer.")
        if self.is_cut and not self._is_one_way:
            self._events.after(TIMEOUT_US, answer, gone)
        else:
            self._store.commit(commit, self._way_back(answer, gone))

    def _way_back(self, answer: Answer, gone: StoreError) -> Answer:
        cuts = self._cuts

        def arrive(result: object) -> None:
            if self.is_cut or cuts != self._cuts:
                self._lose(result)
                self._events.after(TIMEOUT_US, answer, gone)
            else:
                answer(self._read(result))

        return arrive

    def _lose(self, result: object) -> None:
        """The answer is not heard."""
        if result is True:
            self._coverage.hit("a node cut off from the store had committed")

    def _read(self, result: object) -> object:
        """What is on the connection when the answer has come: the answer."""
        return result
