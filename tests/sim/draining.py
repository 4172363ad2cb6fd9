"""A node that was told to stop.

Does in virtual time what `collab.hub` does: lets nobody new in, asks every client to move, a few at a time,
serves all who are still here, and ends what is left of them a while after their turn. Then it answers what it
accepted, and is gone. Knows one node's end. Does not know what its clients do about it (`mover`), nor when it
is started again.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from collab.closing import CloseCode
from collab.messages import Drain
from tests.sim.oracle import expect

if TYPE_CHECKING:
    from tests.sim.node import Peer, SimNode

WINDOW_US: Final = 400_000
GRACE_US: Final = 600_000
LOOK_EVERY_US: Final = 10_000
# Rooms that have not ended so long after the last client are given up, as are those whose store is away.
PATIENCE_US: Final = 3_000_000


class Draining:
    """`stopped` is called when the node has ended; not if it dies before."""

    def __init__(self, node: "SimNode", stopped: Callable[[], None]) -> None:
        self._node = node
        self._stopped = stopped
        self._gives_up_us = 0
        peers = list(node.peers.values())
        node.random.shuffle(peers)
        for turn, peer in enumerate(peers):
            after_us = WINDOW_US * turn // len(peers)
            node.tell(peer, Drain(after_us // 1000))
            node.later(after_us + GRACE_US, self._let_go, peer)
        node.later(GRACE_US if peers else 0, self._look)

    def _let_go(self, peer: "Peer") -> None:
        if peer.id in self._node.peers:
            self._node.coverage.hit("a node that stops let go of a client")
            self._node.close(peer, CloseCode.DRAIN)

    def _look(self) -> None:
        node = self._node
        if not node.peers and not self._gives_up_us:
            self._gives_up_us = node.events.now_us + PATIENCE_US
        is_patient = not self._gives_up_us or node.events.now_us < self._gives_up_us
        if is_patient and not self._is_done():
            node.later(LOOK_EVERY_US, self._look)
            return
        if is_patient:
            expect(not self._owes(), f"{node.name} stops and has not decided what it accepted")
            node.coverage.hit("a node stopped in good order")
        node.crash()
        self._stopped()

    def _is_done(self) -> bool:
        return not self._node.peers and not self._owes()

    def _owes(self) -> bool:
        return any(room.owes for room in self._node.rooms.values())
