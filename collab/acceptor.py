"""How connections are let in: one in each turn of the loop.

An event loop takes all who wait at the port at once, and then reads from all of them in the next turn: when
thousands come together each of those turns lasts seconds, and whoever was there before waits for it. Let in
one by one they wait in the system's queue, in order, and between two of them everybody else has a turn. What
they say once they are in makes more work, so the next is let in when the loop has had time for others, too
(`pace`). Knows listening sockets and loops. Does not know what is spoken.
"""

import asyncio
import errno
import socket
import ssl
import sys
import time
from collections.abc import Callable
from typing import Final

import structlog

from collab.pace import Pace

log = structlog.get_logger("tutti.acceptor")

# Then some files may have been closed.
_FULL_PAUSE_S: Final = 1.0
_FULL: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
# What Linux calls CLOSE and CLOSE_WAIT in the first byte of its `tcp_info`.
_HUNG_UP: Final = (7, 8)


class Acceptor:
    """Of one socket that listens. Lets people in from the beginning; to uvicorn it is a server. `now_s` never
    steps back, `worked_s` says how long this thread has had a core."""

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None,
        now_s: Callable[[], float] = time.monotonic,
        worked_s: Callable[[], float] = time.thread_time,
    ) -> None:
        self._listening = listening
        self._protocol = protocol
        self._tls = tls
        self._now_s = now_s
        self._worked_s = worked_s
        self._pace = Pace(now_s(), worked_s())
        self._loop = asyncio.get_running_loop()
        # Those that are being connected: with TLS that takes round trips.
        self._coming: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listening.setblocking(False)
        self._resume()

    def close(self) -> None:
        """Closes the port; those who were let in stay."""
        if self._listening.fileno() < 0:
            return
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listening)
        self._listening.close()

    async def wait_closed(self) -> None:
        """Returns when everybody who was let in is connected, or gone."""
        await asyncio.gather(*self._coming)

    def _resume(self) -> None:
        self._pause = None
        # The loop says again, in the next turn, that somebody waits.
        self._loop.add_reader(self._listening, self._let_in)

    def _let_in(self) -> None:
        worked_s = self._worked_s()
        try:
            connection, _ = self._listening.accept()
        except OSError as error:
            # Whoever it was is gone, or another process was faster, unless there is no room for anybody.
            if error.errno in _FULL:
                self._wait_for_room(error)
            return
        if _has_left(connection):
            connection.close()
            return
        # In the next turn, which says how much work this one was.
        self._loop.call_soon(self._look_back, worked_s)
        connection.setblocking(False)
        if connection.family != getattr(socket, "AF_UNIX", None):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._loop.create_task(self._connect(connection))
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)

    async def _connect(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, connection, ssl=self._tls)
        except OSError as error:
            # They left, or their TLS is not ours: nothing that an operator could do.
            log.debug("not_connected", error=str(error))

    def _wait_for_room(self, error: OSError) -> None:
        log.error("no_room_for_sockets", error=error.strerror, retry_s=_FULL_PAUSE_S)
        self._wait(_FULL_PAUSE_S)

    def _look_back(self, worked_before_s: float) -> None:
        worked_s = self._worked_s()
        pause_s = self._pace.let_in(self._now_s(), worked_s, worked_s - worked_before_s)
        if pause_s > 0:
            self._wait(pause_s)

    def _wait(self, for_s: float) -> None:
        if self._pause is None and self._listening.fileno() >= 0:
            self._loop.remove_reader(self._listening)
            self._pause = self._loop.call_later(for_s, self._resume)


def _has_left(connection: socket.socket) -> bool:
    """Whether the peer hung up while it waited at the door: its handshake would be for nothing. Only Linux
    says it."""
    if sys.platform != "linux" or connection.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] in _HUNG_UP
