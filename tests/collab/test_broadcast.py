"""What leaves for everyone in a room: pieces that fit, to each at most once."""

from typing import cast

from collab.broadcast import MEMBERS_PER_FRAME, Broadcaster, _pieces
from collab.codec import Assembler, Encoding, decode_server
from collab.connection import Connection
from collab.frames import FrameSink, unpack
from collab.ids import ID_LENGTH
from collab.messages import (
    FRAME_BYTES_MAX,
    PRESENCE_BYTES_MAX,
    Member,
    Ops,
    PartFromServer,
    Presence,
    Row,
    ServerMessage,
)
from collab.names import NAME_CODE_POINTS_MAX
from collab.outbox import BEHIND_BYTES, Outbox, build_frames

ID = "x" * ID_LENGTH


class Sink:
    """A socket whose kernel buffer takes everything, unless it is `full`."""

    def __init__(self) -> None:
        self.full = False
        self.written: list[bytes] = []

    def write(self, frame: bytes) -> None:
        self.written.append(frame)

    def buffered_bytes(self) -> int:
        return BEHIND_BYTES + 1 if self.full else 0

    def on_drain(self, callback: object) -> None:
        pass


class Client:
    """As much of a connection as a room's audience needs."""

    id = client = ID

    def __init__(self, history: list[Row]) -> None:
        self.sink = Sink()
        self.outbox = Outbox(cast(FrameSink, self.sink), Encoding.MSGPACK, self.clear)
        self.room = Broadcaster(ID)
        self.history = history
        self.connection = cast(Connection, self)

    def tell(self, message: ServerMessage) -> None:
        self.outbox.send(message)

    def fell_behind(self) -> None:
        pass

    def clear(self) -> None:
        self.room.catch_up(self.connection, lambda after, client: tuple(self.history[after:]))

    def versions(self) -> list[int]:
        assembler, got = Assembler(64 * FRAME_BYTES_MAX), []
        for frame in self.sink.written:
            payload: bytes | str | None = unpack(frame)
            while payload is not None:
                message = decode_server(payload, Encoding.MSGPACK).messages[0]
                payload = assembler.add(message) if isinstance(message, PartFromServer) else None
                if isinstance(message, Ops):
                    got += [row.version for row in message.ops]
        return got


async def test_merged_ops_that_leave_at_once_in_parts_come_once() -> None:
    """The last part leaving says that the client can take more, from inside the writing of it."""
    history = [Row(1, ID, 1, ID, {"a": {"description": "d" * 2000}})]
    client = Client(history)
    client.room.add(client.connection, 0)
    client.sink.full = True
    client.room.say(Ops(ID, (history[0],)))
    history += [Row(version, ID, version, ID, history[0].op) for version in range(2, 81)]
    client.sink.full = False
    client.clear()
    assert client.versions() == list(range(1, 81))
    history.append(Row(81, ID, 81, ID, {}))
    client.room.say(Ops(ID, (history[-1],)))
    client.room.flush()
    assert client.versions() == list(range(1, 82))


def test_presence_never_travels_in_parts() -> None:
    """A part that is dropped would spoil the next message that comes in parts."""
    largest = Member(ID, ID, "\U0001f3b5" * NAME_CODE_POINTS_MAX, 2**53, {"": "s" * (PRESENCE_BYTES_MAX - 7)})
    everyone = (largest,) * (3 * MEMBERS_PER_FRAME + 1)
    message = Presence(ID, everyone, (ID,) * 5000)
    pieces = list(_pieces(message))
    assert [member for piece in pieces for member in piece.members] == list(everyone)
    assert [left for piece in pieces for left in piece.left] == list(message.left)
    for encoding in Encoding:
        for piece in pieces:
            [frame] = build_frames((piece,), encoding)
            assert len(frame) <= FRAME_BYTES_MAX
