"""The sockets of one client, one after the other.

Connects, hands frames to the link and what the link wants to say to the socket, and comes back when a socket
ends: when, say the close code, the server's farewell and `backoff`. Knows asyncio and WebSockets. Does not
know rooms or edits: that is the link's.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_socket
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from collab.closing import Advice, CloseCode, advice
from collab.codec import Assembler, Encoding, decode_server, encode_message, frames
from collab.errors import BadMessage, CallerError
from collab.ids import ID_BYTES, encode_id
from collab.messages import PROTOCOL_MSGPACK, PartFromClient, PartFromServer, Submit, Time
from tutti_client.backoff import Backoff, Policy
from tutti_client.clock import Clock
from tutti_client.errors import ConnectionRefused, StoreFailed
from tutti_client.link import Link, LinkEvent, MoveWanted, TokenWanted, Welcomed
from tutti_client.signal import Signal
from tutti_client.stamped_socket import StampedSocket, stamped_by
from tutti_client.tokens import TokenSource

log = logging.getLogger("tutti_client")

CONNECT_TIMEOUT_S: Final = 10.0
WELCOME_TIMEOUT_S: Final = 15.0
# A server that says nothing, not even a pong, for this long is gone.
PING_EVERY_S: Final = 10.0
PING_TIMEOUT_S: Final = 20.0
CLOSE_TIMEOUT_S: Final = 2.0
# A snapshot of the longest playlist with the longest fields stays far below.
ASSEMBLED_BYTES_MAX: Final = 64 * 1024 * 1024
FRAME_BYTES_MAX: Final = 4 * 1024 * 1024
TOKEN_RETRY_S: Final = 5.0

_ABOUT_THE_TOKEN: Final = frozenset((CloseCode.UNAUTHENTICATED, CloseCode.TOKEN_EXPIRED))


def new_id() -> str:
    return encode_id(secrets.token_bytes(ID_BYTES))


def socket_url(url: str) -> str:
    """The socket's URL for a server's (`http`, `https`, `ws` or `wss`). Raises CallerError."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}.get(parts.scheme)
    if scheme is None or not parts.netloc:
        raise CallerError(f"{url!r} is not the URL of a server, such as https://tutti.example.com.")
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/v1/socket", "", ""))


@dataclass(frozen=True, slots=True)
class _End:
    """How a socket ended, and what to do about it."""

    advice: Advice
    code: str
    message: str
    hint_ms: int = 0


_OFFLINE: Final = _End("come_back", "offline", "This client went offline.")


class Connection:
    """Keeps `link` connected while `run` runs. `on_event` is called in the order of the wire, `on_sent` each
    time the link was asked for what to send and each time a socket has ended, `secure` is awaited before a
    submission leaves. `sessions` counts welcomes, `last_end` says how the last socket ended."""

    def __init__(
        self,
        url: str,
        link: Link,
        tokens: TokenSource,
        on_event: Callable[[LinkEvent], None],
        on_sent: Callable[[], None],
        secure: Callable[[], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self.sessions = 0
        self.last_end = ""
        self._url = socket_url(url)
        self._link = link
        self._tokens = tokens
        self._on_event = on_event
        self._on_sent = on_sent
        self._secure = secure
        self._clock = clock
        self._socket_class = stamped_by(clock.monotonic_ms)
        self._backoff = Backoff(Policy())
        self._online = asyncio.Event()
        self._online.set()
        self._outgoing = Signal()
        # Of one socket: whether a new token is wanted, and why we part, if we do.
        self._token_wanted = asyncio.Event()
        self._parting = asyncio.Event()
        self._own_end: _End | None = None
        self._moving: asyncio.TimerHandle | None = None
        self._token_is_new = False
        self._was_welcomed = False

    def wake(self) -> None:
        """Something may want to be sent."""
        self._outgoing.notify()

    @property
    def is_online(self) -> bool:
        """Whether it is wanted."""
        return self._online.is_set()

    def go_offline(self) -> None:
        """Closes the socket and stays away until `go_online`."""
        self._online.clear()
        self._part(_OFFLINE)

    def go_online(self) -> None:
        self._online.set()

    async def run(self) -> None:
        """Until cancelled. Raises ConnectionRefused when the server will not have us back."""
        while True:
            await self._online.wait()
            end = await self._attempt()
            self.last_end = end.message
            self._on_sent()
            if end is _OFFLINE:
                continue
            if end.advice == "stop":
                raise ConnectionRefused(end.code, end.message)
            if self._link.renewal_is_due:
                for event in self._link.renew(new_id()):
                    self._on_event(event)
            delay_ms = self._backoff.delay_ms(end.advice, end.hint_ms, self._clock.now_ms(), random.random())
            log.info("disconnected (%s: %s), coming back in %d ms", end.code, end.message, delay_ms)
            await asyncio.sleep(delay_ms / 1000)

    # -- one socket ------------------------------------------------------------------------------------------

    async def _attempt(self) -> _End:
        self._own_end = None
        self._parting.clear()
        self._token_wanted.clear()
        self._was_welcomed = False
        try:
            token = await self._token()
        except Exception as error:
            # The caller's callable: an issuer that is away now may be back later.
            log.warning("no token: %r", error)
            return _End("back_off", "token_missing", f"There is no token: {error}")
        try:
            async with connect_socket(
                self._url,
                subprotocols=[Subprotocol(PROTOCOL_MSGPACK)],
                compression=None,
                open_timeout=CONNECT_TIMEOUT_S,
                ping_interval=PING_EVERY_S,
                ping_timeout=PING_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                max_size=FRAME_BYTES_MAX,
                create_connection=self._socket_class,
            ) as socket:
                assert isinstance(socket, StampedSocket), "websockets makes what it is told to"
                await self._converse(socket, token)
        except (OSError, WebSocketException) as error:
            return _End("back_off", "unreachable", f"{self._url}: {error}")
        finally:
            self._link.disconnected()
            if self._moving is not None:
                self._moving.cancel()
        return self._own_end or self._end_of(socket)

    async def _token(self) -> str:
        before = self._tokens.token
        token = await self._tokens.current(self._link.server_ms(self._clock.now_ms()))
        self._token_is_new = token != before
        return token

    async def _converse(self, socket: StampedSocket, token: str) -> None:
        """Until the socket is closed, by either end."""
        self._link.connected(token)
        try:
            async with asyncio.TaskGroup() as tasks:
                companions = [
                    tasks.create_task(self._write(socket)),
                    tasks.create_task(self._refresh()),
                    tasks.create_task(self._close_when_parting(socket)),
                ]
                await self._read(socket)
                for task in companions:
                    task.cancel()
        finally:
            # Also when we are cancelled: leaving is no error, and the server should not take it for one.
            await socket.close()

    async def _read(self, socket: StampedSocket) -> None:
        assembler = Assembler(ASSEMBLED_BYTES_MAX)
        try:
            async with asyncio.timeout(WELCOME_TIMEOUT_S) as deadline:
                while True:
                    payload = await socket.recv()
                    self._receive(payload, assembler, socket.came_ms())
                    if self._link.is_live:
                        deadline.reschedule(None)
        except ConnectionClosed:
            pass
        except TimeoutError:
            self._own_end = _End("back_off", "silent", "The server did not answer `hello`.")
        except BadMessage as error:
            self._own_end = _End("back_off", error.code, f"The server's frame is none: {error.message}")
        except ConnectionRefused as error:
            self._own_end = _End("stop", error.code, error.message)

    def _receive(self, payload: bytes | str, assembler: Assembler, came_ms: float) -> None:
        """Everything in one frame, without an await, so that nobody sees half of it."""
        for message in decode_server(payload, Encoding.MSGPACK).messages:
            if isinstance(message, PartFromServer):
                whole = assembler.add(message)
                if whole is not None:
                    self._receive(whole, assembler, came_ms)
                continue
            if isinstance(message, Time):
                for event in self._link.receive_time(message, came_ms):
                    self._on_event(event)
                continue
            for event in self._link.receive(message, self._clock.now_ms()):
                if isinstance(event, Welcomed):
                    self.sessions += 1
                    self._was_welcomed = True
                    self._tokens.expires(self._link.token_expires_ms)
                    self._backoff.stood(self._clock.now_ms(), event.retry_base_ms, event.retry_cap_ms)
                elif isinstance(event, TokenWanted):
                    self._token_wanted.set()
                elif isinstance(event, MoveWanted):
                    moving = _End("come_back", "drain", "The node is about to stop.")
                    loop = asyncio.get_running_loop()
                    self._moving = loop.call_later(event.after_ms / 1000, self._part, moving)
                self._on_event(event)
        if self._link.renewal_is_due:
            self._part(_End("come_back", "renewal", "This client goes on under a new client id."))
        self._outgoing.notify()

    async def _write(self, socket: ClientConnection) -> None:
        """Sends what the link wants to say. Waits while the socket does not take it, so nothing piles up."""
        with suppress(ConnectionClosed):
            while True:
                await self._ask_time(socket)
                messages = self._link.outgoing(self._clock.now_ms())
                for event in self._link.take_events():
                    self._on_event(event)
                self._on_sent()
                if any(isinstance(message, Submit) for message in messages):
                    # What it holds is frozen from now on, also for who comes after a crash.
                    try:
                        await self._secure()
                    except StoreFailed as error:
                        return self._part(_End("stop", error.code, error.message))
                encoded = [encode_message(message, Encoding.MSGPACK) for message in messages]
                for payload in frames(encoded, Encoding.MSGPACK, PartFromClient):
                    await socket.send(payload)
                if messages:
                    continue
                due_ms = self._link.get_timer()
                wait_s = None if due_ms is None else max(0.0, due_ms - self._clock.monotonic_ms()) / 1000
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._outgoing.wait()

    async def _ask_time(self, socket: ClientConnection) -> None:
        """In a frame of its own, and nothing between the stamp and the socket that can wait."""
        probe = self._link.take_probe(self._clock.monotonic_ms())
        if probe is not None:
            [payload] = frames([encode_message(probe, Encoding.MSGPACK)], Encoding.MSGPACK, PartFromClient)
            await socket.send(payload)

    async def _refresh(self) -> None:
        """A new token each time the server says that ours ends. If there is none the server closes the
        session in the end, and the next one asks again."""
        while True:
            await self._token_wanted.wait()
            self._token_wanted.clear()
            if not self._tokens.can_renew:
                return
            before = self._tokens.token
            try:
                token = await self._tokens.renewed()
            except Exception as error:
                log.warning("no new token: %r", error)
                token = before
            if token != before:
                self._link.refresh(token)
                self._outgoing.notify()
            else:
                await asyncio.sleep(TOKEN_RETRY_S * random.uniform(0.5, 1.0))
                self._token_wanted.set()

    async def _close_when_parting(self, socket: ClientConnection) -> None:
        await self._parting.wait()
        await socket.close()

    def _part(self, end: _End) -> None:
        self._own_end = end
        self._parting.set()

    def _end_of(self, socket: ClientConnection) -> _End:
        """What the server's close says."""
        close_code = socket.close_code or 1006
        farewell = self._link.farewell
        code = farewell.code if farewell else str(close_code)
        message = farewell.message if farewell else (socket.close_reason or "The connection was lost.")
        hint_ms = farewell.retry_after_ms if farewell else 0
        was_good = self._was_welcomed or not self._token_is_new
        if close_code in _ABOUT_THE_TOKEN and self._tokens.can_renew and was_good:
            self._tokens.forget()
            return _End("come_back", code, message, hint_ms)
        return _End(advice(close_code), code, message, hint_ms)
