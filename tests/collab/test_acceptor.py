import asyncio
import errno
import itertools
import socket
import sys

import pytest

from collab import acceptor
from collab.acceptor import Acceptor
from collab.binding import listen, port_of

MANY = 20


class Greeting(asyncio.Protocol):
    """Says hello and notes in which turn of the loop it came to be."""

    def __init__(self, turns: "Turns") -> None:
        self._turns = turns

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._turns.made.append(self._turns.number)
        if len(self._turns.made) == MANY:
            self._turns.many_made.set()
        transport.write(b"hello")


class Turns:
    """Counts those of the loop."""

    def __init__(self) -> None:
        self.number = 0
        self.made: list[int] = []
        self.many_made = asyncio.Event()
        self._count()

    def _count(self) -> None:
        self.number += 1
        asyncio.get_running_loop().call_soon(self._count)


@pytest.fixture
async def turns() -> Turns:
    return Turns()


async def hear(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = await reader.readexactly(5)
    writer.close()
    return heard


async def test_many_who_come_at_once_are_let_in_one_after_the_other(turns: Turns) -> None:
    listening = listen("127.0.0.1", 0)
    waiting = [socket.create_connection(listening.getsockname()) for _ in range(MANY)]
    door = Acceptor(listening, lambda: Greeting(turns), None)
    try:
        await turns.many_made.wait()
        assert all(connection.recv(5) == b"hello" for connection in waiting)
        assert len(set(turns.made)) == MANY
    finally:
        door.close()
        for connection in waiting:
            connection.close()
    await door.wait_closed()


async def test_a_closed_port_lets_nobody_in_and_keeps_who_is_in(turns: Turns) -> None:
    listening = listen("127.0.0.1", 0)
    port = port_of(listening)
    door = Acceptor(listening, lambda: Greeting(turns), None)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.readexactly(5) == b"hello"
    door.close()
    door.close()
    await door.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await hear(port)
    assert not reader.at_eof()
    writer.close()


async def test_while_turns_are_long_nobody_more_is_let_in(turns: Turns) -> None:
    """The loop works all the time, 30 ms from one look at the clock to the next."""
    listening = listen("127.0.0.1", 0)
    waiting = [socket.create_connection(listening.getsockname()) for _ in range(MANY)]
    works_s = itertools.count(step=0.03)
    door = Acceptor(listening, lambda: Greeting(turns), None, lambda: 0.0, lambda: next(works_s))
    try:
        await turns.many_made.wait()
        between = [later - earlier for earlier, later in itertools.pairwise(turns.made)]
        assert min(between) > 10, "others had many turns"
    finally:
        door.close()
        for connection in waiting:
            connection.close()
    await door.wait_closed()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who hung up")
async def test_who_hung_up_while_they_waited_costs_nothing(turns: Turns) -> None:
    listening = listen("127.0.0.1", 0)
    for _ in range(MANY):
        with socket.create_connection(listening.getsockname()) as gone:
            gone.send(b"hello")
    looks_s = itertools.count()
    door = Acceptor(listening, lambda: Greeting(turns), None, lambda: next(looks_s))
    try:
        assert await hear(port_of(listening)) == b"hello"
        assert len(turns.made) == 1
        assert next(looks_s) == 2, "the clock was looked at in the beginning, and for the one who was let in"
    finally:
        door.close()
    await door.wait_closed()


class Full(socket.socket):
    """The system has no files left, so many times."""

    failures = 0

    def accept(self) -> tuple[socket.socket, object]:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


async def test_a_system_without_files_is_asked_again_later(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptor, "_FULL_PAUSE_S", 0.01)
    listening = Full(fileno=listen("127.0.0.1", 0).detach())
    listening.failures = 2
    door = Acceptor(listening, lambda: Greeting(turns), None)
    try:
        assert await hear(port_of(listening)) == b"hello"
        assert listening.failures == 0
    finally:
        door.close()
    await door.wait_closed()
