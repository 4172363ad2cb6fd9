"""One Jam on one client.

What a `Replica` does for any room, with a state that is a fold of events, own commands predicted on top of
it, and no journal: commands are about now, so they live as long as the process. Those given offline are sent
on return. Pure, as the replica is. What commands mean is `fold`'s.
"""

from typing import Generic

from collab.messages import Body
from tutti_client.commands import Commands
from tutti_client.errors import JamClosed
from tutti_client.fold import Fold, State
from tutti_client.replica import Replica
from tutti_client.uids import Uids


class JamReplica(Replica[Commands[State]], Generic[State]):
    """See the module."""

    kind = "jam"

    def __init__(self, room: str, user: str, uids: Uids, fold: Fold[State], last_seq: int = 0) -> None:
        """As `Replica`, with the rules of what the room holds."""
        super().__init__(room, user, uids, last_seq)
        self._fold = fold

    def _begin(self, state: Body, version: int, last_seq: int) -> Commands[State]:
        return Commands(self._fold, state, version, self.user, self._uids, last_seq)

    def _changed(self) -> None:
        """Nothing of this is kept."""

    @property
    def state(self) -> State | None:
        """What the user sees: the committed state with own commands that wait, in so far as they would be
        accepted. None until it is loaded."""
        return None if self._submissions is None else self._submissions.visible

    @property
    def committed(self) -> State | None:
        """The state at `version`."""
        return None if self._submissions is None else self._submissions.state

    def give(self, command: Body, at_ms: int) -> int:
        """Queues a command, given at room time `at_ms`; it shows in `state` at once. Returns its number: its
        outcome is the `Accepted` or `Rejected` with this number. Raises JamClosed, QueueFull or InvalidEdit;
        then nothing changed."""
        if self.closed is not None:
            raise JamClosed(self.closed.code, self.closed.message)
        if self._submissions is None:
            raise JamClosed("not_open", "The Jam is not loaded yet.")
        return self._submissions.give(command, at_ms)
