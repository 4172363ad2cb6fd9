"""How a connection answers clock probes: whose stamps, and past what."""

import asyncio
from collections.abc import Callable
from typing import cast
from unittest.mock import Mock

from collab.clock import Clock
from collab.codec import Assembler, Encoding, decode_server, encode_message, join
from collab.connection import Connection, Node
from collab.frames import FrameSink, unpack
from collab.messages import Goodbye, PartFromServer, Probe, ServerMessage, Time, Welcome
from collab.metrics import Metrics
from collab.session import Rates, Session

CAME_NS = 5_000_000_000


class Sink:
    """A socket that takes nothing while it is `full`."""

    def __init__(self) -> None:
        self.full = False
        self.written: list[ServerMessage] = []
        self.deliver: Callable[[bytes | str], None] = lambda _: None
        self.drained: Callable[[], None] = lambda: None

    def write(self, frame: bytes) -> None:
        self.written += decode_server(unpack(frame), Encoding.MSGPACK).messages

    def buffered_bytes(self) -> int:
        return 100_000 if self.full else 0

    def received_ns(self) -> int:
        return CAME_NS

    def on_message(self, callback: Callable[[bytes | str], None]) -> None:
        self.deliver = callback

    def on_drain(self, callback: Callable[[], None]) -> None:
        self.drained = callback

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def on_disconnect(self, callback: object) -> None:
        pass


def connection(sink: Sink) -> Connection:
    clock = Clock()
    session = Session("connection-1", Welcome("", "", "", {}, 1, 1, 1, 1, 1), Rates(), clock.now_ms())
    node = Node(Mock(), Mock(), clock, Metrics(), asyncio.TaskGroup())
    return Connection(cast(FrameSink, sink), Encoding.MSGPACK, session, node)


def probe(t0: int) -> bytes:
    return join([encode_message(Probe(t0), Encoding.MSGPACK)], Encoding.MSGPACK)


async def test_an_answer_bears_the_stamp_of_the_read_and_one_of_its_writing() -> None:
    sink = Sink()
    answering = connection(sink)
    clock = answering._node.clock
    before_us = clock.now_us()
    sink.deliver(probe(-7))
    [answer] = sink.written
    assert isinstance(answer, Time)
    assert (answer.t0, answer.t1) == (-7, clock.at_us(CAME_NS))
    assert before_us <= answer.t2 <= clock.now_us()
    answering.evicted("x")


async def test_an_answer_overtakes_parts_that_wait() -> None:
    """Behind a large snapshot it would tell a time that is long over."""
    sink = Sink()
    answering = connection(sink)
    large = Goodbye("x", "m" * 200_000)
    sink.full = True
    answering.tell(large)
    sink.deliver(probe(1))
    assert [type(message) for message in sink.written] == [Time]
    sink.full = False
    sink.drained()
    assembler = Assembler(1 << 20)
    wholes = [assembler.add(message) for message in sink.written if isinstance(message, PartFromServer)]
    [whole] = [whole for whole in wholes if whole is not None]
    assert whole == join([encode_message(large, Encoding.MSGPACK)], Encoding.MSGPACK)
