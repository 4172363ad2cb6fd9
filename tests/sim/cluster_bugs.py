"""Bugs that are planted where nodes are cut off, stopped, upgraded and mistimed.

As `tests.sim.bugs`; each of these passes wherever only what it is about is left out.
"""

from contextlib import AbstractContextManager
from typing import Any, Final

from collab import codec
from collab.errors import BadMessage
from collab.playlist import PlaylistDraft
from tests.sim.draining import Draining
from tests.sim.machine import Machine
from tests.sim.planting import Bug, replaced
from tests.sim.store_line import StoreLine
from tutti_client.link import Link
from tutti_client.standby import Standby


def connection_kept_after_a_timeout() -> AbstractContextManager[None]:
    """Whoever gives up on the store puts the connection back, and the next one reads the answer to an older
    question."""
    stale: list[object] = []

    def lose(_: Any) -> Any:
        return lambda self, result: stale.append(result) if isinstance(result, bool) else None

    def read(_: Any) -> Any:
        return lambda self, result: stale.pop(0) if stale and isinstance(result, bool) else result

    return replaced((StoreLine, "_lose", lose), (StoreLine, "_read", read))


def drain_does_not_wait() -> AbstractContextManager[None]:
    """A node that was told to stop is gone with its last client, whatever they submitted."""
    return replaced((Draining, "_is_done", lambda _: lambda self: not self._node.peers))


def answers_before_a_move_dropped() -> AbstractContextManager[None]:
    """A client that changes over forgets what the new node said while it was made ready."""

    def make(move: Any) -> Any:
        def forgetful(self: Link, standby: Standby, now_ms: int) -> Any:
            standby.messages.clear()
            return move(self, standby, now_ms)

        return forgetful

    return replaced((Link, "move", make))


def unknown_messages_refused() -> AbstractContextManager[None]:
    """Who says more than this version knows is taken for an enemy."""

    def make(decode: Any) -> Any:
        def strict(*arguments: Any) -> Any:
            decoded = decode(*arguments)
            if decoded.unknown:
                raise BadMessage("malformed", "This version does not know that.")
            return decoded

        return strict

    return replaced((codec, "_decode", make))


def wall_clock_trusted() -> AbstractContextManager[None]:
    """A node asks the wall for the time, each time."""
    return replaced((Machine, "now_ms", lambda _: property(lambda self: self._wall_ns() // 1_000_000)))


def time_unchecked() -> AbstractContextManager[None]:
    """What a client says of the time is believed."""

    def make(check_origin: Any) -> Any:
        def trusting(self: PlaylistDraft, entry: Any, author: Any) -> None:
            check_origin(self, entry if "was" in entry else {**entry, "added_at": 0}, author)

        return trusting

    return replaced((PlaylistDraft, "_check_origin", make))


CLUSTER_BUGS: Final[dict[str, Bug]] = {
    bug.__name__: bug
    for bug in (
        connection_kept_after_a_timeout,
        drain_does_not_wait,
        answers_before_a_move_dropped,
        unknown_messages_refused,
        wall_clock_trusted,
        time_unchecked,
    )
}
