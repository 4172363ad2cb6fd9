"""The bus of many nodes, on Redis or Valkey.

Keeps the promise of `collab.bus` while Redis is there, and loses hints while it is not: nothing waits for it,
nothing fails for its sake, and a node without it stays ready. One task connects, lives until the connection
is lost, says so once, and tries again after a pause that grows; each time it is back, all rooms are compared
with the store. Knows who listens to what. Does not know what a link is made of.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count

import structlog

from collab.bus import Listener, Neighbour
from collab.bus_link import Link, bounded
from collab.bus_messages import SENDER_BYTES, BusMessages, Reported, Unreadable
from collab.bus_pulse import BusTimes
from collab.clock import Clock
from collab.effects import Publish
from collab.metrics import Metrics
from collab.patience import Patience
from collab.presence_report import Report
from collab.redis_server import BusLost, RedisPlace

log = structlog.get_logger("tutti.bus")

_PROMISED = BusTimes()


class RedisBus:
    """Keeps `collab.bus.Bus`. Raises CannotStart if `url` is none; use `running` around everything."""

    def __init__(
        self,
        url: str,
        secret: bytes,
        metrics: Metrics,
        clock: Clock,
        entropy: Callable[[int], bytes],
        times: BusTimes = _PROMISED,
    ) -> None:
        node = entropy(SENDER_BYTES)
        self._place = RedisPlace(url)
        self._node = node.hex()
        self._messages = BusMessages(secret, node)
        self._metrics = metrics
        self._clock = clock
        self._times = times
        self._numbers = count(1)
        self._listeners: dict[str, Listener] = {}
        self._neighbours: dict[str, Neighbour] = {}
        self._links: list[Link] = []
        # Who waits for a subscription; cancelled: they wait no longer.
        self._wanted: dict[str, asyncio.Future[None]] = {}
        self._looked: set[str] = set()
        self._missed: Callable[[], None] = lambda: None
        self._task: asyncio.Task[None] | None = None
        # None before the first attempt: either end of it is news.
        self._is_connected: bool | None = None
        self._connected_us: int | None = None
        self._has_refused = False
        self._is_closed = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator["RedisBus"]:
        """Connected inside, as far as Redis is there."""
        self._task = asyncio.create_task(self._stay_connected(), name="bus")
        try:
            yield self
        finally:
            await self.close()

    async def close(self) -> None:
        if self._is_connected and not self._is_closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._times.last_words_s):
                    for link in self._links:
                        await link.silent.wait()
        self._is_closed = True
        self._listeners.clear()
        self._neighbours.clear()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    # -- what rooms do -----------------------------------------------------------------------------------

    def watch(self, missed: Callable[[], None]) -> None:
        self._missed = missed

    async def subscribe(self, document: str, listener: Listener) -> None:
        self._listeners[document] = listener
        link = self._link(document)
        if link is None:
            return
        link.want(document, True)
        confirmed = self._wanted[document] = asyncio.get_running_loop().create_future()
        if self._is_connected:
            await asyncio.wait([confirmed], timeout=self._times.subscribe_s)
        confirmed.cancel()

    async def unsubscribe(self, document: str) -> None:
        self._listeners.pop(document, None)
        self._wanted.pop(document, None)
        link = self._link(document)
        if link is not None:
            link.want(document, False)

    def publish(self, hint: Publish) -> None:
        link = self._link(hint.document) if self._is_connected else None
        if link is None:
            self._metrics.bus_dropped.labels(reason="away").inc()
            return
        self._metrics.bus_published.inc()
        self._metrics.bus_dropped.labels(reason="full").inc(link.publish(hint))

    @property
    def is_heard(self) -> bool:
        return bool(self._is_connected) and not self._is_closed

    def attend(self, document: str, neighbour: Neighbour | None) -> None:
        if neighbour is None:
            self._neighbours.pop(document, None)
        else:
            self._neighbours[document] = neighbour

    def has_news(self, document: str) -> None:
        # While the bus is away the rooms keep what they have to say; they say all of it when it is back.
        if self._is_connected and (link := self._link(document)) is not None:
            link.has_news(document)

    def bid_farewell(self, report: Report) -> None:
        if self._is_connected and (link := self._link(report.document)) is not None:
            link.bid_farewell(report)

    def _link(self, document: str) -> Link | None:
        return next((link for link in self._links if link.owns(document)), None)

    # -- what a link hears -------------------------------------------------------------------------------

    def heard(self, document: str, message: bytes) -> None:
        listener = self._listeners.get(document)
        if listener is None:
            return
        try:
            said = self._messages.read(document, message)
        except Unreadable as error:
            self._refuse(document, listener, error.reason)
            return
        match said:
            case Publish():
                self._metrics.bus_received.inc()
                listener(said)
            case Reported():
                self._metrics.bus_reports_received.inc()
                if (neighbour := self._neighbours.get(document)) is not None:
                    neighbour.hear(said.node, said.report)
            case None:
                pass

    def next_report(self, document: str) -> Report | None:
        neighbour = self._neighbours.get(document)
        report = None if neighbour is None else neighbour.next_report()
        if report is not None:
            self._metrics.bus_reports_published.inc()
        return report

    def _refuse(self, document: str, listener: Listener, reason: str) -> None:
        """What cannot be read may be a newer node's, so the room looks; but a stranger who says much makes
        it look no oftener."""
        self._metrics.bus_refused.labels(reason=reason).inc()
        if not self._has_refused:
            self._has_refused = True
            log.warning("bus_message_refused", reason=reason, hint="Have all nodes the same TUTTI_SECRET?")
        if document not in self._looked:
            if not self._looked:
                asyncio.get_running_loop().call_later(self._times.look_every_s, self._looked.clear)
            self._looked.add(document)
            listener(None)

    def subscribed(self, document: str) -> None:
        confirmed = self._wanted.pop(document, None)
        if confirmed is not None:
            if confirmed.cancelled():
                # The room went on without; what was said meanwhile it did not hear.
                self._missed()
            elif not confirmed.done():
                confirmed.set_result(None)

    def beat(self, lag_us: int) -> None:
        self._metrics.bus_lag_seconds.observe(lag_us / 1e6)
        if not self._is_connected and all(link.is_heard for link in self._links):
            self._is_connected = True
            self._connected_us = self._clock.now_us()
            self._has_refused = False
            self._metrics.bus_connected.set(1)
            log.info("bus_connected", servers=len(self._links), rooms=len(self._listeners))
            self._missed()
            for neighbour in tuple(self._neighbours.values()):
                neighbour.bus_is_back()

    # -- the task ----------------------------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        patience = Patience(least=0.0)
        # A connection that breaks while it is cancelled tells of the break alone.
        while not self._is_closed:
            self._connected_us = None
            try:
                await self._live()
            except* BusLost as lost:
                self._lost(str(_first(lost)))
            except* Exception as failed:
                # The one guard: whatever this was, the node goes on without the bus and tries again.
                log.exception("bus_failed", exc_info=failed)
                self._lost("an error in the program")
            if self._was_well():
                patience.reset()
            if not self._is_closed:
                await patience.pause()

    async def _live(self) -> None:
        """One connection to all servers, until any of it is lost."""
        async with bounded(self._times.connect_s):
            servers = await self._place.find_servers()
        links = [
            Link(server, self._node, self._messages, self._numbers, self, self._clock, self._times)
            for server in servers
        ]
        self._links = links
        try:
            async with asyncio.TaskGroup() as tasks:
                for link in links:
                    tasks.create_task(link.live([each for each in self._listeners if link.owns(each)]))
        finally:
            self._links = []
            waiting = sum(len(link.outgoing) for link in links)
            self._metrics.bus_dropped.labels(reason="away").inc(waiting)
            for confirmed in self._wanted.values():
                confirmed.cancel()
            self._wanted.clear()

    def _was_well(self) -> bool:
        """Whether the last connection lasted."""
        since_us = self._connected_us
        return since_us is not None and self._clock.now_us() - since_us >= self._times.healthy_after_s * 1e6

    def _lost(self, reason: str) -> None:
        if self._is_connected is not False:
            log.warning("bus_lost", reason=reason)
        self._is_connected = False
        self._metrics.bus_connected.set(0)


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error
