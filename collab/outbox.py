"""What waits for one client, and what happens when it reads slowly.

Writes go straight to the transport and never wait, so a slow reader holds nobody up. What the transport has
not passed on is bounded in steps: first the client loses presence frames, then it is left out of broadcasts
(`behind`) and gets one merged update when its buffer has drained, and if it never drains it is closed with a
code that says: come back and resume.

A frame too large for one message goes as parts, each after the one before has drained; whatever is meant for
this client meanwhile waits its turn.
"""

from collections import deque
from collections.abc import Callable, Sequence

from collab.codec import Encoding, encode_message, frames
from collab.frames import FrameSink, binary_frame, text_frame
from collab.messages import PartFromServer, ServerMessage

# Beyond this, presence is dropped; it is also the transport's high-water mark.
PRESENCE_BYTES_MAX = 64 * 1024
# Beyond this, broadcasts skip the client. One more frame may follow: still far below the promised 1 MiB.
BEHIND_BYTES = 256 * 1024
# A client that could not take a quarter of a megabyte in this time is better off resuming.
STUCK_AFTER_S = 10.0


def build_frame(payload: bytes, encoding: Encoding) -> bytes:
    """A WebSocket frame that can be written to any number of clients with this encoding."""
    return text_frame(payload) if encoding is Encoding.JSON else binary_frame(payload)


def build_frames(messages: Sequence[ServerMessage], encoding: Encoding) -> list[bytes]:
    """The frames that hold these messages in order."""
    encoded = [encode_message(message, encoding) for message in messages]
    return [build_frame(payload, encoding) for payload in frames(encoded, encoding, PartFromServer)]


def _nothing() -> None:
    """What an outbox calls whose connection is over."""


class Outbox:
    """See the module. `on_clear` is called each time the client has caught up with what waited for it."""

    def __init__(self, sink: FrameSink, encoding: Encoding, on_clear: Callable[[], None]) -> None:
        self.encoding = encoding
        self._sink = sink
        self._on_clear = on_clear
        self._parts: deque[bytes] = deque()
        # Grows with each part that the transport took: a slow reader of something large is not a stuck one.
        self.parts_sent = 0
        sink.on_drain(self._drained)

    def end(self) -> None:
        """Nobody is called any more: the connection is over, and goes without a search for garbage."""
        self._on_clear = _nothing

    @property
    def is_clear(self) -> bool:
        """Whether broadcasts may be written now."""
        return not self._parts and self._sink.buffered_bytes() <= BEHIND_BYTES

    @property
    def buffered_bytes(self) -> int:
        """What the transport has not passed on."""
        return self._sink.buffered_bytes()

    def send(self, message: ServerMessage) -> None:
        """To this client alone, behind everything that was written before."""
        self.write(build_frames((message,), self.encoding))

    def write(self, built: Sequence[bytes]) -> None:
        """Frames that must arrive; parts among them wait for the transport."""
        if len(built) == 1 and not self._parts:
            self._sink.write(built[0])
            return
        self._parts.extend(built)
        self._pump()

    def send_now(self, message: ServerMessage) -> None:
        """Past the parts that wait, for what is worth nothing later. It must fit a frame."""
        [frame] = build_frames((message,), self.encoding)
        self._sink.write(frame)

    def send_last(self, message: ServerMessage) -> None:
        """Before the connection is closed: parts that still wait will not be sent any more."""
        self._parts.clear()
        for frame in build_frames((message,), self.encoding):
            self._sink.write(frame)

    def offer(self, frame: bytes) -> bool:
        """A broadcast frame. False: the client is too far behind to take it; it will want a merged update."""
        if self._parts or self._sink.buffered_bytes() > BEHIND_BYTES:
            return False
        self._sink.write(frame)
        return True

    def offer_ephemeral(self, frame: bytes) -> bool:
        """A frame that may be lost. False: it was."""
        if self._parts or self._sink.buffered_bytes() > PRESENCE_BYTES_MAX:
            return False
        self._sink.write(frame)
        return True

    def _drained(self) -> None:
        self._pump()
        if self.is_clear:
            self._on_clear()

    def _pump(self) -> None:
        waited = bool(self._parts)
        while self._parts and self._sink.buffered_bytes() <= PRESENCE_BYTES_MAX:
            self._sink.write(self._parts.popleft())
            self.parts_sent += 1
        if waited and not self._parts:
            self._on_clear()
