"""What submissions weigh until they are decided.

From its frame to its outcome a submission is held in memory, by whatever room, batch or retry; and while the
database does not answer there is no outcome. A frame's submissions share one `Load`, which weighs as long as
anything holds one of them: nobody has to say when it ends, so no way of ending one can be forgotten. (It
leans on CPython's reference counting, as the codec's libraries do.) Knows bytes. Does not know what becomes
of a submission, nor what follows from the weight.
"""

from collections.abc import Callable

# Above this a connection is not read from. One more frame may be in, and another with the rest of a read in
# its socket's buffers: 256 KiB in all (P11).
UNDECIDED_BYTES_MAX = 64 * 1024
# Above this a node takes nothing more in from anybody.
NODE_UNDECIDED_BYTES_MAX = 64 * 1024 * 1024


class Load:
    """The submissions of one frame. `weigh` is called with its bytes now, and with their negative when
    nothing holds it any more."""

    __slots__ = ("_bytes", "_weigh")

    def __init__(self, weigh: Callable[[int], None], frame_bytes: int) -> None:
        self._weigh = weigh
        self._bytes = frame_bytes
        weigh(frame_bytes)

    def __del__(self) -> None:
        self._weigh(-self._bytes)
