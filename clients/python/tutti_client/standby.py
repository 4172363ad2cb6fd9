"""A second session, while the first one still carries everything.

A node that is about to stop asks its clients to move. Make before break: the new session is welcomed and its
rooms are open, where the replicas stand, before anything leaves the old one; then `Link.move` changes over
between two awaits, so nobody is offline in between. What the new node says until then waits here.

    HELLO ──welcome──► OPENING, one `open` for each open room ──all caught up, or too long──► ready

While the rooms are being opened no new submission is begun, for a moment at most: what is in flight then is
what the new node was asked about. Should it be committed by both nodes' leave, it still counts once (P2).

Pure: `now_ms` is an argument. Does not know sockets, or what becomes of the old session.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from collab.messages import ClientMessage, Hello, Open, Opened, Ops, Refused, ServerMessage, Welcome
from tutti_client.replica import Replica

# New submissions wait at most this long; a healthy node answers `open` in a few ms.
HOLD_MS: Final = 1_000
# Rooms that are not caught up by then are opened anew after the change. A node that stops leaves its clients
# 5 s after their turn.
PATIENCE_MS: Final = 3_000
# What waits here; a node that says more within PATIENCE_MS is taken as it is.
MESSAGES_MAX: Final = 1_000


class Standby:
    """See the module. `replicas` are those of the rooms that are entered when it is called."""

    def __init__(self, hello: Hello, replicas: Callable[[], Mapping[str, Replica[Any]]]) -> None:
        self.welcome: Welcome | None = None
        self.welcomed_ms = 0
        # What came since `welcome`, in order.
        self.messages: list[ServerMessage] = []
        self._queue: list[ClientMessage] = [hello]
        self._replicas = replicas
        self._asked: dict[str, Open] = {}
        self._asked_ms: int | None = None
        self._answers: dict[str, Opened | Refused] = {}
        # The version that the new node has shown to have, by room.
        self._reached: dict[str, int] = {}

    @property
    def rooms(self) -> tuple[str, ...]:
        """Those that the new node was asked to open."""
        return tuple(self._asked)

    def outgoing(self, now_ms: int) -> list[ClientMessage]:
        """What to send now. Taking it counts as sending it."""
        messages, self._queue = self._queue, []
        if self.welcome is not None and self._asked_ms is None:
            self._asked_ms = now_ms
            self._asked = {
                name: replica.open_message() for name, replica in self._replicas().items() if replica.is_open
            }
            messages += self._asked.values()
        return messages

    def receive(self, message: ServerMessage, now_ms: int) -> None:
        """One message of the new node."""
        if isinstance(message, Welcome):
            self.welcome, self.welcomed_ms = message, now_ms
            return
        self.messages.append(message)
        if isinstance(message, Opened):
            self._answers[message.room] = message
            self._reached[message.room] = message.version
        elif isinstance(message, Refused) and message.seq == 0:
            self._answers[message.room] = message
        elif isinstance(message, Ops) and message.ops:
            self._reached[message.room] = message.ops[-1].version

    def holds(self, now_ms: int) -> bool:
        """Whether nothing new is to be submitted just now."""
        return self._asked_ms is not None and now_ms < self._asked_ms + HOLD_MS

    def get_timer(self, now_ms: int) -> int | None:
        """When `holds` or `is_ready` changes by waiting, in ms; None: not by waiting."""
        if self._asked_ms is None:
            return None
        return self._asked_ms + (HOLD_MS if self.holds(now_ms) else PATIENCE_MS)

    def is_ready(self, now_ms: int) -> bool:
        """Whether it is time to change over."""
        if self._asked_ms is None:
            return False
        if now_ms >= self._asked_ms + PATIENCE_MS or len(self.messages) >= MESSAGES_MAX:
            return True
        return all(self._is_done(name, replica) for name, replica in self._replicas().items())

    def _is_done(self, room: str, replica: Replica[Any]) -> bool:
        answer = self._answers.get(room)
        if isinstance(answer, Opened) and answer.snapshot is None:
            # The old node may have shown us more than the new one knows; a submission against what it does
            # not know it would refuse.
            return self._reached[room] >= replica.version
        return answer is not None or room not in self._asked

    def takes_over(self, room: str, replica: Replica[Any]) -> bool:
        """Whether what waits here leads on from where the replica stands; else the room is opened anew."""
        asked, answer = self._asked.get(room), self._answers.get(room)
        if asked is None or not isinstance(answer, Opened):
            return False
        return replica.can_move(asked, answer) and self._reached[room] >= replica.version
