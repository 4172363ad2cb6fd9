"""The sockets of one client, one after the other.

Connects, hands messages to the link and what the link wants to say to the socket, and comes back when a
socket ends: when, say the close code, the server's farewell and `backoff`. When a node asks its clients to
move, the next socket is made ready before this one is left. Knows asyncio. Does not know rooms or edits: that
is the link's.
"""

import asyncio
import logging
import random
import secrets
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from websockets.exceptions import ConnectionClosed, WebSocketException

from collab.closing import Advice, CloseCode, advice
from collab.errors import BadMessage
from collab.ids import ID_BYTES, encode_id
from collab.messages import Submit, Time
from tutti_client.backoff import Backoff, Policy
from tutti_client.clock import Clock
from tutti_client.errors import ConnectionRefused, StoreFailed
from tutti_client.link import Link
from tutti_client.link_events import LinkEvent, MoveWanted, TokenWanted, Welcomed
from tutti_client.signal import Signal
from tutti_client.stamped_socket import stamped_by
from tutti_client.standby import Standby
from tutti_client.tokens import TokenSource
from tutti_client.wire import Received, Wire, socket_url

log = logging.getLogger("tutti_client")

WELCOME_TIMEOUT_S: Final = 15.0
# A certificate that is not good, one that has ended for example, is not renewed within seconds.
CERTIFICATE_RETRY_MS: Final = 60_000
# Between attempts to reach another node while this one still serves us: it has some seconds left.
MOVE_RETRY_S: Final = (0.1, 0.2, 0.4, 0.8)

_ABOUT_THE_TOKEN: Final = frozenset((CloseCode.UNAUTHENTICATED, CloseCode.TOKEN_EXPIRED))


def new_id() -> str:
    return encode_id(secrets.token_bytes(ID_BYTES))


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
    submission leaves. `document` is what this client is mostly about, if it is known: a hint to balancers.
    `sessions` counts welcomes, `last_end` says how the last socket ended."""

    def __init__(
        self,
        url: str,
        link: Link,
        tokens: TokenSource,
        on_event: Callable[[LinkEvent], None],
        on_sent: Callable[[], None],
        secure: Callable[[], Awaitable[None]],
        clock: Clock,
        document: str = "",
    ) -> None:
        self.sessions = 0
        self.last_end = ""
        self._url = url
        self._document = document
        self._link = link
        self._tokens = tokens
        self._on_event = on_event
        self._on_sent = on_sent
        self._secure = secure
        self._clock = clock
        self._stamped = stamped_by(clock.monotonic_ms)
        self._backoff = Backoff(Policy())
        self._online = asyncio.Event()
        self._online.set()
        self._outgoing = Signal()
        # The socket that carries the link, and those that are closing behind it.
        self._wire: Wire | None = None
        self._left: set[asyncio.Task[None]] = set()
        # Of one socket: whether we should move, and why we part, if we do.
        self._move_wanted = asyncio.Event()
        self._moving: asyncio.TimerHandle | None = None
        self._parting = asyncio.Event()
        self._own_end: _End | None = None
        self._token_is_new = False
        self._was_welcomed = False
        socket_url(url)

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
        try:
            await self._run()
        finally:
            await asyncio.gather(*self._left)

    async def _run(self) -> None:
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

    # -- one session, on one socket after the other ----------------------------------------------------------

    async def _attempt(self) -> _End:
        self._own_end = None
        self._parting.clear()
        self._forget_wishes()
        self._was_welcomed = False
        try:
            token = await self._token()
        except Exception as error:
            # The caller's callable: an issuer that is away now may be back later.
            log.warning("no token: %r", error)
            return _End("back_off", "token_missing", f"There is no token: {error}")
        try:
            carries_on: Wire | None = await self._open()
            self._link.connected(token)
            while carries_on is not None:
                wire = carries_on
                carries_on = await self._converse(wire)
        except ssl.SSLCertVerificationError as error:
            return _End("back_off", "certificate", f"{self._url}: {error}", CERTIFICATE_RETRY_MS)
        except (OSError, WebSocketException) as error:
            return _End("back_off", "unreachable", f"{self._url}: {error}")
        finally:
            self._link.disconnected()
            self._forget_wishes()
            if self._wire is not None:
                self._leave(self._wire)
                self._wire = None
        return self._own_end or self._end_of(wire)

    async def _open(self) -> Wire:
        """A balancer may know us by what we have open; nobody else looks at it."""
        document = self._document or next(iter(self._link.rooms), "")
        return await Wire.open(socket_url(self._url, document), self._stamped)

    async def _token(self) -> str:
        before = self._tokens.token
        token = await self._tokens.current(self._server_ms())
        self._token_is_new = token != before
        return token

    async def _converse(self, wire: Wire) -> Wire | None:
        """Until the socket is closed, by either end, or another one carries the link, which is returned."""
        self._wire = wire
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(wire))
                companions = [
                    tasks.create_task(self._write(wire)),
                    tasks.create_task(self._refresh()),
                    tasks.create_task(self._close_when_parting(wire)),
                    tasks.create_task(self._move(reading)),
                ]
                await asyncio.wait([reading])
                for task in companions:
                    task.cancel()
        finally:
            if self._wire is wire:
                self._wire = None
                # Also when we are cancelled: leaving is no error, and the server should not take it for one.
                await wire.close()
            else:
                self._leave(wire)
        return self._wire

    def _forget_wishes(self) -> None:
        """Those of the socket that was."""
        self._tokens.want(False)
        self._move_wanted.clear()
        if self._moving is not None:
            self._moving.cancel()

    def _leave(self, wire: Wire) -> None:
        """Says goodbye to a socket without waiting for the answer."""
        leaving = asyncio.create_task(wire.close())
        self._left.add(leaving)
        leaving.add_done_callback(self._left.discard)

    # -- what comes ------------------------------------------------------------------------------------------

    async def _read(self, wire: Wire) -> None:
        try:
            async with asyncio.timeout(None if self._link.is_live else WELCOME_TIMEOUT_S) as deadline:
                while self._wire is wire:
                    self._receive(await wire.receive())
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

    def _receive(self, received: Received) -> None:
        """Everything in one frame, without an await, so that nobody sees half of it."""
        for message in received.messages:
            if isinstance(message, Time):
                self._note(self._link.receive_time(message, received.came_ms))
            else:
                self._note(self._link.receive(message, self._clock.now_ms()))
        if self._link.renewal_is_due:
            self._part(_End("come_back", "renewal", "This client goes on under a new client id."))
        self._outgoing.notify()

    def _note(self, events: list[LinkEvent]) -> None:
        for event in events:
            if isinstance(event, Welcomed):
                self.sessions += 1
                self._was_welcomed = True
                self._tokens.expires(self._link.token_expires_ms, self._server_ms())
                self._backoff.stood(self._clock.now_ms(), event.retry_base_ms, event.retry_cap_ms)
            elif isinstance(event, TokenWanted):
                self._tokens.want()
            elif isinstance(event, MoveWanted):
                loop = asyncio.get_running_loop()
                self._moving = loop.call_later(event.after_ms / 1000, self._move_wanted.set)
            self._on_event(event)

    # -- what leaves -----------------------------------------------------------------------------------------

    async def _write(self, wire: Wire) -> None:
        """Sends what the link wants to say."""
        with suppress(ConnectionClosed):
            while self._wire is wire:
                await self._ask_time(wire)
                messages = self._link.outgoing(self._clock.now_ms())
                self._note(self._link.take_events())
                self._on_sent()
                if any(isinstance(message, Submit) for message in messages):
                    # What it holds is frozen from now on, also for who comes after a crash.
                    try:
                        await self._secure()
                    except StoreFailed as error:
                        self._part(_End("stop", error.code, error.message))
                        return
                await wire.send(messages)
                if messages:
                    continue
                due_ms = self._link.get_timer()
                wait_s = None if due_ms is None else max(0.0, due_ms - self._clock.monotonic_ms()) / 1000
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._outgoing.wait()

    async def _ask_time(self, wire: Wire) -> None:
        """In a frame of its own, and nothing between the stamp and the socket that can wait."""
        probe = self._link.take_probe(self._clock.monotonic_ms())
        if probe is not None:
            await wire.send([probe])

    async def _refresh(self) -> None:
        """A new token in good time. If none comes the server closes the session in the end, and the next one
        asks again."""
        while self._tokens.can_renew:
            self._link.refresh(await self._tokens.next(self._server_ms))
            self._outgoing.notify()

    def _server_ms(self) -> int:
        return self._link.server_ms(self._clock.now_ms())

    # -- moving to another node ------------------------------------------------------------------------------

    async def _move(self, reading: asyncio.Task[None]) -> None:
        """Makes the next socket ready while this one, that `reading` reads, still serves, and changes over.
        Tries until this one is closed."""
        await self._move_wanted.wait()
        attempts = 0
        while not await self._try_to_move():
            self._link.stay()
            delay_s = MOVE_RETRY_S[min(attempts, len(MOVE_RETRY_S) - 1)]
            await asyncio.sleep(delay_s * random.uniform(0.5, 1.5))
            attempts += 1
        reading.cancel()

    async def _try_to_move(self) -> bool:
        try:
            standby = self._link.prepare(await self._token())
            wire = await self._open()
        except Exception as error:
            log.info("no other node yet: %s", error)
            return False
        try:
            async with asyncio.timeout(WELCOME_TIMEOUT_S):
                await self._make_ready(wire, standby)
            if self._link.renewal_is_due:
                return False
            events = self._link.move(standby, self._clock.now_ms())
        except (OSError, WebSocketException, BadMessage, ConnectionRefused) as error:
            if wire.close_code in _ABOUT_THE_TOKEN:
                self._tokens.forget()
            log.info("no other node yet: %s", error)
            return False
        else:
            self._wire = wire
        finally:
            if self._wire is not wire:
                self._leave(wire)
        # What the old node wanted is done; what the new one wants may be among the events.
        self._forget_wishes()
        self._note(events)
        log.info("moved to another connection")
        return True

    async def _make_ready(self, wire: Wire, standby: Standby) -> None:
        """Raises TimeoutError, which is an OSError, too."""
        while not standby.is_ready(self._clock.now_ms()):
            await wire.send(standby.outgoing(self._clock.now_ms()))
            due_ms = standby.get_timer(self._clock.now_ms())
            wait_s = None if due_ms is None else max(0.0, due_ms - self._clock.monotonic_ms()) / 1000
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    for message in (await wire.receive()).messages:
                        standby.receive(message, self._clock.now_ms())
            # What was held back may leave by now.
            self._outgoing.notify()

    # -- parting ---------------------------------------------------------------------------------------------

    async def _close_when_parting(self, wire: Wire) -> None:
        await self._parting.wait()
        await wire.close()

    def _part(self, end: _End) -> None:
        self._own_end = end
        self._parting.set()

    def _end_of(self, wire: Wire) -> _End:
        """What the server's close says."""
        close_code = wire.close_code
        farewell = self._link.farewell
        code = farewell.code if farewell else str(close_code)
        message = farewell.message if farewell else (wire.close_reason or "The connection was lost.")
        hint_ms = farewell.retry_after_ms if farewell else 0
        was_good = self._was_welcomed or not self._token_is_new
        if close_code in _ABOUT_THE_TOKEN and self._tokens.can_renew and was_good:
            self._tokens.forget()
            return _End("come_back", code, message, hint_ms)
        return _End(advice(close_code), code, message, hint_ms)
