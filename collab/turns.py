"""Whose turn it is to commit, where several nodes write to one document.

Every commit wins or loses by the store's comparison, so nothing here is needed for an edit to be right. It
is needed to be fair and fast: the node that has just won knows the head, would win again and again, and the
others would throw their work away. So who loses knocks and waits for the winner's hint, which costs less than
asking the store, and who wins lets those go first that knocked or committed lately. Nodes that write to the
same document take turns that way, each with all that waited meanwhile in one batch. Whom nobody rivals waits
for nothing, and no wait outlasts its bound: a rival that has fallen silent costs one `TURN_MS`, a bus that is
away `VAIN_MS` for each lost race.

    won, and others knocked or committed lately ─► as many as `_rivals` were heard, or TURN_MS passed
    lost                                        ─► the winner's hint came, or HINT_MS passed

Knows one document and one node. Does not know who the others are: it takes for their number how many commits
of others fit between two of its own without a race.
"""

from typing import Final

# Several times what a batch takes from the end of another node's commit until its hint is here.
TURN_MS: Final = 50
# A hint comes a millisecond or two after its commit, unless the winner is busy telling its own people.
HINT_MS: Final = 20
# When hints do not come; the winner, whose commit may still be under way, needs a moment all the same.
VAIN_MS: Final = 2
# Others who have not committed for so long do not wait for their turn either.
RIVAL_MS: Final = 1000
RIVALS_MAX: Final = 16


class Turns:
    """Tell it what happened; `left_ms` says how long to wait. Times in ms of a clock that never steps
    back."""

    def __init__(self) -> None:
        self._rivals = 1
        self._until_ms = 0
        # How many commits of others end the wait.
        self._expected = 0
        # When another node last committed or won, since our own last commit.
        self._rivalled_ms: int | None = None
        self._waited_for_hint = False
        self._hints_come = True
        # Whether our turn came because others had theirs.
        self._was_ours = False

    def left_ms(self, now_ms: int) -> int:
        """How long to let others go first; 0: it is our turn."""
        left_ms = self._until_ms - now_ms
        if left_ms > 0:
            return left_ms
        if self._expected > 0:
            self._give_up()
        return 0

    def won(self, now_ms: int) -> None:
        """Our commit is done."""
        rivalled_ms, self._rivalled_ms = self._rivalled_ms, None
        is_rivalled = rivalled_ms is not None and now_ms - rivalled_ms < RIVAL_MS
        self._wait(now_ms + TURN_MS if is_rivalled else 0, self._rivals if is_rivalled else 0)

    def lost(self, now_ms: int) -> None:
        """Another node's commit was faster."""
        if self._was_ours:
            # Others had their turn, and still somebody was faster: they are more than we took them for.
            self._rivals = min(self._rivals + 1, RIVALS_MAX)
        self._rivalled_ms = now_ms
        self._wait(now_ms + (HINT_MS if self._hints_come else VAIN_MS), 1)
        self._waited_for_hint, self._was_ours = True, False

    def knocked(self, now_ms: int) -> None:
        """Another node says that it lost to us."""
        self._rivalled_ms = now_ms
        if self._until_ms <= now_ms:
            self._wait(now_ms + TURN_MS, 1)

    def heard(self, now_ms: int) -> None:
        """A hint brought what another node has committed."""
        self._hints_come = True
        self.learnt(now_ms)

    def learnt(self, now_ms: int) -> None:
        """Another node has committed, wherever that is known from."""
        self._rivalled_ms = now_ms
        self._expected -= 1
        if self._expected == 0:
            self._was_ours = not self._waited_for_hint
            self._until_ms = 0

    def _wait(self, until_ms: int, expected: int) -> None:
        self._until_ms, self._expected = until_ms, expected
        self._waited_for_hint = self._was_ours = False

    def _give_up(self) -> None:
        """The time has passed, and not as many came as were expected."""
        if self._waited_for_hint:
            self._hints_come = False
        else:
            self._rivals = max(1, self._rivals - self._expected)
        self._wait(0, 0)
