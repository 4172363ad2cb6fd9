"""What a connection lets a frame cost: its length, as it came or as it was put together, and once."""

from typing import Any
from unittest.mock import Mock

import pytest

from collab.codec import Encoding, encode_message, frames, join
from collab.messages import Leave, PartFromClient, Submit
from collab.session import Session
from tests.collab.rooms import ROOM
from tests.collab.test_connection_time import Sink, connection


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Mock:
    receive = Mock(return_value=[])
    monkeypatch.setattr(Session, "receive", receive)
    return receive


def charged(received: Mock) -> list[tuple[Any, int]]:
    return [(type(call.args[0]), call.args[2]) for call in received.call_args_list]


def submit(seq: int, strings: int) -> bytes:
    return encode_message(Submit(ROOM, seq, 0, {"x": ["y" * 1000] * strings}), Encoding.MSGPACK)


async def test_a_frame_is_paid_for_with_its_first_submission(received: Mock) -> None:
    sink = Sink()
    held = connection(sink)
    leave = encode_message(Leave(ROOM), Encoding.MSGPACK)
    frame = join([leave, submit(1, 0), submit(2, 40), leave], Encoding.MSGPACK)
    sink.deliver(frame)
    assert charged(received) == [(Leave, len(frame)), (Submit, len(frame)), (Submit, 0), (Leave, 0)]
    held.evicted("x")


async def test_what_came_in_parts_is_as_long_as_the_whole(received: Mock) -> None:
    sink = Sink()
    held = connection(sink)
    held.session.authenticated("ann", "Ann", 2**50, 0)
    large = submit(1, 1200)
    for frame in frames([large], Encoding.MSGPACK, PartFromClient):
        sink.deliver(frame)
    assert charged(received) == [(Submit, len(join([large], Encoding.MSGPACK)))]
