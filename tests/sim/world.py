"""The world of one schedule.

Builds what every world has (a store, a bus, nodes), lets the storm pass through it, waits until it is calm
and everybody has come back, and looks whether all is as promised. What people do in it, and what they must
agree on, is the kind's: `playlist_world`, `jams.world`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Generic, TypeVar, assert_never

from collab.codec import Encoding
from collab.ids import encode_id
from storage.memory import MemoryStore
from tests.sim.bus import SimBus
from tests.sim.coverage import Coverage
from tests.sim.device import Device, Surroundings
from tests.sim.events import Events
from tests.sim.faults import Faults
from tests.sim.machine import Machine, Quartz
from tests.sim.minors import Minor, MixedLink
from tests.sim.network import Link
from tests.sim.node import SimNode
from tests.sim.oracle import Oracle, expect
from tests.sim.outside import Act, Outside, Replay
from tests.sim.plan import Aim, Fault, Plan, Trouble
from tests.sim.store import SimStore
from tests.sim.streams import Streams

CALM_US_MAX = 120_000_000
CALM_STEP_US = 100_000
END_US = 30_000_000
END_STEP_US = 1_000_000

Trace = Callable[[str], None]
P = TypeVar("P", bound=Plan)
J = TypeVar("J", bound=Oracle[Any, Any])


@dataclass(frozen=True, slots=True)
class Report:
    """What a schedule amounted to."""

    commits: int
    clients: int
    faults: int
    virtual_us: int


class World(ABC, Generic[P, J]):
    """Everything of one seed."""

    oracle: J
    faults: Faults

    def __init__(
        self, streams: Streams, plan: P, outside: Outside, coverage: Coverage, trace: Trace | None
    ) -> None:
        self.streams = streams
        self.plan = plan
        self.outside = outside
        self.events = Events()
        self.coverage = coverage
        self.is_calm = False
        self._trace = trace
        random = streams.of("names")
        self.document = encode_id(random.randbytes(16))
        epoch = encode_id(random.randbytes(16))
        self.oracle = self._judge(epoch)
        self.store = SimStore(self._database(), self.events, streams.of("store"), self.oracle, coverage)
        self._create(epoch)
        self.bus = SimBus(self.events, streams.of("bus"), self.oracle, coverage)
        self.nodes = [self._node(f"node{n}") for n in range(plan.nodes)]
        self.around = Surroundings(self.document, self.events, coverage, self._dial, self.trace, plan.minors)

    # -- what its kind knows ---------------------------------------------------------------------------------

    @property
    @abstractmethod
    def devices(self) -> Sequence[Device]:
        """All that ever were."""

    @abstractmethod
    def _judge(self, epoch: str) -> J:
        """The oracle, which knows the first state."""

    @abstractmethod
    def _create(self, epoch: str) -> None:
        """Writes the document into the store."""

    @abstractmethod
    def join(self, user: str) -> None:
        """A person takes a device in hand: a new client id."""

    @abstractmethod
    def _begin(self, random: Random) -> None:
        """People come."""

    @abstractmethod
    def _waiting(self) -> str | None:
        """What is still missing for everybody to agree; None if nothing is."""

    @abstractmethod
    def _check_end(self) -> None:
        """Everybody has agreed: on what is true?"""

    def _quartz(self, node: str) -> Quartz:
        """How well the clocks of a node's machine go."""
        return Quartz()

    def _database(self) -> MemoryStore:
        """What the world's store keeps its rows in."""
        return MemoryStore()

    # -- building --------------------------------------------------------------------------------------------

    def trace(self, text: str | Callable[[], str]) -> None:
        if self._trace is not None:
            told = text if isinstance(text, str) else text()
            self._trace(f"{self.events.now_us / 1e6:9.4f}  {told}")

    def _node(self, name: str) -> SimNode:
        random = self.streams.of(name)
        node = SimNode(
            name,
            self.events,
            random,
            self.store,
            self.oracle,
            self.coverage,
            self.bus.join(name, lambda: node.happen(node.hear) if node.is_up else None, lambda: node.minor),
            Machine(self.events, random, self._quartz(name)),
        )
        node.minor = self.streams.of("minors").choice(self.plan.minors)
        return node

    def _dial(self, device: Device) -> Link | None:
        """A new link to a node that is up, if it can be reached; one that stops is the last choice."""
        up = [node for node in self.nodes if node.is_up and not node.is_draining]
        up = up or [node for node in self.nodes if node.is_up]
        random = self.streams.of(f"network/{device.name}")
        if not up:
            return None
        node = random.choice(up)
        if not node.is_reachable:
            return None
        link = self._link(random, device.minor, node.minor)
        node.accept(link)
        return link

    def _link(self, random: Random, client: Minor, node: Minor) -> Link:
        encoding = (None, Encoding.MSGPACK, Encoding.JSON)[self.plan.encoding]
        delay_us_max = self.plan.delay_us_max
        if client is node:
            return Link(self.events, random, delay_us_max, encoding)
        encoding = encoding or Encoding.MSGPACK
        return MixedLink(self.events, random, delay_us_max, encoding, (client, node), self.coverage)

    # -- what comes from outside -----------------------------------------------------------------------------

    def _act_later(self, device: Device) -> None:
        """Who has a device in hand does something now and then; in a script, when it says so."""
        if self.outside.script is None:
            delay_us = int(self.streams.of(f"pace/{device.name}").expovariate(1 / self.plan.act_every_us))
            self.events.after(delay_us, self._act_now, device)

    def _act_now(self, device: Device) -> None:
        if not (self.is_calm or device.is_gone):
            self._act(device, self.outside.begin(self.events.now_us, "hand", device.name))
            self._act_later(device)

    def _act(self, device: Device, random: Random) -> None:
        if not device.is_gone:
            for _ in range(random.choice((1, 1, 2))):
                self._act_once(device, random)

    def _act_once(self, device: Device, random: Random) -> None:
        device.act(random)

    def _go_wrong(self, fault: Fault) -> None:
        random = self.outside.begin(self.events.now_us, "fault", fault.trouble.name, str(fault.number))
        self.faults.bring_about(fault, random)

    def _let_come(self) -> None:
        """What the plan has."""
        self._begin(self.outside.begin(0, "begin"))
        for fault in self.plan.faults:
            self.events.after(fault.at_us, self._go_wrong, fault)

    def _let_come_again(self, acts: Iterable[Act]) -> None:
        """What came before."""
        for number, act in enumerate(acts):
            random = Replay(act.drawn)
            match act.act:
                case "begin":
                    self._begin(random)
                case "hand":
                    self.events.after(act.at_us, self._act_again, act.who, random)
                case "fault":
                    fault = Fault(number, act.at_us, Trouble[act.who])
                    self.events.after(act.at_us, self.faults.bring_about, fault, random)
                case _:
                    assert_never(act.act)

    def _act_again(self, name: str, random: Random) -> None:
        for device in self.devices:
            if device.name == name:
                self._act(device, random)

    # -- running ---------------------------------------------------------------------------------------------

    def run(self) -> Report:
        """The storm, the calm and the end. Raises Violation."""
        if self.outside.script is None:
            self._let_come()
        else:
            self._let_come_again(self.outside.script)
        self._pass(self.plan.storm_us)
        if self.plan.aim is Aim.SAFETY:
            self._check_now()
        else:
            self._calm_down()
        commits = self.oracle.history.version
        return Report(commits, len(self.devices), len(self.plan.faults), self.events.now_us)

    def _check_now(self) -> None:
        """Whatever is broken, this holds."""
        for node in self.nodes:
            for room in node.rooms.values():
                if room.room is not None:
                    self.oracle.check_room(room.room)
        for device in self.devices:
            device.check()
            device.check_acks()

    def _calm_down(self) -> None:
        """All is mended, everybody comes back, and agrees."""
        self.trace("calm")
        self.is_calm = True
        self.faults.heal()
        for device in self.devices:
            if not device.is_gone:
                device.quits_on_ack = False
                device.go_online()
        self._wait_for_agreement()
        self._check_end()
        self._leave()

    def _pass(self, duration_us: int) -> None:
        self.events.run(self.events.now_us + duration_us)

    def _wait_for_agreement(self) -> None:
        deadline_us = self.events.now_us + CALM_US_MAX
        while (waits := self._waiting()) is not None:
            expect(self.events.now_us < deadline_us, f"never calm: {waits}")
            self._pass(CALM_STEP_US)

    def _leave(self) -> None:
        """Everybody goes home; nothing may stay behind."""
        for device in self.devices:
            device.quit()
        deadline_us = self.events.now_us + END_US
        while (left := self.events.pending()) and self.events.now_us < deadline_us:
            self._pass(END_STEP_US)
        for node in self.nodes:
            expect(not node.peers, f"{node.name} keeps sessions of people who left")
            expect(not node.rooms, f"{node.name} keeps rooms that nobody is in")
        expect(not left, f"timers are left: {[event.action.__qualname__ for event in left]}")
