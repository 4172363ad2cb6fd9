"""The bus on one server, from its connection until it is lost.

Four tasks that live and die together: one hears, one speaks, one keeps the subscriptions as they are wanted,
one listens for our own pulse. Whatever is wrong (an error, a silence, a subscription that somebody took away)
ends all of them with BusLost; there is one way back, and that is to connect anew. Knows channels and bytes.
Does not know rooms.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Protocol

from collab.bus_messages import BusMessages, Unreadable
from collab.bus_outgoing import Outgoing
from collab.bus_pulse import BusTimes, Pulse
from collab.bus_reporting import Reporting
from collab.clock import Clock
from collab.effects import Publish
from collab.presence_report import Report
from collab.redis_server import BusLost, RedisServer

_DOCUMENT = "tutti:document:"
_HEARTBEAT = "tutti:heartbeat:"


class Ears(Protocol):
    """Who is told what a link hears."""

    def heard(self, document: str, message: bytes) -> None: ...

    def next_report(self, document: str) -> Report | None:
        """What the room that said it has news has to report now; None: nothing more."""

    def subscribed(self, document: str) -> None: ...

    def beat(self, lag_us: int) -> None:
        """Our own heartbeat was heard: what was wanted before it is subscribed."""


class Link:
    """`live` is its whole life. `numbers` are those of heartbeats, shared by all links of a bus."""

    def __init__(
        self,
        server: RedisServer,
        node: str,
        messages: BusMessages,
        numbers: Iterator[int],
        ears: Ears,
        clock: Clock,
        times: BusTimes,
    ) -> None:
        self.outgoing = Outgoing()
        self.reporting = Reporting(ears.next_report, messages.write_report)
        # Set while nothing waits to be said.
        self.silent = asyncio.Event()
        self._server = server
        self._messages = messages
        self._numbers = numbers
        self._ears = ears
        self._clock = clock
        self._pulse = Pulse(clock.now_us(), times)
        self._times = times
        self._heartbeats = _own_channel(node, server.owns)
        self._beats: list[bytes] = []
        # By document: wanted or not, since the server was last told.
        self._changed: dict[str, bool] = {}
        self._leaving: Counter[str] = Counter()
        self._speak_soon = asyncio.Event()
        self._tune_soon = asyncio.Event()

    @property
    def is_heard(self) -> bool:
        """Whether a heartbeat came back yet."""
        return self._pulse.is_heard

    def owns(self, document: str) -> bool:
        return self._server.owns(_DOCUMENT + document)

    def publish(self, hint: Publish) -> int:
        """Returns how many hints were dropped for it."""
        self._have_words()
        return self.outgoing.add(hint)

    def has_news(self, document: str) -> None:
        self._have_words()
        self.reporting.add(document)

    def bid_farewell(self, report: Report) -> None:
        self._have_words()
        self.reporting.add_farewell(report)

    def _have_words(self) -> None:
        self.silent.clear()
        self._speak_soon.set()

    def want(self, document: str, wanted: bool) -> None:
        """From now on the document is listened for, or no longer."""
        self._changed[document] = wanted
        self._tune_soon.set()

    async def live(self, documents: Iterable[str]) -> None:
        """Connects and listens for the documents. Ends only by BusLost, perhaps in a group."""
        try:
            async with bounded(self._times.connect_s):
                await self._server.connect()
            self._pulse = Pulse(self._clock.now_us(), self._times)
            # Last of all our own channel: who hears its heartbeat has all subscriptions before it.
            await self._server.subscribe([*map(_channel, documents), self._heartbeats])
            async with asyncio.TaskGroup() as tasks:
                for work in (self._hear, self._speak, self._tune, self._beat):
                    tasks.create_task(work(), name=f"bus {work.__name__}")
        finally:
            await self._server.close()

    # -- the four tasks ----------------------------------------------------------------------------------

    async def _hear(self) -> None:
        while True:
            heard = await self._server.hear()
            document = heard.channel.removeprefix(_DOCUMENT)
            match heard.kind:
                case "message" if heard.channel == self._heartbeats:
                    self._receive_beat(heard.payload)
                case "message":
                    self._ears.heard(document, heard.payload)
                case "subscribed":
                    self._ears.subscribed(document)
                case "unsubscribed":
                    if not self._leaving[heard.channel]:
                        raise BusLost("a subscription was taken away")
                    self._leaving -= Counter([heard.channel])

    async def _speak(self) -> None:
        while True:
            await self._speak_soon.wait()
            self._speak_soon.clear()
            # Hints of one turn of the loop leave together; those that come meanwhile gather for the next.
            while self._beats or self.outgoing or self.reporting:
                beats, self._beats = self._beats, []
                hints = [(hint.document, self._messages.write_hint(hint)) for hint in self.outgoing.take()]
                said = [*hints, *self.reporting.take()]
                await self._server.publish(
                    [(self._heartbeats, beat) for beat in beats]
                    + [(_channel(document), message) for document, message in said]
                )
            self.silent.set()

    async def _tune(self) -> None:
        while True:
            await self._tune_soon.wait()
            self._tune_soon.clear()
            changed, self._changed = self._changed, {}
            leave = [_channel(document) for document, wanted in changed.items() if not wanted]
            if leave:
                self._leaving.update(leave)
                await self._server.unsubscribe(leave)
            if len(leave) < len(changed):
                await self._server.subscribe([_channel(doc) for doc, wanted in changed.items() if wanted])

    async def _beat(self) -> None:
        while True:
            now_us = self._clock.now_us()
            if self._pulse.is_lost(now_us):
                raise BusLost(f"the node did not hear itself for {self._times.lost_after_s:g} s")
            if self._pulse.is_due(now_us):
                number = next(self._numbers)
                self._pulse.beat(number, now_us)
                self._beats = [self._messages.write_heartbeat(self._heartbeats, number)]
                self._have_words()
            await asyncio.sleep((self._pulse.get_timer() - now_us) / 1e6)

    def _receive_beat(self, message: bytes) -> None:
        try:
            number = self._messages.read_heartbeat(self._heartbeats, message)
        except Unreadable:
            # A stranger's; ours follow, or the bus is lost.
            return
        lag_us = self._pulse.hear(number, self._clock.now_us())
        if lag_us is not None:
            self._ears.beat(lag_us)


@asynccontextmanager
async def bounded(seconds: float) -> AsyncIterator[None]:
    """Raises BusLost if the block takes longer."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise BusLost(f"Redis did not answer within {seconds:g} s") from None


def _channel(document: str) -> str:
    return _DOCUMENT + document


def _own_channel(node: str, owns: Callable[[str], bool]) -> str:
    """A channel of this node that belongs to the server; on a cluster some try finds one."""
    number = 0
    while not owns(channel := f"{_HEARTBEAT}{node}:{number}"):
        number += 1
    return channel
