"""From the first request to the last: how a node runs and how it stops.

uvicorn carries HTTP and sockets, but signals are ours: on SIGTERM readiness fails first; after the drain
delay, when the balancer has noticed, the port is closed and the hub drains; only then uvicorn hears of it. A
second signal hurries. Knows that order and its deadlines, which together, the delay apart, stay below P8's
25 s. Does not know what a node is made of.
"""

import asyncio
import contextlib
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FrameType
from typing import Any, Final, Literal, Protocol, Self

import structlog
import uvicorn
from starlette.types import ASGIApp

from collab.acceptor import Acceptor
from collab.binding import BACKLOG
from collab.config import Settings
from collab.messages import FRAME_BYTES_MAX
from collab.protocol import SocketProtocol
from collab.readiness import Readiness

log = structlog.get_logger("tutti.serve")

# The hub's drain has its own, shorter plan; this cuts off one that hangs.
DRAIN_S: Final = 18.0
# What is left for responses under way.
LAST_RESPONSES_S: Final = 4
# A proxy on this machine is the operator's.
_OWN_ADDRESSES: Final = ("127.0.0.1", "::1")


class Node(Protocol):
    """What is served, and how to bring it to rest."""

    @property
    def app(self) -> ASGIApp: ...

    @property
    def admin(self) -> ASGIApp: ...

    @property
    def readiness(self) -> Readiness: ...

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What the public port shows; None: it speaks in the clear."""

    async def drain(self) -> None:
        """Moves the clients elsewhere and returns when what was accepted is answered."""


_ALWAYS: Final = (signal.SIGTERM, signal.SIGINT)
_STOPS: Final = (*_ALWAYS, signal.SIGHUP) if hasattr(signal, "SIGHUP") else _ALWAYS


class StopSignal:
    """SIGTERM, SIGINT and SIGHUP, ours inside the `with`. `hurry` is set by the second one. `is_replaced`:
    others go on with the port, so nobody has to notice that we stop."""

    def __init__(self) -> None:
        self.hurry = asyncio.Event()
        self.is_replaced = False
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._before: list[tuple[signal.Signals, Any]] = []

    def __enter__(self) -> Self:
        for number in _STOPS:
            before = signal.getsignal(number)
            # Under `nohup` a terminal that closes means nothing.
            if number in _ALWAYS or before is not signal.SIG_IGN:
                self._before.append((number, signal.signal(number, self._receive)))
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)

    async def wait(self) -> None:
        await self._stop.wait()

    def stop(self, *, is_replaced: bool = False) -> None:
        """As the first signal; a later call hurries nobody."""
        self.is_replaced = self.is_replaced or (is_replaced and not self._stop.is_set())
        self._stop.set()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._note)

    def _note(self) -> None:
        (self.hurry if self._stop.is_set() else self._stop).set()


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, and with an event for its start."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # Windows' loop tells nobody that a socket can be read; there all are let in at once.
        paced = [] if sys.platform == "win32" else sockets or []
        await super().startup([each for each in sockets or [] if each not in paced])
        self.servers += [Acceptor(each, self._protocol, self.config.ssl) for each in paced]  # type: ignore[misc]
        self.listening.set()

    def _protocol(self) -> asyncio.Protocol:
        """As uvicorn makes them."""
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    def close_port(self) -> None:
        """Whoever comes now finds another node; who is here stays."""
        for listening in self.servers:
            listening.close()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    node: Node,
    settings: Settings,
    public: socket.socket,
    admin: socket.socket | None,
    stop: StopSignal,
    announce: Callable[[], None],
) -> None:
    """Serves until `stop`, and calls `announce` when ready. Raises whatever ended a server by itself."""
    servers = [(_server(node.app, node.tls, settings.trust_proxy), public)]
    if admin is not None:
        servers.append((_server(node.admin, None, ()), admin))
    running = [asyncio.create_task(server.serve([listening])) for server, listening in servers]
    try:
        if await _until(asyncio.gather(*(server.listening.wait() for server, _ in servers)), running):
            node.readiness.started()
            log.info("ready")
            announce()
            await _until(asyncio.ensure_future(stop.wait()), running)
            await _drain(node, servers[0][0], stop, settings.drain_delay_s)
    finally:
        for server, _ in servers:
            server.should_exit = True
        await asyncio.gather(*running)
        log.info("stopped")


async def serve_admin(app: ASGIApp, admin: socket.socket) -> None:
    """Serves the operators' port of several workers until it is cancelled."""
    server = _server(app, None, ())
    serving = asyncio.create_task(server.serve([admin]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving


async def _drain(node: Node, public: _Server, stop: StopSignal, delay_s: float) -> None:
    node.readiness.drain()
    hurry = asyncio.ensure_future(stop.hurry.wait())
    try:
        if not stop.is_replaced:
            await asyncio.wait([hurry], timeout=delay_s)
        public.close_port()
        async with asyncio.timeout(DRAIN_S):
            await _until(asyncio.ensure_future(node.drain()), [hurry])
    except TimeoutError:
        log.warning("drain_cut_short", after_s=DRAIN_S)
    finally:
        hurry.cancel()


async def _until(wanted: asyncio.Future[Any], others: Iterable[asyncio.Future[Any]]) -> bool:
    """Waits for `wanted`, whose error is raised. False if one of `others` ended first: it is given up."""
    try:
        await asyncio.wait((wanted, *others), return_when=asyncio.FIRST_COMPLETED)
        if not wanted.done():
            return False
        wanted.result()
        return True
    finally:
        wanted.cancel()


def _server(app: ASGIApp, tls: ssl.SSLContext | None, proxies: Sequence[str]) -> _Server:
    config = uvicorn.Config(
        app,
        http=http_protocol(),
        ws=SocketProtocol,
        lifespan="off",
        # Logs are configured by `logs`; a line for each request is the balancer's business.
        log_config=None,
        access_log=False,
        server_header=False,
        # Costs 50 KiB a connection (design.md section 5).
        ws_per_message_deflate=False,
        ws_max_size=FRAME_BYTES_MAX,
        backlog=BACKLOG,
        forwarded_allow_ips=[*_OWN_ADDRESSES, *proxies],
        timeout_graceful_shutdown=LAST_RESPONSES_S,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
    return _Server(config)


def http_protocol() -> type[asyncio.Protocol] | Literal["h11"]:
    """Ours, which bounds headers. It needs httptools, which Windows lacks; h11 has a bound of its own."""
    try:
        from collab.header_guard import HeaderGuardProtocol
    except ModuleNotFoundError:
        return "h11"
    return HeaderGuardProtocol
