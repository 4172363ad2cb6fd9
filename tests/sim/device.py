"""A device that comes back.

An imitation of the SDK's connection logic: dial a node, say who one is, come back with jitter when the
connection is lost. What is said on it, and what it is for, is `editor`'s for playlists and `jams.device`'s
for Jams.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from collab.ids import encode_id
from collab.messages import Goodbye, Presence, ServerMessage, Submit
from tests.sim.coverage import Coverage
from tests.sim.events import Event, Events
from tests.sim.minors import Minor
from tests.sim.mover import Mover
from tests.sim.network import Link
from tutti_client import events as sdk
from tutti_client.link import Link as Engine
from tutti_client.link_events import InRoom, LinkEvent, MoveWanted
from tutti_client.replica import Replica
from tutti_client.standby import Standby

RETRY_US = (0, 400_000)

# A text that costs something to build comes as a function, called only if somebody reads along.
Trace = Callable[[str | Callable[[], str]], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a device finds in its world. `dial` opens a link to some node, if one is up."""

    document: str
    events: Events
    coverage: Coverage
    dial: Callable[["Device"], Link | None]
    trace: Trace
    minors: Sequence[Minor]


class Device(ABC):
    """At most one link that it believes in, and a replica."""

    engine: Engine
    replica: Replica[Any]

    def __init__(self, name: str, user: str, random: Random, around: Surroundings) -> None:
        self.name = name
        self.user = user
        self.skew_ms = 0
        self.minor = random.choice(around.minors)
        self.is_gone = False
        self.is_offline = True
        self.quits_on_ack = False
        self.link: Link | None = None
        self.last_sent: Submit | None = None
        self.random = random
        self._document = around.document
        self.events = around.events
        self._coverage = around.coverage
        self._dial = around.dial
        self._trace = around.trace
        self._mover: Mover | None = None
        self._retry: Event | None = None
        self._wake: Event | None = None

    # -- what it is for --------------------------------------------------------------------------------------

    @abstractmethod
    def act(self, random: Random) -> None:
        """The person does something at random, on what they see."""

    @abstractmethod
    def check(self) -> None:
        """Asserts what must hold between any two calls."""

    @abstractmethod
    def check_acks(self) -> None:
        """Asserts that what was acked is still there, in the epoch in which it was."""

    @abstractmethod
    def pump(self) -> None:
        """Sends what there is to send."""

    @property
    @abstractmethod
    def now_ms(self) -> int:
        """Its own clock."""

    @abstractmethod
    def _happened(self, events: Iterable[sdk.Event]) -> None:
        """In its room."""

    @abstractmethod
    def _hear(self, message: ServerMessage) -> None:
        """Something that a server said."""

    # -- the connection --------------------------------------------------------------------------------------

    def go_online(self) -> None:
        self.is_offline = False
        self._come_back(0)

    def go_offline(self, *, drained: bool = False, server_learns_us: int = 0) -> None:
        """The device leaves the network. `drained`: what it sent still arrives."""
        self.is_offline = True
        self._hang_up(drained=drained, server_learns_us=server_learns_us)

    def quit(self, *, drained: bool = True) -> None:
        """For ever."""
        self.is_gone = True
        self.go_offline(drained=drained)

    def drop(self, *, drained: bool, server_learns_us: int) -> None:
        """Gives up on its connection and comes back over another one, whatever the server thinks."""
        self._hang_up(drained=drained, server_learns_us=server_learns_us)
        self._come_back(self.random.randint(*RETRY_US) // 4)

    def _come_back(self, delay_us: int) -> None:
        if self._retry is None and self.link is None and not (self.is_offline or self.is_gone):
            self._retry = self.events.after(delay_us, self._connect)

    def _connect(self) -> None:
        self._retry = None
        if self.is_offline or self.is_gone or self.link is not None:
            return
        link = self.dial()
        if link is None:
            self._come_back(self.random.randint(*RETRY_US))
            return
        self.link = link
        self._attend(link)
        self.engine.connected(self.user)
        self.pump()

    def _attend(self, link: Link) -> None:
        link.to_client = lambda message: self._receive(link, message)
        link.client_cut = lambda: self._cut(link)

    def _receive(self, link: Link, message: ServerMessage) -> None:
        if link is self.link:
            self._hear(message)
            # Neither changes a replica, and a check costs more than all the rest of hearing them.
            if not isinstance(message, Presence | Goodbye):
                self.check()
            self.pump()

    def _cut(self, link: Link) -> None:
        """The connection is over, and not by this device's wish."""
        if self.link is link:
            self.link = None
            self._stay()
            self.engine.disconnected()
            self._come_back(self.random.randint(*RETRY_US))

    def _hang_up(self, *, drained: bool, server_learns_us: int) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        self._sleep()
        link, self.link = self.link, None
        if link is not None:
            self._stay()
            link.close_by_client(drained=drained, server_learns_us=server_learns_us)
            self.engine.disconnected()

    # -- the change to another node --------------------------------------------------------------------------

    def dial(self) -> Link | None:
        """A new link to some node, if one takes us."""
        return self._dial(self)

    def moved(self, link: Link, standby: Standby) -> None:
        """Another node is ready, and goes on from here; what this one still says counts no more."""
        old, self.link, self._mover = self.link, link, None
        assert old is not None, "who lost the connection dials anew"
        if self.replica.has_inflight:
            self._coverage.hit("a client moved with something in flight")
        self._coverage.hit("a client moved before its node stopped")
        self._trace(f"{self.name} moves")
        old.close_by_client(drained=True, server_learns_us=0)
        self._attend(link)
        self._receive_events(self.engine.move(standby, self.now_ms))
        self.check()
        self.pump()

    def _stay(self) -> None:
        """Where it wanted to move from is over."""
        if self._mover is not None:
            self._mover.cancel()
            self._mover = None

    def _receive_events(self, events: Iterable[LinkEvent]) -> None:
        for event in events:
            if isinstance(event, InRoom):
                self._happened((event.event,))
            elif isinstance(event, MoveWanted) and self._mover is None:
                self._mover = Mover(self, event.after_ms * 1000)

    # -- time ------------------------------------------------------------------------------------------------

    def _wake_in(self, delay_ms: int) -> None:
        """`pump` is called then, and not at the time named before."""
        self._sleep()
        self._wake = self.events.after(max(0, delay_ms) * 1000, self._woken)

    def _sleep(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    def _woken(self) -> None:
        self._wake = None
        self.pump()

    def _new_id(self) -> str:
        return encode_id(self.random.randbytes(16))
