"""Frames put together from parts, without a socket."""

from typing import cast

import pytest

from collab.codec import Encoding, encode_message, join
from collab.errors import BadMessage
from collab.messages import Drain, PartFromServer, ServerMessage
from tutti_client.stamped_socket import StampedSocket
from tutti_client.wire import Wire


class _Socket:
    """Gives what it was given."""

    def __init__(self, *frames: bytes) -> None:
        self._frames = list(frames)

    async def recv(self) -> bytes:
        return self._frames.pop(0)

    def came_ms(self) -> float:
        return 7.0


def _frame(*messages: ServerMessage) -> bytes:
    return join([encode_message(message, Encoding.MSGPACK) for message in messages], Encoding.MSGPACK)


def _wire(*frames: bytes) -> Wire:
    return Wire(cast(StampedSocket, _Socket(*frames)))


async def test_a_frame_in_parts_comes_as_one() -> None:
    whole = _frame(Drain(1), Drain(2))
    wire = _wire(_frame(PartFromServer(whole[:4], last=False)), _frame(PartFromServer(whole[4:], last=True)))
    assert (await wire.receive()).messages == ()
    assert (await wire.receive()).messages == (Drain(1), Drain(2))


async def test_parts_within_parts_are_no_frame_of_ours() -> None:
    nested = _frame(Drain(1))
    for _ in range(1000):
        nested = _frame(PartFromServer(nested, last=True))
    with pytest.raises(BadMessage, match="holds no parts"):
        await _wire(nested).receive()
